/** Hunks, proposed texts, words, export, history and the messages of the page. */

import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asFromPage } from "../../src/panel/messages.js";
import { page, policy } from "../../src/panel/html.js";
import { reduceAll } from "../../src/panel/reduce.js";
import { EMPTY } from "../../src/panel/state.js";
import { asRunEvent, type WorkspaceEdit } from "../../src/protocol.js";
import { toMarkdown } from "../../src/runs/export.js";
import { History } from "../../src/runs/history.js";
import { diffLines, editsOf, hunksOf, withEdits } from "../../src/runs/hunks.js";
import { Keeper } from "../../src/runs/keeper.js";
import { cacheShare, compact, duration, money } from "../../src/runs/words.js";
import { Folded, Patience } from "../../src/server/folded.js";
import { recording, recordings, seeded } from "./recordings.js";

const at = (line: number, character: number) => ({ line, character });
const URI = "file:///a.py";
const edit = (...edits: readonly [number, number, number, number, string][]): WorkspaceEdit => ({
  documentChanges: [{ textDocument: { uri: URI, version: 1 }, edits: edits.map(([a, b, c, d, newText]) => ({ range: { start: at(a, b), end: at(c, d) }, newText })) }],
});

describe.each<[string, string, WorkspaceEdit, string]>([
  ["one word", "a b c\n", edit([0, 2, 0, 3, "B"]), "a B c\n"],
  ["two places, told in any order", "a\nb\nc\n", edit([2, 0, 2, 1, "C"], [0, 0, 0, 1, "A"]), "A\nb\nC\n"],
  ["an insertion at the end", "a", edit([0, 1, 0, 1, "\nb"]), "a\nb"],
  ["CRLF and astral signs", "x = '🙂'\r\ny\r\n", edit([0, 8, 1, 1, ""]), "x = '🙂'\r\n"],
  ["a column beyond the line", "a\nb\n", edit([0, 99, 0, 99, "!"]), "a!\nb\n"],
  ["a line beyond the text", "a\n", edit([9, 0, 9, 0, "b"]), "a\nb"],
])("an edit of %s", (_name, text, change, wanted) => {
  it("makes the text it says", () => expect(withEdits(text, editsOf(change, URI))).toBe(wanted));
});

it("numbers changes over files as the server does, and knows what each replaces", () => {
  const change: WorkspaceEdit = { documentChanges: [{ kind: "create", uri: "file:///new.py" }, { textDocument: { uri: "file:///new.py", version: null }, edits: [{ range: { start: at(0, 0), end: at(0, 0) }, newText: "n\n" }] }, ...edit([0, 0, 1, 0, ""], [2, 0, 2, 1, "C"]).documentChanges] };
  const found = hunksOf(change, (uri) => (uri === URI ? "a\nb\nc\n" : null), (uri) => uri.slice(8));
  expect(found.map((one) => [one.index, one.path, one.line, one.oldText, one.newText, one.created])).toEqual([
    [0, "new.py", 1, "", "n\n", true],
    [1, "a.py", 1, "a\n", "", false],
    [2, "a.py", 3, "c", "C", false],
  ]);
});

it("a diff's lines give back both texts, whatever they are", () => {
  const seed = 7;
  const random = seeded(seed);
  const some = (): string => Array.from({ length: Math.floor(random() * 8) }, () => "abc"[Math.floor(random() * 3)]).join("\n");
  for (let round = 0; round < 500; round += 1) {
    const [one, other] = [some(), some()];
    const lines = diffLines(one, other);
    const of = (...signs: readonly string[]): string => lines.filter((line) => signs.includes(line.sign)).map((line) => line.text).join("\n");
    expect([of(" ", "-"), of(" ", "+")], `seed ${seed}: ${JSON.stringify([one, other])}`).toEqual([one, other]);
  }
});

it.each([[0, "$0"], [0.0042, "$0.0042"], [1.5, "$1.50"]])("%d USD is %s", (usd, words) => expect(money(usd)).toBe(words));
it.each([[950, "950"], [12_345, "12.3k"], [4_560_000, "4.56M"]])("%d tokens are %s", (count, words) => expect(compact(count)).toBe(words));
it.each([[400, "0.4 s"], [12_000, "12 s"], [75_000, "1 min 15 s"]])("%d ms are %s", (ms, words) => expect(duration(ms)).toBe(words));
it("knows no cache share where a figure is not known", () => {
  expect(cacheShare({ inputTokens: null, cacheReadTokens: 5, cacheWriteTokens: 0 })).toBeNull();
  expect(cacheShare({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })).toBeNull();
  expect(cacheShare({ inputTokens: 25, cacheReadTokens: 75, cacheWriteTokens: null })).toBe(0.75);
});

it.each(recordings())("exports the recording %s with all its text", (name) => {
  for (const run of reduceAll(EMPTY, recording(name)).runs) {
    const text = toMarkdown(run);
    expect(text.startsWith(`# ${run.title}`)).toBe(true);
    for (const block of run.blocks.filter((one) => one.kind === "text")) expect(text).toContain(block.text.trim());
    for (const finding of run.findings) expect(text).toContain(finding.message);
  }
});

it("keeps runs over a restart as they were, and reads no broken file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ponder-history-"));
  const keeper = new Keeper();
  for (const event of recording("review-then-question")) keeper.take(event);
  await new History(folder).save(keeper.kept(30));
  const later = new Keeper();
  later.restore(await new History(folder).load());
  expect(later.state.runs).toEqual(keeper.state.runs.map((run) => ({ ...run, past: true })));
  expect((await stat(join(folder, "runs.json"))).mode & 0o077).toBe(0);
  await writeFile(join(folder, "runs.json"), '{"format":1,"runs":[{"id":1},{"id":"x","events":[{"type":"started"}]}');
  expect(await new History(folder).load()).toEqual([]);
  await rm(folder, { recursive: true });
});

describe.each<[unknown, boolean]>([
  [{ type: "ready" }, true],
  [{ type: "accept", runId: "r", hunk: 0 }, true],
  [{ type: "accept", runId: "r", hunk: null }, true],
  [{ type: "accept", runId: "r", hunk: -1 }, false],
  [{ type: "accept", runId: "r", hunk: "0" }, false],
  [{ type: "accept", runId: "" }, false],
  [{ type: "command", command: "ponder.menu" }, true],
  [{ type: "command", command: "workbench.action.terminal.new" }, false],
  [{ type: "link", href: "https://example.org" }, true],
  [{ type: "link", href: "javascript:alert(1)" }, false],
  [{ type: "link", href: "command:ponder.menu" }, false],
  [{ type: "open", uri: "file:///a", range: null }, true],
  [{ type: "open", uri: "file:///a", range: { start: 1 } }, false],
  [{ type: "followUp", runId: "r", text: "" }, false],
  [{ type: "followUp", runId: "r", text: "x".repeat(200_001) }, false],
  [{ type: "evil" }, false],
  ["ready", false],
  [null, false],
])("the message %j", (message, good) => {
  it(good ? "is taken" : "is refused", () => expect(asFromPage(message) !== null).toBe(good));
});

it.each([null, 3, [], {}, { type: "started" }, { runId: "r", seq: 0, type: "finding", finding: { id: 1 } }, { runId: "r", seq: 0, type: "edit", edit: { documentChanges: [1] }, applied: true }, { runId: "r", seq: 0, type: "newer" }])("%j is no event", (value) => {
  expect(asRunEvent(value)).toBeNull();
});

it("lets nothing into the page but its own script and style", () => {
  const parts = { script: "s.js", style: "s.css", cspSource: "https://own.example", nonce: "abc" };
  expect(policy(parts)).toBe("default-src 'none'; style-src https://own.example; script-src 'nonce-abc'; base-uri 'none'; form-action 'none'");
  const html = page(parts);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toMatch(/style="|onclick|unsafe/);
});

describe("restarts", () => {
  it("asked for together become one more after the one under way", async () => {
    let ends: () => void = () => undefined;
    let begun = 0;
    let tell: () => void = () => undefined;
    const again = new Promise<void>((done) => (tell = done));
    const folded = new Folded(() => {
      begun += 1;
      if (begun === 2) tell();
      return new Promise((done) => (ends = done));
    });
    const first = folded.run();
    expect(folded.again).toBe(false);
    const later = [folded.run(), folded.run(), folded.run()];
    expect([begun, folded.again]).toEqual([1, true]);
    ends();
    await first;
    await again;
    expect(folded.again).toBe(false);
    ends();
    await Promise.all(later);
    expect(begun).toBe(2);
  });

  it("wait longer each time, and end when the server keeps ending", () => {
    let now = 0;
    const patience = new Patience(() => now);
    expect([1, 2, 3, 4, 5, 6].map(() => patience.ended())).toEqual([250, 500, 1000, 2000, 4000, null]);
    now += 200_000;
    expect(patience.ended()).toBe(250);
  });
});
