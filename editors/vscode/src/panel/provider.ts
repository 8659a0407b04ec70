/** The panel's view: makes the page, passes events to it, replays what it missed while hidden. Keeps no truth of its own. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Keeper } from "../runs/keeper.js";
import { nonce, page } from "./html.js";
import { asFromPage, type FromPage, type ToPage } from "./messages.js";
import type { PanelEvent } from "./reduce.js";

/**
 * Its container stands twice in the manifest, under the same id: first for the secondary side bar, then for the activity bar.
 * The editor takes the first that it knows, so VS Code before 1.106 shows it in the activity bar.
 */
export const VIEW = "ponder.panel";

export class PanelProvider implements vscode.WebviewViewProvider {
  #view: vscode.WebviewView | null = null;
  #ready = false;
  #waiting: PanelEvent[] = [];
  #flush: NodeJS.Immediate | null = null;
  #focus: ToPage | null = null;

  constructor(
    private readonly root: vscode.Uri,
    private readonly keeper: Keeper,
    private readonly onMessage: (message: FromPage) => void,
  ) {
    keeper.listen((event) => this.#send(event));
  }

  get visible(): boolean {
    return this.#view?.visible === true;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    this.#ready = false;
    const folder = vscode.Uri.joinPath(this.root, "dist", "panel");
    const { webview } = view;
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    webview.onDidReceiveMessage((value: unknown) => this.#receive(value));
    view.onDidChangeVisibility(() => {
      if (view.visible && this.#ready) this.#post({ type: "replay", events: this.keeper.replay() });
    });
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = null;
    });
    webview.html = page({
      script: webview.asWebviewUri(vscode.Uri.joinPath(folder, "panel.js")).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(folder, "panel.css")).toString(),
      cspSource: webview.cspSource,
      nonce: nonce((size) => randomBytes(size)),
    });
  }

  /** Bring the panel into sight; the focus stays where the user types unless asked for. */
  async reveal(focus: boolean): Promise<void> {
    if (this.#view !== null) this.#view.show(!focus);
    else await vscode.commands.executeCommand(`${VIEW}.focus`, { preserveFocus: !focus });
  }

  /** Put the page's own focus on a run or its box for a question. */
  focus(runId: string, part: "run" | "followUp"): void {
    this.#focus = { type: "focus", runId, part };
    if (this.#ready) this.#post(this.#focus);
  }

  #receive(value: unknown): void {
    const message = asFromPage(value);
    if (message === null) return;
    if (message.type !== "ready") {
      this.onMessage(message);
      return;
    }
    this.#ready = true;
    this.#waiting = [];
    this.#post({ type: "replay", events: this.keeper.replay() });
    if (this.#focus !== null) this.#post(this.#focus);
    this.#focus = null;
  }

  #send(event: PanelEvent): void {
    // A page that is hidden or not made yet asks for everything when it is.
    if (!this.#ready || this.#view === null) return;
    this.#waiting.push(event);
    this.#flush ??= setImmediate(() => {
      this.#flush = null;
      const events = this.#waiting;
      this.#waiting = [];
      if (events.length > 0) this.#post({ type: "events", events });
    });
  }

  #post(message: ToPage): void {
    void this.#view?.webview.postMessage(message);
  }
}
