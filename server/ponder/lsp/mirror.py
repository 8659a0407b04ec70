"""The server's copy of every open text, exactly as the client has it. Touches no disk and asks nobody.

A change that cannot be right (reversed, negative or beyond the text, or a version that does not go up) is not
applied. From then on the text is *uncertain*: it can be read as last known but no edit is made from it, and further
ranges are ignored, until the client sends the whole text again (a change without range, a save with text, an open).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from ponder.documents import Document
from ponder.lsp import wire
from ponder.lsp.changes import BadRange, edit_lines
from ponder.lsp.columns import Encoding
from ponder.lsp.lines import Lines, Snapshot, join_surrogates
from ponder.session.ports import Change

log = logging.getLogger(__name__)

MAX_TEXT = 10_000_000
"""Code points of a text that is kept. Far above what a model reads; more would only cost memory."""


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

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line, from the lines as they are kept: no search for line ends."""
        return self._snapshot.line_starts()


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
        self.path: str | None = None
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
        if entry.certain and document is not None and _escaped(params.text, document.text):
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
            entry.document = entry.path = None

    def _document(self, entry: Entry) -> Document | None:
        if entry.document is None and entry.lines is not None:
            if entry.path is None:
                entry.path = self._path_of(entry.uri)
            entry.document = OpenDocument(
                entry.uri,
                entry.lines.snapshot(),
                path=entry.path,
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


def _escaped(sent: str, text: str) -> bool:
    """Whether `sent` is this text with a backslash and an n in place of each line end, as ALE 3.3 sends it on a save."""
    return "\n" not in sent and "\n" in text and _lines(sent) == _lines(text)


def _lines(text: str) -> str:
    return text.replace("\\n", "\n").rstrip("\n")
