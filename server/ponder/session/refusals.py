"""Which open texts no request may be made about, known before anybody asks. The menu reads it without touching the disk."""

import asyncio

from msgspec import Struct

from ponder.documents import Document
from ponder.files.reasons import Reason
from ponder.session.state import State


class _Known(Struct, frozen=True):
    rules: int
    """The rules on what may be sent that held when it was looked up (`State.rules`)."""
    reason: Reason | None


class Refusals:
    """Looked up when a text is opened or saved, and again soon after the rules have changed."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[str, _Known] = {}

    def learn(self, document: Document) -> None:
        """Look up whether a text may be sent."""
        self._known[document.uri] = _Known(self._state.rules, self._state.workspace.refusal(document))

    def forget(self, uri: str) -> None:
        """A text was closed."""
        self._known.pop(uri, None)

    def reason(self, uri: str) -> str | None:
        """Why a text will be refused, as what it is, as far as is known now; what is not known is looked up once this is answered."""
        known = self._known.get(uri)
        if known is not None and known.rules == self._state.rules:
            return known.reason.noun if known.reason is not None else None
        asyncio.get_running_loop().call_soon(self._look_up, uri)
        return None

    def _look_up(self, uri: str) -> None:
        document = self._state.editor.document(uri)
        if document is not None:
            self.learn(document)
