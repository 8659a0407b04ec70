"""One edit on its way to the editor, and what is known of the texts around it afterwards. Decides nothing."""

from collections.abc import Coroutine
from typing import Any

from ponder.findings import Edit
from ponder.session.ports import EditOutcome
from ponder.session.run import Run
from ponder.session.state import State


class EditRequest:
    """One edit on its way to the editor, with what it starts from.

    That is taken now: the editor may tell the new text before it answers, and that text may be known.
    """

    def __init__(self, state: State, run: Run, edit: Edit, numbers: tuple[int, ...]) -> None:
        self._editor = state.editor
        self._proposal = run.proposal
        self._edit = edit
        self._numbers = numbers
        self._had = run.proposal.in_text
        uris = [change.uri for change in edit.files if not change.created]
        self._documents = {uri: text for uri in uris if (text := state.document(uri)) is not None}

    def sent(self, *, needs_confirmation: bool) -> Coroutine[Any, Any, EditOutcome]:
        """What the editor does with it."""
        return self._editor.apply_edit(
            self._edit, self._documents, label=self._edit.label, needs_confirmation=needs_confirmation
        )

    def ended(self, outcome: EditOutcome) -> bool:
        """Take what the editor did with it; returns whether it is in the text."""
        self._proposal.put_off = False
        self._proposal.reason = outcome.reason
        if outcome.applied:
            self.remember()
        return outcome.applied

    def remember(self) -> None:
        """Know the texts around what was applied."""
        for file in self._edit.files:
            if (before := self._documents.get(file.uri)) is not None:
                self._proposal.remember(
                    file.uri, before.text, file.changes, had=self._had, numbers=self._numbers
                )
