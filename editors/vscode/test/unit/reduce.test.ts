/** The panel's reducer over streams recorded from the real server. */

import { describe, expect, it } from "vitest";
import { reduce, reduceAll, type PanelEvent } from "../../src/panel/reduce.js";
import { EMPTY, isAlive, thoughtLabel, type PanelState, type Run } from "../../src/panel/state.js";
import type { RunEvent } from "../../src/protocol.js";
import { RunLog } from "../../src/runs/log.js";
import { recording, recordings, seeded } from "./recordings.js";

function only(state: PanelState): Run {
  const run = state.runs[0];
  if (run === undefined) throw new Error("there is no run");
  return run;
}

describe.each(recordings())("the recording %s", (name) => {
  const events = recording(name);

  it("ends with every run ended, nothing missing, and each block's text exactly its deltas joined", () => {
    const state = reduceAll(EMPTY, events);
    for (const run of state.runs) {
      expect(isAlive(run)).toBe(false);
      expect(run.gap).toBe(false);
      for (const block of run.blocks) {
        const told = events.filter((one) => one.runId === run.id && one.type === "blockDelta" && one.index === block.index);
        expect(block.text).toBe(told.map((one) => (one as { text: string }).text).join(""));
      }
    }
  });

  it("is the same when every event comes twice, and when its start is replayed over it", () => {
    const once = reduceAll(EMPTY, events);
    expect(reduceAll(EMPTY, events.flatMap((event) => [event, event]))).toEqual(once);
    expect(reduceAll(once, events)).toEqual(once);
  });

  it("is the same after a replay from the log, wherever the page was reloaded", () => {
    const seed = 20261122;
    const random = seeded(seed);
    for (let round = 0; round < 20; round += 1) {
      const cut = Math.floor(random() * events.length);
      const logs = new Map<string, RunLog>();
      for (const event of events.slice(0, cut)) {
        if (!logs.has(event.runId)) logs.set(event.runId, new RunLog());
        logs.get(event.runId)?.add(event);
      }
      const replayed = reduceAll(EMPTY, [...logs.values()].flatMap((log) => log.events()));
      expect(reduceAll(replayed, events.slice(cut)), `seed ${seed}, cut at ${cut}`).toEqual(reduceAll(EMPTY, events));
    }
  });

  it("does not change a state that was handed out", () => {
    let state = EMPTY;
    for (const event of events) {
      const before = JSON.stringify(state);
      const next = reduce(state, event);
      expect(JSON.stringify(state)).toBe(before);
      state = next;
    }
  });
});

describe("a run", () => {
  it("says how long it thought, and the endpoint's own count of tokens once it is known", () => {
    const state = reduceAll(EMPTY, recording("explain"));
    const run = only(state);
    const block = run.blocks.find((one) => one.kind === "thinking");
    expect(block).toBeDefined();
    if (block === undefined) return;
    expect(thoughtLabel(run, block)).toMatch(/^Thought for 1 s · [\d,]+ tokens$/);
    expect(thoughtLabel({ ...run, usage: null }, block)).toBe("Thought for 1 s");
  });

  it.each([
    ["cancelled", "cancelled"],
    ["wrong-key", "failed"],
    ["broken-off", "failed"],
    ["retried", "done"],
    ["refused", "refused"],
    ["refused-at-once", "refused"],
    ["truncated", "truncated"],
    ["redacted-thinking", "done"],
    ["fix-two-changes", "done"],
  ])("recorded as %s ends %s", (name, status) => {
    expect(only(reduceAll(EMPTY, recording(name))).status).toBe(status);
  });

  it("shows a retry until content comes", () => {
    const events = recording("retried");
    const at = events.findIndex((event) => event.type === "retrying");
    const waiting = only(reduceAll(EMPTY, events.slice(0, at + 1)));
    expect(waiting.status).toBe("retrying");
    expect(waiting.retry?.error.kind).toBe("overloaded");
    expect(only(reduceAll(EMPTY, events)).retry).toBeNull();
  });

  it("whose thinking is redacted says so, and invents no words for it", () => {
    const run = only(reduceAll(EMPTY, recording("redacted-thinking")));
    expect(run.blocks.map((one) => [one.kind, one.text !== ""])).toEqual([["redactedThinking", false], ["text", true]]);
  });

  it.each(["refused", "truncated", "broken-off"])("that ended early (%s) keeps what arrived, and says what happened", (name) => {
    const run = only(reduceAll(EMPTY, recording(name)));
    expect(run.blocks.some((one) => one.text.length > 100)).toBe(true);
    expect(run.error?.message).toMatch(/./);
  });

  it("says so when events are missing in the middle, and still shows the rest", () => {
    const events = recording("explain");
    const run = only(reduceAll(EMPTY, events.filter((_, index) => index !== 5)));
    expect(run.gap).toBe(true);
    expect(run.status).toBe("done");
  });

  it("takes nothing after its end", () => {
    const events = recording("explain");
    const ended = reduceAll(EMPTY, events);
    const late: RunEvent = { runId: "run-1", seq: 9999, type: "notice", message: "late" };
    expect(reduce(ended, late)).toEqual(ended);
  });

  it("is lost, not done, when the server goes before it", () => {
    const state = reduceAll(EMPTY, [...recording("explain").slice(0, 10), { type: "lost" }]);
    expect(only(state).status).toBe("lost");
  });

  it("of an earlier session keeps what it was, and can no longer be alive", () => {
    const past: PanelEvent = { type: "past", runId: "run-1" };
    expect(only(reduceAll(EMPTY, [...recording("explain").slice(0, 10), past]))).toMatchObject({ past: true, status: "lost" });
    expect(only(reduceAll(EMPTY, [...recording("explain"), past]))).toMatchObject({ past: true, status: "done" });
  });
});

describe("decisions about changes", () => {
  const hunk = (index: number) => ({ index, uri: "file:///a.py", path: "a.py", line: index + 1, oldText: "a", newText: "b", created: false });
  const proposed = reduceAll(EMPTY, [...recording("fix-two-changes"), { type: "hunks", runId: "run-1", hunks: [hunk(0), hunk(1)] }]);
  const decide = (index: number | null, state: "applied" | "rejected" | "applying" | "open"): PanelEvent => ({ type: "hunk", runId: "run-1", hunk: index, state, reason: null });
  const standing = (applied: readonly number[], discarded: readonly number[]): PanelEvent => ({ type: "decided", runId: "run-1", applied, discarded });
  const states = (state: PanelState): readonly string[] => only(state).edit?.hunks.map((one) => one.state) ?? [];

  it.each<[string, readonly PanelEvent[], readonly string[], boolean]>([
    ["are open at first", [], ["open", "open"], false],
    ["are taken one by one", [decide(1, "applied")], ["open", "applied"], false],
    ["make the edit applied when all are", [decide(0, "applied"), decide(1, "applied")], ["applied", "applied"], true],
    ["stay as they were made", [decide(0, "rejected"), decide(null, "applied")], ["rejected", "applied"], false],
    ["come back open when the editor undoes them", [decide(0, "applied"), decide(1, "applied"), standing([1], [])], ["open", "applied"], false],
    ["stand as the server says", [decide(0, "applying"), standing([0], [1])], ["applied", "rejected"], false],
    ["come back open when applying failed", [decide(0, "applying"), decide(0, "open")], ["open", "open"], false],
  ])("%s", (_name, events, wanted, applied) => {
    const state = reduceAll(proposed, events);
    expect(states(state)).toEqual(wanted);
    expect(only(state).edit?.applied).toBe(applied);
  });
});

it("takes 50,000 deltas, and keeps one log entry for them", () => {
  const [first, begun] = recording("explain");
  if (first === undefined || begun === undefined) throw new Error("the recording is empty");
  const deltas = Array.from({ length: 50_000 }, (_, index): RunEvent => ({ runId: "run-1", seq: index + 2, type: "blockDelta", index: 0, text: `word ${index} ` }));
  const log = new RunLog();
  for (const event of [first, begun, ...deltas]) log.add(event);
  expect(log.events()).toHaveLength(3);
  const direct = reduceAll(EMPTY, [first, begun, ...deltas]);
  expect(only(reduceAll(EMPTY, log.events())).blocks[0]?.text).toBe(only(direct).blocks[0]?.text);
});
