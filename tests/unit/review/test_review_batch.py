"""Rows, names, result lines and whole messages of batches."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ponder.engine.events import AnswerEnded, BlockDelta, CountsChanged
from ponder.engine.message import error_of, events_of
from ponder.offline.engine import OfflineEngine
from ponder.review import batch as book
from ponder.review.batch import Sent
from ponder.store.rows import BatchRow

SENT = Sent(key="k", id="b1", created=1000.0, items=("x", "y"), endpoint="e", workspace="w", model="m")


def test_a_row_gives_back_its_batch() -> None:
    """Through the store and back; rows of others are none of ours."""
    row = book.row_of(SENT)
    assert (
        book.sent_of(BatchRow(id=row.id, created=row.created, details=json.loads(json.dumps(row.details))))
        == SENT
    )
    assert book.sent_of(BatchRow(id="a", created=1.0, details={"kind": "other"})) is None
    assert book.sent_of(BatchRow(id="a", created=1.0, details={"kind": "review", "items": 3})) is None


def test_names_of_items_are_those_of_the_api() -> None:
    """The same parts give the same name, others another; the form is the one that is accepted."""
    name = book.item_name("a", "bc")
    assert name == book.item_name("a", "bc")
    assert name != book.item_name("ab", "c")
    assert len(name) <= 64
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert book.item_name("\ud800")


@pytest.mark.parametrize(
    ("weights", "sizes"),
    [
        ([], []),
        ([1, 1], [2]),
        ([book.MOST_BYTES, 1], [1, 1]),
        ([1] * (book.MOST_ITEMS + 1), [book.MOST_ITEMS, 1]),
    ],
)
def test_chunks_keep_the_limits(weights: list[int], sizes: list[int]) -> None:
    """None larger than a batch may be, nothing lost."""
    assert [len(chunk) for chunk in book.chunks((n, weight) for n, weight in enumerate(weights))] == sizes


def test_results_are_matched_by_name() -> None:
    """Any order; twice counts once; strangers and nonsense do not count."""
    lines: list[Any] = [
        {"custom_id": "y", "result": {"type": "expired"}},
        {"custom_id": "x", "result": {"type": "succeeded"}},
        {"custom_id": "x", "result": {"type": "errored"}},
        {"custom_id": "z", "result": {"type": "succeeded"}},
        {"custom_id": 3, "result": {}},
        {"custom_id": "x"},
    ]
    assert book.results(lines, ("x", "y")) == {"x": {"type": "succeeded"}, "y": {"type": "expired"}}


def listed(name: str, count: int, at: float) -> dict[str, Any]:
    moment = datetime.fromtimestamp(at, UTC).isoformat()
    return {"id": name, "request_counts": {"processing": count, "succeeded": 0}, "created_at": moment}


def test_a_lost_batch_is_looked_for_by_number_and_time() -> None:
    """Neither known ones, nor those of another size or time; the nearest in time first."""
    candidates = [
        listed("far", 2, 1200.0),
        listed("near", 2, 1001.0),
        listed("known", 2, 1000.0),
        listed("larger", 3, 1000.0),
        listed("yesterday", 2, 1000.0 - 86_400),
        {"id": "odd"},
        {"id": "odder", "request_counts": {"succeeded": 2}, "created_at": None},
    ]
    assert book.candidates(SENT, candidates, ["known"]) == ["near", "far"]


def message(**more: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "{}"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 10, "output_tokens": 5, "service_tier": "batch"},
    } | more


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (message(), "done"),
        (message(stop_reason="tool_use"), "done"),
        (message(stop_reason="max_tokens"), "truncated"),
        (message(stop_reason="refusal", content=[]), "refused"),
        (message(stop_reason=None), "failed"),
        (message(stop_reason="new_reason"), "failed"),
        (message(content="text"), "failed"),
        (message(content=[3]), "failed"),
        ("nothing", "failed"),
        (None, "failed"),
    ],
)
def test_a_whole_message_ends_like_a_streamed_one(given: Any, status: str) -> None:
    """One AnswerEnded, last; only a known reason is an end."""
    events = events_of(given)
    assert [isinstance(event, AnswerEnded) for event in events].count(True) == 1
    last = events[-1]
    assert isinstance(last, AnswerEnded)
    assert last.status == status
    assert (last.error is None) == (status == "done")


def test_a_whole_message_tells_its_text_and_counts() -> None:
    """Thinking and text stay apart; a tool's input comes as its JSON; usage is read."""
    content = [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "tool_use", "id": "t", "name": "report", "input": {"summary": "é"}},
    ]
    events = events_of(message(content=content))
    texts = [event.text for event in events if isinstance(event, BlockDelta)]
    assert texts[0] == "hm"
    assert json.loads(texts[1]) == {"summary": "é"}
    last = events[-1]
    assert isinstance(last, AnswerEnded)
    assert (last.counts.input, last.counts.output, last.counts.service_tier) == (10, 5, "batch")
    assert not any(isinstance(event, CountsChanged) and event.counts.input != 10 for event in events)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "x"}, "request_id": "r"},
            "overloaded",
        ),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "x"}}, "invalidRequest"),
        ({"type": "overloaded_error", "message": "x"}, "overloaded"),
        (None, None),
        ({"error": "text"}, None),
    ],
)
def test_an_errored_item_has_its_kind(body: Any, kind: str | None) -> None:
    """As an error inside a stream; of any shape."""
    info = error_of(body)
    assert info.message
    assert kind is None or info.kind == kind


async def test_a_batch_that_has_ended_has_all_its_results() -> None:
    """Also when whoever looked first went away in the middle: the next one never sees a part of them."""
    engine = OfflineEngine()
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}
    params = {
        "model": "claude-haiku-4-5",
        "max_tokens": 2_000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    }
    requests = [{"custom_id": f"n{n}", "params": params} for n in range(20)]
    made = await engine.handle(
        "POST", "/v1/messages/batches", headers, json.dumps({"requests": requests}).encode()
    )
    assert isinstance(made.body, bytes)
    place = f"/v1/messages/batches/{json.loads(made.body)['id']}"
    first = asyncio.create_task(engine.handle("GET", place, headers))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    seen = await engine.handle("GET", place, headers)
    assert isinstance(seen.body, bytes)
    assert json.loads(seen.body)["processing_status"] == "ended"
    lines = await engine.handle("GET", f"{place}/results", headers)
    assert isinstance(lines.body, bytes)
    assert len(lines.body.splitlines()) == 20
