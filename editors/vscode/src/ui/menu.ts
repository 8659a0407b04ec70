/** The menu behind the status bar item: what can be done now, first what helps when something is missing. */

import * as vscode from "vscode";
import type { Ponder } from "../context.js";
import { helpFor } from "./help.js";

interface Row extends vscode.QuickPickItem {
  readonly command?: string;
  readonly args?: readonly unknown[];
}

export async function showMenu(ponder: Ponder): Promise<void> {
  const { message } = ponder.service.view;
  const signedIn = await ponder.secrets.signedIn();
  const help: readonly Row[] = helpFor(ponder.service.view, signedIn);
  const rows: Row[] = [
    ...help,
    ...(help.length > 0 ? [separator("")] : []),
    { label: "$(sparkle) Show the panel", command: "ponder.show" },
    { label: "$(comment-discussion) Ask about this code…", command: "ponder.ask" },
    { label: "$(list-selection) Run an action…", command: "ponder.runWith" },
    { label: "$(checklist) Review the workspace…", description: "what it costs is said first", command: "ponder.startWorkspaceReview" },
    { label: "$(stop-circle) Cancel all runs", command: "ponder.cancelRuns" },
    separator("Insight"),
    { label: "$(settings) Models and thinking", description: "for each action, and why", command: "ponder.showRoutes" },
    { label: "$(eye) What would be sent", description: "files, sizes, and what stays out", command: "ponder.showSent" },
    { label: "$(graph) Usage and cost", command: "ponder.showUsage" },
    { label: "$(output) Log", command: "ponder.showLog" },
    separator("Set-up"),
    signedIn ? { label: "$(sign-out) Sign out", command: "ponder.signOut" } : { label: "$(key) Sign in", command: "ponder.signIn" },
    { label: "$(gear) Settings", command: "workbench.action.openSettings", args: ["@ext:ponder.ponder-vscode"] },
    { label: "$(debug-restart) Restart the server", command: "ponder.restart" },
  ];
  const chosen = await vscode.window.showQuickPick(rows, { title: `Ponder: ${message}`, placeHolder: message });
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command, ...(chosen.args ?? []));
}

function separator(label: string): Row {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
