"""What an editor's undo takes out of a text is open again, what its redo brings back is applied. Changes no text.

An editor tells of neither: a text that was there before is known again by its length and digest.
"""

import hashlib
from collections.abc import Sequence

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.apply import apply_changes
from ponder.findings import TextChange


class _Known(Struct, frozen=True):
    """A text next to an applied change, and the numbers of the edit's hunks that were in it."""

    uri: str
    length: int
    digest: bytes
    applied: frozenset[int]


class KnownTexts:
    """The texts around the changes of one edit that were applied."""

    def __init__(self) -> None:
        self._texts: list[_Known] = []

    def remember(
        self,
        uri: str,
        before: str,
        changes: Sequence[TextChange],
        *,
        had: frozenset[int],
        has: frozenset[int],
    ) -> None:
        """Keep how a text was `before` these changes, with the hunks it `had`, and how it is since, with those it `has`."""
        self._texts.append(_known(uri, before, had))
        self._texts.append(_known(uri, apply_changes(before, changes), has))

    def applied_in(self, document: Document) -> frozenset[int] | None:
        """The hunks that are in this text, where it is one that stood there before."""
        alike = [
            one
            for one in reversed(self._texts)
            if one.uri == document.uri and one.length == len(document.text)
        ]
        if not alike:
            return None
        digest = _digest(document.text)
        return next((one.applied for one in alike if one.digest == digest), None)


def _known(uri: str, text: str, applied: frozenset[int]) -> _Known:
    return _Known(uri, len(text), _digest(text), applied)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
