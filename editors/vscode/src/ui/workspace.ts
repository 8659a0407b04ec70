/** A review of the whole workspace: what it would cost is said first, then it is one run like any other. */

import * as vscode from "vscode";
import type { Ponder } from "../context.js";
import { ready } from "../editor/run.js";
import { fields } from "../protocol.js";
import { filesTold } from "../runs/sent.js";
import { limitWords, priceWords } from "../runs/workspace_cost.js";
import { today } from "../status.js";
import { routes } from "./routes.js";

interface Row extends vscode.QuickPickItem {
  readonly batch?: boolean;
  readonly command?: string;
}

export async function reviewWorkspace(ponder: Ponder): Promise<void> {
  if (!(await ready(ponder))) return;
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
    void vscode.window.showInformationMessage("Open a folder first: a review of the workspace looks at the code in its folders.");
    return;
  }
  const chosen = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: "Ponder: looking through the workspace" }, () => rows(ponder)).then(choose);
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command);
  if (chosen?.batch === undefined) return;
  const answer = fields(await ponder.service.request("ponder.reviewWorkspace", { batch: chosen.batch }));
  if (typeof answer?.["runId"] === "string") await ponder.showRun();
}

function choose({ rows: all, title, words }: { rows: readonly Row[]; title: string; words: string }): Thenable<Row | undefined> {
  return vscode.window.showQuickPick(all, { title, placeHolder: words });
}

async function rows(ponder: Ponder): Promise<{ rows: readonly Row[]; title: string; words: string }> {
  const { service } = ponder;
  const [table, context, usage] = await Promise.all([routes(ponder), service.request("ponder.context", {}), service.request("ponder.usage", {})]);
  const route = table.find((one) => one.action === "review");
  const files = filesTold(context);
  const { offline } = service.view;
  const dailyUsd = vscode.workspace.getConfiguration("ponder").get<number | null>("budget.dailyUsd", null);
  const known = { offline, files, usage, day: today(), dailyUsd };
  const size = files === null ? "" : `, about ${files.toLocaleString("en")} files`;
  const all: Row[] = [
    { label: "$(play) Review now", description: "file by file; Cancel stops the spending", detail: priceWords(known), batch: false },
    { label: "$(clock) Review as a batch", description: "half the price, within a day", detail: "Mostly within the hour. The editor has to stay open; Cancel withdraws it.", batch: true },
    { label: "$(eye) See what would be told first", description: "files, sizes, and what stays out", command: "ponder.showSent" },
  ];
  return { rows: all, title: `Review the workspace${size}${route === undefined ? "" : `, with ${route.model} · ${route.effort}`}`, words: limitWords(known) };
}
