"""How fast an answer flows, and how its steps become bytes on a connection. Knows no answer."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from msgspec import Struct

from ponder.offline.exchange import Broken, Exchange
from ponder.offline.fault_bends import BENDS
from ponder.offline.fault_steps import Halt, Step, Wait, is_delta
from ponder.offline.faults import Fault
from ponder.offline.stream import Event, frame

WATCHED_MS = 8.0
"""Pause before each delta where a person watches: thinking is then seen to be written."""

Sleep = Callable[[float], Awaitable[None]]


class Pace(Struct, frozen=True):
    """Milliseconds before the first event and before each delta. 0 is as fast as the client reads."""

    first_ms: float = 0
    delta_ms: float = 0


class Delivery(Struct, frozen=True):
    """How one stream is sent. `started` is called when its first event has gone out, and only then."""

    faults: tuple[Fault, ...]
    pace: Pace
    sleep: Sleep
    started: Callable[[], None]
    exchange: Exchange


async def send(events: Iterator[Event], delivery: Delivery) -> AsyncIterator[bytes]:
    """Yield the bytes of a stream, bent by the faults. Raises `Broken` where the connection is to break."""
    faults, pace, sleep = delivery.faults, delivery.pace, delivery.sleep
    steps: Iterator[Step] = iter(events)
    for fault in faults:
        if fault.stage == "stream":
            steps = BENDS[fault.name](steps, fault.value)
    wire = _Wire(faults)
    await sleep(pace.first_ms / 1000)
    slow = sum(float(fault.value) for fault in faults if fault.name == "slow")
    for step in steps:
        if isinstance(step, Halt):
            for chunk in wire.halt(step):
                yield chunk
            await _break(step)
        if isinstance(step, Wait):
            await sleep(step.seconds)
            continue
        # Also at full speed: a long answer must leave the loop to others now and then.
        await sleep((pace.delta_ms + slow) / 1000 if is_delta(step) else 0)
        raw = step if isinstance(step, bytes) else frame(step)  # type: ignore[arg-type]  # no Halt, no Wait
        for chunk in wire.chunks(raw):
            yield chunk
        if wire.over:
            await _end(wire)
            return
        if isinstance(step, dict):
            delivery.exchange.events += 1
        if delivery.exchange.events == 1:
            delivery.started()
    for chunk in wire.rest():
        yield chunk


class _Wire:
    """Cuts, compresses and ends bytes as the faults want it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        values = {fault.name: fault.value for fault in faults if fault.stage == "wire"}
        self._size = int(values["bytes"]) if "bytes" in values else None
        self._gzip = zlib.compressobj(wbits=31) if "gzip" in values else None
        ends = [int(values[name]) for name in ("eof-byte", "reset-byte") if name in values]
        self._left = min(ends) if ends else None
        self.resets = "reset-byte" in values
        self.over = False

    def chunks(self, raw: bytes) -> Iterator[bytes]:
        """Yield what goes out for these bytes."""
        if self._left is not None:
            self.over = len(raw) >= self._left
            raw = raw[: self._left]
            self._left -= len(raw)
        if self._gzip is not None:
            raw = self._gzip.compress(raw) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
        yield from self._cut(raw)

    def halt(self, step: Halt) -> Iterator[bytes]:
        """Yield the last bytes before a halt: a cut happens inside an event."""
        if step.how == "cut":
            yield from self.chunks(b'event: content_block_delta\ndata: {"type":"content_blo')

    def rest(self) -> Iterator[bytes]:
        """Yield what compression still holds."""
        if self._gzip is not None:
            yield from self._cut(self._gzip.flush())

    def _cut(self, raw: bytes) -> Iterator[bytes]:
        size = self._size or max(len(raw), 1)
        for at in range(0, len(raw), size):
            yield raw[at : at + size]


async def _break(step: Halt) -> None:
    if step.how != "stall":
        raise Broken(step.how)
    await asyncio.get_running_loop().create_future()


async def _end(wire: _Wire) -> None:
    if wire.resets:
        raise Broken("reset")
