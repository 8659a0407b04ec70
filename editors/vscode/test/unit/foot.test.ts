// @vitest-environment jsdom
/** The foot of a run: what is offered once it ended. */

import { expect, it, vi } from "vitest";
import { reduceAll, type PanelEvent } from "../../src/panel/reduce.js";
import { EMPTY, type Run } from "../../src/panel/state.js";
import { troubleOf } from "../../src/panel/view/foot.js";
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
