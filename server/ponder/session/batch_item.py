"""One file's part of a batch: its request before, its answer after, through the same run as any other. Sends nothing."""

from collections.abc import Sequence
from typing import Any

from ponder.answers.placing import Placer
from ponder.engine.events import AnswerEnded, EngineEvent
from ponder.engine.message import error_of, events_of, failed
from ponder.engine.prompt import ModelRequest
from ponder.errors import ErrorInfo
from ponder.review.batch import Sent
from ponder.routing.route import Route
from ponder.session import concluding, money, runner
from ponder.session.run import Run
from ponder.session.state import State
from ponder.session.structured import StructuredAnswer
from ponder.session.told import Told
from ponder.usage import TokenCounts


def request_of(state: State, run: Run, route: Route) -> ModelRequest:
    """The request of a run that goes into a batch. Raises RunError where its text must not be sent."""
    run.route = route
    prompt = run.prompt = runner.prompt_of(state, run, Told())
    placer = Placer(state.workspace.sources(run.document), action=run.action.id, least=run.least)
    run.answer.read_with(StructuredAnswer(placer, prompt.shape))
    return ModelRequest(prompt=prompt, route=route)


def receive(state: State, run: Run, result: dict[str, Any] | None, *, booked: bool = False) -> None:
    """Bring a run to its end with what the batch has for it; None where it has nothing.

    `booked`: what it used stands in the ledger already.
    """
    for event in _events(result):
        for _news in run.take(run.answer.arrived(event)):
            pass
    ended = run.answer.ended
    error = ended.error if ended is not None else _NOTHING
    status = ended.status if ended is not None else "failed"
    if status == "done":
        error = concluding.conclude(state, run)
        status = "done" if error is None else "failed"
    concluding.count_unsure(state, run)
    if booked:
        run.account.counts.clear()
        run.account.sent = 0
    run.finish(status, error)
    runner.tell_end(state, run)


def book_only(state: State, sent: Sent, result: dict[str, Any]) -> None:
    """Write what an item used into the ledger, whose text is not at hand."""
    ended = _events(result)[-1]
    if isinstance(ended, AnswerEnded) and ended.counts != TokenCounts():
        state.ledger.record(
            ended.counts,
            money.price(state, sent.model),
            run_id=state.new_id(),
            action="review",
            model=sent.model,
            provider=state.engine.provider,
            trigger="batch",
            batch=True,
        )


def _events(result: dict[str, Any] | None) -> Sequence[EngineEvent]:
    match result:
        case {"type": "succeeded", "message": message}:
            return events_of(message)
        case {"type": "errored", **rest}:
            return failed(error_of(rest.get("error")))
        case {"type": "canceled"}:
            return failed(_CANCELLED, cancelled=True)
        case {"type": "expired"}:
            return failed(_EXPIRED)
        case _:
            return failed(_NOTHING)


_EXPIRED = ErrorInfo(
    kind="overloaded",
    message="The batch ran out of its 24 hours before this file's turn; it cost nothing.",
    hint="Run it again: only what is missing is asked.",
    retryable=True,
)
_CANCELLED = ErrorInfo(
    kind="network",
    message="The batch was cancelled before this file's turn; it cost nothing.",
    hint="Run it again: only what is missing is asked.",
    retryable=True,
)
_NOTHING = ErrorInfo(
    kind="malformed",
    message="The batch has no result for this file.",
    hint="Run it again: only what is missing is asked.",
    retryable=True,
)
