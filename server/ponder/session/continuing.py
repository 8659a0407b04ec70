"""The next turn of a conversation: everything goes back as it was, or what may not go back is left out and said.

Thinking belongs to exactly what stood before it (Messages API, "Preserved thinking"): where an earlier part changes,
all of it is left out. Sends nothing.
"""

from msgspec import structs

from ponder.engine.prompt import AnswerShape, PastTurn, Prompt
from ponder.errors import ErrorInfo, RunError
from ponder.prompts.build import follow_up, without_workspace
from ponder.session.ports import BadArgument
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.state import State

_OTHER_MODEL = "Another model continues this conversation, so the earlier thinking was left out."
_OTHER_RULES = (
    "What may be sent from this workspace has changed since; the conversation goes on without the workspace's"
    " other files and without the earlier thinking."
)


def next_turn(before: Run, text: str) -> RunRequest:
    """The request of the turn after `before`. Raises BadArgument while that runs or where it kept nothing."""
    if before.status is None:
        raise BadArgument("runId: this run has not ended yet")
    if before.prompt is None or not before.past:
        raise BadArgument("runId: this run has no answer that can be continued")
    return RunRequest(
        action=before.request.action,
        document=before.request.document,
        span=before.request.span,
        instruction=text,
        override=before.request.override,
        trigger="followUp",
    )


def continued(state: State, run: Run, before: Run) -> Prompt:
    """The prompt of a follow-up to `before`. Raises RunError where its file must not be sent any more."""
    if before.prompt is None:
        raise RunError(ErrorInfo(kind="internal", message="The run before this one has no prompt."))
    # The text of then goes out again: the rules of now decide on it.
    state.workspace.shown(before.document)
    past = before.past
    if before.rules != state.rules:
        past = tuple(without_thinking(without_workspace(turn)) for turn in past)
        run.notices.append(_OTHER_RULES)
    elif run.model != before.model:
        past = tuple(without_thinking(turn) for turn in past)
        run.notices.append(_OTHER_MODEL)
    return follow_up(before.prompt, past, run.request.instruction or "", reported=_reported(before))


def _reported(before: Run) -> AnswerShape | None:
    """The shape of the conversation's first answer where that was asked for through a tool."""
    if before.prompt is None or before.prompt.past:
        return before.prompt.reported if before.prompt is not None else None
    route, shape = before.route, before.prompt.shape
    return shape if shape != "markdown" and route is not None and not route.structured_outputs else None


def without_thinking(turn: PastTurn) -> PastTurn:
    """The turn with all thinking blocks left out, as a whole."""
    kept = tuple(b for b in turn.answer if b.get("type") not in {"thinking", "redacted_thinking"})
    return structs.replace(turn, answer=kept)
