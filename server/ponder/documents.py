"""Text as the rooms see it: frozen documents, spans in code points, lines. Knows no LSP and does no IO."""

import bisect
import re
from functools import cached_property

from msgspec import Struct

# LSP 3.17, textDocuments: only these three end a line. str.splitlines knows eight more and shifts every edit.
_LINE_END = re.compile(r"\r\n|\n|\r")


class Span(Struct, frozen=True, order=True):
    """A half-open stretch of text, in code points from the start of the document."""

    start: int
    end: int


class Document:
    """One version of one text. Immutable: an edit makes another document.

    `path` is relative to its workspace folder with forward slashes (as the model sees it), or the bare name
    for a text outside every folder. `version` is None for a file that is not open in the editor.
    """

    def __init__(
        self, uri: str, text: str, *, path: str = "", language: str = "", version: int | None = None
    ) -> None:
        self.uri = uri
        self.text = text
        self.path = path or uri.rsplit("/", 1)[-1]
        self.language = language
        self.version = version

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line; always at least one line."""
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    @property
    def line_count(self) -> int:
        """Number of lines; a text that ends with a line end has an empty last line."""
        return len(self.line_starts)

    def line_at(self, offset: int) -> int:
        """The line (from 0) that holds this offset."""
        return bisect.bisect_right(self.line_starts, offset) - 1

    def line_span(self, line: int) -> Span:
        """The span of a line (from 0) without its line end; a line past the end is the empty end."""
        starts = self.line_starts
        if line >= len(starts):
            return Span(len(self.text), len(self.text))
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        start = starts[line]
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def lines_span(self, first: int, last: int) -> Span:
        """From the start of line `first` to the end of line `last`, both from 0, without the last line end."""
        return Span(self.line_span(first).start, self.line_span(last).end)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
