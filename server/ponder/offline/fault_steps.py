"""Ways to bend a stream: each takes the steps of a good one and gives back those of a bad one. Names no fault."""

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from ponder.offline.stream import Event


class Halt(Struct, frozen=True):
    """The stream goes no further: a reset, a chunk cut in the middle, or silence on an open connection."""

    how: Literal["reset", "cut", "stall"]


class Wait(Struct, frozen=True):
    """A pause in seconds."""

    seconds: float


Step = Event | bytes | Halt | Wait
Steps = Iterator[Step]
Bend = Callable[[Steps, str], Steps]

DRIP_SECONDS = 0.05


def is_delta(step: Step) -> bool:
    """Whether a step carries content."""
    return isinstance(step, dict) and step["type"] == "content_block_delta"


def after(count: str, steps: Steps, *, deltas: bool = False) -> Iterator[tuple[bool, Step | None]]:
    """Yield the first `count` events (or deltas) as (False, step), then (True, next step) once."""
    left = int(count)
    for step in steps:
        counts = is_delta(step) if deltas else isinstance(step, dict)
        if left == 0 and (counts or not deltas):
            yield True, step
            return
        yield False, step
        left -= counts
    yield True, None


def ending(how: Literal["reset", "cut", "stall"]) -> Bend:
    """End the connection after `count` events."""

    def bend(steps: Steps, count: str) -> Steps:
        for over, step in after(count, steps):
            if over:
                yield Halt(how)
            elif step is not None:
                yield step

    return bend


def eof(steps: Steps, count: str) -> Steps:
    """End cleanly after `count` events."""
    for over, step in after(count, steps):
        if not over and step is not None:
            yield step


def error_event(kind: str, message: str) -> Bend:
    """End with an `error` event after `count` deltas."""

    def bend(steps: Steps, count: str) -> Steps:
        for over, step in after(count, steps, deltas=True):
            if over:
                yield {"type": "error", "error": {"type": kind, "message": message}}
            elif step is not None:
                yield step

    return bend


def drip(drop: Step) -> Bend:
    """Repeat one step for ever after `count` events."""

    def bend(steps: Steps, count: str) -> Steps:
        for over, step in after(count, steps):
            if not over and step is not None:
                yield step
        while True:
            yield Wait(DRIP_SECONDS)
            yield drop

    return bend


def insert(made: Callable[[str], Step]) -> Bend:
    """Put one step before event `count`."""

    def bend(steps: Steps, count: str) -> Steps:
        done = False
        for over, step in after(count, steps):
            if over and not done:
                yield made(count)
                done = True
            if step is not None:
                yield step
        yield from steps

    return bend


def change(wanted: Callable[[Event], bool], made: Callable[[Event, str], list[Step]]) -> Bend:
    """Replace the first event that `wanted` names."""

    def bend(steps: Steps, argument: str) -> Steps:
        for step in steps:
            if isinstance(step, dict) and wanted(step):
                yield from made(step, argument)
                break
            yield step
        yield from steps

    return bend
