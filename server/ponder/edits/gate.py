"""The one gate an edit passes before it is applied: folders, protected files, doubts, the text as it is now.

Applies nothing and asks nobody: it says what may be sent, and which questions come first.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from msgspec import Struct, structs

from ponder.documents import Document
from ponder.edits.anchor import AlreadyApplied, Stale, reanchor_edit
from ponder.edits.protected import Protection, protection, risk, strictest
from ponder.files.jail import Jail
from ponder.findings import Edit, FileChange


class Admitted(Struct, frozen=True):
    """The edit as it fits the texts now. With `confirm` (sentences that name each file) the user decides first."""

    edit: Edit
    confirm: tuple[str, ...] = ()


class Refused(Struct, frozen=True):
    """The edit must not be applied. `stale`: the text has changed; asking again may help."""

    reason: str
    stale: bool = False


def admit(
    edit: Edit,
    jail: Jail,
    current: Callable[[FileChange], Document | None],
    *,
    bases: Mapping[str, str] | None = None,
    at_hand: str | None = None,
    baseline: str = "",
) -> Admitted | Refused | AlreadyApplied:
    """What may become of an edit now: all of it, after questions or not, or nothing.

    `current` gives the text of a file as it is now (None: no such file). `at_hand` is the URI of the document the
    user called the action in; with no workspace folder at all, that one may be edited after a question. `baseline` is
    the path of the accepted findings in each folder, which decide what a review tells. Looks links up on disk, reads
    no file.
    """
    confirm: list[str] = list(edit.warnings)
    for change in edit.files:
        verdict = verdict_on(change, jail, at_hand=at_hand, baseline=baseline)
        if verdict.verdict == "never":
            return Refused(f"`{change.path}` is never edited: {verdict.what}.")
        if verdict.verdict == "confirm":
            can = risk(verdict.what)
            # Questions are shown as plain text, so the name stands without marks.
            confirm.append(f"{change.path} is {verdict.what}{f': {can}' if can else ''}.")
    moved = reanchor_edit(edit, current, bases)
    if isinstance(moved, Stale):
        return Refused(moved.reason, stale=True)
    if isinstance(moved, AlreadyApplied):
        return moved
    return Admitted(moved, tuple(confirm))


class Kept(Struct, frozen=True):
    """What is left of an edit without the files that are never edited, and a sentence on each change that went."""

    edit: Edit | None
    notices: tuple[str, ...] = ()


def without_never(edit: Edit, jail: Jail, *, at_hand: str | None = None, baseline: str = "") -> Kept:
    """Leave out of an edit what could never be applied, before it is offered: it would stand in the way of the rest.

    The rest carries a warning, so that half an edit is never applied unasked. The arguments are those of `admit`.
    """
    verdicts = [verdict_on(change, jail, at_hand=at_hand, baseline=baseline) for change in edit.files]
    never = [
        f"A change to `{change.path}` was left out: it is never edited ({verdict.what})."
        for change, verdict in zip(edit.files, verdicts, strict=True)
        if verdict.verdict == "never"
    ]
    if not never:
        return Kept(edit)
    files = tuple(
        change for change, verdict in zip(edit.files, verdicts, strict=True) if verdict.verdict != "never"
    )
    left_out = "1 file is" if len(never) == 1 else f"{len(never)} files are"
    warnings = (f"{left_out} left out: never edited.", *edit.warnings)
    return Kept(structs.replace(edit, files=files, warnings=warnings) if files else None, tuple(never))


def verdict_on(
    change: FileChange, jail: Jail, *, at_hand: str | None = None, baseline: str = ""
) -> Protection:
    """Whether a file may be changed: freely, after a question, or never. The arguments are those of `admit`."""
    place = jail.place_uri(change.uri)
    if place is None or not place.relative:
        if not jail.folders and change.uri == at_hand and not change.created:
            return strictest([Protection("confirm", "in no workspace folder"), protection(change.path)])
        return Protection("never", "it lies outside the workspace folders")
    if PurePosixPath(baseline) in (PurePosixPath(change.path), PurePosixPath(place.relative)):
        return strictest([Protection("confirm", "Ponder's own configuration"), protection(place.relative)])
    # A link `notes.txt` to `.git/config` is what it points to; a link named `.envrc` is what it is called.
    return strictest([protection(change.path), protection(place.relative)])
