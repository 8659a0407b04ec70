/** What the panel shows, as plain immutable values. Holds nothing that is not on the screen or one click away. */

import type { BlockKind, Finding, Range, RunError, Status, Thinking, Usage } from "../protocol.js";

/** One content block. `tokens` is set for thinking once the run's usage says how many were thought. */
export interface Block {
  readonly index: number;
  readonly kind: BlockKind;
  readonly name: string | null;
  readonly text: string;
  readonly durationMs: number | null;
}

export type HunkState = "open" | "applying" | "applied" | "rejected";

/** One change of an edit, as the reader decides about it. `index` counts from 0 over the whole edit. */
export interface Hunk {
  readonly index: number;
  readonly uri: string;
  readonly path: string;
  /** First line, counted from 1, in the text the edit was made for. */
  readonly line: number;
  /** null where the text was not at hand. */
  readonly oldText: string | null;
  readonly newText: string;
  readonly created: boolean;
}

export interface HunkView extends Hunk {
  readonly state: HunkState;
  readonly reason: string | null;
}

export interface EditView {
  readonly applied: boolean;
  readonly reason: string | null;
  readonly hunks: readonly HunkView[];
}

export interface FindingView extends Finding {
  readonly path: string;
  readonly dismissed: boolean;
}

export interface Retry {
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: RunError;
}

/** `lost`: the server ended before the run did; `reloaded`: the window went. */
export type RunStatus = "waiting" | "thinking" | "answering" | "retrying" | Status | "lost" | "reloaded";

export interface Route {
  readonly model: string;
  readonly thinking: Thinking;
  readonly maxTokens: number;
  /** Why, by cell of the table of routes; empty until known. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface Run {
  readonly id: string;
  readonly nextSeq: number;
  /** Events are missing in the middle; what is shown may be incomplete. */
  readonly gap: boolean;
  readonly action: string;
  readonly title: string;
  readonly uri: string | null;
  readonly path: string;
  readonly range: Range | null;
  readonly trigger: string;
  readonly provider: string;
  readonly route: Route;
  readonly status: RunStatus;
  readonly blocks: readonly Block[];
  readonly findings: readonly FindingView[];
  readonly edit: EditView | null;
  readonly usage: Usage | null;
  readonly retry: Retry | null;
  readonly notices: readonly string[];
  readonly error: RunError | null;
  readonly durationMs: number | null;
  readonly startedAt: number | null;
  /** How far a run over many files is, in words; null of any other. */
  readonly progress: string | null;
  /** Somebody asked to end it; it counts only while the run goes on. */
  readonly cancelling: boolean;
  /** The question of a follow-up, and the run it follows. */
  readonly question: string | null;
  readonly follows: string | null;
  /** From an earlier session: can be read, not continued. */
  readonly past: boolean;
}

export interface ServerView {
  readonly state: "starting" | "ready" | "stopped" | "missing" | "failed";
  readonly message: string;
  readonly offline: boolean;
}

/** Runs newest first. */
export interface PanelState {
  readonly server: ServerView;
  readonly runs: readonly Run[];
}

export const EMPTY: PanelState = {
  server: { state: "starting", message: "Starting…", offline: false },
  runs: [],
};

/** Whether a run is still going on. */
export function isAlive(run: Run): boolean {
  return ["waiting", "thinking", "answering", "retrying"].includes(run.status);
}

/** Whether a run was broken off from outside: nothing told its end. */
export function isInterrupted(run: Run): boolean {
  return run.status === "lost" || run.status === "reloaded";
}

/** Whether the last counts never came: outputs and cost are then no less than what is known. */
export function isAtLeast(run: Run): boolean {
  return run.usage?.atLeast === true || isInterrupted(run);
}

/** The thinking of a run in one line: "Thought for 12 s · 1,840 tokens". The count is the endpoint's, or absent. */
export function thoughtLabel(run: Run, block: Block): string {
  if (block.durationMs === null) return isAlive(run) ? "Thinking…" : "Thought (not finished)";
  const seconds = block.durationMs / 1000;
  const time = seconds < 1 ? "less than a second" : `${Math.round(seconds)} s`;
  const thinking = run.blocks.filter((one) => one.kind === "thinking" || one.kind === "redactedThinking");
  const tokens = run.usage?.thinkingTokens;
  // The endpoint counts a run's thinking as a whole: the count stands where it is exact.
  const shown = thinking.length === 1 && tokens !== null && tokens !== undefined && tokens > 0;
  return `Thought for ${time}${shown ? ` · ${isAtLeast(run) ? "≥ " : ""}${tokens.toLocaleString("en")} ${tokens === 1 ? "token" : "tokens"}` : ""}`;
}
