/** Code lenses over functions and classes, for those who turned them on. Asks nobody but the language's own symbols. */

import * as vscode from "vscode";

const KINDS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Class, vscode.SymbolKind.Constructor,
]);

export class Lenses implements vscode.CodeLensProvider {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  refresh(): void {
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (vscode.workspace.getConfiguration("ponder", document).get("codeLens.enable") !== true) return [];
    const symbols = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>("vscode.executeDocumentSymbolProvider", document.uri);
    return (symbols ?? []).flatMap((symbol) => ("children" in symbol ? flat(symbol) : [])).flatMap((symbol) => lensesOf(document.uri, symbol));
  }
}

function flat(symbol: vscode.DocumentSymbol): vscode.DocumentSymbol[] {
  return [...(KINDS.has(symbol.kind) ? [symbol] : []), ...symbol.children.flatMap(flat)];
}

function lensesOf(uri: vscode.Uri, symbol: vscode.DocumentSymbol): vscode.CodeLens[] {
  const lens = (title: string, action: string): vscode.CodeLens =>
    new vscode.CodeLens(symbol.selectionRange, { title, command: "ponder.runAt", arguments: [action, uri, symbol.range], tooltip: `Ponder: ${title} ${symbol.name}` });
  return [lens("Review", "review"), lens("Explain", "explain")];
}
