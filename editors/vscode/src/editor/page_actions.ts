/** What the panel's buttons do. Each message was checked; each ends in an ordinary act of the editor or a server command. */

import * as vscode from "vscode";
import type { Ponder } from "../context.js";
import type { FromPage } from "../panel/messages.js";
import { fields, type Range } from "../protocol.js";
import { toMarkdown } from "../runs/export.js";
import { cancelRuns } from "./cancel.js";
import { isLoopback } from "./loopback.js";
import { startRun } from "./run.js";

export async function onPage(ponder: Ponder, message: FromPage): Promise<void> {
  try {
    await act(ponder, message);
  } catch (error) {
    void vscode.window.showWarningMessage(`Ponder: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function act(ponder: Ponder, message: FromPage): Promise<void> {
  switch (message.type) {
    case "ready":
      return;
    case "open":
      await open(message.uri, message.range, false);
      return;
    case "quickFix":
      await open(message.uri, message.range, true);
      await vscode.commands.executeCommand("editor.action.quickFix");
      return;
    case "dismiss":
      await ponder.service.request("ponder.dismiss", { findingId: message.findingId, scope: "finding" });
      ponder.keeper.take({ type: "dismissed", runId: message.runId, findingId: message.findingId });
      return;
    case "accept":
      await accept(ponder, message.runId, message.hunk);
      return;
    case "reject":
      await reject(ponder, message.runId, message.hunk);
      return;
    case "diff":
      await diff(ponder, message.runId, message.uri);
      return;
    case "cancel":
      await cancelRuns(ponder, message.runId);
      return;
    case "export":
      await exportRun(ponder, message.runId);
      return;
    case "forget":
      await ponder.forget(message.runId);
      return;
    case "again":
      await again(ponder, message.runId);
      return;
    case "followUp":
      await followUp(ponder, message.runId, message.text);
      return;
    case "copy":
      await vscode.env.clipboard.writeText(message.text);
      return;
    case "insert":
      await insert(message.text);
      return;
    case "compare":
      await compare(ponder, message.text);
      return;
    case "link":
      await openLink(message.href);
      return;
    case "command":
      await vscode.commands.executeCommand(message.command);
  }
}

/** The editor shows the whole address and asks, but not for this machine's own servers; there the question is ours. */
async function openLink(href: string): Promise<void> {
  if (isLoopback(href)) {
    const chosen = await vscode.window.showWarningMessage("Open this link of an answer?", { modal: true, detail: href }, "Open");
    if (chosen === undefined) return;
  }
  await vscode.env.openExternal(vscode.Uri.parse(href, true));
}

async function open(uri: string, range: Range | null, focus: boolean): Promise<void> {
  const file = vscode.Uri.parse(uri, true);
  if (!["file", "untitled"].includes(file.scheme)) return;
  const selection = range === null ? undefined : toRange(range);
  await vscode.window.showTextDocument(file, { preview: true, preserveFocus: !focus, ...(selection === undefined ? {} : { selection }) });
}

/** Take one change, or all that are open, through the server, which looks whether it still fits. */
async function accept(ponder: Ponder, runId: string, hunk: number | null): Promise<void> {
  const run = ponder.keeper.find(runId);
  const rejected = run?.edit?.hunks.some((one) => one.state === "rejected") === true;
  if (hunk === null && rejected) {
    // "All" means all that are open: the server does not know what was rejected here.
    const open = run?.edit?.hunks.filter((one) => one.state === "open").map((one) => one.index) ?? [];
    for (const index of open.reverse()) await accept(ponder, runId, index);
    return;
  }
  const tell = (state: "applying" | "applied" | "open", reason: string | null, meant: readonly (number | null)[] = [hunk]): void => {
    for (const one of meant) ponder.keeper.take({ type: "hunk", runId, hunk: one, state, reason });
  };
  tell("applying", null);
  try {
    const answer = fields(await ponder.service.request("ponder.apply", hunk === null ? { runId } : { runId, hunk }));
    const applied = answer?.["applied"] === true;
    const reason = typeof answer?.["reason"] === "string" ? answer["reason"] : "It was not applied.";
    tell(applied ? "applied" : "open", applied ? null : reason, applied ? decided(answer?.["hunks"], hunk) : [hunk]);
  } catch (error) {
    tell("open", error instanceof Error ? error.message : String(error));
  }
}

/** Leave one change, or all that are open: the server's own menu offers them no longer. */
async function reject(ponder: Ponder, runId: string, hunk: number | null): Promise<void> {
  let along: unknown;
  try {
    along = fields(await ponder.service.request("ponder.discard", hunk === null ? { runId } : { runId, hunk }))?.["hunks"];
  } catch {
    // A run that the server no longer has is offered nowhere else.
  }
  for (const one of decided(along, hunk)) ponder.keeper.take({ type: "hunk", runId, hunk: one, state: "rejected", reason: null });
}

/** The changes that were decided: those that need the one that was meant come along. */
function decided(along: unknown, hunk: number | null): readonly (number | null)[] {
  return Array.isArray(along) ? along.filter((one): one is number => typeof one === "number") : [hunk];
}

async function diff(ponder: Ponder, runId: string, uri: string): Promise<void> {
  const run = ponder.keeper.find(runId);
  const path = run?.edit?.hunks.find((one) => one.uri === uri)?.path ?? "";
  if (!(await ponder.edits.diff(runId, uri, `${path}: now ↔ proposed by Ponder`))) {
    void vscode.window.showInformationMessage("The text of this proposal is no longer at hand.");
  }
}

async function exportRun(ponder: Ponder, runId: string): Promise<void> {
  const run = ponder.keeper.find(runId);
  if (run === undefined) return;
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: toMarkdown(run) });
  await vscode.window.showTextDocument(document, { preview: false });
}

async function again(ponder: Ponder, runId: string): Promise<void> {
  const run = ponder.keeper.find(runId);
  if (run?.uri == null) return;
  await startRun(ponder, {
    action: run.action,
    uri: vscode.Uri.parse(run.uri),
    ...(run.range === null ? {} : { range: toRange(run.range) }),
  });
}

async function followUp(ponder: Ponder, runId: string, text: string): Promise<void> {
  const answer = fields(await ponder.service.request("ponder.followUp", { runId, text }));
  const next = answer?.["runId"];
  if (typeof next !== "string") return;
  ponder.asked(next, runId, text);
}

async function insert(text: string): Promise<void> {
  const editor = editorAtHand();
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Open the file that the code is for first.");
    return;
  }
  await editor.edit((edit) => edit.replace(editor.selection, text));
}

/** The selection, or the whole file, beside a piece of code; both sides only to read, so nothing asks to be saved. */
async function compare(ponder: Ponder, text: string): Promise<void> {
  const editor = editorAtHand();
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Open the file that the code is to be compared with first.");
    return;
  }
  const { document, selection } = editor;
  const name = document.uri.path.slice(document.uri.path.lastIndexOf("/") + 1);
  const left = selection.isEmpty ? document.uri : ponder.pages.put(`selected/${name}`, document.getText(selection));
  const right = ponder.pages.put(`from Ponder/${name}`, text);
  const what = selection.isEmpty ? name : `${name}, selection`;
  await vscode.commands.executeCommand("vscode.diff", left, right, `${what} ↔ Ponder's code`, { preview: true });
}

/** The editor of a file the user is or was in; not one of Ponder's own pages. */
function editorAtHand(): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return [activeTextEditor, ...visibleTextEditors].find((one) => one !== undefined && ["file", "untitled"].includes(one.document.uri.scheme));
}

function toRange(range: Range): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}
