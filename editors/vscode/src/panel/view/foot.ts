/** What a run cost and how it ended: figures, the cache bar, trouble and what to do about it. */

import { cacheShare, compact, duration, least, money } from "../../runs/words.js";
import type { FromPage, PageCommand } from "../messages.js";
import type { Run, RunStatus } from "../state.js";
import { isAlive, isAtLeast, isInterrupted } from "../state.js";
import { button, h } from "./dom.js";
import { withCode } from "./words.js";

export const CANCELLING = "Cancelling…";
const STATUS: Readonly<Record<RunStatus, string>> = {
  waiting: "Waiting for the first words",
  thinking: "Thinking",
  answering: "Answering",
  retrying: "Waiting to try again",
  done: "Done",
  cancelled: "Cancelled: not complete",
  failed: "Failed",
  refused: "The model declined: not complete",
  truncated: "Out of tokens: not complete",
  lost: "Interrupted: the server ended",
  reloaded: "Interrupted: the window was reloaded",
};

/** How a run stands, in words. */
export function statusWords(run: Run): string {
  return isAlive(run) && run.cancelling ? CANCELLING : STATUS[run.status];
}

/** Figures so far, and once the run ended what can be done with it. */
export function figuresOf(run: Run, post: (message: FromPage) => void): readonly Node[] {
  const acts = isAlive(run)
    ? []
    : [
        button("Export", () => post({ type: "export", runId: run.id }), "quiet small", "Export this run as Markdown"),
        button("Remove", () => post({ type: "forget", runId: run.id }), "quiet small", "Remove this run from the history"),
      ];
  const figures = figuresIn(run);
  return figures.length + acts.length === 0 ? [] : [h("div", { class: "figures" }, h("span", { class: "dotted" }, ...figures), h("span", { class: "actions" }, ...acts))];
}

const AT_LEAST = "At least this: the endpoint counts at its end only, and that did not come";

/** Whether the endpoint would not have it at all: who is not let in pays nothing. */
function isTurnedAway(run: Run): boolean {
  return run.error?.kind === "authentication" && run.usage?.inputTokens == null && run.usage?.outputTokens == null;
}

function figuresIn(run: Run): readonly Node[] {
  const usage = run.usage;
  if (usage === null || usage.requests === 0) return [];
  const atLeast = isAtLeast(run);
  const parts: (string | HTMLElement)[] = [];
  const open = (words: string): string | HTMLElement => (atLeast ? h("span", { title: AT_LEAST }, least(words, true)) : words);
  if (run.durationMs !== null) parts.push(duration(run.durationMs));
  if (usage.inputTokens !== null) parts.push(`${compact(usage.inputTokens + (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0))} in`);
  if (usage.outputTokens !== null) parts.push(open(`${compact(usage.outputTokens)} out`));
  if (usage.thinkingTokens !== null && usage.thinkingTokens > 0) parts.push(open(`${compact(usage.thinkingTokens)} thinking`));
  if (run.provider === "offline") parts.push("no cost");
  else if (usage.costUsd !== null) parts.push(open(money(usage.costUsd)));
  else if (!isTurnedAway(run)) parts.push("cost not known");
  const bar = cacheBar(run);
  return [...parts.map((part) => (typeof part === "string" ? h("span", {}, part) : part)), ...(bar === null ? [] : [bar])];
}

function cacheBar(run: Run): HTMLElement | null {
  // The offline engine's cache is exact but spares nobody anything.
  const share = run.usage === null || run.provider === "offline" ? null : cacheShare(run.usage);
  if (share === null || run.usage === null) return null;
  const words = `${Math.round(share * 100)} % of the prompt came from the cache`;
  const saved = run.usage.savedUsd;
  const title = saved !== null && saved > 0 ? `${words}, which saved ${money(saved)}` : words;
  const fill = h("span", { class: "fill" });
  fill.style.width = `${share * 100}%`;
  return h("span", { class: "cache", title }, h("span", { class: "bar", role: "img", "aria-label": words }, fill), `${Math.round(share * 100)} % cached`);
}

const CELLS: Readonly<Record<string, string>> = { model: "Model", thinking: "Thinking", effort: "Effort", maxTokens: "Most tokens" };

/** The route that was used and the reason of each of its cells, for who asks. */
export function whyOf(run: Run): readonly Node[] {
  const { model, thinking, maxTokens, reasons } = run.route;
  const values: Readonly<Record<string, string>> = {
    model,
    thinking: thinking.budgetTokens === null ? thinking.mode : `${compact(thinking.budgetTokens)} tokens`,
    effort: thinking.effort ?? "",
    maxTokens: compact(maxTokens),
  };
  const rows = Object.entries(reasons).map(([cell, why]) => h("div", {}, h("dt", {}, CELLS[cell] ?? cell), h("dd", {}, values[cell] ?? "", h("span", { class: "because" }, why))));
  return rows.length === 0 ? [] : [h("details", { class: "why" }, h("summary", {}, "Why this route"), h("dl", {}, ...rows))];
}

/** Trouble in words, with the one button that helps. */
export function troubleOf(run: Run, post: (message: FromPage) => void): readonly Node[] {
  if (isAlive(run) || run.status === "done") return [];
  const error = run.error;
  const actions = h("div", { class: "actions" });
  const command = (label: string, name: PageCommand): void => actions.append(button(label, () => post({ type: "command", command: name }), "primary"));
  if (error?.kind === "authentication") command("Sign in", "ponder.signIn");
  // Of what was broken off nothing is lost by asking anew; an interrupted follow-up has nothing left to follow.
  const again = !run.past || (isInterrupted(run) && run.follows === null);
  if (again && run.uri !== null) actions.append(button("Run again", () => post({ type: "again", runId: run.id })));
  const number = error?.requestId;
  return [
    h(
      "div",
      { class: `trouble ${run.status}` },
      h("strong", {}, ...withCode(error?.message ?? STATUS[run.status])),
      error?.hint === null || error?.hint === undefined ? null : h("p", {}, ...withCode(error.hint)),
      number === null || number === undefined ? null : h("p", { class: "small" }, `Request ${number}`),
      actions,
    ),
  ];
}
