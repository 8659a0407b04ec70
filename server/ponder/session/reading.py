"""How a user whose editor shows no events gets to read what a run came to. Tells nothing twice, and nothing of background work."""

from ponder.session import recording
from ponder.session.events import ASKED_FOR
from ponder.session.ports import MessageKind
from ponder.session.run import Run
from ponder.session.state import State
from ponder.tasks import Background

_MOST = 4_000
"""Characters of an answer that a message shows where no file could be written."""


class Reading:
    """For the runs of one session."""

    def __init__(self, state: State, background: Background) -> None:
        self._state = state
        self._background = background
        self._awaited: set[str] = set()

    def awaited(self, run: Run) -> None:
        """Somebody waits for the result of this run, and so reads it there."""
        if run.status is None:
            self._awaited.add(run.id)

    def ended(self, run: Run) -> None:
        """A run ended: show its answer, or say what became of it."""
        if run.id in self._awaited:
            self._awaited.discard(run.id)
        elif (
            not self._state.editor.abilities.events
            and run.request.trigger in ASKED_FOR
            and run.status != "cancelled"
        ):
            self._background.start(self._tell(run), "telling an answer")

    async def _tell(self, run: Run) -> None:
        state = self._state
        words, kind = outcome(run)
        answers = run.action.shape == "markdown" and bool(run.answer.text.strip())
        if not answers and not words:
            return
        uri = await recording.uri_of(state, run)
        if answers and uri is not None and await state.editor.show_document(uri):
            if words:
                state.editor.notify(f"{state.title}: {words}", kind=kind)
            return
        parts = [words] if words else []
        if answers:
            parts.append(
                f"The answer of {run.action.title} `{run.document.path}` is ready: {told_at(uri, run)}"
            )
        elif uri is not None and run.proposal.edit is not None:
            parts.append(f"It can be read in {told_at(uri, run)}")
        state.editor.notify(f"{state.title}: {' '.join(parts)}", kind=kind)


def outcome(run: Run) -> tuple[str, MessageKind]:
    """What went otherwise than the user may expect, in words; empty where nothing did or the user decided so."""
    if run.error is not None:
        words = f"{run.action.title} `{run.document.path}`: {run.error.message} {run.error.hint or ''}"
        return words.rstrip(), "warning"
    if not run.proposal.applied and run.proposal.reason and not run.proposal.put_off:
        return (
            f"{run.action.title} `{run.document.path}`: {run.proposal.reason}",
            "warning" if run.proposal.stale else "info",
        )
    return "", "info"


def told_at(uri: str | None, run: Run) -> str:
    """Where a transcript is, as a path; with no state directory the text itself."""
    path = recording.path_of(uri) if uri is not None else None
    return path if path is not None else f"\n{run.answer.text.strip()[:_MOST]}"
