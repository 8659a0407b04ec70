// @vitest-environment jsdom
/** The foot of a run: its figures, and what is offered once it ended. */

import { expect, it, vi } from "vitest";
import { reduceAll, type PanelEvent } from "../../src/panel/reduce.js";
import { EMPTY, thoughtLabel, type Run } from "../../src/panel/state.js";
import { figuresOf, troubleOf } from "../../src/panel/view/foot.js";
import type { Usage } from "../../src/protocol.js";
import { figures } from "../../src/runs/words.js";
import { recording } from "./recordings.js";

function ran(events: readonly PanelEvent[]): Run {
  const run = reduceAll(EMPTY, events).runs[0];
  if (run === undefined) throw new Error("there is no run");
  return run;
}

const begun = recording("explain").slice(0, 10);
const past = (reloaded: boolean): PanelEvent => ({ type: "past", runId: "run-1", reloaded });

it.each<[string, readonly PanelEvent[], boolean]>([
  ["the server left", [...begun, past(false)], true],
  ["the window left", [...begun, past(true)], true],
  ["the window left, a follow-up", [...begun, { type: "asked", runId: "run-1", follows: "run-0", question: "Why?" }, past(true)], false],
  ["was cancelled", recording("cancelled"), true],
  ["was cancelled in an earlier life", [...recording("cancelled"), past(true)], false],
  ["is done", recording("explain"), false],
])("a run that %s offers to run again: %#", (_name, events, wanted) => {
  const post = vi.fn();
  const place = document.createElement("div");
  place.append(...troubleOf(ran(events), post));
  const again = [...place.querySelectorAll("button")].find((one) => one.textContent === "Run again");
  expect(again !== undefined).toBe(wanted);
  again?.click();
  if (wanted) expect(post).toHaveBeenCalledWith({ type: "again", runId: "run-1" });
});

const USAGE: Usage = { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, thinkingTokens: 1, requests: 1, costUsd: 0.05, savedUsd: 0 };
const TOLD = /endpoint counts at its end only/;

/** The figures in words, and those of them that are told to be no more than the least. */
function shown(run: Run): readonly [words: readonly string[], open: readonly string[]] {
  const place = document.createElement("div");
  place.append(...figuresOf({ ...run, provider: "anthropic", durationMs: null }, vi.fn()));
  const all = [...place.querySelectorAll<HTMLElement>(".dotted > span:not(.cache)")];
  const words = (of: readonly HTMLElement[]): readonly string[] => of.map((one) => one.textContent ?? "");
  return [words(all), words(all.filter((one) => TOLD.test(one.title)))];
}

it.each<[string, Run, readonly string[], readonly string[]]>([
  ["to its end", { ...ran(recording("explain")), usage: USAGE }, ["10 in", "1 out", "1 thinking", "$0.05"], []],
  ["until it was cut", { ...ran(recording("cancelled")), usage: { ...USAGE, atLeast: true } }, ["10 in", "≥ 1 out", "≥ 1 thinking", "≥ $0.05"], ["≥ 1 out", "≥ 1 thinking", "≥ $0.05"]],
  ["until the window left", { ...ran([...begun, past(true)]), usage: USAGE }, ["10 in", "≥ 1 out", "≥ 1 thinking", "≥ $0.05"], ["≥ 1 out", "≥ 1 thinking", "≥ $0.05"]],
  ["for next to nothing", { ...ran(recording("explain")), usage: { ...USAGE, costUsd: 0.00002 } }, ["10 in", "1 out", "1 thinking", "< $0.0001"], []],
  ["for next to nothing until it was cut", { ...ran(recording("cancelled")), usage: { ...USAGE, atLeast: true, costUsd: 0.00002 } }, ["10 in", "≥ 1 out", "≥ 1 thinking", "≥ $0"], ["≥ 1 out", "≥ 1 thinking", "≥ $0"]],
  ["without a price", { ...ran(recording("explain")), usage: { ...USAGE, costUsd: null } }, ["10 in", "1 out", "1 thinking", "cost not known"], []],
  ["not at all: the key was refused", ran(recording("wrong-key")), [], []],
])("a run that went %s has the figures %#", (_name, run, words, open) => {
  expect(shown(run)).toEqual([words, open]);
});

it("says in an export, too, what is only the least", () => {
  expect(figures({ ...USAGE, atLeast: true })).toEqual(["10 input", "0 from cache", "0 to cache", "≥ 1 output", "≥ 1 thinking", "≥ $0.05"]);
});

it.each([[{}, "1 token"], [{ thinkingTokens: 2 }, "2 tokens"], [{ atLeast: true }, "≥ 1 token"]] as const)("counts thinking with %j as %s", (other, wanted) => {
  const run = { ...ran(recording("explain")), usage: { ...USAGE, ...other } };
  const block = run.blocks.find((one) => one.kind === "thinking");
  if (block === undefined) throw new Error("nothing was thought");
  expect(thoughtLabel(run, block)).toBe(`Thought for 1 s · ${wanted}`);
});
