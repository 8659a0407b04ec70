/** The status bar item: what the server does, what today cost, how much came out of the cache. A click opens the menu. */

import * as vscode from "vscode";
import type { ServerView } from "./panel/state.js";
import type { ServerStatus } from "./protocol.js";
import { fields } from "./protocol.js";
import { cacheShare, compact, money } from "./runs/words.js";

export interface Today {
  readonly costUsd: number | null;
  readonly cacheShare: number | null;
  readonly tokens: number | null;
}

const ICON: Record<ServerView["state"], string> = {
  starting: "$(loading~spin)",
  ready: "$(sparkle)",
  stopped: "$(circle-slash)",
  missing: "$(cloud-download)",
  failed: "$(error)",
};

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("ponder.status", vscode.StatusBarAlignment.Right, 95);
  #server: ServerView = { state: "starting", message: "Starting…", offline: false };
  #status: ServerStatus | null = null;
  #today: Today | null = null;
  /** What is wrong with the key, in words. */
  #key: string | null = null;

  constructor() {
    this.#item.name = "Ponder";
    this.#item.command = "ponder.menu";
    this.#show();
    this.#item.show();
  }

  server(view: ServerView): void {
    this.#server = view;
    if (view.state !== "ready") this.#status = null;
    this.#show();
  }

  status(value: unknown): void {
    const status = fields(value);
    if (status === null || typeof status["message"] !== "string" || typeof status["busy"] !== "boolean") return;
    this.#status = value as ServerStatus;
    this.#show();
  }

  /** What runs said of the key; null where nothing is wrong with it, or it is a new one. */
  key(trouble: string | null): void {
    if (trouble === this.#key) return;
    this.#key = trouble;
    this.#show();
  }

  get keyTrouble(): string | null {
    return this.#key;
  }

  today(today: Today | null): void {
    this.#today = today;
    this.#show();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(): void {
    const { state, message, offline } = this.#server;
    const busy = state === "ready" && this.#status?.busy === true;
    const key = state === "ready" ? this.#key : null;
    const trouble = key !== null || this.#status?.kind === "Error" || this.#status?.kind === "Warning";
    const icon = busy ? "$(loading~spin)" : trouble ? "$(warning)" : ICON[state];
    const name = offline && state === "ready" ? "Ponder (offline)" : "Ponder";
    const cost = this.#today?.costUsd;
    const shown = busy || cost === null || cost === undefined || cost === 0 ? "" : ` ${money(cost)}`;
    this.#item.text = `${icon} ${busy ? (this.#status?.message ?? name) : key === null ? name : `${name}: sign in`}${shown}`;
    const words = key === null ? message : `${key} Sign in with another key.`;
    this.#item.tooltip = this.#tooltip(state === "ready" && key === null ? (this.#status?.message ?? message) : words);
    this.#item.accessibilityInformation = { label: `${name}: ${words}${shown === "" ? "" : `, today ${shown}`}`, role: "button" };
    this.#item.backgroundColor =
      state === "failed" || state === "missing" || key !== null ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  }

  #tooltip(message: string): vscode.MarkdownString {
    const lines = [`**Ponder** ${message}`];
    if (this.#today !== null) {
      const { costUsd, cacheShare: share, tokens } = this.#today;
      lines.push(`Today: ${costUsd === null ? "cost not known" : money(costUsd)}${tokens === null ? "" : ` · ${compact(tokens)} ${tokens === 1 ? "token" : "tokens"}`}`);
      lines.push(share === null ? "Cache: nothing read yet" : `Cache: ${Math.round(share * 100)} % of the prompt`);
    }
    lines.push("Click for the menu.");
    return new vscode.MarkdownString(lines.join("\n\n"));
  }
}

/** This day on this machine, as `ponder.usage` names days. */
export function today(now = new Date()): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Today's figures out of the answer to `ponder.usage`. */
export function todayOf(answer: unknown, day: string): Today | null {
  const days = fields(fields(answer)?.["byDay"]);
  const usage = fields(days?.[day]);
  if (usage === null) return null;
  const number = (name: string): number | null => (typeof usage[name] === "number" ? (usage[name] as number) : null);
  const counts = { inputTokens: number("inputTokens"), cacheReadTokens: number("cacheReadTokens"), cacheWriteTokens: number("cacheWriteTokens") };
  const sum = [...Object.values(counts), number("outputTokens")].reduce<number | null>((all, one) => (one === null ? all : (all ?? 0) + one), null);
  return { costUsd: number("costUsd"), cacheShare: cacheShare(counts), tokens: sum };
}
