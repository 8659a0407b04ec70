/** What the ends of runs say of the key: refused or missing, until a run succeeds. Pure; knows no key. */

import type { RunEvent } from "../protocol.js";

/** What is wrong with the key after an event, in the server's words; null where nothing is known to be. */
export function keyTrouble(before: string | null, event: RunEvent): string | null {
  if (event.type !== "finished") return before;
  if (event.status === "done") return null;
  return event.error?.kind === "authentication" ? event.error.message : before;
}
