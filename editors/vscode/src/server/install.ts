/** Installs the server into an environment of the extension's own, after the user asked for it. Touches no other. */

import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { compare, TOO_NEW } from "./find.js";
import { onPath, output, privateCommand } from "./surroundings.js";

const REQUIREMENT = `ponder-ls>=0.1,<${TOO_NEW.split(".")[0] ?? "1"}`;
const OLDEST_PYTHON = "3.11.0";

export type Installed = { readonly ok: true } | { readonly ok: false; readonly words: string };

/** With `uv` where it is, else with Python's own `venv` and `pip`. */
export async function install(folder: string, log: vscode.LogOutputChannel): Promise<Installed> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Installing Ponder's server", cancellable: true },
    async (progress, token) => {
      await mkdir(dirname(folder), { recursive: true });
      const steps = await plan(folder);
      if (typeof steps === "string") return { ok: false, words: steps };
      for (const [words, command, ...args] of steps) {
        progress.report({ message: words });
        log.info(`install: ${command} ${args.join(" ")}`);
        const failed = await carryOut(command, args, log, token);
        if (failed !== null) return { ok: false, words: failed };
      }
      const asked = await output(privateCommand(folder), ["--version"]);
      return asked.ok ? { ok: true } : { ok: false, words: "The server was installed but does not start. The log says more." };
    },
  );
}

type Step = readonly [words: string, command: string, ...args: string[]];

async function plan(folder: string): Promise<readonly Step[] | string> {
  const uv = await onPath("uv");
  if (uv !== null) {
    return [
      ["making the environment", uv, "venv", "--clear", "--python", ">=3.11", folder],
      ["fetching Ponder", uv, "pip", "install", "--python", folder, REQUIREMENT],
    ];
  }
  const python = await newEnoughPython();
  if (python === null) return "Ponder's server needs Python 3.11 or newer, and none was found on PATH.";
  const inside = process.platform === "win32" ? `${folder}\\Scripts\\python.exe` : `${folder}/bin/python`;
  return [
    ["making the environment", python, "-m", "venv", "--clear", folder],
    ["fetching Ponder", inside, "-m", "pip", "install", "--disable-pip-version-check", REQUIREMENT],
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

/** null: it went well; else words for the user. */
function carryOut(command: string, args: readonly string[], log: vscode.LogOutputChannel, token: vscode.CancellationToken): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
    let last = "";
    const note = (data: Buffer): void => {
      const text = data.toString("utf8").trimEnd();
      last = text.split("\n").at(-1) ?? last;
      log.info(text);
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    const stop = token.onCancellationRequested(() => child.kill());
    child.on("error", (error) => resolve(`\`${command}\` could not be started: ${error.message}`));
    child.on("close", (code) => {
      stop.dispose();
      if (code === 0) resolve(null);
      else resolve(token.isCancellationRequested ? "The installation was cancelled." : `The installation failed: ${last}`);
    });
  });
}
