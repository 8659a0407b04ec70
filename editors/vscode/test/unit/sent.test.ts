/** What would be sent as a page, what a workspace review may cost in words, why an installation failed, what in a line changed. */

import { describe, expect, it } from "vitest";
import MarkdownIt from "markdown-it";
import { diffLines, withMarks } from "../../src/runs/hunks.js";
import { filesTold, sentPage } from "../../src/runs/sent.js";
import { bytes } from "../../src/runs/words.js";
import { limitWords, priceWords, type Known } from "../../src/runs/workspace_cost.js";
import { failureWords } from "../../src/server/install_words.js";

const ANSWER = {
  folders: ["/home/me/shop"],
  segments: [
    { kind: "repositoryMap", bytes: 4187, tokens: 1197, files: ["shop/orders.py", "shop/stock.py"] },
    { kind: "files", bytes: 56_742, tokens: 16_212, files: ["shop/orders.py"] },
  ],
  leftOut: [
    { path: ".env", reason: "secret file" },
    { path: "debug.log", reason: "ignored by .gitignore" },
    { path: "other.log", reason: "ignored by .gitignore" },
    { path: "shop/huge.py", reason: "no room in the budget" },
  ],
};

describe("the page of what would be sent", () => {
  const page = sentPage(ANSWER, "shop/orders.py", false);

  it.each([
    ["names the file", "an action on `shop/orders.py`"],
    ["has a row for each part", "| Map of the repository | 2 | 4.2 kB | 1,197 |"],
    ["names the folder, not where it lies", "Workspace: `shop`"],
    ["counts each file once in the sum", "| **Together** | **2** | **60.9 kB** | **17,409** |"],
    ["names each file", "- `shop/stock.py`"],
    ["groups what is left out by its reason", "### ignored by .gitignore (2)\n\n- `debug.log`\n- `other.log`"],
    ["says that nothing was sent", "nothing was sent for it"],
  ])("%s", (_name, wanted) => expect(page).toContain(wanted));

  it("says that nothing is told where nothing is, and that the offline engine keeps all here", () => {
    expect(sentPage({ folders: [], segments: [], leftOut: [] }, null, true)).toMatch(/nothing of this leaves the machine[\s\S]*Nothing of the workspace is told/);
    expect(sentPage(null, null, false)).toContain("Nothing of the workspace is told");
  });

  it.each(["a`b.py", "`x`", "a](http://x) <img src=x>.py", "a\nb # c.py", "a\u202eyp.exe", "x | y.py"])("shows the name %j as code, whatever stands in it", (name) => {
    const html = new MarkdownIt().render(sentPage({ segments: [{ kind: "files", bytes: 1, tokens: 1, files: [name] }], leftOut: [{ path: name, reason: name }] }, name, false));
    expect(html).not.toMatch(/<img|<a |\u202e/);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html.match(/<li><code>[^<]*<\/code><\/li>/g)).toHaveLength(2);
  });

  it("names no more than a reader reads, and says how many there are", () => {
    const files = Array.from({ length: 5000 }, (_, index) => `${index}.py`);
    const long = sentPage({ segments: [{ kind: "files", bytes: 1, tokens: 1, files }], leftOut: [] }, null, false);
    expect(long).toContain("- and 4,800 more");
    expect(long).toContain("| Files | 5,000 |");
  });

  it("counts the files that a review looks at", () => {
    expect(filesTold(ANSWER)).toBe(3);
    expect(filesTold({})).toBeNull();
  });
});

describe.each<[string, Partial<Known>, RegExp, RegExp]>([
  ["nothing asked yet", {}, /^The price depends on the files; no review was priced yet\.$/, /^No limit for a day is set/],
  ["reviews so far", { usage: { byAction: { review: { costUsd: 0.4, requests: 20 } }, byDay: {} }, files: 30 }, /^A review has cost \$0\.02 on average, so about \$0\.60 for 30 files\.$/, /^No limit/],
  ["a number of files that is not known", { usage: { byAction: { review: { costUsd: 0.4, requests: 20 } } } }, /^A review has cost \$0\.02 on average\.$/, /^No limit/],
  ["a price that is not known", { usage: { byAction: { review: { costUsd: null, requests: 20 } } } }, /no review was priced yet/, /^No limit/],
  ["a limit", { dailyUsd: 5, usage: { byDay: { "2026-11-22": { costUsd: 1.25 } } } }, /depends on the files/, /^Limit for a day \$5\.00, \$1\.25 spent$/],
  ["a limit and nothing spent", { dailyUsd: 5 }, /depends on the files/, /^Limit for a day \$5\.00$/],
  ["the offline engine", { offline: true, dailyUsd: 5 }, /^Free: the offline engine/, /^Findings show/],
])("before a workspace review, with %s", (_name, known, price, limit) => {
  const all: Known = { offline: false, files: null, usage: {}, day: "2026-11-22", dailyUsd: null, ...known };
  it("says what is known about its price", () => expect(priceWords(all)).toMatch(price));
  it("says what stops the spending", () => expect(limitWords(all)).toMatch(limit));
});

it.each([[12, "12 B"], [4187, "4.2 kB"], [999_960, "1.0 MB"], [2_500_000, "2.5 MB"]])("%d bytes are %s", (count, words) => expect(bytes(count)).toBe(words));

describe.each<[string, string, string, RegExp]>([
  ["no such package", "ERROR: Could not find a version that satisfies the requirement ponder-ls (from versions: none)\nERROR: No matching distribution found for ponder-ls", "ponder-ls", /has no `ponder-ls`\. Set `ponder\.server\.installFrom`/],
  ["no such package, by uv", "  × No solution found when resolving dependencies:\n  ╰─▶ Because ponder-ls was not found in the package registry and you require ponder-ls", "ponder-ls", /has no `ponder-ls`/],
  ["a missing dependency", "ERROR: No matching distribution found for msgspec<0.23,>=0.22", "/x/ponder_ls-0.1.0-py3-none-any.whl", /has no `msgspec` that fits/],
  ["no network", "WARNING: Retrying after connection broken by 'NewConnectionError(: Failed to establish a new connection: [Errno -2] Name or service not known'))'\nERROR: No matching distribution found for anthropic", "/x.whl", /could not be reached/],
  ["no network, by uv", "error: Failed to fetch: `https://pypi.org/simple/anthropic/`\n  Caused by: dns error: failed to lookup address information", "/x.whl", /could not be reached/],
  ["a certificate", "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "/x.whl", /certificate was not accepted/],
  ["a full disk", "OSError: [Errno 28] No space left on device", "/x.whl", /no space left/],
  ["no pip", "/usr/bin/python3: No module named pip", "/x.whl", /apt install python3-venv/],
  ["a source that is none", "ERROR: Invalid requirement: '/nowhere/ponder': Expected package name at the start", "/nowhere/ponder", /`\/nowhere\/ponder`.*is no wheel/],
  ["something else", "one\ntwo: it broke\n", "/x.whl", /^The installation failed: two: it broke$/],
  ["nothing said", "", "/x.whl", /The log says more/],
])("an installation that fails for %s", (_name, said, source, wanted) => {
  it("says so", () => expect(failureWords(said, source)).toMatch(wanted));
});

describe.each<[string, string, string, readonly (string | null)[]]>([
  ["a word in a line", "def f(x=[]):", "def f(x=None):", ["[]", "None"]],
  ["a line that only grew", "return a", "return a + b", [null, " + b"]],
  ["the first of more lines", "def f(x=[]):\n", "def f(x=None):\n    if x is None:\n        x = []\n", ["[]", "None", null, null, null]],
  ["lines with nothing in common", "alpha()", "totally = different", [null, null]],
  ["signs of two units", "x = '🙂'", "x = '🙃'", ["🙂", "🙃"]],
])("of %s", (_name, before, after, wanted) => {
  it("what changed is set off", () => {
    expect(withMarks(diffLines(before, after)).map(({ text, changed }) => (changed === null ? null : text.slice(...changed)))).toEqual(wanted);
  });
});
