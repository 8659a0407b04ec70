/** The table of routes as a picker: which model and how much thinking each action buys, why, and changing it. */

import * as vscode from "vscode";
import { ACTIONS, EFFORTS } from "../actions.js";
import type { Ponder } from "../context.js";
import { ready, startRun } from "../editor/run.js";
import { fields } from "../protocol.js";
import { compact } from "../runs/words.js";

interface Row {
  readonly action: string;
  readonly model: string;
  readonly effort: string;
  readonly maxTokens: number;
  readonly reasons: Readonly<Record<string, string>>;
}

interface Item<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Show the table; choosing a row changes its route in the user's settings. */
export async function showRoutes(ponder: Ponder): Promise<void> {
  if (!(await ready(ponder))) return;
  const rows = await routes(ponder);
  const row = await pick(
    "Ponder: Models and thinking",
    "Choose an action to change its model or thinking",
    rows.map((one) => ({
      label: one.action,
      description: `${one.model} · ${one.effort} · up to ${compact(one.maxTokens)} tokens`,
      detail: Object.entries(one.reasons).map(([cell, why]) => `${cell}: ${why}`).join(" · "),
      value: one,
    })),
  );
  if (row === null) return;
  const route = await chooseRoute(rows, row);
  if (route === null) return;
  const settings = vscode.workspace.getConfiguration("ponder");
  const before = settings.inspect<Record<string, object> | null>("actions")?.globalValue ?? {};
  await settings.update("actions", { ...before, [row.action]: { ...before[row.action], ...route } }, vscode.ConfigurationTarget.Global);
}

/** Choose an action, a model and a depth for one run. */
export async function runWith(ponder: Ponder): Promise<void> {
  if (!(await ready(ponder))) return;
  const rows = await routes(ponder);
  const titles = new Map(ACTIONS.map((action) => [action.id, action.title]));
  const row = await pick(
    "Ponder: Run an action",
    "Which action?",
    rows.filter((one) => !["hover", "reviewOnSave"].includes(one.action)).map((one) => ({ label: titles.get(one.action) ?? one.action, description: `${one.model} · ${one.effort}`, value: one })),
  );
  if (row === null) return;
  const route = await chooseRoute(rows, row);
  if (route !== null) await startRun(ponder, { action: row.action, route });
}

async function chooseRoute(rows: readonly Row[], row: Row): Promise<{ model?: string; effort?: string } | null> {
  const effort = await pick(
    `Thinking for ${row.action}`,
    `Now: ${row.effort}`,
    EFFORTS.map((one) => ({ label: one, ...(one === row.effort ? { description: "now" } : {}), value: one as string })),
  );
  if (effort === null) return null;
  const models = [...new Set(rows.map((one) => one.model))].sort();
  const model = await pick(
    `Model for ${row.action}`,
    `Now: ${row.model}`,
    [{ label: "As routed", description: row.model, value: "" }, ...models.map((one) => ({ label: one, value: one }))],
  );
  if (model === null) return null;
  return { ...(model === "" ? {} : { model }), effort };
}

/** The table as the server resolved it. */
export async function routes(ponder: Ponder): Promise<readonly Row[]> {
  const found = fields(await ponder.service.request("ponder.routes", {}))?.["routes"];
  return Array.isArray(found) ? found.flatMap(asRow) : [];
}

function asRow(value: unknown): readonly Row[] {
  const row = fields(value);
  const thinking = fields(row?.["thinking"]);
  if (row === null || typeof row["action"] !== "string" || typeof row["model"] !== "string") return [];
  const budget = thinking?.["budgetTokens"];
  const effort = thinking?.["mode"] === "off" ? "off" : String(thinking?.["effort"] ?? (typeof budget === "number" ? `${compact(budget)} tokens` : "adaptive"));
  return [{ action: row["action"], model: row["model"], effort, maxTokens: Number(row["maxTokens"]), reasons: (fields(row["reasons"]) ?? {}) as Record<string, string> }];
}

async function pick<T>(title: string, placeHolder: string, items: readonly Item<T>[]): Promise<T | null> {
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
  return chosen === undefined ? null : chosen.value;
}
