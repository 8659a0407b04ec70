/** The server's life in this window: found, started, started again when it dies, stopped. Knows no panel and no command. */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { ServerView } from "../panel/state.js";
import type { Secrets } from "../secrets.js";
import { makeClient } from "./client.js";
import { find } from "./find.js";
import { Folded, Patience } from "./folded.js";
import { surroundings } from "./surroundings.js";

export interface ServiceParts {
  readonly secrets: Secrets;
  readonly log: vscode.LogOutputChannel;
  readonly privateFolder: string;
  readonly onEvent: (value: unknown) => void;
  readonly onStatus: (value: unknown) => void;
  readonly onEdit: (value: unknown) => void;
  readonly onRun: (runId: string) => void;
  /** Runs of the server that is gone cannot go on. */
  readonly onLost: () => void;
}

export class Service implements vscode.Disposable {
  #client: LanguageClient | null = null;
  #view: ServerView = { state: "starting", message: "Starting…", offline: false };
  #wanted = true;
  #timer: NodeJS.Timeout | null = null;
  readonly #changed = new vscode.EventEmitter<ServerView>();
  readonly #patience = new Patience(() => Date.now());
  readonly #starting = new Folded(() => this.#startAnew());
  readonly onChange = this.#changed.event;

  constructor(private readonly parts: ServiceParts) {}

  get view(): ServerView {
    return this.#view;
  }

  /** Start, or start again with the settings and the key of now. Calls while one is under way become one more. */
  restart(): Promise<void> {
    this.#wanted = true;
    this.#patience.reset();
    return this.#starting.run();
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    this.#forgetTimer();
    await this.#end();
    this.#show({ state: "stopped", message: "Stopped", offline: false });
  }

  /** Run a server command. Rejects where no server runs or it answers with an error. */
  async request(command: string, argument: object): Promise<unknown> {
    const client = this.#client;
    if (client === null || this.#view.state !== "ready") throw new Error(this.#view.message);
    return client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  }

  /** Note whether answers come from the offline engine; known from the first status or run on. */
  offline(offline: boolean): void {
    if (offline !== this.#view.offline) this.#show({ ...this.#view, offline });
  }

  dispose(): void {
    this.#wanted = false;
    this.#forgetTimer();
    void this.#end();
    this.#changed.dispose();
  }

  async #startAnew(): Promise<void> {
    this.#forgetTimer();
    await this.#end();
    this.#show({ state: "starting", message: "Starting…", offline: false });
    const found = await find(surroundings(this.parts.privateFolder));
    // Where one more start was asked for meanwhile, this one's server would only be ended again, with whatever it was asked.
    if (!this.#wanted || this.#starting.again) return;
    if (found.kind !== "found") {
      this.parts.log.warn(found.words);
      this.#show({ state: found.kind === "missing" ? "missing" : "failed", message: found.words, offline: false });
      return;
    }
    const { candidate, version } = found;
    this.parts.log.info(`server: ${candidate.command} (${version}), from ${candidate.place}`);
    const client = makeClient({
      candidate,
      environment: await this.parts.secrets.environment(),
      log: this.parts.log,
      onEvent: this.parts.onEvent,
      onStatus: this.parts.onStatus,
      onEdit: this.parts.onEdit,
      onRun: this.parts.onRun,
      onClosed: () => this.#closed(client),
    });
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      this.parts.log.error(`the server did not start: ${String(error)}`);
      if (this.#client === client) this.#closed(client);
      return;
    }
    if (this.#client === client && !this.#starting.again) this.#show({ state: "ready", message: `Ready (${version})`, offline: this.#view.offline });
  }

  #closed(client: LanguageClient): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.parts.onLost();
    // Not within the client's own ending, which it is still in the middle of.
    setImmediate(() => void client.dispose(2000).catch(() => undefined));
    if (!this.#wanted) return;
    const pause = this.#patience.ended();
    if (pause === null) {
      this.#show({ state: "failed", message: "The server keeps ending. The log says more; “Restart” tries again.", offline: false });
      return;
    }
    this.parts.log.warn(`the server ended; it is started again in ${pause} ms`);
    this.#show({ state: "starting", message: "The server ended and is started again…", offline: false });
    this.#timer = setTimeout(() => void this.#starting.run(), pause);
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    this.parts.onLost();
    try {
      await client.dispose(2000);
    } catch (error) {
      this.parts.log.debug(`while stopping: ${String(error)}`);
    }
  }

  #forgetTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #show(view: ServerView): void {
    this.#view = view;
    this.#changed.fire(view);
  }
}
