/** Runs, as far as they came, on this machine's disk, one file for each workspace. A file that cannot be read is no history, not an error. */

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asRunEvent, fields } from "../protocol.js";
import type { PanelEvent } from "../panel/reduce.js";
import type { KeptRun } from "./keeper.js";

const FORMAT = 1;
/** Characters of one run beyond which it is not kept: a history is for reading. */
const MAX_RUN = 2_000_000;
const HOST_EVENTS: ReadonlySet<string> = new Set(["about", "asked", "reasons", "past", "paths", "hunks", "hunk", "decided", "dismissed"]);

export class History {
  readonly #file: string | null;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly folder: string | null) {
    this.#file = folder === null ? null : join(folder, "runs.json");
  }

  async load(): Promise<readonly KeptRun[]> {
    if (this.#file === null) return [];
    try {
      const kept = fields(JSON.parse(await readFile(this.#file, "utf8")));
      if (kept?.["format"] !== FORMAT || !Array.isArray(kept["runs"])) return [];
      return kept["runs"].flatMap(asKept);
    } catch {
      return [];
    }
  }

  /** Write these runs; a later call waits for an earlier one. */
  save(runs: readonly KeptRun[]): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(runs)).catch(() => undefined);
    return this.#writing;
  }

  async clear(): Promise<void> {
    if (this.#file !== null) await rm(this.#file, { force: true });
  }

  async #write(runs: readonly KeptRun[]): Promise<void> {
    if (this.#file === null || this.folder === null) return;
    const shown = runs.map((run) => JSON.stringify(run)).filter((text) => text.length <= MAX_RUN);
    await mkdir(this.folder, { recursive: true });
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, `{"format":${FORMAT},"runs":[\n${shown.join(",\n")}\n]}\n`, { mode: 0o600 });
    await rename(fresh, this.#file);
  }
}

function asKept(value: unknown): readonly KeptRun[] {
  const run = fields(value);
  if (run === null || typeof run["id"] !== "string" || !Array.isArray(run["events"])) return [];
  const events = run["events"].filter((event) => asRunEvent(event) !== null || isHostEvent(event)) as PanelEvent[];
  return [{ id: run["id"], events }];
}

function isHostEvent(value: unknown): boolean {
  const event = fields(value);
  return event !== null && typeof event["runId"] === "string" && HOST_EVENTS.has(String(event["type"]));
}
