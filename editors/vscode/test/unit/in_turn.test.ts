import { expect, it } from "vitest";
import { inTurn } from "../../src/editor/in_turn.js";
import type { FromPage } from "../../src/panel/messages.js";

it("takes changes one after the other, and lets everything else through at once", async () => {
  const told: string[] = [];
  const ends: (() => void)[] = [];
  const take = inTurn((message: FromPage) => {
    told.push(message.type);
    return message.type === "cancel" ? Promise.resolve() : new Promise((done) => ends.push(done));
  });
  take({ type: "accept", runId: "r", hunk: 1 });
  take({ type: "reject", runId: "r", hunk: 0 });
  take({ type: "cancel", runId: "r" });
  await Promise.resolve();
  expect(told).toEqual(["cancel", "accept"]);
  ends[0]?.();
  await expect.poll(() => told).toEqual(["cancel", "accept", "reject"]);
});
