/** What the server tells about its runs (`ponder/event`, `ponder/status`), as types and as one check. Knows no editor. */

export interface Position {
  readonly line: number;
  readonly character: number;
}
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}
export interface DocumentEdit {
  readonly textDocument: { readonly uri: string; readonly version: number | null };
  readonly edits: readonly TextEdit[];
}
export interface CreateFile {
  readonly kind: "create";
  readonly uri: string;
}
export interface WorkspaceEdit {
  readonly documentChanges: readonly (DocumentEdit | CreateFile)[];
}
export interface Finding {
  readonly id: string;
  readonly uri: string;
  readonly range: Range;
  /** 1 error, 2 warning, 3 information, 4 hint. */
  readonly severity: number;
  readonly code: string;
  readonly message: string;
  readonly fix?: WorkspaceEdit;
}
/** Figures of a run so far; null where the endpoint did not say. Money in USD. */
export interface Usage {
  readonly inputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly outputTokens: number | null;
  readonly thinkingTokens: number | null;
  readonly requests: number;
  readonly costUsd: number | null;
  readonly savedUsd: number | null;
  /** Output, thinking and cost are no less than what is said. */
  readonly atLeast?: boolean;
}
export interface RunError {
  readonly kind: string;
  readonly message: string;
  readonly hint?: string | null;
  readonly requestId?: string | null;
  readonly retryable?: boolean;
}
export interface Thinking {
  readonly mode: "off" | "adaptive" | "budget";
  readonly budgetTokens: number | null;
  readonly effort: string | null;
}
export type BlockKind = "thinking" | "redactedThinking" | "text" | "tool";
export type Status = "done" | "cancelled" | "failed" | "refused" | "truncated";

interface Of {
  readonly runId: string;
  readonly seq: number;
}
export interface Started extends Of {
  readonly type: "started";
  readonly action: string;
  readonly title: string;
  readonly uri: string | null;
  readonly range: Range | null;
  readonly trigger: string;
  readonly provider: string;
  readonly model: string;
  readonly thinking: Thinking;
  readonly maxTokens: number;
}
export interface BlockStarted extends Of {
  readonly type: "blockStarted";
  readonly index: number;
  readonly kind: BlockKind;
  readonly name?: string;
}
export interface BlockDelta extends Of {
  readonly type: "blockDelta";
  readonly index: number;
  readonly text: string;
  /** Of a delta that stands for several: `seq` is then the last one's. Never sent by the server. */
  readonly firstSeq?: number;
}
export interface BlockFinished extends Of {
  readonly type: "blockFinished";
  readonly index: number;
  readonly durationMs: number;
}
export interface FindingFound extends Of {
  readonly type: "finding";
  readonly finding: Finding;
}
export interface EditProposed extends Of {
  readonly type: "edit";
  readonly edit: WorkspaceEdit;
  readonly applied: boolean;
  readonly reason?: string;
}
export interface UsageChanged extends Of {
  readonly type: "usage";
  readonly usage: Usage;
  readonly firstSeq?: number;
}
export interface Retrying extends Of {
  readonly type: "retrying";
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: RunError;
}
export interface Notice extends Of {
  readonly type: "notice";
  readonly message: string;
}
export interface Finished extends Of {
  readonly type: "finished";
  readonly status: Status;
  readonly usage: Usage;
  readonly durationMs: number;
  readonly error: RunError | null;
}
export type RunEvent =
  | Started
  | BlockStarted
  | BlockDelta
  | BlockFinished
  | FindingFound
  | EditProposed
  | UsageChanged
  | Retrying
  | Notice
  | Finished;

export interface ServerStatus {
  readonly busy: boolean;
  readonly message: string;
  readonly kind: "Normal" | "Warning" | "Error" | "Inactive";
  readonly command?: string;
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === "string";
const count: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const object: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const orNull = (check: Check): Check => (value) => value === null || value === undefined || check(value);

/** The fields the panel relies on, by type of event. Types it does not know are left out, so newer servers work. */
const FIELDS: Record<RunEvent["type"], Readonly<Record<string, Check>>> = {
  started: { action: text, title: text, uri: orNull(text), provider: text, model: text, thinking: object, trigger: text },
  blockStarted: { index: count, kind: text },
  blockDelta: { index: count, text },
  blockFinished: { index: count, durationMs: count },
  finding: { finding: (value) => isFinding(value) },
  edit: { edit: (value) => isWorkspaceEdit(value), applied: flag, reason: orNull(text) },
  usage: { usage: object },
  retrying: { attempt: count, delayMs: count, error: object },
  notice: { message: text },
  finished: { status: text, usage: object, durationMs: count, error: orNull(object) },
};

/** An event as it came over the wire, or null for anything that is not one. */
export function asRunEvent(value: unknown): RunEvent | null {
  const event = fields(value);
  if (event === null || !text(event["runId"]) || !count(event["seq"]) || !text(event["type"])) return null;
  const wanted = FIELDS[event["type"] as RunEvent["type"]] as Readonly<Record<string, Check>> | undefined;
  if (wanted === undefined) return null;
  return Object.entries(wanted).every(([name, check]) => check(event[name])) ? (value as RunEvent) : null;
}

/** Whether two values from the wire may be read by name. */
export function fields(value: unknown): Readonly<Record<string, unknown>> | null {
  return object(value) ? (value as Record<string, unknown>) : null;
}

export function isRange(value: unknown): value is Range {
  const range = fields(value);
  return [range?.["start"], range?.["end"]].every((end) => {
    const place = fields(end);
    return place !== null && count(place["line"]) && count(place["character"]);
  });
}

function isFinding(value: unknown): boolean {
  const finding = fields(value);
  return (
    finding !== null &&
    ["id", "uri", "code", "message"].every((name) => text(finding[name])) &&
    count(finding["severity"]) &&
    isRange(finding["range"])
  );
}

function isWorkspaceEdit(value: unknown): boolean {
  const changes = fields(value)?.["documentChanges"];
  return Array.isArray(changes) && changes.every((change) => fields(change) !== null);
}

/** Whether a file change makes a file instead of changing one. */
export function isCreate(change: DocumentEdit | CreateFile): change is CreateFile {
  return "kind" in change && change.kind === "create";
}
