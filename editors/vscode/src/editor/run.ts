/** Starting runs from the editor: what is selected, what is wrong there, what the user types. Waits for no model. */

import * as vscode from "vscode";
import type { Ponder } from "../context.js";
import { fields } from "../protocol.js";
import { whyNot } from "./place.js";

export interface Wish {
  readonly action: string;
  readonly uri?: vscode.Uri;
  readonly range?: vscode.Range;
  readonly instruction?: string;
  readonly route?: { readonly model?: string; readonly effort?: string };
}

/** Start a run for the active editor, or for what is wished. The new run's id; null where nothing could be started. */
export async function startRun(ponder: Ponder, wish: Wish): Promise<string | null> {
  const editor = vscode.window.activeTextEditor;
  const uri = wish.uri ?? editor?.document.uri;
  const why = whyNot(uri?.scheme, vscode.window.activeNotebookEditor !== undefined);
  if (uri === undefined || why !== null) {
    if (why !== null) void vscode.window.showInformationMessage(why);
    return null;
  }
  if (!(await ready(ponder))) return null;
  const document = await vscode.workspace.openTextDocument(uri);
  const selected = editor?.document === document && !editor.selection.isEmpty ? editor.selection : undefined;
  const range = wish.range ?? selected;
  const place = wish.range ?? editor?.selection;
  const diagnostics = place === undefined ? [] : vscode.languages.getDiagnostics(uri).filter((one) => one.range.intersection(place) !== undefined);
  const argument = {
    action: wish.action,
    textDocument: { uri: uri.toString(), version: document.version },
    ...(range === undefined ? {} : { range: plainRange(range) }),
    ...(diagnostics.length === 0 ? {} : { diagnostics: diagnostics.map(plainDiagnostic) }),
    ...(wish.instruction === undefined ? {} : { instruction: wish.instruction }),
    ...(wish.route === undefined ? {} : { route: wish.route }),
  };
  try {
    // Through the editor's own command, as the light bulb does: one way for all.
    const answer = await vscode.commands.executeCommand<unknown>("ponder.run", argument);
    const runId = fields(answer)?.["runId"];
    return typeof runId === "string" ? runId : null;
  } catch (error) {
    void vscode.window.showWarningMessage(`Ponder: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Whether a server is there. One that starts is waited for; one that is missing leads to what helps. */
export async function ready(ponder: Ponder): Promise<boolean> {
  if (ponder.service.view.state === "starting") await settled(ponder);
  if (ponder.service.view.state === "ready") return true;
  await ponder.panel.reveal(false);
  await vscode.commands.executeCommand("ponder.menu");
  return false;
}

function settled(ponder: Ponder): Promise<void> {
  return new Promise((resolve) => {
    const listening = ponder.service.onChange((view) => {
      if (view.state === "starting") return;
      listening.dispose();
      resolve();
    });
  });
}

export function plainRange(range: vscode.Range): object {
  const { start, end } = range;
  return { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
}

function plainDiagnostic(one: vscode.Diagnostic): object {
  const code = typeof one.code === "object" ? one.code.value : one.code;
  return {
    range: plainRange(one.range),
    severity: one.severity + 1,
    message: one.message,
    ...(one.source === undefined ? {} : { source: one.source }),
    ...(code === undefined ? {} : { code }),
  };
}
