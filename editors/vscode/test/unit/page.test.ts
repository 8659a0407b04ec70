// @vitest-environment jsdom
/** The page as a whole: which run comes into sight by itself. */

import { beforeEach, expect, it, vi } from "vitest";
import { reduceAll, type PanelEvent } from "../../src/panel/reduce.js";
import { EMPTY, type PanelState } from "../../src/panel/state.js";
import { Memory } from "../../src/panel/view/memory.js";
import { PageView } from "../../src/panel/view/page.js";
import type { Started, Usage } from "../../src/protocol.js";

const USAGE: Usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, thinkingTokens: 0, requests: 1, costUsd: 0, savedUsd: 0 };
/** What was scrolled to, by the run it stands in. */
const shown: (string | undefined)[] = [];
let state: PanelState;
let view: PageView;
let top: number;

beforeEach(() => {
  document.body.replaceChildren();
  const place = (): HTMLElement => document.body.appendChild(document.createElement("div"));
  let kept: unknown;
  const memory = new Memory({ getState: () => kept, setState: (value) => (kept = value) });
  view = new PageView({ top: place(), runs: place(), live: place() }, vi.fn(), memory, () => 0);
  state = EMPTY;
  shown.length = 0;
  // As where the reader scrolled down.
  top = -500;
  Element.prototype.getBoundingClientRect = () => new DOMRect(0, top, 400, 300);
  Element.prototype.scrollIntoView = function (this: Element) {
    shown.push(this.closest<HTMLElement>("article")?.dataset["run"]);
  };
});

function started(runId: string, trigger = "command"): Started {
  const thinking = { mode: "off", budgetTokens: null, effort: null } as const;
  return { type: "started", runId, seq: 0, action: "review", title: "Ponder: Review", uri: "file:///a.py", range: null, trigger, provider: "anthropic", model: "m", thinking, maxTokens: 9 };
}
const finished = (runId: string): PanelEvent => ({ type: "finished", runId, seq: 1, status: "done", usage: USAGE, durationMs: 1, error: null });

function tell(...events: readonly PanelEvent[]): void {
  state = reduceAll(state, events);
  view.draw(state);
}

it.each([["command", ["b"]], ["followUp", ["b"]], ["save", []], ["hover", []]])("a run by %s that begins is scrolled to: %j", (trigger, wanted) => {
  tell(started("a"), finished("a"));
  tell(started("b", trigger));
  tell(finished("b"));
  expect(shown).toEqual(wanted);
});

it("one that began and ended between two drawings is scrolled to as well, under one that began by itself too", () => {
  tell();
  tell(started("a"), finished("a"), started("b", "save"));
  expect(shown).toEqual(["a"]);
});

it("a replay scrolls to nothing that stood there before, nor to runs of an earlier session", () => {
  tell(started("a"));
  shown.length = 0;
  view.clear();
  tell();
  tell(started("old"), { type: "past", runId: "old" });
  expect(shown).toEqual([]);
});

it("a run that begins in sight moves nothing", () => {
  top = 30;
  tell();
  tell(started("a"));
  expect(shown).toEqual([]);
});

it("a run that is to end says so, its button once, until the end is told", () => {
  const button = (): HTMLButtonElement | null => document.querySelector(".actions.top button");
  tell(started("a"));
  expect([button()?.textContent, button()?.disabled]).toEqual(["Cancel", false]);
  tell({ type: "cancelling", runId: "a", on: true });
  expect([button()?.textContent, button()?.disabled]).toEqual(["Cancelling…", true]);
  expect(document.querySelector(".status")?.textContent).toBe("Cancelling…");
  tell({ type: "finished", runId: "a", seq: 1, status: "cancelled", usage: USAGE, durationMs: 1, error: null });
  expect(button()).toBeNull();
  expect(document.querySelector(".status")?.textContent).toBe("Cancelled: not complete");
});

it("an error's words show code as code, and nothing else as anything but text", () => {
  const error = { kind: "authentication", message: "The key in `ANTHROPIC_API_KEY` was refused.", hint: "Run `ponder auth` or `<img src=x>`; <b>not</b> **bold**, a lone ` stays." };
  tell(started("a"), { type: "finished", runId: "a", seq: 1, status: "failed", usage: USAGE, durationMs: 1, error });
  const box = document.querySelector(".trouble");
  expect([...(box?.querySelectorAll("code") ?? [])].map((one) => one.textContent)).toEqual(["ANTHROPIC_API_KEY", "ponder auth", "<img src=x>"]);
  expect(box?.querySelector("p")?.textContent).toBe("Run ponder auth or <img src=x>; <b>not</b> **bold**, a lone ` stays.");
  expect(box?.querySelectorAll("img, b, em")).toHaveLength(0);
});

it("a page made for a run that goes on begins with it", () => {
  tell(started("old"), finished("old"), started("a"));
  expect(shown).toEqual(["a"]);
});
