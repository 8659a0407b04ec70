/** Code lenses over functions and classes, for those who turned them on. Asks nobody but the language's own symbols. */

import * as vscode from "vscode";

const KINDS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Class, vscode.SymbolKind.Constructor,
]);

/** When a file without symbols is looked at again. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000] as const;
/** How long an editor waits here. The longer its lenses took, the later it asks for the next, whoever offers them. */
const PATIENCE_MS = 200;
/** When an editor that has not asked since it was told is told again; the first is longer than it takes to ask. */
const TOLD_AGAIN_MS = [1000, 2000, 4000, 8000] as const;

export const LENS_FILES = [{ scheme: "file" }, { scheme: "untitled" }] as const;

export class Lenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #asked = new Map<string, number>();
  /** Files that were asked about since the editors were told. */
  readonly #heard = new Set<string>();
  /** The newest lenses of a file: they stand in it until others come. Those that came late are the next answer for their version. */
  readonly #last = new WeakMap<vscode.TextDocument, { readonly lenses: vscode.CodeLens[]; nextFor: number | null }>();
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  refresh(): void {
    this.#asked.clear();
    this.#tell();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  /**
   * Have the editors ask. An editor does so after a moment, and drops it when the focus leaves its text before: a file that was
   * opened and left for the panel would be without lenses until one comes back. So who did not ask is told again.
   */
  #tell(tries = 0): void {
    clearTimeout(this.#timer);
    this.#heard.clear();
    this.#changed.fire();
    const pause = TOLD_AGAIN_MS[tries];
    if (pause === undefined) return;
    this.#timer = setTimeout(() => {
      if (vscode.window.visibleTextEditors.some(({ document }) => wanted(document) && !this.#heard.has(document.uri.toString()))) this.#tell(tries + 1);
    }, pause);
  }

  /** A language's server may still be starting; it tells nobody when it is there. */
  #askAgain(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const before = this.#asked.get(key) ?? 0;
    if (before >= PAUSES_MS.length) return;
    this.#asked.set(key, before + 1);
    setTimeout(() => this.#tell(), PAUSES_MS[before]);
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    this.#heard.add(document.uri.toString());
    if (!wanted(document)) return [];
    const last = this.#last.get(document);
    const { version } = document;
    if (last?.nextFor === version) {
      last.nextFor = null;
      return last.lenses;
    }
    let late = false;
    const asked = this.#lenses(document).then((lenses) => {
      const news = late && document.version === version;
      this.#last.set(document, { lenses, nextFor: news ? version : null });
      if (news) this.#tell();
      return lenses;
    });
    const waited = new Promise<null>((done) => setTimeout(() => done(null), PATIENCE_MS));
    const lenses = await Promise.race([asked, waited]);
    late = lenses === null;
    return lenses ?? last?.lenses ?? [];
  }

  async #lenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const symbols = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>("vscode.executeDocumentSymbolProvider", document.uri);
    if (symbols === undefined || symbols.length === 0) this.#askAgain(document);
    return (symbols ?? []).flatMap((symbol) => ("children" in symbol ? flat(symbol) : [])).flatMap((symbol) => lensesOf(document.uri, symbol));
  }
}

/** Whether the user wants lenses in this file. */
function wanted(document: vscode.TextDocument): boolean {
  if (!LENS_FILES.some(({ scheme }) => scheme === document.uri.scheme)) return false;
  return vscode.workspace.getConfiguration("ponder", document).get("codeLens.enable") === true;
}

function flat(symbol: vscode.DocumentSymbol): vscode.DocumentSymbol[] {
  return [...(KINDS.has(symbol.kind) ? [symbol] : []), ...symbol.children.flatMap(flat)];
}

function lensesOf(uri: vscode.Uri, symbol: vscode.DocumentSymbol): vscode.CodeLens[] {
  const lens = (title: string, action: string): vscode.CodeLens =>
    new vscode.CodeLens(symbol.selectionRange, { title, command: "ponder.runAt", arguments: [action, uri, symbol.range], tooltip: `Ponder: ${title} ${symbol.name}` });
  return [lens("Review", "review"), lens("Explain", "explain")];
}
