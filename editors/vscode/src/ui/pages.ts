/** Read-only texts of the extension's own: pages of rendered Markdown, sides of a diff. They are never unsaved, and never files. */

import * as vscode from "vscode";

export const PAGE_SCHEME = "ponder-page";

export class Pages implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  /** Keep a text under a name; kept again, it is the new one. */
  put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${name}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    return uri;
  }

  /** Show a page by its name; shown again, it has the new text. */
  async show(name: string, markdown: string): Promise<void> {
    const uri = this.put(`${name}.md`, markdown);
    try {
      await vscode.commands.executeCommand("markdown.showPreview", uri);
    } catch {
      // The Markdown extension is turned off: the source reads well too.
      await vscode.window.showTextDocument(uri);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "";
  }
}
