// What goes wrong on other days: the server dies, the panel is away, the window reloads, the key is wrong, there is no server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { Editor, PONDER, steps } from "./editor.mjs";
import { ORDERS } from "./sample.mjs";

/** @type {Editor} */
let editor;
let api;
before(async () => {
  // The strict Messages API of the offline engine over HTTP: it refuses keys that begin with "invalid".
  api = spawn(PONDER, ["offline", "--delay-ms", "30"], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((done) => api.stdout.once("data", (data) => done(String(data).split("\n")[0].trim())));
  editor = await Editor.start({ files: { "orders.py": ORDERS }, env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: "good-key" } });
});
after(async () => {
  await editor?.stop();
  api?.kill();
});
const step = steps(() => editor);

step("a hidden panel shows all it missed when it comes back", async () => {
  await editor.open("orders.py");
  await editor.run("Ponder: Review");
  await editor.newest("Thinking");
  await editor.command("View: Show Explorer");
  await editor.until(async () => (await editor.panelFrame()) === null, "the panel's page is gone");
  await editor.until(async () => !/loading/.test(await editor.statusHtml()), "the run ends while nobody looks");
  const run = await editor.newest("Done");
  assert.match(await run.locator(".thinking .label").textContent(), /^Thought for/);
  await run.locator(".thinking .toggle").click();
  assert.ok((await run.locator(".thought").textContent()).length > 200);
  assert.equal(await run.locator(".finding").count(), 5);
  assert.equal(await run.locator(".notice", { hasText: "did not arrive" }).count(), 0);
});

step("what a reader opened stays open, and what a reader wrote stays written, over hiding", async () => {
  const run = await editor.newest("Done");
  await run.locator("textarea").fill("half a question");
  await editor.command("View: Show Explorer");
  await editor.until(async () => (await editor.panelFrame()) === null, "the panel's page is gone");
  const again = await editor.newest("Done");
  assert.equal(await again.locator("textarea").inputValue(), "half a question");
  assert.equal(await again.locator(".thinking .toggle").getAttribute("aria-expanded"), "true");
  await again.locator("textarea").fill("");
});

step("a server that is killed is started again; the run it had is shown as interrupted", async () => {
  await editor.run("Ponder: Review");
  const run = await editor.newest("Thinking");
  const old = editor.serverPid();
  process.kill(old, "SIGKILL");
  await editor.newest("Interrupted");
  await editor.until(() => editor.serverPid() !== old, "a new server");
  await editor.until(async () => !/loading|error/.test(await editor.statusHtml()), "the status bar is at rest");
  assert.equal(await editor.page.locator(".notification-toast").count(), 0, "no toast: the status bar says it");
  await editor.run("Ponder: Review");
  await editor.newest("Done");
});

step("after a reload of the window the runs are there again, to read", async () => {
  const panel = await editor.panel();
  const before = await panel.locator("article.run").count();
  // The history is written a moment after the last run ended.
  await editor.until(() => readHistory().split('"type":"started"').length - 1 === before, "the history is on the disk");
  await editor.page.reload();
  await editor.load();
  const fresh = await editor.panel();
  await editor.until(async () => (await fresh.locator("article.run").count()) === before, "all runs are back");
  const run = await editor.newest("Done");
  assert.equal(await run.locator(".finding").count(), 5);
  assert.equal(await run.locator("form.followup:visible").count(), 0, "an earlier session's run is not continued");
});

step("a wrong key: the run says what is wrong, and signing in with a good one helps", async () => {
  await signIn("invalid-key");
  await editor.open("orders.py");
  await editor.run("Ponder: Review");
  const run = await editor.newest("Failed");
  assert.match(await run.locator(".trouble").textContent(), /does not accept the credential/);
  await editor.until(async () => /sign in/.test(await editor.statusHtml()), "the status bar says so");
  await run.locator(".trouble button", { hasText: "Sign in" }).click();
  await typeKey("a-good-key");
  await editor.run("Ponder: Review");
  await editor.newest("Done");
  assert.doesNotMatch(await editor.statusHtml(), /sign in/);
  const everything = readFileSync(join(editor.root, "data/User/settings.json"), "utf8") + readHistory();
  assert.doesNotMatch(everything, /a-good-key|invalid-key/);
});

step("without a server: clear words, one button to install, and commands that lead there", async () => {
  editor.writeSettings({ "ponder.server.path": "/nowhere/ponder" });
  await editor.until(async () => /does not start/.test(await bannerText()), "the panel says what is wrong");
  assert.match(await bannerText(), /ponder\.server\.path.*there is no `\/nowhere\/ponder`/);
  await editor.command("Ponder: Explain");
  await editor.page.locator(".quick-input-list", { hasText: "Choose the server" }).waitFor();
  await editor.page.keyboard.press("Escape");
  await editor.command("Ponder: Cancel All Runs");
  assert.equal(await editor.page.locator(".notification-toast").count(), 0);

  editor.writeSettings({ "ponder.server.path": "" });
  await editor.until(async () => /was not found/.test(await bannerText()) || /ready/i.test(await bannerText()), "the search goes on elsewhere");
  if (/was not found/.test(await bannerText())) {
    await (await editor.panel()).locator(".banner button", { hasText: "Install" }).waitFor();
  }
});

async function bannerText() {
  return (await (await editor.panel()).locator("#top").textContent().catch(() => "")) ?? "";
}

function readHistory() {
  const folder = join(editor.root, "data/User/workspaceStorage");
  if (!existsSync(folder)) return "";
  const files = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith("runs.json"));
  return files.map((path) => readFileSync(join(folder, path), "utf8")).join("\n");
}

async function signIn(key) {
  await editor.command("Ponder: Sign In");
  await typeKey(key);
}

async function typeKey(key) {
  const old = editor.serverPid();
  const box = editor.page.locator(".quick-input-widget input[type=password]");
  await box.waitFor();
  await box.fill(key);
  await editor.page.keyboard.press("Enter");
  await editor.until(() => editor.serverPid() !== old, "the server is started again with the key");
  await editor.until(async () => !/loading/.test(await editor.statusHtml()), "the server is ready");
}
