"""The faults of a running stream by name, in the terms of `fault_steps`. Decides not when they act."""

from collections.abc import Callable
from typing import Any

import msgspec

from ponder.offline.fault_steps import (
    Bend,
    Step,
    Steps,
    change,
    drip,
    ending,
    eof,
    error_event,
    insert,
    is_delta,
)
from ponder.offline.stream import Event


def _of(kind: str) -> Callable[[Event], bool]:
    return lambda event: event["type"] == kind


_EARLY: Event = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": "too early"},
}


def _delta_before_start(steps: Steps, _argument: str) -> Steps:
    yield _EARLY
    yield from steps


def _interleaved(steps: Steps, _argument: str) -> Steps:
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


def _many_deltas(steps: Steps, _argument: str) -> Steps:
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


def _no_signature(steps: Steps, _argument: str) -> Steps:
    for step in steps:
        if not (is_delta(step) and isinstance(step, dict) and step["delta"]["type"] == "signature_delta"):
            yield step


def _bad_utf8(event: Event, _argument: str) -> list[Step]:
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


def _unknown_block(steps: Steps, _argument: str) -> Steps:
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
    "reset": ending("reset"),
    "cut": ending("cut"),
    "stall": ending("stall"),
    "overloaded": error_event("overloaded_error", "Overloaded"),
    "api-error": error_event("api_error", "Internal server error"),
    "rate-limited": error_event("rate_limit_error", "Too many tokens; try again later."),
    "ping-drip": drip({"type": "ping"}),
    "comment-drip": drip(b": still here\n\n"),
    "empty-drip": drip(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": ""}}
    ),
    "thinking-drip": drip(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm "}}
    ),
    "malformed": insert(lambda _: b'event: content_block_delta\ndata: {"type": "content_block_del\n\n'),
    "unknown-event": insert(lambda _: {"type": "weather_report", "sky": "clear"}),
    "long-line": insert(lambda _: b"data: " + b"x" * 3_000_000),
    "bad-utf8": change(is_delta, _bad_utf8),
    "index-out-of-range": change(is_delta, lambda event, _: [{**event, "index": 99}]),
    "delta-before-start": _delta_before_start,
    "delta-before-block": change(_of("content_block_start"), lambda event, _: [_EARLY, event]),
    "double-start": change(
        _of("content_block_stop"),
        lambda event, _: [event, {"type": "message_start", "message": _SECOND}],
    ),
    "double-stop": change(_of("message_stop"), lambda event, _: [event, event]),
    "late-events": change(_of("message_stop"), _late),
    "unknown-block": _unknown_block,
    "unknown-delta": change(
        is_delta, lambda event, _: [{**event, "delta": {"type": "smell_delta", "smell": "mint"}}, event]
    ),
    "unknown-stop-reason": change(
        _of("message_delta"),
        lambda event, _: [{**event, "delta": {**event["delta"], "stop_reason": "tea_time"}}],
    ),
    "no-stop-reason": change(
        _of("message_delta"), lambda event, _: [{**event, "delta": {**event["delta"], "stop_reason": None}}]
    ),
    "interleaved": _interleaved,
    "many-deltas": _many_deltas,
    "huge-delta": change(_with_text, _huge),
    "usage-missing": _usage(_bare),
    "usage-negative": _usage(lambda usage: _numbers(usage, lambda value: -1 - value)),
    "usage-strings": _usage(lambda usage: _numbers(usage, str)),
    "no-signature": _no_signature,
}
