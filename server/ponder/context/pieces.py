"""Cuts a large file into units by symbol. Pure; a small file is one unit."""

from collections.abc import Sequence

from ponder.context.plan.units import encoded, tokens
from ponder.context.selection import Piece
from ponder.documents import Document, Span
from ponder.syntax.languages import Language
from ponder.syntax.symbols import Symbol, symbols


def pieces(path: str, text: str, language: Language, most_tokens: int) -> tuple[Piece, ...]:
    """The units of a file: one up to `most_tokens`, else one for each symbol and one for what is outside of all.

    A symbol that is too large itself is cut into those inside of it. Every line is in exactly one unit (blank
    ones between symbols may be dropped). A text without symbols is cut into stretches of lines.
    """
    if _size(text) <= most_tokens:
        return (Piece(path, text),)
    document = Document("", text)
    found = symbols(text, language)
    spans = _chosen(document, found, most_tokens)
    if not spans:
        return _stretches(path, text, most_tokens)
    taken: dict[str, int] = {}
    cut = []
    rest = []
    at = 0
    for name, span in spans:
        rest.append(text[at : span.start])
        at = span.end
        taken[name] = taken.get(name, 0) + 1
        label = name if taken[name] == 1 else f"{name}#{taken[name]}"
        cut.append(Piece(f"{path}::{label}", text[span.start : span.end]))
    rest.append(text[at:])
    head = "".join(rest)
    return (Piece(f"{path}::@head", head), *cut) if head.strip() else tuple(cut)


def _chosen(document: Document, found: Sequence[Symbol], most_tokens: int) -> list[tuple[str, Span]]:
    """Spans of whole lines, ascending and disjoint: the outermost symbols that are small enough, or have nothing inside."""
    lined = [(symbol, _whole_lines(document, symbol.span)) for symbol in found if symbol.kind != "constant"]
    chosen: list[tuple[str, Span]] = []
    for row, (symbol, span) in enumerate(lined):
        if chosen and span.start < chosen[-1][1].end:
            continue
        follows = lined[row + 1][1] if row + 1 < len(lined) else None
        holds = follows is not None and span.start < follows.start and follows.end <= span.end
        if holds and _size(document.slice(span)) > most_tokens:
            continue
        chosen.append((symbol.path, span))
    return chosen


def _whole_lines(document: Document, span: Span) -> Span:
    first, last = document.line_at(span.start), document.line_at(max(span.start, span.end - 1))
    starts = document.line_starts
    return Span(starts[first], starts[last + 1] if last + 1 < len(starts) else len(document.text))


def _stretches(path: str, text: str, most_tokens: int) -> tuple[Piece, ...]:
    parts: list[list[str]] = [[]]
    size = 0
    for line in text.splitlines(keepends=True):
        size += len(line)
        if size > most_tokens * 3 and parts[-1]:
            parts.append([])
            size = len(line)
        parts[-1].append(line)
    return tuple(Piece(f"{path}::@{number}", "".join(part)) for number, part in enumerate(parts, start=1))


def _size(text: str) -> int:
    return tokens(len(encoded(text)))
