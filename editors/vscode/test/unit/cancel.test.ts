/** Ending runs: the wish is seen at once, and goes with the end of the run or where the server cannot be asked. */

import { beforeEach, expect, it } from "vitest";
import { cancelRuns } from "../../src/editor/cancel.js";
import type { Usage } from "../../src/protocol.js";
import { Keeper } from "../../src/runs/keeper.js";

const USAGE: Usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, thinkingTokens: 0, requests: 1, costUsd: 0, savedUsd: 0 };
let keeper: Keeper;
const asked: unknown[] = [];
const service = { request: (...one: unknown[]) => Promise.resolve(asked.push(one)) };
const cancelling = (): readonly string[] => keeper.state.runs.filter((run) => run.cancelling).map((run) => run.id);

beforeEach(() => {
  asked.length = 0;
  keeper = new Keeper();
  for (const runId of ["a", "b", "ended"]) {
    const thinking = { mode: "off", budgetTokens: null, effort: null } as const;
    keeper.take({ type: "started", runId, seq: 0, action: "review", title: "Ponder: Review", uri: null, range: null, trigger: "command", provider: "anthropic", model: "m", thinking, maxTokens: 9 });
  }
  keeper.take({ type: "finished", runId: "ended", seq: 1, status: "done", usage: USAGE, durationMs: 1, error: null });
});

it.each([["a", ["a"], { runId: "a" }], [null, ["b", "a"], {}]])("of %s is said before the server answers", async (runId, wanted, argument) => {
  const done = cancelRuns({ keeper, service }, runId);
  expect(cancelling()).toEqual(wanted);
  await done;
  expect(cancelling()).toEqual(wanted);
  expect(asked).toEqual([["ponder.cancel", argument]]);
});

it("is taken back where the server cannot be asked, and told", async () => {
  const gone = { request: () => Promise.reject(new Error("Stopped")) };
  await expect(cancelRuns({ keeper, service: gone }, "a")).rejects.toThrow("Stopped");
  expect(cancelling()).toEqual([]);
});
