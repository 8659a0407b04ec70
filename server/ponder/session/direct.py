"""Edits that an editor takes out of the menu by itself, because it applies none for a server. Changes no text.

Such an editor tells nobody what it took: it is seen by what stands in the text afterwards.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.apply import ChangeError, apply_changes
from ponder.edits.gate import Admitted, admit
from ponder.findings import Edit, FileChange, TextChange
from ponder.session.run import Run
from ponder.session.state import State

TextOf = Callable[[FileChange], Document | None]
"""The text of a file that is to be changed, as it is now; None where there is none."""


class Handed(Struct, frozen=True):
    """A change that stands in the menu: what it makes of which text, and the hunks that are decided by it."""

    run_id: str
    numbers: tuple[int, ...]
    uri: str
    before: str
    changes: tuple[TextChange, ...]

    def made(self, text: str) -> bool:
        """Whether this text is what the change makes."""
        grown = sum(len(one.new_text) - len(one.old_text) for one in self.changes)
        if len(text) != len(self.before) + grown:
            return False
        try:
            return apply_changes(self.before, self.changes) == text
        except ChangeError:
            return False


class Taking(Struct, frozen=True):
    """What can be taken of a run's edit at once: the edit as it fits the texts now, and what must have been read first."""

    edit: Edit
    doubts: tuple[str, ...]
    handed: tuple[Handed, ...]


def takings(state: State, run: Run, text_of: TextOf) -> dict[int | None, Taking]:
    """What can be taken of a run's pending edit: by the number of its first hunk from 0, or None for all of it.

    What does not fit the text now is left out.
    """
    pending = run.proposal.pending
    if pending is None:
        return {}
    baseline = state.settings.review.baseline
    choices: list[tuple[int | None, tuple[int, ...]]] = [
        (unit.hunks[0].number - 1, tuple(hunk.number for hunk in unit.hunks)) for unit in pending.units
    ]
    choices.append((None, tuple(hunk.number for hunk in pending.remaining)))
    found: dict[int | None, Taking] = {}
    for key, numbers in choices:
        edit = pending.chosen(numbers, text_of)
        if not isinstance(edit, Edit):
            continue
        gate = admit(edit, state.workspace.jail, text_of, at_hand=run.document.uri, baseline=baseline)
        if isinstance(gate, Admitted):
            handed = tuple(_handed(run, numbers, change, text_of) for change in gate.edit.files)
            found[key] = Taking(gate.edit, gate.confirm, handed)
    return found


def _handed(run: Run, numbers: tuple[int, ...], change: FileChange, text_of: TextOf) -> Handed:
    text = None if change.created else text_of(change)
    return Handed(run.id, numbers, change.uri, text.text if text is not None else "", change.changes)


class Direct:
    """What stands in the menus of one session's editor."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._handed: list[Handed] = []

    def hand_out(self, run_id: str, handed: Iterable[Handed]) -> None:
        """A menu shows these changes of a run, and no others of it any more."""
        self._handed = [*(one for one in self._handed if one.run_id != run_id), *handed]

    def seen(self, document: Document) -> None:
        """A text is another now: what the user took out of the menu counts as applied, what was undone as open."""
        for known in self._state.runs.values():
            known.proposal.seen(document)
        for one in self._handed:
            run = self._state.runs.get(one.run_id)
            if one.uri != document.uri or run is None or not one.made(document.text):
                continue
            proposal = run.proposal
            proposal.remember(one.uri, one.before, one.changes, had=proposal.in_text, numbers=one.numbers)
            proposal.took(one.numbers)
            self.hand_out(one.run_id, ())
            return
