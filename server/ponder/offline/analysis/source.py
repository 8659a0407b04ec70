"""One document as the analysis sees it: lines, offsets, problems and changes. Knows no request and no answer."""

import bisect
import itertools
import re
from functools import cached_property
from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning", "information", "hint"]
Topic = Literal["bug", "security", "simplify", "migrate", "debt"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")

# The three line ends of LSP 3.17; ast and ruff agree with them, tree-sitter rows do not and are never used.
_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Change(Struct, frozen=True, order=True):
    """Replace the code points `start` to `end` of a document by `new`."""

    start: int
    end: int
    new: str


class Problem(Struct, frozen=True, kw_only=True):
    """Something a check found. Offsets are code points; `changes` mend it surely, or are empty."""

    rule: str
    severity: Severity
    start: int
    end: int
    message: str
    topic: Topic = "bug"
    origin: str = "ast"
    """Who found it: `ruff B006`, `ast` or `tree-sitter`."""
    changes: tuple[Change, ...] = ()


class Source:
    """A document's text with the positions that tools of different habits report, brought to code points."""

    def __init__(self, path: str, language: str, text: str) -> None:
        self.path = path
        self.language = language
        self.text = text
        self.shift = 1 if text.startswith("\ufeff") else 0
        """Code points that tools never see: a byte order mark."""

    @cached_property
    def clean(self) -> str:
        """The text as tools may read it: no byte order mark, and `?` for lone surrogates. Same length else."""
        return _SURROGATE.sub("?", self.text[self.shift :])

    @cached_property
    def data(self) -> bytes:
        """`clean` in UTF-8."""
        return self.clean.encode()

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line; always at least one line."""
        return [self.shift, *(end.end() for end in _LINE_END.finditer(self.text))]

    @cached_property
    def newline(self) -> str:
        """The line end that the document uses first; a line feed where it has none."""
        found = _LINE_END.search(self.text)
        return found.group() if found else "\n"

    def line_at(self, offset: int) -> int:
        """The line, from 1, that holds an offset."""
        return max(1, bisect.bisect_right(self.line_starts, offset))

    def line_span(self, line: int, *, with_end: bool = False) -> tuple[int, int]:
        """Start and end of a line (from 1), without its line end unless asked for."""
        starts = self.line_starts
        index = min(max(line, 1), len(starts)) - 1
        start = starts[index]
        end = starts[index + 1] if index + 1 < len(starts) else len(self.text)
        while not with_end and end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def line(self, line: int) -> str:
        """The text of a line, from 1, without its line end."""
        start, end = self.line_span(line)
        return self.text[start:end]

    def at(self, line: int, column: int) -> int:
        """The offset of a line (from 1) and a column in code points (from 0), kept inside the text."""
        if line > len(self.line_starts):
            return len(self.text)
        return min(self.line_starts[max(line, 1) - 1] + max(column, 0), len(self.text))

    def at_bytes(self, line: int, column: int) -> int:
        """The offset of a line (from 1) and a column in UTF-8 bytes (from 0), as `ast` counts."""
        if line > len(self.line_starts):
            return len(self.text)
        start, end = self.line_span(line, with_end=True)
        head = _SURROGATE.sub("?", self.text[start:end])
        if head.isascii():
            return min(start + column, end)
        return min(start + len(head.encode()[:column].decode(errors="ignore")), end)

    def from_byte(self, offset: int) -> int:
        """The offset in code points of an offset in `data`."""
        if self.ascii:
            return offset + self.shift
        line = bisect.bisect_right(self._byte_starts, offset) - 1
        head = self.data[self._byte_starts[line] : offset]
        return self.line_starts[line] + len(head.decode(errors="ignore"))

    @cached_property
    def ascii(self) -> bool:
        """Whether offsets in `data` and in `clean` are the same."""
        return self.clean.isascii()

    @cached_property
    def _byte_starts(self) -> list[int]:
        starts, at = [], 0
        edges = [*self.line_starts, len(self.text)]
        for start, end in itertools.pairwise(edges):
            starts.append(at)
            at += len(self.clean[start - self.shift : end - self.shift].encode())
        return starts

    def indent(self, line: int) -> str:
        """The white space a line begins with."""
        text = self.line(line)
        return text[: len(text) - len(text.lstrip(" \t"))]

    def apply(self, changes: tuple[Change, ...]) -> str:
        """The text after these changes, which must not overlap."""
        text = self.text
        for change in sorted(changes, reverse=True):
            text = text[: change.start] + change.new + text[change.end :]
        return text


def order(problem: Problem) -> tuple[int, bool, int, str]:
    """Sort key: the severe first, then what can be mended, then by place."""
    return (SEVERITIES.index(problem.severity), not problem.changes, problem.start, problem.rule)
