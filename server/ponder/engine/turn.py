"""Asks the model once and tells how it goes, from the request to exactly one end. Knows no editor and no workspace."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ponder.engine import request as wire
from ponder.engine.calls import Calls
from ponder.engine.client import Connector
from ponder.engine.effects import Effects
from ponder.engine.endpoint import Endpoint
from ponder.engine.events import AnswerEnded, EngineEvent
from ponder.engine.mailbox import Mailbox
from ponder.engine.platforms import Provider
from ponder.engine.prompt import ModelRequest
from ponder.engine.pursuit import Between, Pursuit
from ponder.engine.retry import Breaker
from ponder.engine.timeouts import Timeouts

if TYPE_CHECKING:
    from ponder.engine.sdk import Transport

# A refusal of this one request says nothing about the endpoint.
_ENDPOINT_WORKS: Final = frozenset({"invalidRequest", "tooLarge", "budget"})


class Engine:
    """The one way to a model. `breaker` tells background work whether the endpoint has been failing.

    `transport` makes what carries the requests, in place of the network or the offline engine.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        effects: Effects = Effects(),  # noqa: B008 - frozen
        *,
        transport: "Transport | None" = None,
    ) -> None:
        self.endpoint = endpoint
        self.breaker = Breaker()
        self._effects = effects
        self._connector = Connector(endpoint, clock=effects.clock, wall=effects.wall, transport=transport)
        self._calls = Calls(self._connector)

    @property
    def provider(self) -> Provider:
        """Who answers, as shown to the user."""
        return self.endpoint.provider

    async def prepare(self) -> None:
        """Get ready ahead of the first request: import the SDK in a thread. Raises RunError without a credential."""
        await self._connector.prepare()

    async def stream(
        self,
        request: ModelRequest,
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        cancelled: asyncio.Event | None = None,
        between: Between | None = None,
    ) -> AsyncGenerator[Sequence[EngineEvent], None]:
        """Ask; yields what arrived together, and as the last event exactly one AnswerEnded.

        Setting `cancelled` ends it with status `cancelled` and the counts so far. Cancelling the reading task,
        or closing this iterator, ends it without a last event. Each way the connection is closed at once.
        `between` is asked before each request after the first (a retry, a continued pause).
        """
        mailbox = Mailbox()
        turn = Pursuit(request, timeouts, self._connector, self._effects, mailbox, between=between)
        task = asyncio.create_task(turn.run())
        stopper = asyncio.create_task(_cancel_when(cancelled, task)) if cancelled is not None else None
        try:
            ended = False
            while not ended:
                batch = await mailbox.take()
                ended = isinstance(batch[-1], AnswerEnded)
                if ended:
                    self._note(batch[-1])
                yield batch
        finally:
            for running in (task, stopper):
                if running is not None:
                    running.cancel()
            await asyncio.gather(task, *([stopper] if stopper else []), return_exceptions=True)

    async def models(self) -> list[dict[str, Any]] | None:
        """All models the endpoint lists; None where it has no list. Raises RunError."""
        return await self._calls.models()

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Input tokens of a request as the endpoint counts them; None where it does not count. Raises RunError."""
        return await self._calls.count_tokens(wire.countable(wire.arguments(request)))

    async def create_batch(self, requests: Iterable[tuple[str, ModelRequest]]) -> dict[str, Any]:
        """Start a batch of (custom_id, request); returns the MessageBatch object. Raises RunError."""
        items = [
            {
                "custom_id": name,
                "params": wire.unstreamed(wire.adapted(wire.arguments(one), self.endpoint.platform)),
            }
            for name, one in requests
        ]
        return await self._calls.create_batch(items)

    async def batch(self, batch_id: str) -> dict[str, Any]:
        """The MessageBatch object. Raises RunError."""
        return await self._calls.batch(batch_id)

    async def batches(self) -> list[dict[str, Any]]:
        """The newest MessageBatch objects, at most a hundred. Raises RunError."""
        return await self._calls.batches()

    async def batch_results(self, batch_id: str) -> list[dict[str, Any]]:
        """Result lines of an ended batch, in no order. Raises RunError."""
        return await self._calls.batch_results(batch_id)

    async def cancel_batch(self, batch_id: str) -> dict[str, Any]:
        """Stop a batch; returns the MessageBatch object. Raises RunError."""
        return await self._calls.cancel_batch(batch_id)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._connector.aclose()

    def _note(self, event: EngineEvent) -> None:
        if isinstance(event, AnswerEnded) and event.status != "cancelled":
            failed = (
                event.status == "failed"
                and event.error is not None
                and event.error.kind not in _ENDPOINT_WORKS
            )
            self.breaker = self.breaker.after(failed=failed, now=self._effects.clock())


async def _cancel_when(cancelled: asyncio.Event, task: asyncio.Task[None]) -> None:
    await cancelled.wait()
    task.cancel()
