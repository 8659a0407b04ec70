"""Brings an edit computed on one version of a text to the text as it is now, or says why it cannot. Pure.

The old text of every change must stand exactly once in the current text; a text that did not change needs no
search. Either all changes of an edit find their place or none is applied.
"""

import itertools
from collections.abc import Callable, Mapping

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.edits.apply import ChangeError, apply_changes
from ponder.findings import Edit, FileChange, TextChange


class Stale(Struct, frozen=True):
    """The edit does not fit the text any more. `reason` is a sentence for the user."""

    reason: str


class AlreadyApplied(Struct, frozen=True):
    """The text is as the edit would leave it: nothing to do."""

    reason: str = "The change is already in the text."


def reanchor(
    change: FileChange, current: Document | None, base: str | None = None
) -> FileChange | Stale | AlreadyApplied:
    """The change as it fits `current` (None: there is no such file now).

    `base`, where known, is the text the change was computed on; then an unchanged or already changed text is
    recognised exactly, also where versions say nothing (files that are not open).
    """
    if change.created:
        return _for_new_file(change, current)
    if current is None:
        return Stale(f"`{change.path}` is gone.")
    if base is not None and current.text == _applied(base, change):
        return AlreadyApplied()
    same_version = change.version is not None and change.version == current.version
    if (same_version or base == current.text) and _applied(current.text, change) is not None:
        return _with(change, current, change.changes)
    found: list[TextChange] = []
    done = 0
    for one in change.changes:
        place = _place(one, current.text, base)
        if isinstance(place, Stale):
            return Stale(f"`{change.path}` has changed: {place.reason}")
        if isinstance(place, AlreadyApplied):
            done += 1
        else:
            found.append(place)
    if not found:
        return AlreadyApplied()
    if done:
        return Stale(f"`{change.path}` has changed: a part of the change is already in the text.")
    if any(first.span.end > second.span.start for first, second in itertools.pairwise(found)):
        return Stale(f"`{change.path}` has changed: the places of the change have moved past each other.")
    return _with(change, current, tuple(found))


def reanchor_edit(
    edit: Edit, current: Callable[[FileChange], Document | None], bases: Mapping[str, str] | None = None
) -> Edit | Stale | AlreadyApplied:
    """As `reanchor`, for all files of an edit: one that does not fit makes the whole edit stale.

    `current` gives the text of a file as it is now; `bases` the texts by URI that the edit was computed on.
    Files that already are as the edit would leave them are left out.
    """
    files: list[FileChange] = []
    for change in edit.files:
        moved = reanchor(change, current(change), (bases or {}).get(change.uri))
        if isinstance(moved, Stale):
            return moved
        if isinstance(moved, FileChange):
            files.append(moved)
    if not files:
        return AlreadyApplied()
    return Edit(files=tuple(files), label=edit.label, warnings=edit.warnings)


def _for_new_file(change: FileChange, current: Document | None) -> FileChange | Stale | AlreadyApplied:
    if current is None:
        return change
    if current.text == change.changes[0].new_text:
        return AlreadyApplied()
    if not current.text:
        return _with(change, current, change.changes)
    return Stale(f"`{change.path}` exists by now.")


def _place(change: TextChange, text: str, base: str | None) -> TextChange | Stale | AlreadyApplied:
    """Where the old text stands now. An empty old text can only fill an empty file."""
    if not change.old_text:
        if not text.strip("\ufeff"):
            return TextChange(Span(len(text), len(text)), "", change.new_text)
        return AlreadyApplied() if text == change.new_text else Stale("it is not empty any more.")
    at = text.find(change.old_text)
    if at == -1:
        done = base is None and change.new_text and text.count(change.new_text) == 1
        return AlreadyApplied() if done else Stale("the text to be replaced is no longer there.")
    if text.find(change.old_text, at + 1) != -1:
        return Stale("the text to be replaced stands there more than once.")
    if _inside_new_text(change, text, at):
        if base is not None and _inside_new_text(change, base, change.span.start):
            return Stale("whether the change is already in the text cannot be told.")
        return AlreadyApplied()
    return TextChange(Span(at, at + len(change.old_text)), change.old_text, change.new_text)


def _inside_new_text(change: TextChange, text: str, at: int) -> bool:
    """Whether the old text at this place is the one the new text itself holds (an insertion made before)."""
    offset = change.new_text.find(change.old_text)
    while offset != -1:
        if at >= offset and text.startswith(change.new_text, at - offset):
            return True
        offset = change.new_text.find(change.old_text, offset + 1)
    return False


def _applied(text: str, change: FileChange) -> str | None:
    try:
        return apply_changes(text, change.changes)
    except ChangeError:
        return None


def _with(change: FileChange, current: Document, changes: tuple[TextChange, ...]) -> FileChange:
    return FileChange(uri=current.uri, path=change.path, version=current.version, changes=changes)
