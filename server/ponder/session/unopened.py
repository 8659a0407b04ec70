"""Findings in files that nobody has open: they follow the files as these change on disk. Reads off the loop; asks no model."""

import asyncio
from collections.abc import Iterable
from pathlib import PurePath

from msgspec import Struct

from ponder.documents import Document
from ponder.files.uris import path_of_uri
from ponder.findings import Finding
from ponder.findings.tracking import found_again
from ponder.session import concluding
from ponder.session.showing import show
from ponder.session.state import State
from ponder.session.workspace_files import texts_on_disk
from ponder.tasks import Background


class _Origin(Struct, frozen=True):
    """The text a review read, with its findings; `shown` is what of them was placed since, in another text."""

    document: Document
    findings: tuple[Finding, ...]
    shown: tuple[Finding, ...]


class Unopened:
    """The files of one session that have findings and are not open.

    A text that changes on disk may change back (a branch and its other): so findings are always placed anew from the
    text that was reviewed, not from what the last change left of them.
    """

    def __init__(self, state: State, background: Background) -> None:
        self._state = state
        self._background = background
        self._origins: dict[str, _Origin] = {}
        self._due: set[str] = set()
        self._following: asyncio.Task[object] | None = None

    def changed(self, paths: Iterable[str]) -> None:
        """These files or folders were written, removed or made anew."""
        touched = set(paths)
        known = {*self._state.placed_in, *self._origins}
        self._look(uri for uri in known if self._concerns(uri, touched))

    def opened(self, uri: str) -> None:
        """The file was opened: its buffer is the truth from now on."""
        self._origins.pop(uri, None)

    def closed(self, uri: str) -> bool:
        """The file was closed. True where its findings stay, as a review of the workspace found them: the disk is the truth."""
        if uri not in self._state.lasting or not self._state.findings.of(uri):
            return False
        self._look([uri])
        return True

    def _look(self, uris: Iterable[str]) -> None:
        """Read these, one look after the other: what was read first must not be placed last."""
        self._due.update(uris)
        if self._due and (self._following is None or self._following.done()):
            work = self._follow()
            self._following = self._background.start(work, "findings of files that changed on disk")

    def _concerns(self, uri: str, touched: set[str]) -> bool:
        path = path_of_uri(uri)
        if path is None or self._state.editor.document(uri) is not None:
            return False
        return path in touched or any(str(folder) in touched for folder in PurePath(path).parents)

    async def _follow(self) -> None:
        while self._due:
            uris, self._due = self._due, set()
            texts = await texts_on_disk(self._state, uris)
            for uri, document in texts.items():
                # Opened meanwhile: then the buffer counts.
                if self._state.editor.document(uri) is None:
                    self._place(uri, document)

    def _place(self, uri: str, document: Document | None) -> None:
        state = self._state
        current, before = state.findings.of(uri), state.placed_in.get(uri)
        origin = self._origins.get(uri)
        if before is not None and (origin is None or current != origin.shown):
            origin = _Origin(before, current, current)
        if origin is None:
            return
        if document is None:
            concluding.forget(state, uri)
        else:
            concluding.place(state, document, _again(origin, document))
            show(state, uri)
        shown = state.findings.of(uri)
        self._origins[uri] = _Origin(origin.document, origin.findings, shown)


def _again(origin: _Origin, document: Document) -> list[Finding]:
    """The findings in a later text: moved with the lines around them, else where their own text stands once more."""
    moved = concluding.moved(origin.findings, origin.document, document)
    stayed = {finding.id for finding in moved}
    lost = (one for one in origin.findings if one.id not in stayed)
    found = [again for one in lost if (again := found_again(one, origin.document, document)) is not None]
    taken = {finding.span for finding in moved}
    return [*moved, *(one for one in found if one.span not in taken)]
