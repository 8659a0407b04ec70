/** The box for the next question about a run. Keeps a draft while the page is away. */

import type { FromPage } from "../messages.js";
import type { Run } from "../state.js";
import { isAlive } from "../state.js";
import { h } from "./dom.js";
import type { Memory } from "./memory.js";

export class FollowUp {
  readonly element: HTMLFormElement;
  readonly #box: HTMLTextAreaElement;

  constructor(
    private readonly runId: string,
    private readonly post: (message: FromPage) => void,
    private readonly memory: Memory,
  ) {
    this.#box = h("textarea", { rows: "1", placeholder: "Ask a follow-up…", "aria-label": "Ask a follow-up. Enter sends, Shift+Enter begins a line." });
    this.#box.value = memory.draft(runId);
    this.#box.addEventListener("input", () => memory.setDraft(runId, this.#box.value));
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    this.element = h("form", { class: "followup", onsubmit: (event) => { event.preventDefault(); this.#send(); } }, this.#box, h("button", { type: "submit", class: "primary small" }, "Ask"));
  }

  update(run: Run): void {
    // A run that ended without an answer, or in an earlier session, cannot be continued.
    this.element.hidden = isAlive(run) || run.past || run.status !== "done";
  }

  focus(): void {
    this.#box.focus();
  }

  #send(): void {
    const text = this.#box.value.trim();
    if (text === "") return;
    this.#box.value = "";
    this.memory.setDraft(this.runId, "");
    this.post({ type: "followUp", runId: this.runId, text });
  }
}
