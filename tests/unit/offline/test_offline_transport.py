"""The engine inside the process: streaming as it is read, closing, time-outs, the log."""

import asyncio
from typing import Any

import httpx2
import pytest
from offline_door import HEADERS, Door, request

from ponder.offline.answer import Answer
from ponder.offline.pace import Pace
from ponder.offline.transport import BASE_URL, OfflineTransport

STREAMED = {**request(), "stream": True}


def client(door: Door, **options: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=OfflineTransport(door.engine), base_url=BASE_URL, headers=HEADERS, **options
    )


async def test_nothing_is_made_before_it_is_read() -> None:
    """A reader that stops reading stops the answer: events are made one at a time, on demand."""
    door = Door()
    door.answer = Answer(text="word " * 10_000)
    async with client(door) as http, http.stream("POST", "/v1/messages", json=STREAMED) as response:
        chunks = response.aiter_raw()
        for _ in range(5):
            await anext(chunks)
        for _ in range(100):
            await asyncio.sleep(0)
        assert door.engine.requests[-1].events == 4


@pytest.mark.parametrize("taken", [0, 1, 4])
async def test_closing_early_stops_the_answer(taken: int) -> None:
    """A response that is closed before its end is noted as closed by the client, at any point."""
    door = Door()
    async with client(door) as http:
        async with http.stream("POST", "/v1/messages", json=STREAMED) as response:
            chunks = response.aiter_raw()
            for _ in range(taken):
                await anext(chunks)
            await chunks.aclose()
        exchange = door.engine.requests[-1]
        assert (exchange.closed_by_client, exchange.finished) == (True, False)

        await http.post("/v1/messages", json=STREAMED)
        exchange = door.engine.requests[-1]
        assert (exchange.closed_by_client, exchange.finished) == (False, True)


async def test_cancelling_a_reader_closes_the_request() -> None:
    """A cancelled task that waits for the next event frees the engine at once."""
    door = Door(pace=Pace(delta_ms=3_600_000))
    got = asyncio.Event()

    async def read() -> None:
        async with client(door) as http, http.stream("POST", "/v1/messages", json=STREAMED) as response:
            async for _ in response.aiter_raw():
                got.set()

    task = asyncio.ensure_future(read())
    await got.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert door.engine.requests[-1].closed_by_client


@pytest.mark.parametrize("fault", ["silence", "stall=2"])
async def test_read_timeouts_are_kept(fault: str) -> None:
    """The client's read time-out works as on a socket."""
    door = Door()
    async with client(door, timeout=0.05) as http:
        with pytest.raises(httpx2.ReadTimeout):
            await http.post("/v1/messages", json=STREAMED, headers={"x-ponder-offline-fault": fault})

    assert door.engine.requests[-1].closed_by_client


@pytest.mark.parametrize(
    ("fault", "error"),
    [("drop", httpx2.ReadError), ("reset=2", httpx2.ReadError), ("cut=2", httpx2.RemoteProtocolError)],
)
async def test_broken_connections_raise_what_sockets_raise(fault: str, error: type[Exception]) -> None:
    """Resets and cuts are the exceptions httpx2 raises for them on a real connection."""
    async with client(Door()) as http:
        with pytest.raises(error):
            await http.post("/v1/messages", json=STREAMED, headers={"x-ponder-offline-fault": fault})


async def test_the_log_tells_what_happened() -> None:
    """Time, path, parsed body, status, ids, events and usage of each request are kept, up to the limit."""
    door = Door(log_limit=2)
    for _ in range(3):
        async with client(door) as http:
            response = await http.post("/v1/messages", json=STREAMED)
    exchange = door.engine.requests[-1]

    assert len(door.engine.requests) == 2
    assert (exchange.at, exchange.method, exchange.path) == (door.now, "POST", "/v1/messages")
    assert exchange.body == STREAMED
    assert exchange.request_id == response.headers["request-id"]
    assert exchange.message_id in response.text
    assert exchange.events == response.text.count("event: ")
    assert exchange.sent_bytes == len(response.content)
    assert exchange.usage["output_tokens"] == 13


async def test_pace_waits_before_deltas() -> None:
    """The pause stands before each delta, and the first one before everything."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    door = Door(pace=Pace(first_ms=500, delta_ms=8), sleep=sleep)
    raw = await door.stream_bytes(request())

    assert waits[0] == 0.5
    assert waits.count(0.008) == raw.count(b"event: content_block_delta")
