"""Ends a request that no longer gets anywhere. Looks at content alone: pings and comments keep nothing alive."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from ponder.engine.timeouts import Timeouts
from ponder.errors import ErrorInfo


class ExpiredError(Exception):
    """The request was given up; `info` says why."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info


class Watchdog:
    """Guards the body of an `async with`: when time is up the body is cancelled and ExpiredError comes out.

    `clock` is monotonic, in seconds; `notify` gets one sentence for each quiet time that is long but not yet
    too long. The owner calls `answered` at the first byte and `content` at each piece of content.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        notify: Callable[[str], None],
    ) -> None:
        self._timeouts = timeouts
        self._clock = clock
        self._sleep = sleep
        self._notify = notify
        self._started = self._last = clock()
        self._answered = False
        self._warned = False
        self._held = False
        self._expired: ErrorInfo | None = None
        self._guarded: asyncio.Task[object] | None = None
        self._task: asyncio.Task[None] | None = None

    def answered(self) -> None:
        """The first byte of the answer is here."""
        if not self._answered:
            self._answered = True
            self.content()

    def content(self) -> None:
        """Content arrived."""
        self._last = self._clock()
        self._warned = False

    def hold(self, *, held: bool) -> None:
        """While the reader of the answer lags behind, silence is not the endpoint's fault."""
        self._held = held
        self._last = self._clock()

    async def __aenter__(self) -> Self:
        self._guarded = asyncio.current_task()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, guarded = self._task, self._guarded
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._expired is not None and guarded is not None and guarded.uncancel() == 0:
            # Our own cancellation, and nobody else's: tell it apart as asyncio.timeout does.
            raise ExpiredError(self._expired) from None

    async def _watch(self) -> None:
        while self._expired is None:
            await self._sleep(self._look())
        if self._guarded is not None:
            self._guarded.cancel()

    def _look(self) -> float:
        """Judge the silence; returns the seconds until it is worth looking again."""
        times, now = self._timeouts, self._clock()
        quiet = 0.0 if self._held else now - self._last
        limit = (times.stall_ms if self._answered else times.first_byte_ms) / 1000
        notice, total = times.notice_ms / 1000, times.total_ms / 1000
        if quiet >= limit or now - self._started >= total:
            self._expired = self._reason(limit if quiet >= limit else total)
            return 0.0
        if quiet >= notice and not self._warned:
            self._warned = True
            self._notify(f"Nothing has arrived for {quiet:.0f} s; still waiting.")
        until = [limit - quiet, total - (now - self._started)]
        if not self._warned:
            until.append(notice - quiet)
        return max(0.001, min(until))

    def _reason(self, seconds: float) -> ErrorInfo:
        if not self._answered:
            return ErrorInfo(
                kind="network",
                message=f"The endpoint did not begin to answer within {seconds:g} s.",
                hint="Check the network and run it again; `api.firstByteMs` sets how long to wait.",
                retryable=True,
            )
        return ErrorInfo(
            kind="stalled",
            message=f"The answer stopped: no end of it came within {seconds:g} s.",
            hint="Run it again; `api.stallMs` sets how long to wait for content.",
            retryable=True,
        )
