/** Activation: everything is put together here, once. Holds no behaviour of its own. */

import * as vscode from "vscode";
import { registerCommands } from "./commands.js";
import { Ponder } from "./context.js";
import { inTurn } from "./editor/in_turn.js";
import { onPage } from "./editor/page_actions.js";
import { VIEW } from "./panel/provider.js";
import { SCHEME } from "./runs/edits.js";
import { PAGE_SCHEME } from "./ui/pages.js";
import { LENS_FILES, Lenses } from "./ui/lenses.js";

/** Settings that only a new process takes up. */
const NEEDS_RESTART = ["ponder.server", "ponder.log.level"];

let ponder: Ponder | null = null;

export async function activate(extension: vscode.ExtensionContext): Promise<void> {
  const made: Ponder = new Ponder(extension, inTurn((message) => onPage(made, message)));
  ponder = made;
  const lenses = new Lenses();
  extension.subscriptions.push(
    ...registerCommands(made),
    vscode.window.registerWebviewViewProvider(VIEW, made.panel),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, made.edits),
    vscode.workspace.registerTextDocumentContentProvider(PAGE_SCHEME, made.pages),
    lenses,
    vscode.languages.registerCodeLensProvider(LENS_FILES, lenses),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (NEEDS_RESTART.some((section) => event.affectsConfiguration(section))) void made.service.restart();
      if (event.affectsConfiguration("ponder.codeLens")) lenses.refresh();
    }),
    vscode.window.onDidChangeActiveTextEditor(() => lenses.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void made.service.restart()),
    made.secrets.onChange(() => {
      made.status.key(null);
      void made.service.restart();
    }),
  );
  lenses.refresh();
  await made.start();
}

export async function deactivate(): Promise<void> {
  const gone = ponder;
  ponder = null;
  await gone?.close();
}

