"""Faults of a running stream: each takes the steps of a good stream and gives back those of a bad one."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec
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


def _after(count: str, steps: Steps, *, deltas: bool = False) -> Iterator[tuple[bool, Step | None]]:
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


def _ending(how: Literal["reset", "cut", "stall"]) -> Bend:
    def bend(steps: Steps, count: str) -> Steps:
        for over, step in _after(count, steps):
            if over:
                yield Halt(how)
            elif step is not None:
                yield step

    return bend


def eof(steps: Steps, count: str) -> Steps:
    for over, step in _after(count, steps):
        if not over and step is not None:
            yield step


def _error_event(kind: str, message: str) -> Bend:
    def bend(steps: Steps, count: str) -> Steps:
        for over, step in _after(count, steps, deltas=True):
            if over:
                yield {"type": "error", "error": {"type": kind, "message": message}}
            elif step is not None:
                yield step

    return bend


def _drip(drop: Step) -> Bend:
    def bend(steps: Steps, count: str) -> Steps:
        for over, step in _after(count, steps):
            if not over and step is not None:
                yield step
        while True:
            yield Wait(DRIP_SECONDS)
            yield drop

    return bend


def _insert(made: Callable[[str], Step]) -> Bend:
    """Put one step before event `count`."""

    def bend(steps: Steps, count: str) -> Steps:
        done = False
        for over, step in _after(count, steps):
            if over and not done:
                yield made(count)
                done = True
            if step is not None:
                yield step
        yield from steps

    return bend


def _change(wanted: Callable[[Event], bool], made: Callable[[Event, str], list[Step]]) -> Bend:
    """Replace the first event that `wanted` names."""

    def bend(steps: Steps, argument: str) -> Steps:
        for step in steps:
            if isinstance(step, dict) and wanted(step):
                yield from made(step, argument)
                break
            yield step
        yield from steps

    return bend


def _of(kind: str) -> Callable[[Event], bool]:
    return lambda event: event["type"] == kind


_EARLY: Event = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": "too early"},
}


def delta_before_start(steps: Steps, _argument: str) -> Steps:
    yield _EARLY
    yield from steps


def interleaved(steps: Steps, _argument: str) -> Steps:
    """Open every block before the first delta, then take turns, then close all."""
    events = [step for step in steps if isinstance(step, dict)]
    blocks: dict[int, list[Event]] = {}
    for event in events:
        if "index" in event:
            blocks.setdefault(event["index"], []).append(event)
    yield events[0]
    yield from (block[0] for block in blocks.values())
    middles = [block[1:-1] for block in blocks.values()]
    for turn in range(max(map(len, middles), default=0)):
        yield from (middle[turn] for middle in middles if turn < len(middle))
    yield from (block[-1] for block in blocks.values())
    yield from events[-2:]


def many_deltas(steps: Steps, _argument: str) -> Steps:
    """One delta for each character."""
    for step in steps:
        key = _text_key(step)
        if key is None or not isinstance(step, dict) or len(step["delta"][key]) < 2:
            yield step
            continue
        for character in step["delta"][key]:
            yield {**step, "delta": {**step["delta"], key: character}}


def _usage(changed: Callable[[dict[str, Any]], dict[str, Any]]) -> Bend:
    def bend(steps: Steps, _argument: str) -> Steps:
        for step in steps:
            if isinstance(step, dict) and "usage" in step:
                yield {**step, "usage": changed(step["usage"])}
            elif isinstance(step, dict) and step["type"] == "message_start":
                message = step["message"]
                yield {**step, "message": {**message, "usage": changed(message["usage"])}}
            else:
                yield step

    return bend


def no_signature(steps: Steps, _argument: str) -> Steps:
    for step in steps:
        if not (is_delta(step) and isinstance(step, dict) and step["delta"]["type"] == "signature_delta"):
            yield step


def bad_utf8(event: Event, _argument: str) -> list[Step]:
    data = msgspec.json.encode({**event, "text": "@"}).replace(b"@", b"\xff\xfe")
    return [b"event: " + event["type"].encode() + b"\ndata: " + data + b"\n\n"]


def _huge(event: Event, size: str) -> list[Step]:
    key = _text_key(event) or "text"
    return [{**event, "delta": {**event["delta"], key: event["delta"].get(key, "") + "x" * int(size)}}]


def _text_key(step: Step) -> str | None:
    if not isinstance(step, dict) or step["type"] != "content_block_delta":
        return None
    return next((key for key in ("text", "thinking", "partial_json") if key in step["delta"]), None)


def _with_text(event: Event) -> bool:
    return _text_key(event) is not None


def _numbers(usage: dict[str, Any], change: Callable[[int], Any]) -> dict[str, Any]:
    return {key: change(value) if isinstance(value, int) else value for key, value in usage.items()}


def _bare(usage: dict[str, Any]) -> dict[str, Any]:
    return {key: usage[key] for key in ("input_tokens", "output_tokens") if key in usage}


def _late(_event: Event, _argument: str) -> list[Step]:
    late = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "LATE"}}
    return [{"type": "message_stop"}, late]


def unknown_block(steps: Steps, _argument: str) -> Steps:
    """A block of an unknown type behind the last known one."""
    last = -1
    for step in steps:
        if isinstance(step, dict):
            last = max(last, step.get("index", -1))
            if step["type"] == "message_delta":
                block = {"type": "hologram", "shape": "cube"}
                yield {"type": "content_block_start", "index": last + 1, "content_block": block}
                yield {"type": "content_block_stop", "index": last + 1}
        yield step


_SECOND: Event = {
    "id": "msg_second",
    "type": "message",
    "role": "assistant",
    "model": "claude-second",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}

BENDS: dict[str, Bend] = {
    "eof": eof,
    "reset": _ending("reset"),
    "cut": _ending("cut"),
    "stall": _ending("stall"),
    "overloaded": _error_event("overloaded_error", "Overloaded"),
    "api-error": _error_event("api_error", "Internal server error"),
    "rate-limited": _error_event("rate_limit_error", "Too many tokens; try again later."),
    "ping-drip": _drip({"type": "ping"}),
    "comment-drip": _drip(b": still here\n\n"),
    "empty-drip": _drip(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": ""}}
    ),
    "thinking-drip": _drip(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm "}}
    ),
    "malformed": _insert(lambda _: b'event: content_block_delta\ndata: {"type": "content_block_del\n\n'),
    "unknown-event": _insert(lambda _: {"type": "weather_report", "sky": "clear"}),
    "long-line": _insert(lambda _: b"data: " + b"x" * 3_000_000),
    "bad-utf8": _change(is_delta, bad_utf8),
    "index-out-of-range": _change(is_delta, lambda event, _: [{**event, "index": 99}]),
    "delta-before-start": delta_before_start,
    "delta-before-block": _change(_of("content_block_start"), lambda event, _: [_EARLY, event]),
    "double-start": _change(
        _of("content_block_stop"),
        lambda event, _: [event, {"type": "message_start", "message": _SECOND}],
    ),
    "double-stop": _change(_of("message_stop"), lambda event, _: [event, event]),
    "late-events": _change(_of("message_stop"), _late),
    "unknown-block": unknown_block,
    "unknown-delta": _change(
        is_delta, lambda event, _: [{**event, "delta": {"type": "smell_delta", "smell": "mint"}}, event]
    ),
    "unknown-stop-reason": _change(
        _of("message_delta"),
        lambda event, _: [{**event, "delta": {**event["delta"], "stop_reason": "tea_time"}}],
    ),
    "no-stop-reason": _change(
        _of("message_delta"), lambda event, _: [{**event, "delta": {**event["delta"], "stop_reason": None}}]
    ),
    "interleaved": interleaved,
    "many-deltas": many_deltas,
    "huge-delta": _change(_with_text, _huge),
    "usage-missing": _usage(_bare),
    "usage-negative": _usage(lambda usage: _numbers(usage, lambda value: -1 - value)),
    "usage-strings": _usage(lambda usage: _numbers(usage, str)),
    "no-signature": no_signature,
}
