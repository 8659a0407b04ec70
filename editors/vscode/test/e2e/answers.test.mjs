// What stands in the panel, each button pressed in a real VS Code: code of an answer, the reader's place, retries, figures, export, history.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { Editor, steps } from "./editor.mjs";
import { scriptedApi } from "./scripted_api.mjs";

/** @type {Editor} */
let editor;
let api;
/** What the endpoint says next. */
let next = {};
const CODE = "def total(prices):\n    return sum(prices)\n";
const ANSWER = `Here it is:\n\n\`\`\`python\n${CODE}\`\`\`\n\nDone.`;
const FILE = "import os\n\n\ndef total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n";

before(async () => {
  api = await scriptedApi(() => ({ thinking: "I look at it.", text: ANSWER, ...next }));
  editor = await Editor.start({
    files: { "cart.py": FILE },
    env: { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: "k" },
    settings: { "ponder.review.onSave": "off", "ponder.context.budgetTokens": 0, "ponder.hover.mode": "off" },
  });
});
after(async () => {
  await editor?.stop();
  api?.close();
});
const step = steps(() => editor);
const lines = (count, words) => Array.from({ length: count }, (_, index) => `${words} ${index + 1}.`).join("\n");

step("thinking shows as a peek while it streams, and a reader who opened it and scrolled up stays there", async () => {
  next = { thinking: lines(150, "A thought that is a sentence of its own, number"), pauseMs: 12 };
  await editor.open("cart.py");
  await editor.run("Ponder: Explain");
  const run = await editor.newest("Thinking");
  const peek = run.locator(".peek");
  await editor.until(async () => /number (2\d|[3-9]\d)/.test((await peek.textContent()) ?? ""), "the peek shows the newest lines");
  const { height } = await peek.boundingBox();
  assert.ok(height < 140, `the peek is small: ${height}`);
  assert.doesNotMatch(await peek.textContent(), /number 1\./, "and shows the end, not the beginning");
  await editor.shot("peek");

  await run.locator(".thinking .toggle").click();
  const body = run.locator(".thought");
  const place = () => body.evaluate((element) => [element.scrollTop, element.scrollHeight - element.clientHeight]);
  await editor.until(async () => (await place())[1] > 400, "there is something to scroll");
  assert.ok((await place())[1] - (await place())[0] < 80, "who opens it follows the end");
  await body.evaluate((element) => { element.scrollTop = 120; });
  const [, before] = await place();
  await editor.until(async () => (await place())[1] > before + 200, "more arrives below");
  assert.equal((await place())[0], 120, "the reader's place is kept");
  next = {};
  await editor.newest("Done");
  assert.equal((await place())[0], 120, "also when the thinking ends");
  assert.match(await run.locator(".thinking .label").textContent(), /^Thought for \d+ s/);
  await run.locator(".thinking .toggle").click();
});

step("code of an answer is coloured, copied, inserted where the cursor is, and compared with the selection", async () => {
  await editor.run("Ponder: Explain");
  const run = await editor.newest("Done");
  assert.ok((await run.locator(".code .hljs-keyword").count()) >= 2, "code is coloured");
  const press = (label) => run.locator(".codebar button", { hasText: label }).click();

  await press("Copy");
  await editor.until(async () => (await editor.page.evaluate(() => navigator.clipboard.readText())) === CODE, "the code is in the clipboard");

  await editor.goTo(2, 1);
  await press("Insert");
  await editor.until(async () => /import os\ndef total\(prices\):\n    return sum\(prices\)\n/.test(await editor.text()), "the code stands at the cursor");
  await editor.page.keyboard.press("Control+1");
  await editor.page.keyboard.press("Control+Z");
  await editor.until(async () => !/sum\(prices\)/.test(await editor.text()), "undo takes it back");

  // Nothing selected: the whole file on the left.
  await editor.goTo(1, 1);
  await press("Diff");
  const side = async (name) => ((await editor.page.locator(`.monaco-diff-editor .${name} .view-lines`).textContent()) ?? "").replaceAll("\u00a0", " ");
  await editor.page.locator(".monaco-diff-editor").waitFor();
  await editor.until(async () => /import os/.test(await side("original")) && /sum\(prices\)/.test(await side("modified")), "the file and the code");
  await editor.shot("code-diff");
  await closeDiff("cart.py ↔ Ponder's code");

  // The four lines of the body.
  await editor.goTo(5, 1);
  await editor.page.keyboard.down("Shift");
  for (let count = 0; count < 4; count += 1) await editor.page.keyboard.press("ArrowDown");
  await editor.page.keyboard.up("Shift");
  await press("Diff");
  await editor.until(async () => /result \+= price/.test(await side("original")) && !/import os/.test(await side("original")), "only the selection on the left");
  await closeDiff("cart.py, selection ↔ Ponder's code");
  assert.equal(await editor.page.locator(".tab.dirty").count(), 0, "nothing is left unsaved");
});

step("what it cost and how much came from the cache: in the run, in the status bar, in the page of usage", async () => {
  next = { usage: { input_tokens: 1000, cache_read_input_tokens: 3000 } };
  await editor.run("Ponder: Explain");
  const run = await editor.newest("Done");
  const figures = await run.locator(".figures").textContent();
  assert.match(figures, /4,000 in.*500 out.*\$0\.0\d+.*75 % cached/);
  const width = await run.locator(".cache .fill").evaluate((fill) => fill.getBoundingClientRect().width / fill.parentElement.clientWidth);
  assert.ok(Math.abs(width - 0.75) < 0.05, `the bar is as long as the share: ${width}`);
  await editor.until(async () => /Ponder \$0\.\d+/.test(await editor.status()), "today's cost in the status bar");
  assert.match(await editor.tooltip(), /Today: \$0\.\d+ · [\d.,k]+ tokens.*Cache: \d+ % of the prompt/s);
  await editor.command("Ponder: Usage and Cost");
  await inPages("td", "explain");
  await inPages("td", /\(\d+ %\)/);
  next = {};
});

step("the route that was used stands in the run, and why when one looks closer", async () => {
  const run = await editor.newest("Done");
  assert.match(await run.locator(".route").textContent(), /claude-sonnet\S*.*thinks|thinking/);
  await run.locator(".why summary").focus();
  await editor.page.keyboard.press("Enter");
  assert.match(await run.locator(".why dl").innerText(), /Model\s+claude-sonnet\S*\s*newest active sonnet[\s\S]*Most tokens/);
});

step("an overloaded endpoint: the countdown runs down, the next try answers", async () => {
  await editor.open("cart.py");
  next = { status: 529, retryAfter: 4 };
  await editor.run("Ponder: Explain");
  const run = await editor.newest("Waiting to try again");
  const left = async () => Number(/trying again in (\d+) s/.exec((await run.locator(".countdown").textContent()) ?? "")?.[1] ?? -1);
  const first = await editor.until(left, "seconds are told");
  await editor.shot("retry");
  await editor.until(async () => { const now = await left(); return now >= 0 && now < first; }, "they become fewer");
  next = {};
  await editor.newest("Done");
  assert.equal(await run.locator(".retry:visible").count(), 0);
});

step("a run is exported as Markdown: thinking, answer, figures", async () => {
  const run = await editor.newest("Done");
  await run.locator(".figures button", { hasText: "Export" }).click();
  await editor.page.locator(".tab.active", { hasText: /Untitled/ }).waitFor();
  const text = await editor.text();
  assert.match(text, /^# Ponder: Explain.* `cart\.py`/);
  for (const part of [/^## Thought for/m, /^> I look at it\./m, /^## Answer/m, /^def total\(prices\):/m, /^done · [\d.]+ s · /m]) assert.match(text, part);
});

step("runs can be removed, and what is left is there after a restart, to read", async () => {
  const panel = await editor.panel();
  const heads = () => panel.locator("article.run").count();
  const before = await heads();
  await (await editor.newest("Done")).locator(".figures button", { hasText: "Remove" }).click();
  await editor.until(async () => (await heads()) === before - 1, "one fewer");
  await editor.page.reload();
  await editor.load();
  const fresh = await editor.panel();
  await editor.until(async () => (await fresh.locator("article.run").count()) === before - 1, "the others are back");
  const run = await editor.newest("Done");
  await run.locator(".thinking .toggle").click();
  assert.match(await run.locator(".thought").textContent(), /I look at it/);
  assert.equal(await run.locator(".codebar").count(), 1);
});

step("signing out forgets the key of the editor, not the one of the environment", async () => {
  await editor.open("cart.py");
  await editor.command("Ponder: Sign In");
  const box = editor.page.locator(".quick-input-widget input[type=password]");
  await box.waitFor();
  await box.fill("sk-of-the-editor");
  await startedAnew(() => editor.page.keyboard.press("Enter"));
  await answeredWith("sk-of-the-editor");
  await startedAnew(() => editor.command("Ponder: Sign Out"));
  await answeredWith("k");
  assert.doesNotMatch(readFileSync(join(editor.root, "data/User/settings.json"), "utf8") + editor.serverLog(), /sk-of-the-editor/);
});

/** Do what has the server started anew: whatever was asked before its end would be lost. */
async function startedAnew(act) {
  const before = editor.serverPid();
  await act();
  await editor.until(() => editor.serverPid() !== before, "a new server");
}

/** The endpoint is given this key. */
async function answeredWith(key) {
  await editor.run("Ponder: Explain");
  await editor.newest("Done");
  assert.equal(api.keys.at(-1), key);
}

async function closeDiff(title) {
  await editor.page.locator(".tab", { hasText: title }).locator(".codicon-close").click();
  await editor.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
  assert.equal(await editor.page.locator(".monaco-dialog-box").count(), 0, "nothing asks to be saved");
}

/** Wait until one of the pages shown in the editor has this. */
async function inPages(selector, hasText) {
  await editor.until(async () => {
    for (const frame of editor.page.frames()) if ((await frame.locator(selector, { hasText }).count().catch(() => 0)) > 0) return true;
    return false;
  }, `a page with ${selector} “${hasText}”`);
}
