/** Asking the server to end runs: said at once, taken back where the server could not be asked. Ends nothing itself. */

import { isAlive, type Run } from "../panel/state.js";
import type { Keeper } from "../runs/keeper.js";

interface Parts {
  readonly keeper: Pick<Keeper, "state" | "take">;
  readonly service: { request(command: string, argument: object): Promise<unknown> };
}

/** End one run, or all that go on. Rejects where the server cannot be asked. */
export async function cancelRuns({ keeper, service }: Parts, runId: string | null): Promise<void> {
  const meant = (run: Run): boolean => isAlive(run) && (runId === null || run.id === runId);
  const ids = keeper.state.runs.filter(meant).map((run) => run.id);
  const tell = (on: boolean): void => ids.forEach((id) => keeper.take({ type: "cancelling", runId: id, on }));
  tell(true);
  try {
    await service.request("ponder.cancel", runId === null ? {} : { runId });
  } catch (error) {
    tell(false);
    throw error;
  }
}
