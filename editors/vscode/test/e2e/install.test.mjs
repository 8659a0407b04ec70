// No server anywhere: clear words, and one button that installs it, from a folder of wheels and no index.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { BASE_PYTHON, Editor, here, steps } from "./editor.mjs";
import { ORDERS } from "./sample.mjs";

/** @type {Editor} */
let editor;
const links = mkdtempSync(join(tmpdir(), "ponder-links-"));
before(async () => {
  editor = await Editor.start({
    files: { "orders.py": ORDERS },
    server: "nowhere",
    // The only place pip may look. It is empty at first.
    env: { PIP_NO_INDEX: "1", PIP_FIND_LINKS: links, PIP_CONFIG_FILE: "/dev/null", PIP_NO_CACHE_DIR: "1" },
  });
});
after(async () => {
  await editor?.stop();
  rmSync(links, { recursive: true, force: true });
});
const step = steps(() => editor);
const banner = async () => (await (await editor.panel()).locator("#top").textContent().catch(() => "")) ?? "";
const pressInstall = async () => (await editor.panel()).locator("#top button", { hasText: "Install" }).click();
const toast = (words) => editor.page.locator(".notification-list-item", { hasText: words }).first();

/** Wait for the message that the installation failed, and put it away. */
async function failed(words) {
  await toast(words).waitFor({ timeout: 60_000 });
  await editor.command("Notifications: Clear All Notifications");
}

step("the panel and the status bar say that there is no server, and one button installs it", async () => {
  await editor.until(async () => /was not found/.test(await banner()), "the panel says what is missing");
  assert.match(await banner(), /neither|nor on PATH.*installed into an environment of its own/);
  assert.match(await editor.statusHtml(), /codicon-cloud-download/);
  await editor.shot("no-server");
});

step("every command leads to what helps, or does nothing; none fails", async () => {
  await editor.open("orders.py");
  for (const title of ["Ponder: Review", "Ponder: What Would Be Sent", "Ponder: Review the Workspace", "Ponder: Models and Thinking", "Ponder: Usage and Cost"]) {
    await editor.command(title);
    await editor.page.locator(".quick-input-list", { hasText: "Install Ponder's server" }).waitFor();
    await editor.page.keyboard.press("Escape");
  }
  for (const title of ["Ponder: Cancel All Runs", "Ponder: Stop the Server", "Ponder: Restart the Server"]) await editor.command(title);
  await editor.until(async () => /was not found/.test(await banner()), "the search ends as before");
  assert.equal(await editor.page.locator(".notification-toast").count(), 0);
});

step("an index without what the server needs: the words name it", async () => {
  await pressInstall();
  await failed(/package index has no `[\w-]+` that fits/);
});

step("a source that is none: the words name the setting", async () => {
  editor.writeSettings({ "ponder.server.installFrom": "/nowhere/ponder" });
  await editor.page.waitForTimeout(500);
  await pressInstall();
  await failed(/\/nowhere\/ponder.*installFrom.*is no wheel/);
  editor.writeSettings({ "ponder.server.installFrom": "" });
  await editor.page.waitForTimeout(500);
});

step("with the wheels at hand the button installs, the server starts by itself, and a review works", async () => {
  for (const wheel of wheels()) copyFileSync(wheel, join(links, wheel.split("/").at(-1)));
  await pressInstall();
  await toast("Installing Ponder's server").waitFor();
  await editor.shot("installing");
  await editor.until(async () => /Ponder \(offline\)/.test(await editor.status()), "the server runs, and says who answers", 200_000);
  assert.match(await banner(), /Offline engine/);
  assert.match(editor.serverLog(), /globalStorage\/ponder\.ponder-vscode\/server\/bin\/ponder \(\d+\.\d+\.\d+\S*\), from the private environment/);
  await editor.run("Ponder: Review");
  const run = await editor.newest("Done");
  assert.equal(await run.locator(".finding").count(), 5);
});

step("a server that is too new, or is none, is named with its place and its version", async () => {
  for (const [says, words] of [["ponder 9.0.0", /has Ponder 9\.0\.0, which is newer than this extension/], ["ponder 0.0.1", /has Ponder 0\.0\.1; this extension needs/], ["Python 3.11.2", /does not start Ponder: Python 3\.11\.2/]]) {
    const path = join(editor.root, `bin/other-${says.replace(/\W/g, "")}`);
    writeFileSync(path, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
    editor.writeSettings({ "ponder.server.path": path });
    await editor.until(async () => words.test(await banner()), `the panel says ${words}`);
  }
});

/** The wheels of all that the server needs, fetched once for this machine. */
function wheels() {
  const place = join(here, ".e2e/wheels");
  const shipped = join(here, "dist/server", readdirSync(join(here, "dist/server"))[0]);
  const wanted = readFileSync(join(here, "../../pyproject.toml"), "utf8");
  const stamp = join(place, "for.toml");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(place, { recursive: true, force: true });
    const fresh = `${place}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    execFileSync(BASE_PYTHON, ["-m", "pip", "download", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "-d", fresh, shipped], { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(join(fresh, "for.toml"), wanted);
    renameSync(fresh, place);
  }
  return readdirSync(place).filter((name) => name.endsWith(".whl") && !name.startsWith("ponder_ls")).map((name) => join(place, name));
}
