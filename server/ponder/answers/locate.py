"""Finds quoted text in a document, exactly but for line ends. Never guesses: it returns every place there is."""

import bisect
from functools import cached_property

from ponder.documents import Document, Span
from ponder.files.secrets import redact_open


def unified(text: str) -> str:
    r"""The text with every line end as `\n`: models write that, whatever the file has."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def words_of(line: str) -> str:
    """A line with its layout taken out: words and one blank between them."""
    return " ".join(line.split())


class Searchable:
    r"""A document with `\n` line ends to search in, and the way back to its own offsets."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = unified(document.text)

    @cached_property
    def _dropped(self) -> list[int]:
        r"""Offsets in the unified text of those `\n` that stand for two letters."""
        if len(self.text) == len(self.document.text):
            return []
        text = self.document.text
        dropped: list[int] = []
        for end in self.document.line_starts[1:]:
            if text[end - 2 : end] == "\r\n":
                dropped.append(end - 2 - len(dropped))
        return dropped

    @cached_property
    def shown(self) -> "Searchable":
        """The document as the model saw it, secrets replaced; it has the same lines."""
        document = self.document
        text, redactions = redact_open(document.text)
        if not redactions:
            return self
        return Searchable(Document(document.uri, text, path=document.path, language=document.language))

    def line_of(self, offset: int) -> int:
        """The number (from 0) of the line that holds an offset of the unified text."""
        return self.document.line_at(self.original(offset))

    def original(self, offset: int) -> int:
        r"""The offset in the document; never between `\r` and `\n`."""
        return offset + bisect.bisect_left(self._dropped, offset)

    def places(self, wanted: str, limit: int) -> list[int]:
        """Offsets in the unified text where `wanted` stands, overlapping ones too, at most `limit`."""
        found: list[int] = []
        at = self.text.find(wanted) if wanted else -1
        while at != -1 and len(found) < limit:
            found.append(at)
            at = self.text.find(wanted, at + 1)
        return found


def only_place(searchable: Searchable, old_text: str) -> tuple[Span, int] | str:
    """The one place of `old_text`: its span in the document and how many letters of the text it covers.

    At the end of a file the model cannot tell whether a last line end is there, so `old_text` may carry one that
    is not; such a place counts like any other. A text instead of a place is the reason why there is none.
    """
    wanted = unified(old_text)
    starts = searchable.places(wanted, 2)
    ends = [start + len(wanted) for start in starts]
    if wanted.endswith("\n") and len(wanted) > 1 and searchable.text.endswith(wanted[:-1]):
        starts.append(len(searchable.text) - len(wanted) + 1)
        ends.append(len(searchable.text))
    if len(starts) > 1:
        return "its old text is in the file more than once"
    if not starts or (ends[0] - starts[0] < len(wanted) and searchable.text.endswith("\n")):
        return "its old text is not in the file"
    return Span(searchable.original(starts[0]), searchable.original(ends[0])), ends[0] - starts[0]


def fitted(new_text: str, old_text: str, line_end: str) -> str:
    """`new_text` with the line ends of the file: those of `old_text` where both begin or end alike, else `line_end`.

    Keeps a byte order mark at the start of the old text.
    """
    wanted = unified(new_text)
    if old_text.startswith("\ufeff") and not wanted.startswith("\ufeff"):
        wanted = "\ufeff" + wanted
    if "\r" not in old_text:
        return wanted if line_end == "\n" else wanted.replace("\n", line_end)
    old = Searchable(Document("", old_text))
    head = _common(old.text, wanted)
    tail = _common(old.text[head:][::-1], wanted[head:][::-1])
    middle = wanted[head : len(wanted) - tail].replace("\n", line_end)
    return (
        old_text[: old.original(head)]
        + middle
        + (old_text[old.original(len(old.text) - tail) :] if tail else "")
    )


def line_end_of(text: str, near: int = 0) -> str:
    r"""The line end in use: of the line that holds `near`, else of the text's first line, else `\n`."""
    for start in (near, 0):
        newline = text.find("\n", start)
        carriage = text.find("\r", start)
        first = min((at for at in (newline, carriage) if at != -1), default=-1)
        if first != -1:
            return "\r\n" if text.startswith("\r\n", first) else text[first]
    return "\n"


def _common(first: str, second: str) -> int:
    """Length of the common beginning, by halving: comparing slices is far faster than letters."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
