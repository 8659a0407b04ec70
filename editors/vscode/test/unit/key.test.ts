/** What runs say of the key. */

import { expect, it } from "vitest";
import type { Finished, RunEvent } from "../../src/protocol.js";
import { keyTrouble } from "../../src/runs/key.js";

const USAGE = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, thinkingTokens: 0, requests: 1, costUsd: 0, savedUsd: 0 };
const WORDS = "The endpoint does not accept the credential.";
const end = (status: Finished["status"], kind: string | null = null): RunEvent => ({
  type: "finished", runId: "r", seq: 1, status, usage: USAGE, durationMs: 1, error: kind === null ? null : { kind, message: kind === "authentication" ? WORDS : "Something else." },
});

it("a key that was refused stays so over whatever is not a success", () => {
  const events: readonly RunEvent[] = [end("failed", "authentication"), { type: "notice", runId: "s", seq: 0, message: "x" }, end("failed", "overloaded"), end("cancelled")];
  expect(events.reduce<string | null>(keyTrouble, null)).toBe(WORDS);
  expect(keyTrouble(WORDS, end("done"))).toBeNull();
});

it("other trouble says nothing of the key", () => {
  expect(keyTrouble(null, end("failed", "overloaded"))).toBeNull();
});
