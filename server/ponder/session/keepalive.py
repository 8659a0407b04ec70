"""Keeps cached prefixes alive through short absences, where that is cheaper than writing them anew. Shows nothing.

A ping is the lane's own prefix with nothing asked and one token of answer. It goes out only while texts are open, for
`ACTIVE_S` after the user last did something, within the budget, and only where the planner expects it to pay.
"""

import logging
from contextlib import aclosing

from msgspec import structs

from ponder.context.plan.plan import Plan
from ponder.engine.events import AnswerEnded, AnswerStarted, RequestSent
from ponder.engine.prompt import AnswerShape, ModelRequest, Prompt, PromptBlock
from ponder.engine.request import arguments, encode
from ponder.ledger.estimate import estimate
from ponder.routing.prices import price_of
from ponder.routing.route import Route
from ponder.session.prefix import Prefix, blocks_of
from ponder.session.state import State
from ponder.session.told import written
from ponder.usage import TokenCounts

ACTIVE_S = 5400.0
"""After so long without a sign of the user nothing is kept alive: a meeting perhaps, never a night."""
SHARE = 0.8
"""Share of the daily budget that work nobody asked for may use up."""
_LOOK_S = 30.0
_SOON_S = 1.0
_NOTHING = PromptBlock("<task>\nThere is no question yet. Answer with a full stop.\n</task>")
_log = logging.getLogger(__name__)


class Keepalive:
    """The pings of one session. `run` until cancelled."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def run(self) -> None:
        """Wait for what is due, and send it where it is allowed."""
        while True:
            await self._state.sleep(self._pause())
            if self._allowed():
                for prefix in self._state.context.prefixes:
                    for plan, route, shape in prefix.pings(self._state.now()):
                        await self._ping(prefix, plan, route, shape)

    def _pause(self) -> float:
        state = self._state
        dues = [due for one in state.context.prefixes if (due := one.planner.next_ping()) is not None]
        if not dues or not self._allowed():
            return _LOOK_S
        return min(_LOOK_S, max(_SOON_S, min(dues) - state.now()))

    def _allowed(self) -> bool:
        """Whether anything may be sent now: somebody is there, the endpoint works and costs something, the budget lasts."""
        state = self._state
        limit = state.settings.budget.daily_usd
        return (
            state.engine.provider != "offline"
            and state.now() - state.active < ACTIVE_S
            and bool(state.editor.open_documents())
            and state.engine.breaker.allows(state.millis() / 1000)
            and (limit is None or state.ledger.spent_today() < SHARE * limit)
        )

    async def _ping(self, prefix: Prefix, plan: Plan, route: Route, shape: AnswerShape) -> None:
        state = self._state
        request = ping_request(plan, route, shape)
        ping_id, counts = state.new_id(), None
        override = state.settings.models.get(route.model)
        price = price_of(route.model, today=state.today, overrides=override)
        most = estimate(len(encode(arguments(request))), request.route.max_tokens, price, hour=True)
        try:
            if state.ledger.admit(ping_id, state.settings.budget, most) is None:
                counts = await self._sent(prefix, plan, request)
        finally:
            # Harmless after an answer; otherwise the plan is taken out of the account.
            await prefix.failed(plan)
            if counts is not None:
                state.ledger.record(
                    counts,
                    price,
                    run_id=ping_id,
                    action="keepalive",
                    model=route.model,
                    provider=state.engine.provider,
                    trigger="ping",
                    outdated=1.0,
                )
            state.ledger.settle(ping_id)

    async def _sent(self, prefix: Prefix, plan: Plan, request: ModelRequest) -> TokenCounts | None:
        """Send it once; what it used as far as it is known, None where it was not sent."""
        counts = None
        timeouts = structs.replace(self._state.timeouts, max_tries=1)
        async with aclosing(self._state.engine.stream(request, timeouts=timeouts)) as stream:
            async for batch in stream:
                for event in batch:
                    if isinstance(event, RequestSent):
                        counts = TokenCounts()
                    if isinstance(event, AnswerStarted):
                        counts = event.counts
                        await prefix.answered(plan, counts.cache_read, written(counts))
                    if isinstance(event, AnswerEnded) and counts is not None:
                        counts = event.counts
        answered = counts is not None and counts != TokenCounts()
        _log.info("a cached prefix was kept alive" if answered else "a ping was not answered")
        return counts


def ping_request(plan: Plan, route: Route, shape: AnswerShape) -> ModelRequest:
    """The request of a ping: everything that is part of the cache's key, and nothing to do."""
    instructions, workspace = blocks_of(plan, cache=route.cache)
    prompt = Prompt(instructions=instructions, question=(*workspace, _NOTHING), shape=shape)
    return ModelRequest(prompt=prompt, route=structs.replace(route, max_tokens=1))
