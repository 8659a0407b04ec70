/** A proposed edit: its changes file by file, each to take or to leave. Changes no text itself. */

import { diffLines, withMarks, type MarkedLine } from "../../runs/hunks.js";
import type { FromPage } from "../messages.js";
import type { EditView, HunkView, Run } from "../state.js";
import { button, h } from "./dom.js";
import { visible } from "./signs.js";

type Post = (message: FromPage) => void;
/** Lines of one change shown at once; the native diff shows the rest. */
const MOST_LINES = 400;
const STATE: Readonly<Record<HunkView["state"], string>> = { open: "", applying: "applying…", applied: "accepted", rejected: "rejected" };

export function editOf(run: Run, edit: EditView, post: Post): readonly Node[] {
  const open = edit.hunks.filter((hunk) => hunk.state === "open").length;
  const total = edit.hunks.length;
  const words = edit.applied ? `${total === 1 ? "Change" : `${total} changes`} applied` : `${total} proposed change${total === 1 ? "" : "s"}`;
  const all = h("div", { class: "actions" });
  if (open > 1 && !run.past) {
    all.append(
      button("Accept all", () => post({ type: "accept", runId: run.id, hunk: null }), "primary small"),
      button("Reject all", () => post({ type: "reject", runId: run.id, hunk: null }), "small"),
    );
  }
  const files = [...new Set(edit.hunks.map((hunk) => hunk.uri))];
  return [h("div", { class: "row" }, h("h3", {}, words), all), ...files.map((uri) => file(run, uri, edit.hunks.filter((hunk) => hunk.uri === uri), files.length > 1, post))];
}

function file(run: Run, uri: string, hunks: readonly HunkView[], several: boolean, post: Post): HTMLElement {
  const path = hunks[0]?.path ?? "";
  const open = hunks.filter((hunk) => hunk.state === "open");
  const decide = (type: "accept" | "reject") => () => {
    // From the last to the first: an earlier change does not move a later one before it is taken.
    for (const hunk of open.slice().reverse()) post({ type, runId: run.id, hunk: hunk.index });
  };
  const actions = h("div", { class: "actions" });
  if (!run.past) actions.append(button("Diff", () => post({ type: "diff", runId: run.id, uri }), "small", `Compare ${path} with the proposal`));
  if (several && open.length > 1 && !run.past) {
    actions.append(button("Accept file", decide("accept"), "small", `Accept all changes of ${path}`), button("Reject file", decide("reject"), "small", `Reject all changes of ${path}`));
  }
  const name = h("button", { type: "button", class: "link", onclick: () => post({ type: "open", uri, range: null }) }, path);
  return h("section", { class: "file", "aria-label": path }, h("div", { class: "row" }, name, actions), ...hunks.map((hunk) => change(run, hunk, post)));
}

function change(run: Run, hunk: HunkView, post: Post): HTMLElement {
  const place = `${hunk.path}:${hunk.line}`;
  const lines = withMarks(diffLines(hunk.oldText ?? "", hunk.newText));
  // Both sides end with a line end: the line after it is not theirs.
  const last = lines.at(-1);
  if (lines.length > 1 && last?.sign === " " && last.text === "") lines.pop();
  const shown = lines.slice(0, MOST_LINES).map((line) =>
    h("div", { class: line.sign === "+" ? "added" : line.sign === "-" ? "removed" : "same" }, h("span", { class: "sign", "aria-hidden": "true" }, line.sign), ...marked(line)),
  );
  const rest = lines.length > MOST_LINES ? [h("div", { class: "same" }, `… ${lines.length - MOST_LINES} more lines`)] : [];
  const actions = h("div", { class: "actions" });
  if (hunk.state === "open" && !run.past) {
    actions.append(
      button("Accept", () => post({ type: "accept", runId: run.id, hunk: hunk.index }), "accept small", `Accept the change at ${place}`),
      button("Reject", () => post({ type: "reject", runId: run.id, hunk: hunk.index }), "reject small", `Reject the change at ${place}`),
    );
  }
  const where = hunk.created ? "new file" : `line ${hunk.line}`;
  return h(
    "div",
    { class: `hunk ${hunk.state}` },
    h("div", { class: "row" }, h("span", {}, where), h("span", { class: "state" }, STATE[hunk.state]), actions),
    hunk.reason === null ? null : h("div", { class: "reason" }, hunk.reason),
    h("pre", { class: "diff", tabindex: "0", "aria-label": `Change at ${place}` }, ...shown, ...rest),
  );
}

/** A line's text, with what differs from its other side set off. */
function marked({ text, changed }: MarkedLine): readonly (Node | string)[] {
  if (changed === null) return [visible(text)];
  const [from, to] = changed;
  return [visible(text.slice(0, from)), h("span", { class: "changed" }, visible(text.slice(from, to))), visible(text.slice(to))];
}
