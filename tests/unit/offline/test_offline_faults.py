"""Faults on request: each is what its line says, at the place asked for, as often as asked for."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest
from offline_door import Door, joined, read_events, request

from ponder.offline.exchange import Body, Broken, Response
from ponder.offline.fault_bends import BENDS
from ponder.offline.faults import KINDS, Faults, describe_faults, parse_fault

STREAMED = {**request(thinking={"type": "adaptive", "display": "summarized"}), "stream": True}
STATUSES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


async def drain(response: Response) -> tuple[bytes, str]:
    """Read a response to its end: the bytes, and how it ended (`end`, `reset`, `cut`, `silence`)."""
    if isinstance(response.body, bytes):
        return response.body, "end"
    got = b""
    try:
        while True:
            got += await asyncio.wait_for(anext(response.body), 0.05)
    except StopAsyncIteration:
        return got, "end"
    except Broken as broken:
        return got, broken.how
    except TimeoutError:
        return got, "silence"


async def faulty(door: Door, fault: str) -> tuple[Response, bytes, str]:
    response = await door.send(STREAMED, x_ponder_offline_fault=fault)
    return response, *(await drain(response))


@pytest.mark.parametrize("status", STATUSES)
async def test_every_status_has_its_type(door: Door, status: int) -> None:
    """A status comes with the error type the API gives it and a request id in body and header."""
    response, raw, _ = await faulty(door, f"status={status}")
    body = json.loads(raw)

    assert (response.status, body["error"]["type"]) == (status, STATUSES[status])
    assert body["request_id"] == response.headers["request-id"]


@pytest.mark.parametrize(
    ("fault", "status", "header", "value"),
    [
        ("retry-after=3600", 429, "retry-after", "3600"),
        ("retry-after=inf", 429, "retry-after", "inf"),
        ("retry-after=date:+60", 429, "retry-after", "Mon, 12 Jan 1970 13:47:40 GMT"),
        ("retry-after-ms=250", 429, "retry-after-ms", "250"),
        ("should-retry=true", 400, "x-should-retry", "true"),
        ("redirect=http://127.0.0.1:1/x", 307, "location", "http://127.0.0.1:1/x"),
        ("html-error=504", 504, "content-type", "text/html; charset=utf-8"),
        ("html", 200, "content-type", "text/html; charset=utf-8"),
        ("empty", 200, "content-type", "text/event-stream"),
        ("json", 200, "content-type", "application/json"),
        ("spend-limit", 429, "retry-after", None),
    ],
)
async def test_answers_that_are_none(
    door: Door, fault: str, status: int, header: str, value: str | None
) -> None:
    """Stand-in answers carry the status and the header their line promises."""
    response, _, _ = await faulty(door, fault)

    assert (response.status, response.headers.get(header)) == (status, value)


async def test_a_spend_limit_says_its_code(door: Door) -> None:
    """Clients tell a spend limit from a rate limit by `error.details.error_code`."""
    _, raw, _ = await faulty(door, "spend-limit")

    assert json.loads(raw)["error"]["details"] == {"error_code": "enforced_spend_limit_reached"}


@pytest.mark.parametrize("count", range(12))
@pytest.mark.parametrize(("fault", "ending"), [("eof", "end"), ("reset", "reset"), ("stall", "silence")])
async def test_streams_end_where_asked(door: Door, fault: str, ending: str, count: int) -> None:
    """After exactly so many events: a clean end, a reset, or silence; the events before are untouched."""
    good = read_events((await drain(await door.send(STREAMED)))[0])

    _, raw, ended = await faulty(door, f"{fault}={count}")

    assert [event["type"] for event in read_events(raw)] == [event["type"] for event in good[:count]]
    assert ended == ending


async def test_a_cut_happens_inside_an_event(door: Door) -> None:
    """`cut` breaks a chunked body in the middle of an event's JSON."""
    _, raw, ended = await faulty(door, "cut=4")

    assert ended == "cut"
    assert not raw.endswith(b"\n\n")


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("overloaded", "overloaded_error"), ("api-error", "api_error"), ("rate-limited", "rate_limit_error")],
)
async def test_errors_inside_a_stream(door: Door, fault: str, kind: str, count: int) -> None:
    """After so many deltas an `error` event ends the stream, under HTTP 200."""
    response, raw, _ = await faulty(door, f"{fault}={count}")
    events = read_events(raw)

    assert response.status == 200
    assert sum(event["type"] == "content_block_delta" for event in events) == count
    assert (events[-1]["type"], events[-1]["error"]["type"]) == ("error", kind)


@pytest.mark.parametrize(
    ("fault", "mark"),
    [
        ("ping-drip", b"event: ping"),
        ("comment-drip", b": still here"),
        ("empty-drip", b'"thinking":""'),
        ("thinking-drip", b'"thinking":"hm "'),
    ],
)
async def test_drips_never_end(fault: str, mark: bytes) -> None:
    """A drip repeats one harmless thing until the client leaves, and the engine notes that it left."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    door = Door(sleep=sleep)
    response = await door.send(STREAMED, x_ponder_offline_fault=f"{fault}=2")
    assert isinstance(response.body, Body)
    chunks = [await anext(response.body) for _ in range(50)]
    await response.body.aclose()

    assert sum(mark in chunk for chunk in chunks[2:]) == 48
    assert sum(waits) > 2
    assert door.engine.requests[-1].closed_by_client


SHAPES: list[tuple[str, Any]] = [
    ("unknown-event", lambda events: events[4]["type"] == "weather_report"),
    ("index-out-of-range", lambda events: max(event.get("index", 0) for event in events) == 99),
    ("delta-before-start", lambda events: events[0]["type"] == "content_block_delta"),
    ("delta-before-block", lambda events: events[1]["type"] == "content_block_delta"),
    ("double-start", lambda events: [e["type"] for e in events].count("message_start") == 2),
    ("double-stop", lambda events: [e["type"] for e in events[-2:]] == ["message_stop"] * 2),
    ("late-events", lambda events: events[-1]["delta"]["text"] == "LATE"),
    (
        "unknown-block",
        lambda events: any(e.get("content_block", {}).get("type") == "hologram" for e in events),
    ),
    ("unknown-delta", lambda events: any(e.get("delta", {}).get("type") == "smell_delta" for e in events)),
    ("unknown-stop-reason", lambda events: events[-2]["delta"]["stop_reason"] == "tea_time"),
    ("no-stop-reason", lambda events: events[-2]["delta"]["stop_reason"] is None),
    ("interleaved", lambda events: [e["type"] for e in events[1:3]] == ["content_block_start"] * 2),
    ("many-deltas", lambda events: len(events) > 40),
    (
        "huge-delta=1000",
        lambda events: max(len(e.get("delta", {}).get("thinking", "")) for e in events) > 1000,
    ),
    ("usage-missing", lambda events: "cache_read_input_tokens" not in events[0]["message"]["usage"]),
    ("usage-negative", lambda events: events[-2]["usage"]["output_tokens"] < 0),
    ("usage-strings", lambda events: events[-2]["usage"]["output_tokens"] == "13"),
    ("no-signature", lambda events: all("signature" not in e.get("delta", {}) for e in events)),
    ("refusal", lambda events: events[-2]["delta"]["stop_details"]["category"] == "cyber"),
    ("empty-refusal=none", lambda events: events[-2]["delta"]["stop_details"]["category"] is None),
    ("pause-turn", lambda events: events[-2]["delta"]["stop_reason"] == "pause_turn"),
    ("context-window", lambda e: e[-2]["delta"]["stop_reason"] == "model_context_window_exceeded"),
    ("redacted", lambda events: events[1]["content_block"]["type"] == "redacted_thinking"),
    ("max-tokens=9", lambda events: events[-2]["usage"]["output_tokens"] == 9),
    ("slow=0", lambda events: events[-1]["type"] == "message_stop"),
]


@pytest.mark.parametrize(("fault", "holds"), SHAPES, ids=[row[0] for row in SHAPES])
async def test_bent_streams_are_bent_as_promised(door: Door, fault: str, holds: Any) -> None:
    """The stream has the one thing its fault names; the good stream has not."""
    _, raw, ended = await faulty(door, fault)

    assert ended == "end"
    assert holds(read_events(raw))
    if fault != "slow=0":
        assert not _holds(holds, read_events((await drain(await door.send(STREAMED)))[0]))


def _holds(holds: Any, events: list[dict[str, Any]]) -> bool:
    try:
        return bool(holds(events))
    except (KeyError, TypeError, IndexError):
        return False


@pytest.mark.parametrize("fault", ["malformed", "bad-utf8", "long-line"])
async def test_streams_that_cannot_be_read(door: Door, fault: str) -> None:
    """Broken JSON, broken UTF-8 and a line without end really are unreadable."""
    _, raw, _ = await faulty(door, fault)

    with pytest.raises((ValueError, KeyError)):
        read_events(raw)


async def test_small_chunks_say_the_same(door: Door) -> None:
    """Split at every byte, or compressed, the bytes are those of the good stream."""
    good = await door.stream_bytes(STREAMED)
    response = await door.send(STREAMED, x_ponder_offline_fault="bytes")
    chunks = [chunk async for chunk in response.body]
    assert {len(chunk) for chunk in chunks} == {1}
    assert _anonymous(b"".join(chunks)) == _anonymous(good)

    response, raw, _ = await faulty(door, "gzip")
    assert response.headers["content-encoding"] == "gzip"
    assert _anonymous(gzip.decompress(raw)) == _anonymous(good)


def _anonymous(raw: bytes) -> list[dict[str, Any]]:
    events = read_events(raw)
    del events[0]["message"]["id"]
    return events


@pytest.mark.parametrize("count", [1, 100, 777])
async def test_ends_at_a_byte(door: Door, count: int) -> None:
    """`eof-byte` and `reset-byte` let exactly so many bytes through."""
    _, raw, ended = await faulty(door, f"eof-byte={count}")
    assert (len(raw), ended) == (count, "end")
    _, raw, ended = await faulty(door, f"reset-byte={count}")
    assert (len(raw), ended) == (count, "reset")


async def test_a_bomb_is_small_on_the_wire(door: Door) -> None:
    """A few kilobytes that unpack to megabytes."""
    _, raw, _ = await faulty(door, "gzip-bomb=5")

    assert len(raw) < 10_000
    assert len(zlib.decompress(raw, wbits=31)) == 5_000_000


async def test_a_connection_without_an_answer(door: Door) -> None:
    """`drop` breaks before any answer; `silence` keeps the client waiting until it leaves."""
    with pytest.raises(Broken):
        await door.send(STREAMED, x_ponder_offline_fault="drop")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(door.send(STREAMED, x_ponder_offline_fault="silence"), 0.05)

    assert [exchange.closed_by_client for exchange in door.engine.requests] == [False, True]


async def test_faults_are_counted(door: Door) -> None:
    """`skip` and `times` count requests; stand-ins queue up behind each other; other paths are untouched."""
    door.engine.faults.add("status=529;times=2", "status=500;times=1", "eof=2;skip=1;times=1")
    statuses = []
    events = []
    for _ in range(6):
        response = await door.send(STREAMED)
        statuses.append(response.status)
        events.append(len(read_events((await drain(response))[0])) if response.status == 200 else 0)
        assert (await door.ask(path="/v1/models", method="GET"))[0] == 200

    assert statuses == [529, 529, 500, 200, 200, 200]
    assert [count == 2 for count in events].index(True) == 4


async def test_a_header_counts_on_its_own(door: Door) -> None:
    """The same header sent again goes on counting, so a retrying client gets through."""
    statuses = [
        (await door.send(request(), x_ponder_offline_fault="status=529;times=2")).status for _ in range(4)
    ]

    assert statuses == [529, 529, 200, 200]


async def test_a_fault_on_another_path(door: Door) -> None:
    """`path` picks the endpoint; `*` is every one."""
    door.engine.faults.add("status=404;path=/v1/models")
    assert (await door.ask(path="/v1/models", method="GET"))[0] == 404
    assert (await door.ask(request()))[0] == 200
    door.engine.faults.clear()
    door.engine.faults.add("status=500;path=*")
    assert (await door.ask(path="/v1/models", method="GET"))[0] == 500


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_every_fault_can_be_asked_for(kind: Any) -> None:
    """Every row of the table does something with its default, on a stream and on a whole message."""
    for body in (STREAMED, request()):
        door = Door()
        try:
            response = await asyncio.wait_for(
                door.send(
                    body,
                    x_ponder_offline_fault={"slow": "slow=1", "gzip-bomb": "gzip-bomb=1"}.get(
                        kind.name, kind.name
                    ),
                ),
                0.3,
            )
        except (Broken, TimeoutError):
            assert kind.name in {"drop", "silence"}
            continue
        assert response.status != 500
        if isinstance(response.body, Body):
            for _ in range(3):
                await anext(response.body, None)
            await response.body.aclose()
        assert door.engine.requests[-1].faults == (() if kind.stage == "batch" else (kind.name,))


@pytest.mark.parametrize(
    "written", ["", "nonsense", "html=1", "eof=x", "status=529;often=3", "status=529;times=x", "status=a"]
)
def test_misspelt_faults_are_refused(written: str) -> None:
    """A fault that cannot be is an error where it is written."""
    with pytest.raises(ValueError):
        parse_fault(written)


def test_the_table_is_complete() -> None:
    """Every stream fault has its code and every row its line; the listing names them all."""
    assert {kind.name for kind in KINDS if kind.stage == "stream"} == set(BENDS)
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len(describe_faults().splitlines()) == len(KINDS)


def test_waiting_faults_are_not_lost() -> None:
    """A stream fault is counted only on requests that reach the stream."""
    faults = Faults(["status=529;times=1", "refusal;times=1"])

    taken = [[fault.name for fault in faults.take("/v1/messages")] for _ in range(3)]

    assert taken == [["status"], ["refusal"], []]


async def test_two_faults_on_one_stream(door: Door) -> None:
    """Faults of different kinds add up."""
    response = await door.send(STREAMED, x_ponder_offline_fault="refusal, bytes=7")
    chunks = [chunk async for chunk in response.body]

    assert max(map(len, chunks)) == 7
    events = read_events(b"".join(chunks))
    assert events[-2]["delta"]["stop_reason"] == "refusal"
    assert "The answer is 42.".startswith(joined(events, "text"))
