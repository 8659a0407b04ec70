/** A window that goes while a run is going on: what had arrived comes back, and says what happened to it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { statusWords } from "../../src/panel/view/foot.js";
import { History } from "../../src/runs/history.js";
import { Keeper } from "../../src/runs/keeper.js";
import { recording } from "./recordings.js";

const events = recording("explain");

function after(count: number): Keeper {
  const keeper = new Keeper();
  for (const event of events.slice(0, count)) keeper.take(event);
  return keeper;
}

it("brings a run back as interrupted with what had arrived, wherever it was", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ponder-reload-"));
  for (let count = 1; count < events.length; count += 1) {
    const before = after(count);
    await new History(folder).save(before.kept(30));
    const later = new Keeper();
    later.restore(await new History(folder).load());
    expect(later.state.runs).toEqual(before.state.runs.map((run) => ({ ...run, past: true, status: "reloaded", retry: null })));
  }
  await rm(folder, { recursive: true });
});

it("still says so after the next reload, and of one that was lost before that the server ended", () => {
  const once = new Keeper();
  once.restore(after(10).kept(30));
  const twice = new Keeper();
  twice.restore(once.kept(30));
  const run = twice.state.runs[0];
  if (run === undefined) throw new Error("there is no run");
  expect(statusWords(run)).toBe("Interrupted: the window was reloaded");
  const left = after(10);
  left.lost();
  const later = new Keeper();
  later.restore(left.kept(30));
  expect(later.state.runs[0]?.status).toBe("lost");
});

it("hands out what arrived until now, whatever comes while it is written", () => {
  const keeper = after(10);
  const kept = keeper.kept(30);
  const words = JSON.stringify(kept);
  for (const event of events.slice(10)) keeper.take(event);
  expect(JSON.stringify(kept)).toBe(words);
});
