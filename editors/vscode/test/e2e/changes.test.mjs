// An edit over two files, taken and left file by file and change by change; the native diff of each; the settings as the editor shows them.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Editor, steps } from "./editor.mjs";
import { scriptedApi } from "./scripted_api.mjs";

/** @type {Editor} */
let editor;
let api;
const CART = "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n\n\ndef mean(prices):\n    return total(prices) / len(prices)\n";
const STOCK = "def add(item, items=[]):\n    items.append(item)\n    return items\n\n\ndef count(items):\n    return len([item for item in items])\n";
const EDITS = [
  { path: "cart.py", old_text: "    result = 0\n    for price in prices:\n        result += price\n    return result\n", new_text: "    return sum(prices)\n" },
  { path: "cart.py", old_text: "    return total(prices) / len(prices)\n", new_text: "    return total(prices) / len(prices) if prices else 0\n" },
  { path: "stock.py", old_text: "def add(item, items=[]):\n", new_text: "def add(item, items=None):\n    items = [] if items is None else items\n" },
  { path: "stock.py", old_text: "    return len([item for item in items])\n", new_text: "    return len(items)\n" },
];
before(async () => {
  api = await scriptedApi(() => ({ thinking: "Shorter.", text: JSON.stringify({ summary: "Shorter, and it cannot divide by zero.", edits: EDITS }) }));
  editor = await Editor.start({
    files: { "cart.py": CART, "stock.py": STOCK },
    env: { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: "k" },
    settings: { "ponder.review.onSave": "off", "ponder.hover.mode": "off", "ponder.context.budgetTokens": 0 },
  });
});
after(async () => {
  await editor?.stop();
  api?.close();
});
const step = steps(() => editor);
const file = (run, name) => run.locator(`.file[aria-label='${name}']`);
const textOf = async (path) => {
  await editor.open(path);
  return editor.text();
};

step("an edit of two files is shown file by file; nothing is applied unasked", async () => {
  await editor.open("cart.py");
  await editor.run("Ponder: Simplify");
  const run = await editor.newest("Done");
  await editor.until(async () => (await run.locator(".hunk").count()) === 4, "four changes");
  assert.equal(await run.locator(".file").count(), 2);
  assert.match(await run.locator(".edit h3").textContent(), /^4 proposed changes$/);
  await editor.shot("two-files");
  assert.match(await editor.text(), /result \+= price/);
});

step("each file has its own native diff", async () => {
  const run = await editor.newest("Done");
  for (const [name, wanted] of [["cart.py", /return sum\(prices\)/], ["stock.py", /return len\(items\)/]]) {
    await file(run, name).getByRole("button", { name: `Compare ${name} with the proposal` }).click();
    const tab = editor.page.locator(".tab.active", { hasText: `${name}: now ↔ proposed by Ponder` });
    await tab.waitFor();
    await editor.until(async () => wanted.test(((await editor.page.locator(".monaco-diff-editor .modified .view-lines").textContent()) ?? "").replaceAll("\u00a0", " ")), `the proposal for ${name}`);
    await tab.locator(".codicon-close").click();
    await editor.page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
  }
});

step("a file is rejected as a whole, the other accepted as a whole; undo takes it back", async () => {
  const run = await editor.newest("Done");
  await file(run, "stock.py").getByRole("button", { name: "Reject all changes of stock.py" }).click();
  await editor.until(async () => (await file(run, "stock.py").locator(".hunk.rejected").count()) === 2, "both are rejected");
  await file(run, "cart.py").getByRole("button", { name: "Accept all changes of cart.py" }).click();
  await editor.until(async () => (await file(run, "cart.py").locator(".hunk.applied").count()) === 2, "both are accepted");
  assert.match(await textOf("cart.py"), /return sum\(prices\)[\s\S]*if prices else 0/);
  assert.match(await textOf("stock.py"), /items=\[\]/);
  await editor.open("cart.py");
  await editor.page.keyboard.press("Control+1");
  await editor.until(async () => {
    await editor.page.keyboard.press("Control+Z");
    await editor.page.waitForTimeout(200);
    return (await editor.text()).trim() === CART.trim();
  }, "undo brings the old text back");
});

step("a change whose text is gone meanwhile is not applied, and says why", async () => {
  await editor.open("cart.py");
  await editor.run("Ponder: Simplify");
  const run = await editor.newest("Done");
  assert.equal(await (await editor.panel()).locator("article.run").count(), 2);
  await editor.until(async () => (await run.locator(".hunk .accept").count()) === 4, "four changes to decide about");
  await editor.goTo(9, 1);
  await editor.page.keyboard.press("Control+Shift+K");
  await run.locator(".hunk", { hasText: "if prices else 0" }).getByRole("button", { name: /^Accept the change/ }).click();
  const reason = run.locator(".hunk", { hasText: "if prices else 0" }).locator(".reason");
  await reason.waitFor();
  assert.ok(((await reason.textContent()) ?? "").length > 20, "words, not a code");
  assert.doesNotMatch(await editor.text(), /if prices else 0/);
  await editor.page.keyboard.press("Control+1");
  await editor.page.keyboard.press("Control+Z");
});

step("all at once, when all are wanted", async () => {
  await editor.open("cart.py");
  await editor.until(async () => /return total\(prices\) \/ len\(prices\)\s*$/m.test(await editor.text()), "the text is as it was");
  await editor.run("Ponder: Simplify");
  const run = await editor.newest("Done");
  await run.locator(".edit > .row button", { hasText: "Accept all" }).click();
  await editor.until(async () => (await run.locator(".hunk.applied").count()) === 4, "all four are applied");
  assert.match(await textOf("stock.py"), /items=None[\s\S]*return len\(items\)/);
});

step("settings: found by their words, described as the server describes them", async () => {
  await editor.command("Preferences: Open Settings (UI)");
  const page = editor.page.locator(".settings-editor");
  await page.waitFor();
  await editor.page.keyboard.type("ponder debounce");
  await page.locator(".setting-item-description", { hasText: /Quiet time after a save before its review starts/ }).first().waitFor();
  await editor.shot("settings");
});
