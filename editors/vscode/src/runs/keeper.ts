/** All runs of this window: takes events in, remembers them for pages that were not looking, tells who listens. Shows nothing. */

import type { RunEvent } from "../protocol.js";
import { reduce, type HostEvent, type PanelEvent } from "../panel/reduce.js";
import { EMPTY, type PanelState, type Run, type ServerView } from "../panel/state.js";
import { RunLog } from "./log.js";

/** What is kept of one run over restarts. */
export interface KeptRun {
  readonly id: string;
  readonly events: readonly PanelEvent[];
}

export class Keeper {
  #state: PanelState = EMPTY;
  readonly #logs = new Map<string, RunLog>();
  readonly #listeners: ((event: PanelEvent) => void)[] = [];

  /** The same state the page has. */
  get state(): PanelState {
    return this.#state;
  }

  listen(listener: (event: PanelEvent) => void): void {
    this.#listeners.push(listener);
  }

  find(runId: string): Run | undefined {
    return this.#state.runs.find((run) => run.id === runId);
  }

  /** An event of the server, or of the extension about one run. */
  take(event: RunEvent | Exclude<HostEvent, { type: "server" | "lost" }>): void {
    if (event.type === "forgotten") this.#logs.delete(event.runId);
    else {
      let log = this.#logs.get(event.runId);
      if (log === undefined) {
        if (event.type !== "started") return;
        this.#logs.set(event.runId, (log = new RunLog()));
      }
      log.add(event);
    }
    this.#tell(event);
  }

  server(server: ServerView): void {
    this.#tell({ type: "server", server });
  }

  /** The server is gone: what ran will not end any more. */
  lost(): void {
    for (const run of this.#state.runs) if (!run.past) this.take({ type: "past", runId: run.id });
  }

  /** What was kept of earlier sessions; older than anything of now. */
  restore(kept: readonly KeptRun[]): void {
    for (const { id, events } of kept) {
      if (this.#logs.has(id)) continue;
      for (const event of events) if ("runId" in event && event.runId === id) this.take(event);
      this.take({ type: "past", runId: id, reloaded: true });
    }
  }

  /** The newest runs as far as they are, oldest first: of one that is still going on, what arrived. */
  kept(most: number): readonly KeptRun[] {
    return this.#state.runs
      .slice(0, most)
      .reverse()
      // A copy: a run that goes on changes its log while this is written.
      .map((run) => ({ id: run.id, events: this.#logs.get(run.id)?.events().slice() ?? [] }));
  }

  /** Everything a page needs that has seen nothing. */
  replay(): readonly PanelEvent[] {
    const runs = this.#state.runs.slice().reverse();
    return [{ type: "server", server: this.#state.server }, ...runs.flatMap((run) => this.#logs.get(run.id)?.events() ?? [])];
  }

  #tell(event: PanelEvent): void {
    this.#state = reduce(this.#state, event);
    for (const listener of this.#listeners) listener(event);
  }
}
