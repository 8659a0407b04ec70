/** Streams recorded from the real server (tests/transcripts, made by scripts/record.py), shared with the tests of the server and of Neovim. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asRunEvent, type RunEvent } from "../../src/protocol.js";

const FOLDER = join(import.meta.dirname ?? __dirname, "../../../../tests/transcripts");

export function recordings(): readonly string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -".jsonl".length));
}

export function recording(name: string): readonly RunEvent[] {
  return readFileSync(join(FOLDER, `${name}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const event = asRunEvent(JSON.parse(line));
      if (event === null) throw new Error(`not an event: ${line}`);
      return event;
    });
}

/** A generator with a seed, for shuffles and cuts that can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
