/** Sentences of the server with code in backticks. Text stays text: no other Markdown, no HTML. */

import { h } from "./dom.js";

/** The parts of a sentence: what stands between two backticks as code, everything else as it is. */
export function withCode(text: string): readonly (Node | string)[] {
  const parts = text.split(/`([^`\n]+)`/);
  return parts.flatMap((part, index) => (part === "" ? [] : [index % 2 === 1 ? h("code", {}, part) : part]));
}
