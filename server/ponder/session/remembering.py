"""What earlier background reviews said of a text, by the route, the prompt and the settings of now. Asks no model."""

from msgspec import Struct

from ponder.documents import Document
from ponder.errors import PonderError
from ponder.findings import Finding
from ponder.review.memory import Memory, Reviewed, version_of
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import concluding, money
from ponder.session.state import State


class Reviewer(Struct, frozen=True):
    """What a review is made with: another reviewer, another review."""

    route: Route
    version: str
    """Of the prompt, and of what the settings ask of it."""


class Remembering:
    """The memory of one session's background reviews."""

    def __init__(self, state: State) -> None:
        self._state = state

    def reviewer(self) -> Reviewer | None:
        """The reviewer of now; None where reviews are turned off or no model fits."""
        state = self._state
        action = state.actions.get("review")
        if action is None or action.shape != "findings":
            return None
        try:
            route = choose(
                money.ROUTES["save"],
                catalogue=state.models.known(),
                settings=state.settings,
                today=state.today,
            )
        except PonderError:
            return None
        return Reviewer(route, version_of(action.version, state.settings.review.min_confidence))

    def of_text(self, document: Document, reviewer: Reviewer) -> Reviewed | None:
        """The review of exactly this text."""
        return memory_of(self._state).of_text(document, reviewer.route, reviewer.version)

    def last(self, document: Document, reviewer: Reviewer) -> Reviewed | None:
        """The newest review of this file, whatever its text was."""
        return memory_of(self._state).last(document, reviewer.route, reviewer.version)

    def newest(self, document: Document, reviewer: Reviewer, known: Reviewed) -> None:
        """The file has this reviewed text again."""
        memory_of(self._state).newest(document, reviewer.route, reviewer.version, known)

    def keep(self, document: Document, reviewer: Reviewer, findings: tuple[Finding, ...]) -> None:
        """Remember a complete review of a text."""
        memory_of(self._state).keep(
            document, reviewer.route, reviewer.version, Reviewed(document.text, findings)
        )


def memory_of(state: State) -> Memory:
    """The reviews of this workspace by who answers now."""
    answerer = state.engine.endpoint.answerer
    return Memory(state.workspace_id, answerer, state.store.get_result, state.store.put_result)


def standing(before: Reviewed | None, document: Document) -> tuple[Finding, ...]:
    """The findings of the text reviewed before, as they stand in this one."""
    if before is None:
        return ()
    return concluding.moved(before.findings, Document(document.uri, before.text), document)
