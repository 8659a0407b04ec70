// Everywhere a person looks: status bar menu, pickers, context menu, title button, code lenses, settings.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { Editor, steps } from "./editor.mjs";

/** @type {Editor} */
let editor;
before(async () => {
  editor = await Editor.start({ files: { "cart.ts": "export function total(prices: number[]): number {\n  return prices.reduce((a, b) => a + b) / prices.length;\n}\n" }, settings: { "ponder.codeLens.enable": true, "ponder.review.onSave": "off" } });
});
after(() => editor?.stop());
const step = steps(() => editor);
const rows = () => editor.page.locator(".quick-input-list .monaco-list-row");

/** Choose a row of the picker with this title; an earlier picker may still be closing. */
async function pick(title, text) {
  await editor.page.locator(".quick-input-title", { hasText: title }).waitFor();
  await rows().filter({ hasText: text }).first().click();
}

step("the status bar opens the menu", async () => {
  await editor.page.locator(".statusbar-item[id*='ponder.status']").click();
  await editor.page.locator(".quick-input-list", { hasText: "Models and thinking" }).waitFor();
  await editor.page.keyboard.press("Escape");
});

step("code lenses over functions start a run for them", async () => {
  await editor.open("cart.ts");
  // The focus leaves the file before the editor has asked for its lenses; they come all the same.
  await editor.panel();
  const lens = editor.page.locator(".codelens-decoration a", { hasText: "Explain" }).first();
  await editor.run(() => lens.click());
  const run = await editor.newest("Done");
  assert.match(await run.locator(".title").textContent(), /Explain cart\.ts/);
});

step("the title button reviews", async () => {
  await editor.run(() => editor.page.locator(".editor-actions .action-label[aria-label*='Review']").first().click());
  const run = await editor.newest("Done");
  assert.match(await run.locator(".title").textContent(), /Review cart\.ts/);
});

step("the context menu has the actions", async () => {
  await editor.page.locator(".view-line").first().click({ button: "right" });
  await editor.page.locator(".monaco-menu .action-item", { hasText: "Ponder" }).hover();
  await editor.page.locator(".monaco-menu .action-item", { hasText: /^Security Review$/ }).waitFor();
  await editor.page.keyboard.press("Escape");
  await editor.page.keyboard.press("Escape");
});

step("one run with another depth: the picker shows the routes, the panel what was used", async () => {
  await editor.command("Ponder: Run an Action With");
  await pick("Run an action", "Explain");
  await pick("Thinking for explain", "high");
  await editor.run(() => pick("Model for explain", "As routed"));
  await editor.until(async () => /high thinking/.test(await (await editor.newest("Done")).locator(".route").textContent()), "the run used the depth chosen");
});

step("models and thinking: reasons are shown, a choice is kept in the user's settings and holds", async () => {
  await editor.command("Ponder: Models and Thinking");
  await editor.page.locator(".quick-input-title", { hasText: "Models and thinking" }).waitFor();
  const explain = rows().filter({ hasText: "explain" }).first();
  assert.match(await explain.textContent(), /claude-.*newest active sonnet/);
  await explain.click();
  await pick("Thinking for explain", "off");
  await pick("Model for explain", "As routed");
  await editor.until(() => /"effort": "off"/.test(readFileSync(join(editor.root, "data/User/settings.json"), "utf8")), "the setting is written");
  await editor.until(async () => {
    await editor.run("Ponder: Explain");
    return /no thinking|off/.test(await (await editor.newest("Done")).locator(".route").textContent());
  }, "the next run does not think");
});

step("usage is a page with a table", async () => {
  await editor.command("Ponder: Usage and Cost");
  await editor.page.locator(".tab.active", { hasText: "Usage and Cost" }).waitFor();
  assert.equal(await editor.page.locator(".tab.dirty").count(), 0);
});

step("settings are described from the server's schema", async () => {
  const manifest = JSON.parse(readFileSync(join(editor.root, "extensions/ponder.ponder-vscode-0.1.0/package.json"), "utf8"));
  const properties = Object.assign({}, ...manifest.contributes.configuration.map((one) => one.properties));
  assert.match(properties["ponder.budget.dailyUsd"].markdownDescription, /one day/);
  for (const key of ["ponder.server.path", "ponder.server.arguments", "ponder.edits.apply", "ponder.models"]) assert.equal(properties[key].scope, "machine");
});

step("no toast came up on the way", async () => {
  assert.equal(await editor.page.locator(".notification-toast").count(), 0);
});
