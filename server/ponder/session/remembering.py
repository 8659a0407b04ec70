"""What earlier background reviews said of a text, by the route, the prompt and the settings of now. Asks no model."""

from msgspec import Struct

from ponder.documents import Document
from ponder.errors import PonderError
from ponder.findings import Finding
from ponder.review.memory import Memory, Reviewed, version_of
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import concluding
from ponder.session.state import State

ROUTE = "reviewOnSave"


class Lens(Struct, frozen=True):
    """What a review is made with: another lens, another review."""

    route: Route
    version: str
    """Of the prompt, and of what the settings ask of it."""


class Remembering:
    """The memory of one session's background reviews."""

    def __init__(self, state: State) -> None:
        self._state = state

    def lens(self) -> Lens | None:
        """The lens of now; None where reviews are turned off or no model fits."""
        state = self._state
        action = state.actions.get("review")
        if action is None or action.shape != "findings":
            return None
        try:
            route = choose(ROUTE, catalogue=state.models.known(), settings=state.settings, today=state.today)
        except PonderError:
            return None
        return Lens(route, version_of(action.version, state.settings.review.min_confidence))

    def of_text(self, document: Document, lens: Lens) -> Reviewed | None:
        """The review of exactly this text."""
        return self._memory().of_text(document, lens.route, lens.version)

    def last(self, document: Document, lens: Lens) -> Reviewed | None:
        """The newest review of this file, whatever its text was."""
        return self._memory().last(document, lens.route, lens.version)

    def newest(self, document: Document, lens: Lens, known: Reviewed) -> None:
        """The file has this reviewed text again."""
        self._memory().newest(document, lens.route, lens.version, known)

    def keep(self, document: Document, lens: Lens, findings: tuple[Finding, ...]) -> None:
        """Remember a complete review of a text."""
        self._memory().keep(document, lens.route, lens.version, Reviewed(document.text, findings))

    def _memory(self) -> Memory:
        state = self._state
        answerer = state.engine.endpoint.answerer
        return Memory(state.workspace_id, answerer, state.store.get_result, state.store.put_result)


def standing(before: Reviewed | None, document: Document) -> tuple[Finding, ...]:
    """The findings of the text reviewed before, as they stand in this one."""
    if before is None:
        return ()
    return concluding.moved(before.findings, Document(document.uri, before.text), document)
