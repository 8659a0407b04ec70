"""Edits that an editor takes out of the menu by itself, because it applies none for a server. Changes no text.

Such an editor tells nobody what it took: it is seen by what stands in the text afterwards.
"""

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.apply import ChangeError, apply_changes
from ponder.edits.gate import Admitted, admit
from ponder.findings import Edit, FileChange, TextChange
from ponder.session.run import Run
from ponder.session.state import State


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


def hand_out(state: State, run: Run) -> dict[int | None, tuple[Edit, tuple[str, ...]]]:
    """What can be taken of a run's pending edit: by the number of its first hunk from 0, or None for all of it.

    With each come the sentences that the user must have read first. What does not fit the text now is left out.
    The state keeps what was handed out, so that `seen` knows it again.
    """
    pending = run.proposal.pending
    state.handed = [one for one in state.handed if one.run_id != run.id]
    if pending is None:
        return {}

    baseline = state.settings.review.baseline
    found: dict[int | None, tuple[Edit, tuple[str, ...]]] = {}
    choices: list[tuple[int | None, tuple[int, ...]]] = [
        (unit.hunks[0].number - 1, tuple(hunk.number for hunk in unit.hunks)) for unit in pending.units
    ]
    choices.append((None, tuple(hunk.number for hunk in pending.remaining)))
    for key, numbers in choices:
        edit = pending.chosen(numbers, state.text_of)
        if not isinstance(edit, Edit):
            continue
        gate = admit(edit, state.workspace.jail, state.text_of, at_hand=run.document.uri, baseline=baseline)
        if isinstance(gate, Admitted):
            found[key] = gate.edit, gate.confirm
            state.handed += [_handed(state, run, numbers, change) for change in gate.edit.files]
    return found


def _handed(state: State, run: Run, numbers: tuple[int, ...], change: FileChange) -> Handed:
    text = None if change.created else state.text_of(change)
    return Handed(run.id, numbers, change.uri, text.text if text is not None else "", change.changes)


def seen(state: State, document: Document) -> None:
    """A text is another now: what the user took out of the menu counts as applied, what was undone as open."""
    for known in state.runs.values():
        known.proposal.seen(document)
    for one in state.handed:
        run = state.runs.get(one.run_id)
        if one.uri != document.uri or run is None or not one.made(document.text):
            continue
        proposal = run.proposal
        proposal.remember(one.uri, one.before, one.changes, had=proposal.in_text, numbers=one.numbers)
        proposal.took(one.numbers)
        state.handed = [other for other in state.handed if other.run_id != one.run_id]
        return
