/** Installs the server into an environment of the extension's own, after the user asked for it. Touches no other. */

import { spawn } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { compare } from "./find.js";
import { failureWords, NO_PYTHON } from "./install_words.js";
import { onPath, output, privateCommand } from "./surroundings.js";

const OLDEST_PYTHON = "3.11.0";
/** What is asked of the package index where no wheel came with the extension. */
const REQUIREMENT = "ponder-ls";

export type Installed = { readonly ok: true } | { readonly ok: false; readonly words: string };

interface Step {
  readonly words: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What to do instead, when this cannot be done. */
  readonly otherwise?: readonly Step[];
}

/** With `uv` where it is, else with Python's own `venv` and `pip`. `extension`: the extension's folder. */
export async function install(folder: string, extension: string, log: vscode.LogOutputChannel): Promise<Installed> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Installing Ponder's server", cancellable: true },
    async (progress, token) => {
      await mkdir(dirname(folder), { recursive: true });
      const source = await sourceOf(extension);
      const steps = await plan(folder, source);
      if (steps === null) return { ok: false, words: NO_PYTHON };
      const failed = await carryOut(steps, (words) => progress.report({ message: words }), log, token);
      if (token.isCancellationRequested) return { ok: false, words: "The installation was cancelled." };
      if (failed !== null) return { ok: false, words: failureWords(failed, source) };
      const asked = await output(privateCommand(folder), ["--version"]);
      return asked.ok ? { ok: true } : { ok: false, words: "The server was installed but does not start. The log says more." };
    },
  );
}

/** The user's choice, else the wheel in the package, else the package index. */
async function sourceOf(extension: string): Promise<string> {
  const chosen = vscode.workspace.getConfiguration("ponder").get<string>("server.installFrom", "").trim();
  if (chosen !== "") return chosen;
  const shipped = join(extension, "dist", "server");
  const wheel = (await readdir(shipped).catch(() => [])).find((name) => name.endsWith(".whl"));
  return wheel === undefined ? REQUIREMENT : join(shipped, wheel);
}

async function plan(folder: string, source: string): Promise<readonly Step[] | null> {
  const [making, fetching] = ["making the environment", "fetching Ponder and what it needs"];
  const uv = await onPath("uv");
  if (uv !== null) {
    return [
      { words: making, command: uv, args: ["venv", "--clear", "--python", ">=3.11", folder] },
      { words: fetching, command: uv, args: ["pip", "install", "--python", folder, source] },
    ];
  }
  const python = await newEnoughPython();
  if (python === null) return null;
  const inside = process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", source];
  return [
    {
      words: making,
      command: python,
      args: ["-m", "venv", "--clear", folder],
      // Debian's Python has no `ensurepip` without python3-venv; its own pip can fill the environment.
      otherwise: [
        { words: making, command: python, args: ["-m", "venv", "--clear", "--without-pip", folder] },
        { words: making, command: python, args: ["-m", "pip", "--python", inside, "install", "--disable-pip-version-check", "--no-input", "pip"] },
      ],
    },
    { words: fetching, command: inside, args: pip },
  ];
}

async function newEnoughPython(): Promise<string | null> {
  for (const name of ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"]) {
    const path = await onPath(name);
    if (path === null) continue;
    const asked = await output(path, ["--version"]);
    const version = /Python (\d+\.\d+\.\d+)/.exec(asked.text)?.[1];
    if (asked.ok && version !== undefined && compare(version, OLDEST_PYTHON) >= 0) return path;
  }
  return null;
}

/** null: all went well; else what the step that failed said. */
async function carryOut(steps: readonly Step[], tell: (words: string) => void, log: vscode.LogOutputChannel, token: vscode.CancellationToken): Promise<string | null> {
  for (const { words, command, args, otherwise } of steps) {
    if (token.isCancellationRequested) return "";
    tell(words);
    let failed = await run(command, args, log, token);
    if (failed !== null && otherwise !== undefined) failed = await carryOut(otherwise, tell, log, token);
    if (failed !== null) return failed;
  }
  return null;
}

/** Run a program to its end; null, or all it said where it failed. */
function run(command: string, args: readonly string[], log: vscode.LogOutputChannel, token: vscode.CancellationToken): Promise<string | null> {
  log.info(`install: ${command} ${args.join(" ")}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, { windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const note = (data: Buffer): void => {
      const text = data.toString("utf8");
      said = (said + text).slice(-20_000);
      log.info(text.trimEnd());
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    const stop = token.onCancellationRequested(() => child.kill());
    child.on("error", (error) => resolve(`\`${command}\` could not be started: ${error.message}`));
    child.on("close", (code) => {
      stop.dispose();
      resolve(code === 0 ? null : said);
    });
  });
}
