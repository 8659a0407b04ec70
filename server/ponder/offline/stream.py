"""A reply as server-sent events. Pure: no clock, no socket, no pace."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ponder.offline.reply import Block, Reply

Event = dict[str, Any]

_STARTS: dict[str, dict[str, Any]] = {
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
    "text": {"type": "text", "text": ""},
}
_DELTAS = {
    "thinking": ("thinking_delta", "thinking"),
    "text": ("text_delta", "text"),
    "tool_use": ("input_json_delta", "partial_json"),
}


def events(reply: Reply) -> Iterator[Event]:
    """Yield the events of a reply in the order of the API; one `ping` follows the first block's start."""
    yield message_start(reply)
    for index, block in enumerate(reply.blocks):
        for event in _block_events(index, block):
            yield event
            if index == 0 and event["type"] == "content_block_start":
                yield {"type": "ping"}
    yield message_delta(reply)
    yield {"type": "message_stop"}


def message_start(reply: Reply) -> Event:
    """Return the first event; the cache figures are final in it."""
    message = {
        **reply.message(),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            **reply.usage,
            "output_tokens": min(1, reply.output_tokens),
            "service_tier": reply.service_tier,
        },
    }
    return {"type": "message_start", "message": message}


def message_delta(reply: Reply) -> Event:
    """Return the event with the stop reason; its usage is cumulative and has no split by TTL."""
    usage = {key: value for key, value in reply.final_usage.items() if key != "cache_creation"}
    del usage["service_tier"]
    return {
        "type": "message_delta",
        "delta": {
            "stop_reason": reply.stop_reason,
            "stop_sequence": reply.stop_sequence,
            "stop_details": reply.stop_details,
        },
        "usage": usage,
    }


def frame(event: Event) -> bytes:
    """Return the bytes of one event."""
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"


def _block_events(index: int, block: Block) -> Iterator[Event]:
    kind = block.whole["type"]
    start = _STARTS.get(kind, block.whole)
    if kind == "tool_use":
        start = {**block.whole, "input": {}}
    yield {"type": "content_block_start", "index": index, "content_block": start}
    if kind in _DELTAS:
        name, key = _DELTAS[kind]
        for piece in block.pieces:
            yield _delta(index, {"type": name, key: piece})
    if kind == "thinking" and block.whole["signature"]:
        yield _delta(index, {"type": "signature_delta", "signature": block.whole["signature"]})
    yield {"type": "content_block_stop", "index": index}


def _delta(index: int, delta: dict[str, Any]) -> Event:
    return {"type": "content_block_delta", "index": index, "delta": delta}
