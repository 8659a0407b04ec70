"""One change as a client sends it, applied to lines. Knows no document and no version."""

from ponder.documents import Span
from ponder.lsp import wire
from ponder.lsp.columns import Encoding, from_units
from ponder.lsp.lines import Lines, join_surrogates, split_lines
from ponder.session.ports import Change


class BadRange(Exception):  # noqa: N818 - the name says what happened
    """A range that cannot be meant: reversed, negative, or beyond the text."""


def edit_lines(lines: Lines, where: wire.Range, text: str, encoding: Encoding) -> Change:
    """Replace one range; the change in code points of the text before. Raises BadRange, then nothing was done."""
    count = len(lines)
    first, start = _place(lines, where.start, count, encoding)
    last, end = (first, start) if where.end == where.start else _place(lines, where.end, count, encoding)
    if (where.end.line, where.end.character) < (where.start.line, where.start.character):
        raise BadRange("a range is reversed")
    head, tail = lines[first], lines[last]
    begin = lines.start_of(first)
    finish = begin if last == first else lines.start_of(last)
    span = Span(begin + start, finish + end)
    joined = f"{head[:start]}{text}{tail[end:]}"
    if joined[:1] == "\n" and first > 0 and (before := lines[first - 1])[-1] == "\r":
        # A CR that stood alone and an LF that now follows it are one line end.
        first, joined = first - 1, before + joined
    whole = join_surrogates(joined)
    if len(whole) != len(joined):
        # Two halves met and became one character: the change is told as one of whole lines.
        span = Span(lines.start_of(first), finish + len(tail))
        text = whole
    new = split_lines(whole)
    if last < count - 1 and not new[-1]:
        # The tail kept its line end, so what split_lines saw after it is the next line, which stays.
        new.pop()
    lines.replace(first, last, new)
    return Change(span, text)


def _place(lines: Lines, position: wire.Position, count: int, encoding: Encoding) -> tuple[int, int]:
    """Line and code point of a position; a column past the end is the end."""
    line = position.line
    if line < 0 or position.character < 0:
        raise BadRange("a position is negative")
    if line >= count:
        # Some clients name the end of a text without a last line end as the start of the line after it.
        if line > count or position.character > 0:
            raise BadRange("a line is beyond the text")
        line, content = count - 1, lines[count - 1]
        return line, len(content)
    content = lines[line]
    if content[-1:] == "\n":
        content = content[: -2 if content[-2:] == "\r\n" else -1]
    elif content[-1:] == "\r":
        content = content[:-1]
    return line, from_units(content, position.character, encoding)
