"""Gets one answer: sends the request again before content, repairs thinking once, continues pauses.

Shows nothing; what happens goes to a mailbox, the AnswerEnded last and exactly once.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from ponder.engine import request as wire
from ponder.engine.attempt import Attempt, trouble
from ponder.engine.client import Connector
from ponder.engine.effects import Effects
from ponder.engine.events import AnswerEnded, Notice, Retrying
from ponder.engine.mailbox import Mailbox
from ponder.engine.outcome import PAUSED, Outcome, judge
from ponder.engine.prompt import ModelRequest
from ponder.engine.reduce import Reducer
from ponder.engine.retry import Wait, decide
from ponder.engine.timeouts import Timeouts
from ponder.engine.trouble import Trouble
from ponder.engine.watchdog import Watchdog
from ponder.errors import ErrorInfo
from ponder.usage import TokenCounts

Between = Callable[[TokenCounts | None, int], ErrorInfo | None]
"""Asked before each further request of one answer: with the counts of the request that ended (None: it never
began to answer) and the bytes of the next one; returns why that one may not be sent."""

_log = logging.getLogger(__name__)
# The endpoint's own loop pauses after ten rounds; no answer of ours needs more than a few.
_MAX_PAUSES: Final = 8
# Larger requests are refused before the endpoint reads them (Messages API, "Errors": request size limits).
_MAX_BODY_BYTES: Final = 32_000_000
# The words of the 400s about thinking that does not fit its conversation; there is no code for them.
_BAD_THINKING: Final = re.compile(
    r"signature|redacted_thinking|cannot be modified|different conversation", re.IGNORECASE
)


class Pursuit:
    """The requests behind one answer: retries before content, one repair of thinking, continued pauses."""

    def __init__(
        self,
        request: ModelRequest,
        timeouts: Timeouts,
        connector: Connector,
        effects: Effects,
        mailbox: Mailbox,
        *,
        between: Between | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._between = between
        self._sent = False
        self._repaired = False
        self._last: TokenCounts | None = None
        self._connector = connector
        self._effects = effects
        self._mailbox = mailbox
        self._platform = connector.endpoint.platform
        self._body = wire.adapted(wire.arguments(request), self._platform)
        self._reducer = Reducer()
        self._attempt = Attempt(b"", self._reducer, mailbox)
        self._earlier: list[TokenCounts] = []
        self._unanswered = 0
        self._paused: tuple[dict[str, Any], ...] = ()
        self._pauses = 0
        self._tries = 0
        self._first_try = effects.clock()

    async def run(self) -> None:
        """Go through to the end; the last thing put in the mailbox is the AnswerEnded."""
        outcome: Outcome | None = None
        try:
            while outcome is None:
                outcome = await self._step()
        except asyncio.CancelledError:
            self._end(Outcome(status="cancelled"))
            raise
        except Exception:  # a stream has an end, whatever happens inside
            _log.exception("A request to the model failed inside Ponder")
            outcome = Outcome(status="failed", error=_OURS)
        self._end(outcome)

    async def _step(self) -> Outcome | None:
        """One request; None when another one has to follow."""
        self._tries += 1
        body = wire.encode(self._body)
        if len(body) > _MAX_BODY_BYTES:
            return Outcome(status="failed", error=_TOO_LARGE)
        if self._sent and self._between is not None:
            refusal = self._between(self._last, len(body))
            if refusal is not None:
                # What came before a pause has been shown: it is kept, as after any other limit.
                return Outcome(status="truncated" if self._paused else "failed", error=refusal)
        self._sent = True
        attempt = self._attempt = Attempt(body, self._reducer, self._mailbox, self._platform)
        dog = Watchdog(
            self._timeouts,
            clock=self._effects.clock,
            sleep=self._effects.sleep,
            notify=lambda message: self._mailbox.put([Notice(message)]),
        )
        try:
            async with dog, self._connector.client() as client:
                await attempt.run(client, dog, self._timeouts)
        except asyncio.CancelledError:
            self._unanswered += attempt.sent and not self._reducer.started
            raise
        except Exception as error:  # the table decides what each one means
            failure = trouble(error, attempt, self._connector.endpoint.secrets)
            if failure.status is not None:
                attempt.leaves()
            self._unanswered += attempt.sent and not self._reducer.started
            return await self._after(failure)
        if self._reducer.stop_reason == PAUSED:
            return self._go_on()
        return judge(self._reducer, self._paused, attempt.request_id)

    async def _after(self, failure: Trouble) -> Outcome | None:
        if failure.info.kind == "network":
            # The pool may hold more dead connections: the next request gets new ones.
            self._connector.renew()
        if self._reducer.delivered:
            return Outcome(status="failed", error=failure.info)
        if self._repairable(failure):
            self._body = wire.without_thinking(self._body)
            self._repaired = True
            self._mailbox.put([Notice(_REPAIR_NOTICE)])
            self._restart()
            return None
        elapsed = self._effects.clock() - self._first_try
        decision = decide(
            failure,
            tries=self._tries,
            max_tries=self._timeouts.max_tries,
            elapsed_s=elapsed,
            jitter=self._effects.jitter(),
            now=self._effects.wall(),
        )
        if not isinstance(decision, Wait):
            return Outcome(status="failed", error=_with_wait(failure.info, decision.asked_s))
        delay_ms = round(decision.seconds * 1000)
        self._mailbox.put([Retrying(self._tries + 1, delay_ms, failure.info)])
        self._restart()
        await self._effects.sleep(decision.seconds)
        return None

    def _go_on(self) -> Outcome | None:
        content = self._reducer.content()
        self._pauses += 1
        if not content or self._pauses > _MAX_PAUSES:
            return Outcome(status="failed", error=_PAUSED_TOO_OFTEN)
        self._paused = (*self._paused, *content)
        self._body = wire.continued(self._body, content)
        self._restart()
        self._tries = 0
        self._first_try = self._effects.clock()
        return None

    def _restart(self) -> None:
        self._last = self._reducer.counts if self._reducer.started else None
        if self._last is not None:
            self._earlier.append(self._last)
        self._reducer = Reducer(self._reducer.next_index)

    def _repairable(self, failure: Trouble) -> bool:
        return (
            failure.status == 400
            and "thinking" in failure.api_message
            and _BAD_THINKING.search(failure.api_message) is not None
            # Without thinking it cannot happen again: the repair is made at most once.
            and wire.has_thinking(self._body)
        )

    def _end(self, outcome: Outcome) -> None:
        reducer = self._reducer
        last = AnswerEnded(
            status=outcome.status,
            stop_reason=reducer.stop_reason,
            error=outcome.error,
            content=outcome.content,
            resumable=bool(outcome.content),
            counts=reducer.counts,
            message_id=reducer.message_id,
            request_id=self._attempt.request_id or (outcome.error.request_id if outcome.error else None),
            refusal_category=outcome.refusal_category,
            earlier=tuple(self._earlier),
            unanswered=self._unanswered,
            repaired=self._repaired,
        )
        self._mailbox.put([*reducer.drain(), *reducer.abandon(), last])


_REPAIR_NOTICE: Final = (
    "The endpoint did not accept the thinking of earlier turns; it was left out and the request sent again."
)
_TOO_LARGE: Final = ErrorInfo(
    kind="tooLarge",
    message="The request is larger than the 32 MB an endpoint takes; nothing was sent.",
    hint="Select less text, or lower `context.budgetTokens`.",
)
_OURS: Final = ErrorInfo(
    kind="internal",
    message="Ponder failed while it talked to the model.",
    hint="Run it again; if it stays, please report it with the log.",
)
_PAUSED_TOO_OFTEN: Final = ErrorInfo(
    kind="malformed",
    message="The model paused its answer again and again without finishing it.",
    hint="Run it again, or ask about less at once.",
    retryable=True,
)


def _with_wait(info: ErrorInfo, asked_s: float | None) -> ErrorInfo:
    if not asked_s:
        return info
    wait = f"{asked_s:,.0f} s" if asked_s < float("inf") else "without end"
    return structs.replace(info, message=f"{info.message} It asks to wait {wait}, so it was not sent again.")
