/** The memory of one run's events, kept small: deltas that follow each other become one. Pure; replays exactly. */

import type { RunEvent } from "../protocol.js";
import type { HostEvent, PanelEvent } from "../panel/reduce.js";

/** What a page that saw nothing has to be told about one run, in order. */
export class RunLog {
  readonly #events: PanelEvent[] = [];
  /** Texts of the newest merged delta; joined only when somebody asks. */
  #open: string[] = [];

  add(event: RunEvent | HostEvent): void {
    const last = this.#events.at(-1);
    if (event.type === "blockDelta" && last?.type === "blockDelta" && last.index === event.index) {
      if (this.#open.length === 0) this.#open.push(last.text);
      this.#open.push(event.text);
      this.#events[this.#events.length - 1] = { ...last, firstSeq: last.firstSeq ?? last.seq, seq: event.seq };
      return;
    }
    this.#close();
    if (event.type === "usage" && last?.type === "usage") {
      this.#events[this.#events.length - 1] = { ...event, firstSeq: last.firstSeq ?? last.seq };
      return;
    }
    if ((event.type === "progress" || event.type === "decided") && last?.type === event.type) {
      this.#events[this.#events.length - 1] = event;
      return;
    }
    this.#events.push(event);
  }

  events(): readonly PanelEvent[] {
    this.#close();
    return this.#events;
  }

  #close(): void {
    const last = this.#events.at(-1);
    if (last?.type === "blockDelta" && this.#open.length > 0) {
      this.#events[this.#events.length - 1] = { ...last, text: this.#open.join("") };
    }
    this.#open = [];
  }
}
