"""The server's copy of every open text, exactly as the client has it. Touches no disk and asks nobody.

A change that cannot be right (reversed, negative or beyond the text, or a version that does not go up) is not
applied. From then on the text is *uncertain*: it can be read as last known but no edit is made from it, and further
ranges are ignored, until the client sends the whole text again (a change without range, a save with text, an open).
"""

import logging
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.lsp import wire
from ponder.lsp.columns import Encoding, from_units
from ponder.lsp.lines import Lines, Snapshot, join_surrogates, split_lines
from ponder.session.ports import Change

log = logging.getLogger(__name__)

MAX_TEXT = 10_000_000
"""Code points of a text that is kept. Far above what a model reads; more would only cost memory."""


class BadRange(Exception):  # noqa: N818 - the name says what happened
    """A range that cannot be meant: reversed, negative, or beyond the text."""


class OpenDocument(Document):
    """A version of an open text, joined only when its `text` is read."""

    def __init__(
        self, uri: str, snapshot: Snapshot, *, path: str, language: str, version: int | None
    ) -> None:
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self._snapshot = snapshot

    def __getattr__(self, name: str) -> str:
        # Only asked for what is not there yet: the text is joined at its first use and kept.
        if name != "text":
            raise AttributeError(name)
        self.text = self._snapshot.text()
        return self.text


class Update(Struct, frozen=True):
    """What a message did to a text: `document` after it, the `changes` that led there, or None for a new start."""

    document: Document
    changes: tuple[Change, ...] | None


class Entry:
    """One open text. `lines` is None where it is too large to be kept."""

    def __init__(self, item: wire.TextDocumentItem, number: int) -> None:
        self.uri = item.uri
        self.language = item.language_id
        self.version = item.version
        self.number = number
        self.certain = True
        self.lines: Lines | None = None
        self.document: Document | None = None
        self.hold(item.text)

    def hold(self, text: str) -> None:
        """Take this as the whole text."""
        self.lines = Lines(text) if len(text) <= MAX_TEXT else None
        self.certain = True
        self.document = None


class Mirror:
    """All open texts by uri. Uris are compared as written: `a%23b` and `a#b` are two documents."""

    def __init__(self, path_of: Callable[[str], str]) -> None:
        self.encoding: Encoding = "utf-16"
        self._path_of = path_of
        self._open: dict[str, Entry] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, uri: object) -> bool:
        return uri in self._open

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._open))

    def document(self, uri: str) -> Document | None:
        """The text as last known, one object for each version; None when not open or too large."""
        entry = self._open.get(uri)
        return None if entry is None else self._document(entry)

    def certain(self, uri: str) -> bool:
        """Whether the text is surely what the client has. True for what is not open: then the disk is the truth."""
        entry = self._open.get(uri)
        return entry is None or entry.certain

    def too_large(self, uri: str) -> bool:
        """Whether the text is open but not kept."""
        entry = self._open.get(uri)
        return entry is not None and entry.lines is None

    def open(self, item: wire.TextDocumentItem) -> Update | None:
        """A text was opened; None if it is too large to keep."""
        if item.uri in self._open:
            log.warning("document %d was opened while open; the new text counts", self._open[item.uri].number)
        self._count += 1
        entry = self._open[item.uri] = Entry(item, self._count)
        return self._fresh(entry)

    def change(self, params: wire.DidChange) -> Update | None:
        """Apply a change notification; None if there is nothing new to be known."""
        entry = self._open.get(params.text_document.uri)
        if entry is None:
            log.warning("a change of a document that is not open was ignored")
            return None
        version = params.text_document.version
        whole = any(change.range is None for change in params.content_changes)
        if not whole and not entry.certain:
            return None
        if not whole and version is not None and entry.version is not None and version <= entry.version:
            self.doubt(entry.uri, "its version did not go up")
            return None
        try:
            changes = self._apply(entry, params.content_changes)
        except BadRange as error:
            self.doubt(entry.uri, str(error))
            return None
        entry.version = version
        entry.document = None
        if changes is None:
            return self._fresh(entry)
        document = self._document(entry)
        return None if document is None else Update(document, tuple(changes))

    def save(self, params: wire.DidSave) -> Update | None:
        """Compare with the text that was saved and take it; an update only if ours was different."""
        entry = self._open.get(params.text_document.uri)
        if entry is None or params.text is None:
            return None
        document = self._document(entry)
        if entry.certain and document is not None and document.text == join_surrogates(params.text):
            return None
        if entry.certain and document is not None:
            log.error("invariant: document %d was not what the client saved; replaced", entry.number)
        entry.hold(params.text)
        return self._fresh(entry)

    def close(self, uri: str) -> bool:
        """Forget a text; whether it was open."""
        if self._open.pop(uri, None) is None:
            log.warning("a document that is not open was closed")
            return False
        return True

    def doubt(self, uri: str, reason: str) -> None:
        """Mark a text uncertain, because a message about it could not be used."""
        entry = self._open.get(uri)
        if entry is not None and entry.certain:
            log.warning("document %d is uncertain from now on: %s", entry.number, reason)
            entry.certain = False

    def moved(self) -> None:
        """The workspace folders changed: paths of documents are told anew."""
        for entry in self._open.values():
            entry.document = None

    def _document(self, entry: Entry) -> Document | None:
        if entry.document is None and entry.lines is not None:
            entry.document = OpenDocument(
                entry.uri,
                entry.lines.snapshot(),
                path=self._path_of(entry.uri),
                language=entry.language,
                version=entry.version,
            )
        return entry.document

    def _fresh(self, entry: Entry) -> Update | None:
        document = self._document(entry)
        return None if document is None else Update(document, None)

    def _apply(self, entry: Entry, sent: Sequence[wire.ContentChange]) -> list[Change] | None:
        """Apply changes in order; the changes, or None where the whole text was replaced on the way."""
        changes: list[Change] | None = []
        for change in sent:
            if change.range is None:
                entry.hold(change.text)
                changes = None
            elif entry.lines is not None:
                made = edit_lines(entry.lines, change.range, change.text, self.encoding)
                if changes is not None:
                    changes.append(made)
        if entry.lines is not None and entry.lines.size > MAX_TEXT:
            entry.lines = None
        return changes


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
