/** An edit as single changes a person decides about, and the text it would make. Pure; applies nothing. */

import { isCreate, type Position, type TextEdit, type WorkspaceEdit } from "../protocol.js";
import type { Hunk } from "../panel/state.js";

/** Offsets of the first unit of each line; `\n`, `\r\n` and `\r` end lines, as in LSP. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** The UTF-16 offset of a position; what lies outside the text is moved to its nearest place. */
export function offsetAt(text: string, starts: readonly number[], place: Position): number {
  const start = starts[place.line];
  if (start === undefined) return text.length;
  const next = starts[place.line + 1] ?? text.length + 1;
  const end = next > text.length ? text.length : text.slice(start, next).search(/[\r\n]/) + start;
  return Math.min(start + place.character, end);
}

/** The changes of an edit in the order the server numbers them. `textOf` gives the text the edit was made for. */
export function hunksOf(
  edit: WorkspaceEdit,
  textOf: (uri: string) => string | null,
  pathOf: (uri: string) => string,
): readonly Hunk[] {
  const found: Hunk[] = [];
  const created = new Set<string>();
  for (const change of edit.documentChanges) {
    if (isCreate(change)) {
      created.add(change.uri);
      continue;
    }
    const uri = change.textDocument.uri;
    const text = created.has(uri) ? "" : textOf(uri);
    const starts = text === null ? [] : lineStarts(text);
    for (const one of change.edits) {
      const { start, end } = one.range;
      found.push({
        index: found.length,
        uri,
        path: pathOf(uri),
        line: start.line + 1,
        oldText: text === null ? null : text.slice(offsetAt(text, starts, start), offsetAt(text, starts, end)),
        newText: one.newText,
        created: created.has(uri),
      });
    }
  }
  return found;
}

/** A text with edits applied that all speak of that text. */
export function withEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStarts(text);
  const placed = edits
    .map((edit) => ({
      start: offsetAt(text, starts, edit.range.start),
      end: offsetAt(text, starts, edit.range.end),
      newText: edit.newText,
    }))
    .sort((one, other) => one.start - other.start);
  let made = "";
  let at = 0;
  for (const edit of placed) {
    made += text.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return made + text.slice(at);
}

/** The edits of one file in an edit. */
export function editsOf(edit: WorkspaceEdit, uri: string): readonly TextEdit[] {
  return edit.documentChanges.flatMap((change) => (isCreate(change) || change.textDocument.uri !== uri ? [] : change.edits));
}

export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Line by line what a change takes and gives. Equal lines at both ends, and a common middle, stand once. */
export function diffLines(oldText: string, newText: string): readonly DiffLine[] {
  const before = oldText === "" ? [] : oldText.split(/\r\n|\r|\n/);
  const after = newText === "" ? [] : newText.split(/\r\n|\r|\n/);
  // The table is quadratic: beyond this, a diff is all of the old, then all of the new.
  if (before.length * after.length > 250_000) return [...signed("-", before), ...signed("+", after)];
  const length: number[][] = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (row: number, column: number): number => length[row]?.[column] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = length[i] as number[];
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: " ", text: before[i] as string });
      i += 1;
      j += 1;
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: before[i] as string });
      i += 1;
    } else {
      lines.push({ sign: "+", text: after[j] as string });
      j += 1;
    }
  }
  return lines;
}

function signed(sign: "-" | "+", lines: readonly string[]): readonly DiffLine[] {
  return lines.map((text) => ({ sign, text }));
}

export interface MarkedLine extends DiffLine {
  /** The part, from and to, that differs from the line this one replaces or is replaced by; null where there is no such line. */
  readonly changed: readonly [from: number, to: number] | null;
}

/** The same lines; those taken and those given in their stead say, pair by pair, what in them changed. */
export function withMarks(lines: readonly DiffLine[]): MarkedLine[] {
  const marked: MarkedLine[] = lines.map((line) => ({ ...line, changed: null }));
  for (let at = 0; at < lines.length; ) {
    const taken = countOf(lines, at, "-");
    const given = countOf(lines, at + taken, "+");
    for (let pair = at; pair < at + Math.min(taken, given); pair += 1) {
      const [one, other] = [lines[pair] as DiffLine, lines[pair + taken] as DiffLine];
      const parts = differing(one.text, other.text);
      if (parts === null) continue;
      marked[pair] = { ...one, changed: parts[0] };
      marked[pair + taken] = { ...other, changed: parts[1] };
    }
    at += Math.max(1, taken + given);
  }
  return marked;
}

function countOf(lines: readonly DiffLine[], from: number, sign: DiffLine["sign"]): number {
  let count = 0;
  while (lines[from + count]?.sign === sign) count += 1;
  return count;
}

type Span = readonly [from: number, to: number];

/** Where two lines differ, between what they begin and end with in common; null where they have little in common. */
function differing(one: string, other: string): readonly [Span | null, Span | null] | null {
  const [left, right] = [[...one], [...other]];
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const common = (left.slice(0, start).join("") + left.slice(left.length - end).join("")).trim().length;
  if (common * 3 < Math.max(one.trim().length, other.trim().length)) return null;
  const span = (signs: readonly string[], text: string): Span | null => {
    const from = signs.slice(0, start).join("").length;
    const to = text.length - signs.slice(signs.length - end).join("").length;
    return from < to ? [from, to] : null;
  };
  return [span(left, one), span(right, other)];
}
