/** Proposed edits beside the files they are for: hunks for the panel, the proposed text for the native diff. Applies nothing. */

import * as vscode from "vscode";
import type { EditProposed, WorkspaceEdit } from "../protocol.js";
import type { Hunk } from "../panel/state.js";
import { editsOf, hunksOf, withEdits } from "./hunks.js";

export const SCHEME = "ponder-proposed";
/** Runs whose texts are kept for a diff. */
const MOST = 50;

interface Proposal {
  readonly edit: WorkspaceEdit;
  readonly bases: ReadonlyMap<string, string>;
}

export class Edits implements vscode.TextDocumentContentProvider {
  readonly #proposals = new Map<string, Proposal>();

  /** Remember an edit and the texts it was made for; its changes one by one. */
  async take(event: EditProposed): Promise<readonly Hunk[]> {
    const bases = new Map<string, string>();
    const versions = new Map<string, number | null>();
    for (const change of event.edit.documentChanges) {
      if ("textDocument" in change) versions.set(change.textDocument.uri, change.textDocument.version);
    }
    for (const [uri, version] of versions) {
      const text = await textOf(uri, version);
      if (text !== null) bases.set(uri, text);
    }
    this.#proposals.set(event.runId, { edit: event.edit, bases });
    const oldest = this.#proposals.keys().next();
    if (this.#proposals.size > MOST && oldest.done !== true) this.#proposals.delete(oldest.value);
    return hunksOf(event.edit, (uri) => bases.get(uri) ?? null, pathOf);
  }

  /** Show a file beside what the edit makes of it, in the editor's own diff. */
  async diff(runId: string, uri: string, title: string): Promise<boolean> {
    if (this.#proposals.get(runId) === undefined) return false;
    const file = vscode.Uri.parse(uri);
    const right = vscode.Uri.from({ scheme: SCHEME, path: file.path, query: `${runId}&${uri}` });
    await vscode.commands.executeCommand("vscode.diff", file, right, title, { preview: true });
    return true;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const at = uri.query.indexOf("&");
    const proposal = this.#proposals.get(uri.query.slice(0, at));
    const file = uri.query.slice(at + 1);
    const base = proposal?.bases.get(file) ?? "";
    return proposal === undefined ? "" : withEdits(base, editsOf(proposal.edit, file));
  }
}

/** The path a person knows a file by. */
export function pathOf(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}

/** The text of a file in the version meant; null where the editor does not have that one. */
async function textOf(uri: string, version: number | null): Promise<string | null> {
  const wanted = vscode.Uri.parse(uri).toString();
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === wanted);
  if (open !== undefined) return version === null || open.version === version ? open.getText() : null;
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.parse(uri)));
  } catch {
    return null;
  }
}
