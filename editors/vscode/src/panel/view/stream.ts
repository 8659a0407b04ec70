/** Text that grows: only what is new is put into the page. Rewrites nothing that was shown, so a reader's place holds. */

import { tame } from "./signs.js";

/** Characters of one chunk; the browser skips layout and paint of chunks out of sight. */
const CHUNK = 4000;
/** Signs in a line of a panel of usual width, and the height of a line. */
const LIKELY_COLUMNS = 55;
const LINE_EM = 1.45;

/** A growing plain text as chunks of its own. */
export class GrowingText {
  #shown = 0;
  #size = 0;
  #last: Text | null = null;

  constructor(readonly element: HTMLElement) {}

  /** Show a text that begins with what was shown before; any other is shown anew. */
  update(text: string): void {
    if (text.length < this.#shown) {
      this.element.replaceChildren();
      this.#shown = 0;
      this.#last = null;
    }
    while (this.#shown < text.length) {
      if (this.#last === null || this.#size >= CHUNK) this.#begin();
      const room = CHUNK - this.#size;
      const rest = text.length - this.#shown;
      const taken = rest <= room ? rest : breakAfter(text, this.#shown + room) - this.#shown;
      this.#last?.appendData(tame(text.slice(this.#shown, this.#shown + taken)));
      this.#shown += taken;
      this.#size = rest <= room ? this.#size + taken : CHUNK;
    }
  }

  #begin(): void {
    // A chunk that was never drawn is given its likely height, so that the end is where it seems to be.
    const full = this.#last?.parentElement;
    if (full !== null && full !== undefined) full.style.containIntrinsicBlockSize = `auto ${(likelyLines(this.#last?.data ?? "") * LINE_EM).toFixed(1)}em`;
    const chunk = document.createElement("div");
    chunk.className = "chunk";
    this.#last = document.createTextNode("");
    this.#size = 0;
    chunk.append(this.#last);
    this.element.append(chunk);
  }
}

function likelyLines(text: string): number {
  return text.split("\n").reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / LIKELY_COLUMNS)), 0) - 1;
}

/** Just after the next line end at or after this place: a chunk is a block of its own, so it must end with a line. */
function breakAfter(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}

/** The end of a text that fits a small window: whole lines where there are enough of them. */
export function tail(text: string, lines: number, most = 1200): string {
  const end = text.slice(-most);
  let at = end.length;
  for (let count = 0; count < lines && at > 0; count += 1) at = end.lastIndexOf("\n", at - 1);
  return at <= 0 ? end : end.slice(at + 1);
}
