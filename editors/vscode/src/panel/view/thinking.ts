/** One block of thinking: a peek while it streams, closed when done, open when asked. Read-only; never moves a reader's place. */

import type { Block, Run } from "../state.js";
import { isAlive, thoughtLabel } from "../state.js";
import { h, say } from "./dom.js";
import { tame } from "./signs.js";
import { GrowingText, tail } from "./stream.js";

const PEEK_LINES = 5;
/** Pixels from the end within which a reader counts as following. */
const NEAR = 40;

export class ThinkingView {
  readonly element = h("section", { class: "thinking" });
  readonly #label = h("span", { class: "label" });
  readonly #toggle: HTMLButtonElement;
  readonly #body: HTMLElement;
  readonly #peek: HTMLElement;
  readonly #grown: GrowingText;
  #block: Block | null = null;
  #streams = false;
  /** Where the end was when the view last went there, in pixels. */
  #end = 0;

  constructor(
    id: string,
    private open: boolean,
    private readonly onToggle: (open: boolean) => void,
  ) {
    this.#toggle = h("button", { type: "button", class: "toggle", "aria-controls": id, onclick: () => this.#flip() }, h("span", { class: "twistie", "aria-hidden": "true" }), this.#label);
    this.#body = h("div", { class: "thought", id, tabindex: "0", role: "region", "aria-label": "Thinking" });
    // Seen by those who look; told by the live region to those who listen, once.
    this.#peek = h("div", { class: "peek", "aria-hidden": "true" });
    this.#grown = new GrowingText(this.#body);
    this.element.append(this.#toggle, this.#peek, this.#body);
    this.#arrange();
  }

  update(run: Run, block: Block): void {
    const streams = block.durationMs === null && isAlive(run);
    const changed = block !== this.#block || streams !== this.#streams;
    this.#block = block;
    this.#streams = streams;
    say(this.#label, block.kind === "redactedThinking" ? "Thinking withheld by the model's safety system" : thoughtLabel(run, block));
    if (changed) this.#draw();
  }

  #draw(): void {
    const block = this.#block;
    if (block === null) return;
    this.element.classList.toggle("streams", this.#streams);
    this.#toggle.disabled = block.kind === "redactedThinking";
    this.#arrange();
    if (this.open) {
      const follows = this.#body.scrollHeight - this.#body.scrollTop - this.#body.clientHeight < NEAR;
      this.#grown.update(block.text);
      if (follows && this.#streams) {
        this.#toEnd();
        // What comes into sight only now gets its true height with the next frame. A reader who left in between stays where they went.
        requestAnimationFrame(() => {
          if (this.#body.scrollTop >= this.#end - 1) this.#toEnd();
        });
      }
    } else if (this.#streams) {
      say(this.#peek, tame(tail(block.text, PEEK_LINES)));
      this.#peek.scrollTop = this.#peek.scrollHeight;
    }
  }

  #toEnd(): void {
    this.#body.scrollTop = this.#body.scrollHeight;
    this.#end = this.#body.scrollTop;
  }

  #flip(): void {
    this.open = !this.open;
    this.onToggle(this.open);
    this.#draw();
  }

  #arrange(): void {
    const redacted = this.#block?.kind === "redactedThinking";
    this.#toggle.setAttribute("aria-expanded", String(this.open && !redacted));
    this.#body.hidden = !this.open || redacted;
    this.#peek.hidden = this.open || !this.#streams || redacted;
  }
}
