"""The reducer: whatever the events and however they arrive together, its rules hold."""

import itertools
import json
import random
from collections.abc import Iterable
from typing import Any

import pytest

from ponder.engine.events import BlockDelta, BlockFinished, BlockStarted, EngineEvent
from ponder.engine.reduce import Reducer, StreamError
from ponder.engine.wire import ProtocolError, WireEvent, decode

Json = dict[str, Any]
START: Json = {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {"input_tokens": 1}}}
END: list[Json] = [
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
]


def opened(index: int, kind: str, **more: Any) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}}


def delta(index: int, kind: str, text: str) -> Json:
    field = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}[kind]
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, field: text}}


def closed(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}


ANSWER: list[Json] = [
    START,
    opened(0, "thinking", thinking="", signature=""),
    delta(0, "thinking_delta", "Hm "),
    {"type": "ping"},
    delta(0, "thinking_delta", "so"),
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s=="}},
    closed(0),
    opened(1, "redacted_thinking", data="x"),
    closed(1),
    opened(2, "text", text=""),
    delta(2, "text_delta", "a\ud83d"),
    delta(2, "text_delta", "\ude00b"),
    delta(2, "text_delta", ""),
    closed(2),
    opened(3, "tool_use", id="t", name="report", input={}),
    delta(3, "input_json_delta", ""),
    delta(3, "input_json_delta", '{"a": '),
    delta(3, "input_json_delta", "[1]}"),
    closed(3),
    *END,
]


def wire(events: Iterable[Json]) -> list[WireEvent]:
    return [decode(json.dumps(event).encode()) for event in events]


def check(events: list[EngineEvent]) -> dict[int, tuple[str, str]]:
    """Blocks begin in order, take text only while open, end once. Returns kind and text of each."""
    kinds: dict[int, str] = {}
    texts: dict[int, str] = {}
    over: set[int] = set()
    for event in events:
        match event:
            case BlockStarted():
                assert event.index == len(kinds)
                kinds[event.index], texts[event.index] = event.kind, ""
            case BlockDelta():
                assert event.index in kinds
                assert event.index not in over
                assert event.text
                texts[event.index] += event.text
            case BlockFinished():
                assert event.index in kinds
                assert event.index not in over
                over.add(event.index)
    assert over == kinds.keys()
    return {index: (kinds[index], texts[index]) for index in kinds}


def test_any_grouping_gives_the_same_blocks() -> None:
    """What arrives together changes only how deltas are merged, never the text of a block."""
    expected = {
        0: ("thinking", "Hm so"),
        1: ("redactedThinking", ""),
        2: ("text", "a😀b"),
        3: ("tool", '{"a": [1]}'),
    }
    content = [
        {"type": "thinking", "thinking": "Hm so", "signature": "s=="},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "a😀b"},
        {"type": "tool_use", "id": "t", "name": "report", "input": {"a": [1]}},
    ]
    for size in range(1, len(ANSWER) + 1):
        reducer, events = Reducer(), wire(ANSWER)
        seen = [one for at in range(0, len(events), size) for one in reducer.reduce(events[at : at + size])]
        assert check(seen) == expected
        assert reducer.content() == content
        assert reducer.finished


def test_deltas_merge_only_within_what_arrived_together() -> None:
    """Three deltas in one group are one; in three groups they stay three."""
    texts = [delta(0, "text_delta", text) for text in "abc"]
    together, apart = Reducer(), Reducer()
    opening = [START, opened(0, "text", text="")]
    together.reduce(wire(opening))
    apart.reduce(wire(opening))
    assert together.reduce(wire(texts)) == [BlockStarted(0, "text", None), BlockDelta(0, "abc")]
    split = list(itertools.chain.from_iterable(apart.reduce(wire([one])) for one in texts))
    assert split[1:] == [BlockDelta(0, "a"), BlockDelta(0, "b"), BlockDelta(0, "c")]


def test_what_came_before_a_fault_is_kept() -> None:
    """Text before the event that breaks the stream is handed over, then the blocks are closed."""
    reducer = Reducer(first_index=5)
    events = wire(
        [START, opened(0, "text", text="x"), delta(0, "text_delta", "y"), delta(9, "text_delta", "z")]
    )
    with pytest.raises(ProtocolError):
        reducer.reduce(events)
    assert reducer.drain()[1:] == [BlockStarted(5, "text", None), BlockDelta(5, "x"), BlockDelta(5, "y")]
    assert reducer.abandon() == [BlockFinished(5)]
    assert reducer.delivered


def test_nothing_is_shown_before_content() -> None:
    """A block that has begun and said nothing leaves no trace, so that a retry starts clean."""
    reducer = Reducer()
    seen = reducer.reduce(wire([START, opened(0, "thinking", thinking="", signature=""), {"type": "ping"}]))
    assert len(seen) == 1
    assert not reducer.delivered
    assert reducer.abandon() == []


def test_progress_counts_content_only() -> None:
    """Pings, unknown events and empty deltas are no progress."""
    reducer = Reducer()
    reducer.reduce(wire([START, opened(0, "text", text="")]))
    before = reducer.progress
    reducer.reduce(wire([{"type": "ping"}, {"type": "novel"}, delta(0, "text_delta", "")]))
    assert reducer.progress == before
    reducer.reduce(wire([delta(0, "text_delta", "x")]))
    assert reducer.progress > before


def test_garbled_answers() -> None:
    """A-20: dropped, doubled, swapped and changed events end in one of two errors or in a lawful answer."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    shown = "Hm soa😀b" + '{"a": [1]}'
    for _ in range(5_000):
        events = wire(_garbled(chance))
        reducer, seen = Reducer(), []
        try:
            while events:
                count = chance.randrange(1, 6)
                seen += reducer.reduce(events[:count])
                del events[:count]
        except (ProtocolError, StreamError):
            seen += reducer.drain()
        blocks = check([*seen, *reducer.abandon()])
        for kind, text in blocks.values():
            assert kind in {"thinking", "redactedThinking", "text", "tool"}
            assert set(text) <= set(shown + "\ud83d\ude00")
            if kind == "text":
                assert not set(text) & set("Hmso")


def _garbled(chance: random.Random) -> list[Json]:
    events = list(ANSWER)
    for _ in range(chance.randint(1, 4)):
        events = events or list(ANSWER)
        at, other = chance.randrange(len(events)), chance.randrange(len(events))
        match chance.choice(["drop", "double", "swap", "index", "error", "cut"]):
            case "drop":
                del events[at]
            case "double":
                events.insert(at, events[at])
            case "swap":
                events[at], events[other] = events[other], events[at]
            case "index":
                events[at] = {**events[at], "index": chance.randrange(-1, 5)}
            case "error":
                events.insert(at, {"type": "error", "error": {"type": "api_error"}})
            case _:
                del events[at + 1 :]
    return events
