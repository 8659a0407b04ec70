/** The settings the server is sent: only what somebody set, so that files and defaults below keep their say. */

import * as vscode from "vscode";
import { SERVER_SETTINGS } from "../generated/settings.js";

/** As nested objects below `ponder`. In a workspace that is not trusted, the workspace's own values do not count. */
export function explicitSettings(resource?: vscode.Uri): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const { key } of SERVER_SETTINGS) {
    const [section, name] = split(key);
    const known = vscode.workspace.getConfiguration(section, resource ?? null).inspect<unknown>(name);
    if (known === undefined) continue;
    const value = vscode.workspace.isTrusted
      ? merged([known.globalValue, known.workspaceValue, known.workspaceFolderValue])
      : merged([known.globalValue]);
    if (value !== undefined && value !== null) put(sent, key.split(".").slice(1), value);
  }
  // Reading other people's code must not start work that costs.
  if (!vscode.workspace.isTrusted) put(sent, ["review", "onSave"], "manual");
  return sent;
}

/** Whether the user chose this setting, and what. */
export function chosen<T>(key: string): T | undefined {
  const [section, name] = split(key);
  const known = vscode.workspace.getConfiguration(section).inspect<T>(name);
  const value = known?.workspaceFolderValue ?? known?.workspaceValue ?? known?.globalValue;
  return value ?? undefined;
}

/** The nearest value; objects are put together key by key, as the editor itself does. */
function merged(values: readonly unknown[]): unknown {
  return values.reduce((below, value) => {
    if (value === undefined || value === null) return below;
    return isObject(below) && isObject(value) ? { ...below, ...value } : value;
  }, undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function split(key: string): readonly [string, string] {
  const dot = key.indexOf(".");
  return [key.slice(0, dot), key.slice(dot + 1)];
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) into[first] = value;
  else put((into[first] ??= {}) as Record<string, unknown>, rest, value);
}
