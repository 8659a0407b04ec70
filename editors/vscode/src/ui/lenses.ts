/** Code lenses over functions and classes, for those who turned them on. Asks nobody but the language's own symbols. */

import * as vscode from "vscode";

const KINDS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Class, vscode.SymbolKind.Constructor,
]);

/** When a file without symbols is looked at again. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000] as const;

export class Lenses implements vscode.CodeLensProvider {
  readonly #asked = new Map<string, number>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  refresh(): void {
    this.#asked.clear();
    this.#changed.fire();
  }

  /** A language's server may still be starting; it tells nobody when it is there. */
  #askAgain(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const before = this.#asked.get(key) ?? 0;
    if (before >= PAUSES_MS.length) return;
    this.#asked.set(key, before + 1);
    setTimeout(() => this.#changed.fire(), PAUSES_MS[before]);
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (vscode.workspace.getConfiguration("ponder", document).get("codeLens.enable") !== true) return [];
    const symbols = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>("vscode.executeDocumentSymbolProvider", document.uri);
    if (symbols === undefined || symbols.length === 0) this.#askAgain(document);
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
