/** The answer: Markdown drawn while it streams, finished blocks once, the last one anew. Knows no run. */

import type { FromPage } from "../messages.js";
import { button, h } from "./dom.js";
import { lastBlockStart, render } from "./markdown.js";

/** Beyond this length the last block is drawn anew at most every SLOW_MS. */
const LONG_TAIL = 20_000;
const SLOW_MS = 400;

export class Answer {
  readonly element = h("div", { class: "answer" });
  readonly #tail = h("div", { class: "tail" });
  #committed = 0;
  #text = "";
  #done = false;
  #drawnAt = 0;

  constructor(
    private readonly post: (message: FromPage) => void,
    private readonly now: () => number,
  ) {
    this.element.append(this.#tail);
  }

  update(text: string, done: boolean): void {
    if (text === this.#text && done === this.#done) return;
    if (!text.startsWith(this.#text.slice(0, this.#committed))) this.#restart();
    this.#text = text;
    this.#done = done;
    if (done) {
      // Once as a whole: what refers across blocks (reference links, loose lists) comes out right.
      this.element.replaceChildren(...this.#dressed(text));
      return;
    }
    if (!this.#tail.isConnected) this.element.append(this.#tail);
    const rest = text.slice(this.#committed);
    if (rest.length > LONG_TAIL && this.now() - this.#drawnAt < SLOW_MS) return;
    this.#drawnAt = this.now();
    const start = lastBlockStart(rest);
    if (start > 0) {
      this.#tail.before(...this.#dressed(rest.slice(0, start)));
      this.#committed += start;
    }
    this.#tail.replaceChildren(render(rest.slice(start)));
  }

  #restart(): void {
    this.element.replaceChildren(this.#tail);
    this.#committed = 0;
  }

  /** Nodes with a bar of buttons over each block of code. */
  #dressed(text: string): readonly Node[] {
    const made = render(text);
    for (const block of made.querySelectorAll("pre")) {
      const code = block.textContent ?? "";
      const bar = h(
        "div",
        { class: "codebar" },
        h("span", { class: "language" }, block.className.replace(/^language-/, "")),
        button("Copy", () => this.post({ type: "copy", text: code }), "quiet", "Copy this code"),
        button("Insert", () => this.post({ type: "insert", text: code }), "quiet", "Insert this code at the cursor"),
        button("Diff", () => this.post({ type: "compare", text: code }), "quiet", "Compare this code with the selection"),
      );
      const framed = h("div", { class: "code" }, bar);
      block.tabIndex = 0;
      block.replaceWith(framed);
      framed.append(block);
    }
    return [...made.childNodes];
  }
}
