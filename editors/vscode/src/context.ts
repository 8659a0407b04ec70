/** The one object all commands share: server, runs, panel, status, keys. Made once at activation. */

import * as vscode from "vscode";
import { PanelProvider } from "./panel/provider.js";
import type { HostEvent } from "./panel/reduce.js";
import type { FromPage } from "./panel/messages.js";
import { isAlive } from "./panel/state.js";
import { asRunEvent, fields, type RunEvent } from "./protocol.js";
import { Edits, pathOf } from "./runs/edits.js";
import { History } from "./runs/history.js";
import { keyTrouble } from "./runs/key.js";
import { Keeper } from "./runs/keeper.js";
import { Secrets } from "./secrets.js";
import { Service } from "./server/service.js";
import { Pages } from "./ui/pages.js";
import { StatusBar, today, todayOf } from "./status.js";

/** Pause after the last end of a run before the history is written. */
const SAVE_AFTER_MS = 200;
/** How much of a run that goes on a window that vanishes may lose, at most. */
const SAVE_LIVE_MS = 2000;

export class Ponder implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly secrets: Secrets;
  readonly keeper = new Keeper();
  readonly edits = new Edits();
  readonly pages = new Pages();
  readonly service: Service;
  readonly panel: PanelProvider;
  readonly status = new StatusBar();
  readonly privateFolder: string;
  /** The button that installs the server was pressed, and it is not done yet. */
  installing = false;
  readonly #history: History;
  readonly #asked = new Map<string, Extract<HostEvent, { type: "asked" }>>();
  #saving: NodeJS.Timeout | null = null;
  /** What the server's end says of runs after the last words is not written: the window ended them. */
  #closed = false;

  constructor(
    readonly extension: vscode.ExtensionContext,
    onPage: (message: FromPage) => void,
  ) {
    this.log = vscode.window.createOutputChannel("Ponder", { log: true });
    this.secrets = new Secrets(extension.secrets);
    this.privateFolder = vscode.Uri.joinPath(extension.globalStorageUri, "server").fsPath;
    this.#history = new History(extension.storageUri?.fsPath ?? null);
    this.service = new Service({
      secrets: this.secrets,
      log: this.log,
      privateFolder: this.privateFolder,
      onEvent: (value) => this.#event(value),
      onStatus: (value) => this.#serverStatus(value),
      onEdit: (value) => this.#edit(value),
      onRun: () => void this.showRun(),
      onLost: () => {
        this.keeper.lost();
        this.#saveSoon();
      },
    });
    this.panel = new PanelProvider(extension.extensionUri, this.keeper, onPage);
    let before = this.service.view.state;
    this.service.onChange((view) => {
      this.keeper.server(view);
      this.status.server(view);
      if (view.state === "ready" && before !== "ready") void this.#atStart();
      before = view.state;
    });
  }

  /** Read the history and start the server. */
  async start(): Promise<void> {
    if (this.#keepRuns() > 0) this.keeper.restore(await this.#history.load());
    await this.service.restart();
  }

  /** Today's figures for the status bar; none where the server does not answer. */
  async refreshToday(): Promise<void> {
    try {
      this.status.today(todayOf(await this.service.request("ponder.usage", {}), today()));
    } catch {
      this.status.today(null);
    }
  }

  /** Note that a run answers a question. The server's first event may come before or after its answer with the id. */
  asked(runId: string, follows: string, question: string): void {
    const event = { type: "asked", runId, follows, question } as const;
    if (this.keeper.find(runId) !== undefined) this.keeper.take(event);
    else this.#asked.set(runId, event);
  }

  async forget(runId: string): Promise<void> {
    this.keeper.take({ type: "forgotten", runId });
    await this.#save();
  }

  /** The last words: what is not written yet is written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#save();
    this.dispose();
  }

  dispose(): void {
    this.service.dispose();
    this.status.dispose();
    this.log.dispose();
  }

  /** Who answers is said before anything is asked. */
  async #atStart(): Promise<void> {
    const [table] = await Promise.all([this.service.request("ponder.routes", {}).catch(() => null), this.refreshToday()]);
    const provider = fields(table)?.["provider"];
    if (typeof provider === "string") this.service.offline(provider === "offline");
  }

  #event(value: unknown): void {
    const event = asRunEvent(value);
    if (event === null) return;
    this.keeper.take(event);
    this.status.key(keyTrouble(this.status.keyTrouble, event));
    this.#saveLater();
    const asked = this.#asked.get(event.runId);
    if (asked !== undefined) {
      this.#asked.delete(event.runId);
      this.keeper.take(asked);
    }
    void this.#beside(event);
  }

  /** What the editor knows beside an event. */
  async #beside(event: RunEvent): Promise<void> {
    const { runId } = event;
    switch (event.type) {
      case "started":
        this.service.offline(event.provider === "offline");
        this.keeper.take({ type: "about", runId, path: event.uri === null ? "" : pathOf(event.uri), startedAt: Date.now() });
        await this.#reasons(runId, event.action);
        break;
      case "finding":
        this.keeper.take({ type: "paths", runId, paths: { [event.finding.uri]: pathOf(event.finding.uri) } });
        break;
      case "edit":
        this.keeper.take({ type: "hunks", runId, hunks: await this.edits.take(event) });
        break;
      case "finished":
        await this.refreshToday();
        this.#saveSoon();
        break;
      default:
    }
  }

  async #reasons(runId: string, action: string): Promise<void> {
    try {
      const rows = fields(await this.service.request("ponder.routes", {}))?.["routes"];
      const row = Array.isArray(rows) ? rows.map(fields).find((one) => one?.["action"] === action) : undefined;
      const reasons = fields(row?.["reasons"]);
      if (reasons !== null) this.keeper.take({ type: "reasons", runId, reasons: reasons as Record<string, string> });
    } catch (error) {
      this.log.debug(`no routes: ${String(error)}`);
    }
  }

  /** How the changes of an edit stand, which the editor's undo changes too. */
  #edit(value: unknown): void {
    const told = fields(value);
    const numbers = (one: unknown): readonly number[] => (Array.isArray(one) ? one.filter((at) => typeof at === "number") : []);
    if (typeof told?.["runId"] !== "string") return;
    this.keeper.take({ type: "decided", runId: told["runId"], applied: numbers(told["applied"]), discarded: numbers(told["discarded"]) });
    this.#saveSoon();
  }

  #serverStatus(value: unknown): void {
    this.status.status(value);
    const message = fields(value)?.["message"];
    if (typeof message !== "string") return;
    this.service.offline(message.startsWith("Ponder (offline)"));
    // Of a run over many files the server says here how far it is.
    const run = this.keeper.state.runs.find((one) => isAlive(one) && message.startsWith(`${one.title}, `));
    if (run !== undefined) this.keeper.take({ type: "progress", runId: run.id, words: message.slice(run.title.length + 2) });
  }

  /** Bring the panel into sight for a run that begins, where the user wants that; the focus stays. */
  async showRun(): Promise<void> {
    if (this.panel.visible || !vscode.workspace.getConfiguration("ponder").get("panel.revealOnRun", true)) return;
    await this.panel.reveal(false);
  }

  #keepRuns(): number {
    return vscode.workspace.getConfiguration("ponder").get("panel.keepRuns", 30);
  }

  /** While a run goes on: now and then, however much it says. */
  #saveLater(): void {
    if (this.#saving === null && !this.#closed) this.#saving = setTimeout(() => void this.#save(), SAVE_LIVE_MS);
  }

  #saveSoon(): void {
    if (this.#closed) return;
    if (this.#saving !== null) clearTimeout(this.#saving);
    this.#saving = setTimeout(() => void this.#save(), SAVE_AFTER_MS);
  }

  async #save(): Promise<void> {
    if (this.#saving !== null) clearTimeout(this.#saving);
    this.#saving = null;
    const most = this.#keepRuns();
    await (most === 0 ? this.#history.clear() : this.#history.save(this.keeper.kept(most)));
  }
}
