/** The machine as the search for the server sees it: PATH, the Python extension, the private environment. Installs nothing. */

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import type { Surroundings } from "./find.js";

const VERSION_LIMIT_MS = 15_000;

export function surroundings(privateFolder: string): Surroundings {
  const setting = vscode.workspace.getConfiguration("ponder").get<string>("server.path", "").trim();
  return {
    setting,
    trusted: vscode.workspace.isTrusted,
    activePython,
    onPath,
    installed: async () => ((await runnable(privateCommand(privateFolder))) ? privateCommand(privateFolder) : null),
    output,
  };
}

export function privateCommand(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "ponder.exe") : join(folder, "bin", "ponder");
}

export async function onPath(name: string): Promise<string | null> {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`, `${name}.bat`] : [name];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    // A relative entry would mean the workspace.
    if (!isAbsolute(folder)) continue;
    for (const one of names) if (await runnable(join(folder, one))) return join(folder, one);
  }
  return null;
}

/** Run a program without a shell; its stdout, or the last of its stderr. */
export function output(command: string, args: readonly string[]): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: VERSION_LIMIT_MS, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout });
      else resolve({ ok: false, text: "code" in error && error.code === "ENOENT" ? `there is no \`${command}\`` : stderr || error.message });
    });
  });
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface PythonApi {
  readonly environments?: { getActiveEnvironmentPath?: () => { readonly path?: string } | undefined };
}

/** The interpreter chosen in the Python extension, where there is one. */
async function activePython(): Promise<string | null> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined) return null;
  try {
    const api = extension.isActive ? extension.exports : await extension.activate();
    const path = api.environments?.getActiveEnvironmentPath?.()?.path;
    return path !== undefined && isAbsolute(path) ? path : null;
  } catch {
    return null;
  }
}
