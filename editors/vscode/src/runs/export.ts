/** A run as a Markdown document a person keeps: route, thinking, answer, findings, changes, cost. Pure. */

import type { Run } from "../panel/state.js";
import { isAlive, isAtLeast, thoughtLabel } from "../panel/state.js";
import { diffLines } from "./hunks.js";
import { figures, routeWords } from "./words.js";

const SEVERITY = ["", "error", "warning", "information", "hint"];

export function toMarkdown(run: Run): string {
  return [...head(run), ...thoughts(run), ...answer(run), ...findings(run), ...changes(run), ...foot(run)].join("\n").trimEnd() + "\n";
}

function* head(run: Run): Generator<string> {
  yield `# ${run.title} \`${plain(run.path)}\``;
  yield "";
  yield `${run.provider} · ${routeWords(run.route).join(" · ")}`;
  if (run.question !== null) yield* ["", ...quoted(run.question)];
  for (const notice of run.notices) yield* ["", `*Note: ${notice}*`];
}

function* thoughts(run: Run): Generator<string> {
  for (const block of run.blocks) {
    if (block.kind === "redactedThinking") yield* ["", "## Thinking", "", "*Withheld by the model's safety system.*"];
    if (block.kind === "thinking") yield* ["", `## ${thoughtLabel(run, block)}`, "", ...quoted(block.text.trim())];
  }
}

function* answer(run: Run): Generator<string> {
  const text = run.blocks.filter((block) => block.kind === "text").map((block) => block.text).join("\n\n").trim();
  if (text !== "") yield* ["", "## Answer", "", text];
}

function* findings(run: Run): Generator<string> {
  if (run.findings.length === 0) return;
  yield* ["", "## Findings", ""];
  for (const one of run.findings) {
    yield `- **${SEVERITY[one.severity] ?? "note"}** \`${plain(one.path)}:${one.range.start.line + 1}\` ${one.message} (\`${one.code}\`)`;
  }
}

function* changes(run: Run): Generator<string> {
  if (run.edit === null) return;
  yield* ["", `## Changes (${run.edit.applied ? "applied" : "proposed"})`];
  for (const hunk of run.edit.hunks) {
    const lines = diffLines(hunk.oldText ?? "", hunk.newText);
    const fence = longerFence(lines.map((line) => line.text).join("\n"));
    yield* ["", `\`${plain(hunk.path)}:${hunk.line}\` (${hunk.state})`, "", `${fence}diff`];
    for (const line of lines) yield line.sign + line.text;
    yield fence;
  }
}

function* foot(run: Run): Generator<string> {
  if (run.error !== null) yield* ["", `**${run.error.message}** ${run.error.hint ?? ""}`.trimEnd()];
  const state = isAlive(run) ? "still running" : run.status;
  const time = run.durationMs === null ? "" : ` · ${(run.durationMs / 1000).toFixed(1)} s`;
  yield* ["", "---", `${state}${time}${run.usage === null ? "" : ` · ${figures(run.usage, isAtLeast(run)).join(" · ")}`}`];
}

function quoted(text: string): readonly string[] {
  return text.split("\n").map((line) => `> ${line}`.trimEnd());
}

function plain(path: string): string {
  return path.replaceAll("`", "'");
}

/** A fence no line of the text can close. */
function longerFence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map((match) => match[0].length));
  return "`".repeat(longest + 1);
}
