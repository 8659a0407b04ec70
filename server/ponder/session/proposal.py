"""The edit of one run, and what became of it: which changes are in the text, which were left, and why. Applies nothing."""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import structs

from ponder.documents import Document
from ponder.edits.hunks import PendingEdit
from ponder.findings import Edit, TextChange
from ponder.session.undo import KnownTexts


class Proposal:
    """What a run proposes. `pending` is there once the edit may be decided on, change by change."""

    def __init__(self) -> None:
        self.edit: Edit | None = None
        self.pending: PendingEdit | None = None
        self.applied = False
        """Whether all of it is in the text."""
        self.stale = False
        """Whether the text had moved on where it was to be applied."""
        self.reason: str | None = None
        """Why it was not applied, or not all of it, in a sentence."""
        self.put_off = False
        """Whether the user was shown the edit and did not want it now."""
        self.asked = 0
        """How many questions about it are open."""
        self.decision = asyncio.Event()
        """Set when something of it is decided on; whoever waits for that clears it first."""
        self._changed: Callable[[], None] = lambda: None
        self._texts = KnownTexts()

    def offer(
        self, edit: Edit, texts: Sequence[Document], groups: tuple[tuple[int, ...], ...]
    ) -> PendingEdit:
        """This edit of these texts can be decided on from now on; `groups` are the numbers of hunks that go together."""
        self.edit = edit
        self.pending = PendingEdit(edit, {one.uri: one.text for one in texts}, groups)
        return self.pending

    def tell_by(self, changed: Callable[[], None]) -> None:
        """The editor knows of the edit: call this when a change of it is decided on or open again, and now where only some are."""
        self._changed = changed
        if not self.applied and self.pending and (self.pending.applied or self.pending.discarded):
            changed()

    @property
    def in_text(self) -> frozenset[int]:
        """The numbers of the hunks that were applied."""
        return self.pending.applied if self.pending is not None else frozenset()

    def took(self, numbers: Sequence[int]) -> None:
        """These hunks are in the text."""
        if self.pending is not None:
            self._now(self.pending.after(*numbers))

    def left(self, numbers: Sequence[int]) -> int:
        """The user does not want these hunks; returns how many are left that were not before."""
        if self.pending is None:
            return 0
        before = len(self.pending.discarded)
        self._now(now := self.pending.without(*numbers))
        return len(now.discarded) - before

    def restate(self, *why: str) -> None:
        """Say what was decided of it, where anything was, rather than why the last step came to nothing.

        `why` are sentences on what is left.
        """
        if self.pending is not None and (self.pending.applied or self.pending.discarded):
            self._now(self.pending)
            if why:
                self.reason = " ".join((self.reason or "", *why)).strip()

    def touches(self, uri: str) -> bool:
        """Whether changes to this document are still open."""
        open_hunks = self.pending.remaining if self.pending else ()
        return any(hunk.change.uri == uri for hunk in open_hunks)

    def remember(
        self,
        uri: str,
        before: str,
        changes: Sequence[TextChange],
        *,
        had: frozenset[int],
        numbers: Sequence[int],
    ) -> None:
        """Keep how a text was before these hunks came into it as these changes, and how it is since.

        `had` are the hunks that were applied before.
        """
        if self.pending is not None:
            own = _numbers(self.pending, uri)
            has = own & (had | frozenset(numbers))
            self._texts.remember(uri, before, changes, had=own & had, has=has)

    def seen(self, document: Document) -> None:
        """A text is another now: where it is one that stood there before, what was undone is open and what was redone applied."""
        pending = self.pending
        known = self._texts.applied_in(document) if pending is not None else None
        if pending is None or known is None:
            return
        applied = (pending.applied - _numbers(pending, document.uri)) | known
        if applied != pending.applied:
            self._now(structs.replace(pending, applied=applied, discarded=pending.discarded - applied))

    def _now(self, pending: PendingEdit) -> None:
        """Set what is decided, and what the result says of it."""
        before, self.pending = self.pending, pending
        total, applied, discarded = len(pending.hunks), len(pending.applied), len(pending.discarded)
        self.applied = applied == total
        self.reason = None if self.applied else _reason(total, applied, discarded)
        if before is None or (before.applied, before.discarded) != (pending.applied, pending.discarded):
            self.decision.set()
            self._changed()


def _reason(total: int, applied: int, discarded: int) -> str:
    """What the result says of an edit that is decided piece by piece."""
    if not applied and not discarded:
        return "It was taken back; it waits for you."
    parts = [f"{applied} of {total} changes {'is' if applied == 1 else 'are'} in the text"] if applied else []
    parts += [f"{discarded} of {total} {'was' if discarded == 1 else 'were'} discarded"] if discarded else []
    if applied + discarded < total:
        parts.append("the rest waits for you")
    return f"{'; '.join(parts)}."


def _numbers(pending: PendingEdit, uri: str) -> frozenset[int]:
    return frozenset(hunk.number for hunk in pending.hunks if hunk.change.uri == uri)
