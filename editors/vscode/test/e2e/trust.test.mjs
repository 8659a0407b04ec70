// Restricted Mode: a workspace nobody trusts yet may be read and asked about; it chooses nothing, and nothing of it is started.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { Editor, PONDER, steps } from "./editor.mjs";
import { pythonExtension } from "./others.mjs";
import { ORDERS } from "./sample.mjs";

/** @type {Editor} */
let editor;
/** What the workspace wants of whoever opens it. */
const WANTED = {
  "ponder.server.path": "/evil/ponder", "ponder.server.arguments": ["--tcp", "0.0.0.0:1"], "ponder.server.installFrom": "evil-server", "ponder.edits.apply": "auto",
  "ponder.review.onSave": "on", "ponder.review.debounceMs": 50, "ponder.actions": { explain: { effort: "max" } },
};
// The workspace's own Python: it leaves a trace when it is started, and has Ponder.
const PYTHON = `#!/bin/sh\ntouch "$(dirname "$0")/was-started"\nexec "${join(dirname(PONDER), "python3")}" "$@"\n`;

before(async () => {
  editor = await Editor.start({
    files: { "orders.py": ORDERS, ".venv/bin/python": PYTHON, ".vscode/settings.json": JSON.stringify(WANTED), "ponder.toml": '[review]\nonSave = "on"\ndebounceMs = 50\n' },
    settings: { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "always", "security.workspace.trust.enabled": true },
    extensions: [pythonExtension()],
    server: "PATH",
    trust: false,
  });
});
after(() => editor?.stop());
const step = steps(() => editor);
const started = () => existsSync(join(editor.workspace, ".venv/bin/was-started"));
const route = async (run) => run.locator(".route").textContent();

step("in Restricted Mode the server of the machine runs, not the workspace's", async () => {
  await editor.page.locator(".part.banner, .monaco-workbench [id='workbench.parts.banner']", { hasText: "Restricted Mode" }).first().waitFor();
  assert.match(editor.serverLog(), /bin\/ponder \(\d+\.\d+\.\d+\S*\), from PATH/);
  assert.doesNotMatch(editor.serverLog(), /evil|\.venv/);
  assert.equal(started(), false, "the workspace's Python was not started");
});

step("asking works: a review shows its thinking and its findings", async () => {
  await editor.open("orders.py");
  await editor.run("Ponder: Review");
  const run = await editor.newest("Done");
  assert.equal(await run.locator(".finding").count(), 5);
  await editor.shot("restricted");
});

step("the workspace's settings do not count: neither routes, nor edits applied unasked", async () => {
  await editor.run("Ponder: Explain");
  assert.match(await route(await editor.newest("Done")), /low thinking/);
  await editor.run("Ponder: Fix");
  const run = await editor.newest("Done");
  await run.locator(".hunk").first().locator("button", { hasText: "Accept" }).waitFor();
  assert.match(await editor.text(), /orders=\[\]/, "nothing was applied");
});

step("nothing is reviewed unasked, whatever the workspace's files say", async () => {
  const panel = await editor.panel();
  const runs = await panel.locator("article.run").count();
  await editor.goTo(19, 1);
  await editor.page.keyboard.press("End");
  await editor.page.keyboard.type("  # mean");
  await editor.page.keyboard.press("Control+S");
  await editor.until(() => /# mean/.test(editor.saved("orders.py")), "the file is saved");
  // Later than any review of the save would begin.
  await editor.page.waitForTimeout(2500);
  await editor.run("Ponder: Explain");
  await editor.newest("Done");
  assert.equal(await panel.locator("article.run").count(), runs + 1);
});

step("once trusted, the environment in use is taken and the workspace's routes count; the machine's settings stay the machine's", async () => {
  await editor.command("Workspaces: Manage Workspace Trust");
  await editor.page.locator(".workspace-trust-editor a.monaco-button, .workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  await editor.until(started, "the workspace's Python is started");
  await editor.until(() => /from the Python environment .*\.venv\/bin\/python/.test(editor.serverLog()), "the server of the environment in use");
  await editor.until(async () => !/loading/.test(await editor.statusHtml()), "the server is ready");
  await editor.open("orders.py");
  await editor.run("Ponder: Explain");
  assert.match(await route(await editor.newest("Done")), /max thinking/);
  assert.doesNotMatch(editor.serverLog(), /evil/);
  await editor.run("Ponder: Fix");
  await (await editor.newest("Done")).locator(".hunk").first().locator("button", { hasText: "Accept" }).waitFor();
});
