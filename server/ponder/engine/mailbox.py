"""Carries the events of one answer from the task that reads them to the one that shows them. Drops nothing."""

import asyncio
from collections.abc import Sequence
from typing import Final

from ponder.engine.events import EngineEvent

# About a second of the fastest stream; a reader that lags further holds the connection back.
_FULL: Final = 10_000


class Mailbox:
    """One writer, one reader, one event loop. What is put before a `take` comes out of it together."""

    def __init__(self) -> None:
        self._events: list[EngineEvent] = []
        self._reader: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        """Whether the writer should wait for `room`."""
        return len(self._events) >= _FULL

    def put(self, events: Sequence[EngineEvent]) -> None:
        """Add events; an empty batch wakes nobody."""
        if events:
            self._events.extend(events)
            _wake(self._reader)

    async def room(self) -> None:
        """Wait until the reader has caught up."""
        while self.full:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    async def take(self) -> list[EngineEvent]:
        """All events that are there; waits for at least one."""
        while not self._events:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        events, self._events = self._events, []
        _wake(self._room)
        return events


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
