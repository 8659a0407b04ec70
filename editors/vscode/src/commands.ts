/** The table of commands: what each does with a server, and without one. */

import * as vscode from "vscode";
import { ACTIONS } from "./actions.js";
import type { Ponder } from "./context.js";
import { cancelRuns } from "./editor/cancel.js";
import { ready, startRun } from "./editor/run.js";
import { install } from "./server/install.js";
import { showMenu } from "./ui/menu.js";
import { runWith, showRoutes } from "./ui/routes.js";
import { showSent } from "./ui/sent.js";
import { showUsage } from "./ui/usage.js";
import { reviewWorkspace } from "./ui/workspace.js";

type Handler = (ponder: Ponder, ...args: readonly unknown[]) => Promise<void> | void;

interface Row {
  readonly enabled: Handler;
  /** Without a server. Absent: the same as with one. */
  readonly disabled?: Handler;
}

/** Waits for a server that starts; else shows what is missing and what helps. */
const helped = (enabled: Handler): Row => ({
  enabled,
  disabled: async (ponder, ...args) => {
    if (await ready(ponder)) await enabled(ponder, ...args);
  },
});
/** Nothing to do without a server, and nothing to say. */
const quiet = (enabled: Handler): Row => ({ enabled, disabled: () => undefined });

export const COMMANDS: Readonly<Record<string, Row>> = {
  "ponder.menu": { enabled: showMenu },
  "ponder.show": { enabled: (ponder) => ponder.panel.reveal(true) },
  "ponder.ask": helped(ask),
  "ponder.runWith": helped(runWith),
  "ponder.runAt": helped(runAt),
  "ponder.explainAt": helped(explainAt),
  "ponder.followUpLatest": helped(followUpLatest),
  "ponder.cancelRuns": quiet((ponder) => cancelRuns(ponder, null)),
  "ponder.openTranscript": helped(async (ponder) => void (await ponder.service.request("ponder.transcript", {}))),
  "ponder.showRoutes": helped(showRoutes),
  "ponder.showUsage": helped(showUsage),
  "ponder.showSent": helped(showSent),
  "ponder.startWorkspaceReview": helped(reviewWorkspace),
  "ponder.showLog": { enabled: (ponder) => ponder.log.show(true) },
  "ponder.restart": { enabled: (ponder) => ponder.service.restart() },
  "ponder.stop": quiet((ponder) => ponder.service.stop()),
  "ponder.signIn": { enabled: async (ponder) => void (await ponder.secrets.signIn()) },
  "ponder.signOut": { enabled: (ponder) => ponder.secrets.signOut() },
  "ponder.install": { enabled: installServer },
  ...Object.fromEntries(ACTIONS.map(({ id }) => [`ponder.action.${id}`, helped(async (ponder) => void (await startRun(ponder, { action: id })))])),
};

export function registerCommands(ponder: Ponder): readonly vscode.Disposable[] {
  return Object.entries(COMMANDS).map(([name, row]) =>
    vscode.commands.registerCommand(name, async (...args: readonly unknown[]) => {
      const handler = ponder.service.view.state === "ready" ? row.enabled : (row.disabled ?? row.enabled);
      try {
        await handler(ponder, ...args);
      } catch (error) {
        ponder.log.error(`${name}: ${String(error)}`);
        void vscode.window.showWarningMessage(`Ponder: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
}

async function ask(ponder: Ponder): Promise<void> {
  const instruction = await vscode.window.showInputBox({ title: "Ponder: Ask about this code", prompt: "About the selection, or the whole file where nothing is selected." });
  if (instruction !== undefined && instruction.trim() !== "") await startRun(ponder, { action: "ask", instruction });
}

/** From a code lens: an action for a symbol. */
async function runAt(ponder: Ponder, action: unknown, uri: unknown, range: unknown): Promise<void> {
  if (typeof action !== "string" || !(uri instanceof vscode.Uri) || !(range instanceof vscode.Range)) return;
  await startRun(ponder, { action, uri, range });
}

/** From the link in a hover: explain what stands there. */
async function explainAt(ponder: Ponder, uri: unknown, line: unknown, character: unknown): Promise<void> {
  if (typeof uri !== "string" || typeof line !== "number" || typeof character !== "number") return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
  const place = new vscode.Position(line, character);
  await startRun(ponder, { action: "explain", uri: document.uri, range: document.getWordRangeAtPosition(place) ?? document.lineAt(line).range });
}

async function followUpLatest(ponder: Ponder): Promise<void> {
  const run = ponder.keeper.state.runs.find((one) => one.status === "done" && !one.past);
  if (run === undefined) {
    void vscode.window.showInformationMessage("There is no answer yet that a question could follow.");
    return;
  }
  await ponder.panel.reveal(true);
  ponder.panel.focus(run.id, "followUp");
}

/** One installation at a time: a second press while it runs does nothing. */
async function installServer(ponder: Ponder): Promise<void> {
  if (ponder.installing) return;
  ponder.installing = true;
  const done = await install(ponder.privateFolder, ponder.extension.extensionPath, ponder.log).finally(() => (ponder.installing = false));
  if (done.ok) await ponder.service.restart();
  else void vscode.window.showErrorMessage(`Ponder: ${done.words}`, "Show log").then((chosen) => (chosen === undefined ? undefined : ponder.log.show()));
}
