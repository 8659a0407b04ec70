/** The panel's reducer: events of runs and of the editor in, what is shown out. Pure; no clock, no DOM, no editor. */

import type { RunEvent, Started } from "../protocol.js";
import type { Block, EditView, Hunk, HunkState, HunkView, PanelState, Run, RunStatus, ServerView } from "./state.js";
import { isAlive } from "./state.js";

/** What the extension adds to the stream of a run: its own knowledge, never a change to what the server said. */
export type HostEvent =
  | { readonly type: "server"; readonly server: ServerView }
  | { readonly type: "lost" }
  | { readonly type: "forgotten"; readonly runId: string }
  | { readonly type: "about"; readonly runId: string; readonly path: string; readonly startedAt: number | null }
  | { readonly type: "asked"; readonly runId: string; readonly follows: string; readonly question: string }
  | { readonly type: "reasons"; readonly runId: string; readonly reasons: Readonly<Record<string, string>> }
  | { readonly type: "progress"; readonly runId: string; readonly words: string }
  | { readonly type: "cancelling"; readonly runId: string; readonly on: boolean }
  | {
      /** Of an earlier server, or (`reloaded`) of an earlier life of this window. */
      readonly type: "past";
      readonly runId: string;
      readonly reloaded?: boolean;
    }
  | { readonly type: "paths"; readonly runId: string; readonly paths: Readonly<Record<string, string>> }
  | { readonly type: "hunks"; readonly runId: string; readonly hunks: readonly Hunk[] }
  | {
      readonly type: "hunk";
      readonly runId: string;
      /** null: all that are open. */
      readonly hunk: number | null;
      readonly state: HunkState;
      readonly reason: string | null;
    }
  | {
      /** How all changes of an edit stand, as the server knows: also after an undo in the editor. */
      readonly type: "decided";
      readonly runId: string;
      readonly applied: readonly number[];
      readonly discarded: readonly number[];
    }
  | { readonly type: "dismissed"; readonly runId: string; readonly findingId: string };

export type PanelEvent = RunEvent | HostEvent;

/** The state after an event. Events already seen (by `seq`) change nothing, so a replay may overlap. */
export function reduce(state: PanelState, event: PanelEvent): PanelState {
  switch (event.type) {
    case "server":
      return { ...state, server: event.server };
    case "lost":
      return { ...state, runs: state.runs.map((run) => (isAlive(run) ? { ...run, status: "lost", retry: null } : run)) };
    case "forgotten":
      return { ...state, runs: state.runs.filter((run) => run.id !== event.runId) };
    case "started":
      return started(state, event);
    default:
      return { ...state, runs: change(state.runs, event) };
  }
}

/** Many events at once, as a replay or a frame brings them. */
export function reduceAll(state: PanelState, events: Iterable<PanelEvent>): PanelState {
  let next = state;
  for (const event of events) next = reduce(next, event);
  return next;
}

type Later = Exclude<PanelEvent, { type: "server" | "lost" | "forgotten" | "started" }>;

function change(runs: readonly Run[], event: Later): readonly Run[] {
  const at = runs.findIndex((run) => run.id === event.runId);
  const run = runs[at];
  if (run === undefined) return runs;
  const next = "seq" in event ? ordered(run, event) : hosted(run, event);
  if (next === run) return runs;
  const copy = runs.slice();
  copy[at] = next;
  return copy;
}

function started(state: PanelState, event: Started): PanelState {
  if (state.runs.some((run) => run.id === event.runId)) return state;
  const run: Run = {
    id: event.runId,
    nextSeq: event.seq + 1,
    gap: event.seq !== 0,
    action: event.action,
    title: event.title,
    uri: event.uri,
    path: event.uri === null ? "" : lastPart(event.uri),
    range: event.range,
    trigger: event.trigger,
    provider: event.provider,
    route: { model: event.model, thinking: event.thinking, maxTokens: event.maxTokens, reasons: {} },
    status: "waiting",
    blocks: [],
    findings: [],
    edit: null,
    usage: null,
    retry: null,
    notices: [],
    error: null,
    durationMs: null,
    startedAt: null,
    progress: null,
    cancelling: false,
    question: null,
    follows: null,
    past: false,
  };
  return { ...state, runs: [run, ...state.runs] };
}

/** An event of the stream: in order, once; nothing counts after the end. */
function ordered(run: Run, event: Exclude<RunEvent, Started>): Run {
  if (event.seq < run.nextSeq || !isAlive(run)) return run;
  const first = "firstSeq" in event && event.firstSeq !== undefined ? event.firstSeq : event.seq;
  const next = { ...run, nextSeq: event.seq + 1, gap: run.gap || first > run.nextSeq };
  switch (event.type) {
    case "blockStarted": {
      const block: Block = { index: event.index, kind: event.kind, name: event.name ?? null, text: "", durationMs: null };
      return { ...next, status: statusOf(event.kind), retry: null, blocks: [...run.blocks, block] };
    }
    case "blockDelta":
      return { ...next, blocks: inBlock(run.blocks, event.index, (block) => ({ ...block, text: block.text + event.text })) };
    case "blockFinished":
      return { ...next, blocks: inBlock(run.blocks, event.index, (block) => ({ ...block, durationMs: event.durationMs })) };
    case "finding":
      return { ...next, findings: [...run.findings, { ...event.finding, path: lastPart(event.finding.uri), dismissed: false }] };
    case "edit":
      return { ...next, edit: { applied: event.applied, reason: event.reason ?? null, hunks: [] } };
    case "usage":
      return { ...next, usage: event.usage };
    case "retrying":
      return { ...next, status: "retrying", retry: { attempt: event.attempt, delayMs: event.delayMs, error: event.error } };
    case "notice":
      return { ...next, notices: [...run.notices, event.message] };
    case "finished":
      return { ...next, status: event.status, usage: event.usage, durationMs: event.durationMs, error: event.error, retry: null };
  }
}

function hosted(run: Run, event: Extract<Later, HostEvent>): Run {
  switch (event.type) {
    case "about":
      return { ...run, path: event.path, startedAt: event.startedAt };
    case "asked":
      return { ...run, follows: event.follows, question: event.question };
    case "reasons":
      return { ...run, route: { ...run.route, reasons: event.reasons } };
    case "progress":
      return isAlive(run) ? { ...run, progress: event.words } : run;
    case "cancelling":
      return isAlive(run) ? { ...run, cancelling: event.on } : run;
    case "past":
      return { ...run, past: true, status: isAlive(run) ? (event.reloaded === true ? "reloaded" : "lost") : run.status, retry: null };
    case "paths":
      return { ...run, findings: run.findings.map((one) => ({ ...one, path: event.paths[one.uri] ?? one.path })) };
    case "hunks":
      return run.edit === null ? run : { ...run, edit: { ...run.edit, hunks: event.hunks.map((hunk) => decided(run.edit, hunk)) } };
    case "hunk":
      return run.edit === null ? run : { ...run, edit: decide(run.edit, event.hunk, event.state, event.reason) };
    case "decided":
      return run.edit === null ? run : { ...run, edit: standing(run.edit, event) };
    case "dismissed":
      return {
        ...run,
        findings: run.findings.map((one) => (one.id === event.findingId ? { ...one, dismissed: true } : one)),
      };
  }
}

function decided(edit: EditView | null, hunk: Hunk): HunkView {
  return { ...hunk, state: edit?.applied === true ? "applied" : "open", reason: null };
}

/** A decision about one change, or about all that are open. What was decided stays so. */
function decide(edit: EditView, index: number | null, state: HunkState, reason: string | null): EditView {
  const meant = (hunk: HunkView): boolean =>
    (index === null || hunk.index === index) && (hunk.state === "open" || hunk.state === "applying");
  const hunks = edit.hunks.map((hunk) => (meant(hunk) ? { ...hunk, state, reason } : hunk));
  return { ...edit, hunks, applied: hunks.length > 0 && hunks.every((hunk) => hunk.state === "applied") };
}

/** What the server says of every change replaces what was known; why a change was not taken stays until it is decided. */
function standing(edit: EditView, now: { applied: readonly number[]; discarded: readonly number[] }): EditView {
  const hunks = edit.hunks.map((hunk): HunkView => {
    const state = now.applied.includes(hunk.index) ? "applied" : now.discarded.includes(hunk.index) ? "rejected" : "open";
    return state === hunk.state ? hunk : { ...hunk, state, reason: null };
  });
  return { ...edit, hunks, applied: hunks.length > 0 && hunks.every((hunk) => hunk.state === "applied") };
}

function inBlock(blocks: readonly Block[], index: number, to: (block: Block) => Block): readonly Block[] {
  // Nearly always the last one.
  let at = blocks.length - 1;
  while (at >= 0 && blocks[at]?.index !== index) at -= 1;
  const block = blocks[at];
  if (block === undefined) return blocks;
  const copy = blocks.slice();
  copy[at] = to(block);
  return copy;
}

function statusOf(kind: Block["kind"]): RunStatus {
  return kind === "thinking" || kind === "redactedThinking" ? "thinking" : "answering";
}

/** The name of a file in its uri, for display until the workspace's own path is known. */
export function lastPart(uri: string): string {
  const part = uri.slice(uri.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
