"""Turns changes into old text and new text that can be found again: once in the document, never overlapping."""

import difflib
import itertools
import re

from .source import Change, Source

MOST_CONTEXT = 40
"""Lines around a change that may be needed to find it again."""

_LONE_END = re.compile(r"\r\n|\r|\n")


def replacements(source: Source, changes: tuple[Change, ...]) -> list[dict[str, str]]:
    """The changes as `{"path", "old_text", "new_text"}`, in the order of the document.

    Each `old_text` occurs exactly once in the document and none overlaps another. Changes that would need the
    same lines to be told apart become one. Empty where a place cannot be told from another like it within
    forty lines, or the document is empty: half of a change is worse than none.
    """
    places = [(_widened(source, change.start, change.end), change) for change in sorted(set(changes))]
    if not all(place for place, _ in places):
        return []
    spans = [(*place, [change]) for place, change in places if place]
    merged: list[tuple[int, int, list[Change]]] = []
    for start, end, group in sorted(spans, key=lambda span: span[:2]):
        if merged and start < merged[-1][1]:
            first, last, held = merged[-1]
            merged[-1] = (first, max(last, end), [*held, *group])
        else:
            merged.append((start, end, group))
    return [
        {
            "path": source.path,
            "old_text": source.text[start:end],
            "new_text": _replaced(source, start, end, group),
        }
        for start, end, group in merged
        if end > start
    ]


def compatible(changes: tuple[Change, ...], taken: tuple[Change, ...]) -> bool:
    """Whether these changes touch nothing that `taken` touches. The same insertion twice is no conflict."""
    return all(change == other or not _collide(change, other) for change in changes for other in taken)


def _collide(one: Change, other: Change) -> bool:
    """Whether two changes touch the same text, or insert different texts at the same place."""
    if one.start == one.end or other.start == other.end:
        point, span = (one, other) if one.start == one.end else (other, one)
        return point.start == span.start == span.end or span.start < point.start < span.end
    return max(one.start, other.start) < min(one.end, other.end)


def difference(source: Source, text: str) -> tuple[Change, ...]:
    """The changes, by lines, that make this text out of the document."""
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    starts = [0, *itertools.accumulate(map(len, before))]
    return tuple(
        Change(starts[a], starts[b], "".join(after[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def _replaced(source: Source, start: int, end: int, changes: list[Change]) -> str:
    text = source.text[start:end]
    for change in sorted(set(changes), reverse=True):
        new = _LONE_END.sub(source.newline, change.new)
        text = text[: change.start - start] + new + text[change.end - start :]
    return text


def _widened(source: Source, start: int, end: int) -> tuple[int, int] | None:
    """The smallest run of whole lines around a span that occurs once; None where that takes too many lines."""
    first, last = source.line_at(start), source.line_at(max(start, end - 1))
    count = len(source.line_starts)
    for step in range(MOST_CONTEXT):
        begin = source.line_span(first)[0]
        stop = max(source.line_span(last)[1], end)
        old = source.text[begin:stop]
        if old.strip() and _occurs_once(source.text, old):
            return begin, stop
        if first <= 1 and last >= count:
            break
        if (step % 2 == 0 and first > 1) or last >= count:
            first -= 1
        else:
            last += 1
    return None


def _occurs_once(text: str, part: str) -> bool:
    first = text.find(part)
    return first >= 0 and text.find(part, first + 1) < 0
