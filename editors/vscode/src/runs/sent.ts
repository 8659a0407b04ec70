/** The answer to `ponder.context` as Markdown: parts, files, bytes, tokens, what stays out and why. Pure. */

import { fields } from "../protocol.js";
import { visible } from "../panel/view/signs.js";
import { bytes } from "./words.js";

/** Files named for one reason; of a build folder nobody reads more. */
const MOST_NAMED = 200;

/** How the server calls its parts, and what a person calls them. */
const PARTS: Readonly<Record<string, readonly [title: string, what: string]>> = {
  instructions: ["Instructions", "what the project says about itself"],
  repositoryMap: ["Map of the repository", "names and signatures, no bodies"],
  files: ["Files", "their text"],
};

interface Part {
  readonly kind: string;
  readonly bytes: number;
  readonly tokens: number;
  readonly files: readonly string[];
}

interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** `path`: the file an action would be about; null where none is open. `offline`: the offline engine answers. */
export function sentPage(answer: unknown, path: string | null, offline: boolean): string {
  const parts = list(fields(answer)?.["segments"]).flatMap(asPart);
  const left = leftOutOf(answer);
  return [...head(answer, path, offline), ...table(parts), ...parts.flatMap((part) => [...named(part)]), ...leftOut(left)].join("\n").trimEnd() + "\n";
}

/** The files that a review of the workspace looks at, as far as the answer names them; null where it names none. */
export function filesTold(answer: unknown): number | null {
  const told = new Set(list(fields(answer)?.["segments"]).flatMap(asPart).flatMap((part) => part.files));
  for (const { path, reason } of leftOutOf(answer)) if (reason.includes("no room in the budget")) told.add(path);
  return told.size === 0 ? null : told.size;
}

function* head(answer: unknown, path: string | null, offline: boolean): Generator<string> {
  yield "# Ponder: what would be sent";
  yield "";
  yield path === null
    ? "Before the question, an action tells this of the workspace. This page was made on this machine; nothing was sent for it."
    : `Before the question, an action on ${code(path)} tells this of the workspace. This page was made on this machine; nothing was sent for it.`;
  yield "";
  yield "The question itself follows: the file you are in or what is selected, the problems reported there, and what you typed.";
  if (offline) yield* ["", "The offline engine answers now, so nothing of this leaves the machine."];
  const folders = list(fields(answer)?.["folders"]).filter((one) => typeof one === "string");
  // As the request tells it: no path of this machine is in it.
  if (folders.length > 0) yield* ["", `Workspace: ${folders.map((folder) => code(folder.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, ""))).join(", ")}`];
  yield "";
}

function* table(parts: readonly Part[]): Generator<string> {
  if (parts.length === 0) {
    yield* ["**Nothing of the workspace is told**, only the question.", ""];
    return;
  }
  yield* ["| Part | Files | Size | Tokens |", "|---|--:|--:|--:|"];
  for (const part of parts) yield `| ${titleOf(part)} | ${part.files.length.toLocaleString("en")} | ${bytes(part.bytes)} | ${part.tokens.toLocaleString("en")} |`;
  const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const files = new Set(parts.flatMap((part) => part.files)).size;
  yield `| **Together** | **${files.toLocaleString("en")}** | **${bytes(sum((part) => part.bytes))}** | **${sum((part) => part.tokens).toLocaleString("en")}** |`;
  yield* ["", "Tokens are an estimate; the endpoint counts. A part that does not change is read from the cache at a fraction of the price.", ""];
}

function* named(part: Part): Generator<string> {
  const what = PARTS[part.kind]?.[1];
  yield* [`## ${titleOf(part)}`, ""];
  if (what !== undefined) yield* [`*${what[0]?.toUpperCase() ?? ""}${what.slice(1)}.*`, ""];
  yield* paths(part.files);
  yield "";
}

function* leftOut(left: readonly LeftOut[]): Generator<string> {
  yield* ["## Left out", ""];
  if (left.length === 0) {
    yield "Nothing.";
    return;
  }
  const reasons = new Map<string, string[]>();
  for (const { path, reason } of left) reasons.set(reason, [...(reasons.get(reason) ?? []), path]);
  for (const [reason, found] of reasons) {
    yield* [`### ${plain(reason)} (${found.length.toLocaleString("en")})`, ""];
    yield* paths(found);
    yield "";
  }
}

function* paths(all: readonly string[]): Generator<string> {
  for (const path of all.slice(0, MOST_NAMED)) yield `- ${code(path)}`;
  if (all.length > MOST_NAMED) yield `- and ${(all.length - MOST_NAMED).toLocaleString("en")} more; \`ponder context --json\` names all`;
}

function asPart(value: unknown): readonly Part[] {
  const part = fields(value);
  if (part === null || typeof part["kind"] !== "string") return [];
  const number = (name: string): number => (typeof part[name] === "number" ? (part[name] as number) : 0);
  return [{ kind: part["kind"], bytes: number("bytes"), tokens: number("tokens"), files: list(part["files"]).filter((one) => typeof one === "string") }];
}

function leftOutOf(answer: unknown): readonly LeftOut[] {
  return list(fields(answer)?.["leftOut"]).flatMap((value) => {
    const one = fields(value);
    return typeof one?.["path"] === "string" && typeof one["reason"] === "string" ? [{ path: one["path"], reason: one["reason"] }] : [];
  });
}

function titleOf(part: Part): string {
  return PARTS[part.kind]?.[0] ?? plain(part.kind);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A name as code, whatever stands in it. */
function code(name: string): string {
  const shown = visible(name).replaceAll(/\s/g, " ");
  const fence = shown.includes("`") ? "``" : "`";
  const room = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${room}${shown}${room}${fence}`;
}

function plain(text: string): string {
  return visible(text).replaceAll(/[\\`*_[\]<>|#]/g, "\\$&").replaceAll(/\s+/g, " ");
}
