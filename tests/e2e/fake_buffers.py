"""The fake editor's texts, and its own arithmetic of positions: one character at a time, shared with nobody.

Written to be obviously right, not fast: it is what the server's mirror is compared with.
"""

import re
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
LINE_END = re.compile("\r\n|\n|\r")


def width(character: str, encoding: str) -> int:
    """Code units of one character."""
    if encoding == "utf-32":
        return 1
    if encoding == "utf-16":
        return 2 if ord(character) > 0xFFFF else 1
    return len(character.encode("utf-8", "surrogatepass"))


def line_table(text: str) -> list[tuple[int, int]]:
    """(start, end without line end) of each line, in code points."""
    table, start = [], 0
    for end in LINE_END.finditer(text):
        table.append((start, end.start()))
        start = end.end()
    return [*table, (start, len(text))]


def to_position(text: str, offset: int, encoding: str) -> Json:
    """The position of a code point; one between CR and LF counts as before them."""
    table = line_table(text)
    line = max(index for index, (start, _) in enumerate(table) if start <= offset)
    start, end = table[line]
    units = sum(width(character, encoding) for character in text[start : min(offset, end)])
    return {"line": line, "character": units}


def to_offset(text: str, position: Json, encoding: str) -> int:
    """The code point at a position: columns beyond the end are the end, inside a character its start."""
    start, end = line_table(text)[position["line"]]
    units = position["character"]
    for offset in range(start, end):
        units -= width(text[offset], encoding)
        if units < 0:
            return offset
    return end


class Buffer:
    """One open text with its version."""

    def __init__(self, uri: str, text: str, encoding: str) -> None:
        self.uri = uri
        self.text = text
        self.encoding = encoding
        self.version = 1

    def change(self, start: int, end: int, text: str) -> Json:
        """Replace a stretch; the content change a client sends for it, in positions of the text before."""
        where = {
            "start": to_position(self.text, start, self.encoding),
            "end": to_position(self.text, end, self.encoding),
        }
        # Where start or end fell inside a line end, the text that both sides mean is the one of the positions.
        start = to_offset(self.text, where["start"], self.encoding)
        end = to_offset(self.text, where["end"], self.encoding)
        self.text = self.text[:start] + text + self.text[end:]
        return {"range": where, "text": text}

    def apply(self, edits: list[Json]) -> str:
        """The text after a server's edits, all against the text as it is. Refuses overlaps and bad ranges."""
        spans = []
        for edit in edits:
            for end in ("start", "end"):
                line = edit["range"][end]["line"]
                assert 0 <= line < len(line_table(self.text)), f"an edit is beyond the text: line {line}"
            start = to_offset(self.text, edit["range"]["start"], self.encoding)
            end_ = to_offset(self.text, edit["range"]["end"], self.encoding)
            assert start <= end_, "an edit is reversed"
            spans.append((start, end_, edit["newText"]))
        spans.sort(key=lambda span: span[0])
        for (_, end_, _), (start, _, _) in pairwise(spans):
            assert end_ <= start, "edits overlap"
        text = self.text
        for start, end_, new in reversed(spans):
            text = text[:start] + new + text[end_:]
        return text
