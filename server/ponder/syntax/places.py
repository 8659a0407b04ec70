"""What stands at an offset, and which symbols an edit touched. Pure; parses at most what it is given."""

import difflib
import re

from ponder.documents import Span
from ponder.syntax.languages import Language
from ponder.syntax.symbols import Symbol, symbols

_WORD = re.compile(r"[^\W\d][\w$]*")


class Identifier(Span, frozen=True):
    """A name in a text, with where it stands."""

    name: str


def identifier_at(text: str, offset: int) -> Identifier | None:
    """The identifier that covers the offset or ends at it, as an editor's hover means it."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    for word in _WORD.finditer(text, start, len(text) if end < 0 else end):
        if word.start() <= offset <= word.end():
            return Identifier(word.start(), word.end(), word.group())
    return None


def symbol_at(text: str, language: Language, offset: int) -> Symbol | None:
    """The innermost definition around the offset."""
    return innermost(symbols(text, language), offset)


def innermost(found: tuple[Symbol, ...], offset: int) -> Symbol | None:
    """The innermost of these definitions around the offset."""
    around = [symbol for symbol in found if symbol.span.start <= offset <= symbol.span.end]
    return min(
        around, key=lambda symbol: (symbol.span.end - symbol.span.start, -symbol.span.start), default=None
    )


def definition_of(found: tuple[Symbol, ...], name: str) -> Symbol | None:
    """The definition of this name, the outermost first; None where it is not defined here."""
    named = [symbol for symbol in found if symbol.name == name]
    return min(named, key=lambda symbol: (symbol.path.count("."), symbol.span.start), default=None)


def changed_symbols(old: str, new: str, language: Language) -> tuple[Span, ...]:
    """Where the new text differs, widened to the innermost symbols; spans of the new text, ascending, disjoint.

    A change outside every symbol gives its own lines; a pure deletion the place where it was. Equal texts give
    nothing, and white space at the ends of lines is no change.
    """
    old_lines, new_lines = old.splitlines(), new.splitlines(keepends=True)
    changes = _changed_lines([line.rstrip() for line in old_lines], [line.rstrip() for line in new_lines])
    if not changes:
        return ()
    starts = [0]
    for line in new_lines:
        starts.append(starts[-1] + len(line))
    found = symbols(new, language)
    spans = []
    for first, last in changes:
        span = Span(starts[first], starts[last])
        code = _code(new, span)
        around = [s.span for s in found if s.span.start <= code.start and code.end <= s.span.end]
        inner = min(around, key=lambda s: s.end - s.start, default=None)
        touched = [s.span for s in found if s.span.start < span.end and span.start < s.span.end]
        spans.append(inner or _hull([span, *(s for s in touched if span.start <= s.start)]))
    return _merged(spans)


def _changed_lines(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if not a and not b:
        return []
    # Quadratic in the worst case: above this size the whole stretch counts as changed.
    if len(a) * len(b) > 4_000_000:
        return [(head, head + len(b))]
    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(head + first, head + last) for tag, _, _, first, last in codes if tag != "equal"]


def _code(text: str, span: Span) -> Span:
    """The span without white space around it; indentation stands outside of symbols."""
    changed = text[span.start : span.end]
    if not changed.strip():
        return span
    start = span.start + len(changed) - len(changed.lstrip())
    return Span(start, span.start + len(changed.rstrip()))


def _hull(spans: list[Span]) -> Span:
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
