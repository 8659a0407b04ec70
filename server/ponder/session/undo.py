"""What an editor's undo takes out of a text is open again, what its redo brings back is applied. Changes no text.

An editor tells of neither: a text that was there before is known again by its length and digest.
"""

import hashlib

from msgspec import Struct, structs

from ponder.documents import Document
from ponder.edits.apply import apply_changes
from ponder.edits.hunks import PendingEdit
from ponder.findings import TextChange
from ponder.session.run import Run


class KnownText(Struct, frozen=True):
    """A text next to an applied change, and the numbers of the run's hunks that were in it."""

    uri: str
    length: int
    digest: bytes
    applied: frozenset[int]

    def is_of(self, document: Document) -> bool:
        """Whether a document has this text."""
        same = self.uri == document.uri and self.length == len(document.text)
        return same and self.digest == _digest(document.text)


def remember(
    run: Run,
    uri: str,
    before: str,
    changes: tuple[TextChange, ...],
    *,
    had: frozenset[int],
    numbers: tuple[int, ...],
) -> None:
    """Keep how a text was `before` these hunks came into it as these changes, and how it is since.

    `had` are the hunks that were applied before.
    """
    if run.pending is None:
        return
    own = _numbers(run.pending, uri)
    run.known_texts.append(_known(uri, before, own & had))
    run.known_texts.append(_known(uri, apply_changes(before, changes), own & (had | frozenset(numbers))))


def again(run: Run, document: Document) -> bool:
    """Set what of the run's edit is applied, where this text is one that stood there before. Whether that changed it."""
    pending = run.pending
    if pending is None:
        return False
    known = next((one for one in reversed(run.known_texts) if one.is_of(document)), None)
    if known is None:
        return False
    applied = (pending.applied - _numbers(pending, document.uri)) | known.applied
    if applied == pending.applied:
        return False
    run.pending = structs.replace(pending, applied=applied, discarded=pending.discarded - applied)
    return True


def _known(uri: str, text: str, applied: frozenset[int]) -> KnownText:
    return KnownText(uri, len(text), _digest(text), applied)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _numbers(pending: PendingEdit, uri: str) -> frozenset[int]:
    return frozenset(hunk.number for hunk in pending.hunks if hunk.change.uri == uri)
