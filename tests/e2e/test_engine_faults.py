"""What a failing endpoint becomes: one clear end, never a success, never more requests than promised.

The ids are those of the list of API faults. Tested elsewhere: A-14 to A-18, A-24 and A-28 with the answers, A-25 and
A-26 with the client, A-09's spellings in the unit tests. Not here: A-05, A-15 and A-26 as far as edits, caches and
restarts go (no such thing in this room), A-19 and A-27's plans (there is no loop of tools to abort).
"""

import asyncio
import contextlib
import socket

import httpx2
import pytest
from engine_setup import KEY, Clock, engine, listen, request
from scripted_api import (
    Exchange,
    block,
    chunk,
    error,
    good,
    head,
    plain,
    serving,
    start,
    stream,
    until_left,
)

from ponder.config.settings import ApiSettings
from ponder.engine.effects import Effects
from ponder.engine.endpoint import resolve
from ponder.engine.events import AnswerEnded, BlockDelta
from ponder.engine.timeouts import Timeouts
from ponder.engine.turn import Engine

STATUSES = [
    (400, "invalid_request_error", "invalidRequest", 1),
    (401, "authentication_error", "authentication", 1),
    (402, "billing_error", "billing", 1),
    (403, "permission_error", "permission", 1),
    (404, "not_found_error", "invalidRequest", 1),
    (408, "timeout_error", "network", 4),
    (409, "conflict_error", "internal", 4),
    (413, "request_too_large", "tooLarge", 1),
    (422, "invalid_request_error", "invalidRequest", 1),
    (429, "rate_limit_error", "rateLimit", 4),
    (500, "api_error", "internal", 4),
    (501, "api_error", "invalidRequest", 1),
    (503, "overloaded_error", "overloaded", 4),
    (504, "timeout_error", "network", 4),
    (529, "overloaded_error", "overloaded", 4),
]


@pytest.mark.parametrize(("status", "kind", "expected", "tries"), STATUSES)
async def test_each_status(status: int, kind: str, expected: str, tries: int) -> None:
    """A-01: each status has its kind, its tries, a request id and a hint; the key is never in the text."""
    said = f"no luck\nwith {KEY} and Bearer {KEY}"
    async with serving(error(status, kind, said), repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == tries

    problem = heard.end.error
    assert (heard.end.status, problem.kind) == ("failed", expected)
    assert problem.request_id == "req_test"
    assert problem.hint
    assert str(status) in problem.message
    assert KEY not in repr(heard.events)
    assert "\n" not in problem.message
    assert [retry.attempt for retry in heard.retries] == list(range(2, tries + 1))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            error(400, "invalid_request_error", "prompt is too long: 1234567 tokens > 1000000 maximum"),
            "tooLarge",
        ),
        (error(400, "invalid_request_error", "Your credit balance is too low"), "billing"),
        (error(429, "rate_limit_error", "Stop", code="enforced_spend_limit_reached"), "billing"),
        (error(429, "rate_limit_error", "Stop", code="contract_spend_limit_reached"), "billing"),
        (error(418, "teapot_error", "?"), "invalidRequest"),
        (plain(502, b"<html>Bad gateway</html>", "x-should-retry: false", kind="text/html"), "internal"),
        (plain(400, b"", "x-should-retry: true"), "invalidRequest"),
        (plain(529, {"error": "?"}, "x-should-retry: false"), "overloaded"),
    ],
)
async def test_what_one_status_can_mean(answer: list[bytes], expected: str) -> None:
    """A-01, A-09, A-10: prompts too long, spent money and forbidden retries cost one request."""
    async with serving(answer) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 1

    assert heard.end.error.kind == expected


async def test_an_overload_that_passes() -> None:
    """A-02: two refusals, then an answer; each wait is told."""
    busy = error(529, "overloaded_error")
    async with serving(busy, busy, stream(*good())) as api:
        heard = await listen(engine(api.url))

    assert heard.end.status == "done"
    assert [(retry.attempt, retry.delay_ms) for retry in heard.retries] == [(2, 500), (3, 1000)]


async def test_cancelled_before_it_begins() -> None:
    """An answer given up before its first step still has its one end."""
    cancelled = asyncio.Event()
    cancelled.set()
    async with serving([until_left], repeat=True) as api:
        heard = await listen(engine(api.url), cancelled=cancelled)

    assert heard.end.status == "cancelled"


async def test_tries_end_with_the_window() -> None:
    """A-02: however many tries are allowed, none is made later than 45 s after the first."""
    clock = Clock()
    async with serving(error(529, "overloaded_error"), repeat=True) as api:
        task = asyncio.create_task(listen(engine(api.url, clock.effects()), timeouts=Timeouts(max_tries=50)))
        while not task.done():
            await asyncio.sleep(0.001)
            waits = [wait for wait in clock.sleeping_until() if wait <= 8]
            if waits:
                await clock.move(waits[0])
        heard = await task
        assert 5 < len(api.requests) < 12

    assert clock.now - 1000 <= 45
    assert heard.end.error.kind == "overloaded"


async def test_cancel_while_waiting_for_a_retry() -> None:
    """A-03: cancelling during the wait ends at once; no request follows."""
    clock, cancelled = Clock(), asyncio.Event()
    async with serving(error(529, "overloaded_error"), repeat=True) as api:
        task = asyncio.create_task(listen(engine(api.url, clock.effects()), cancelled=cancelled))
        while not [wait for wait in clock.sleeping_until() if wait < 1]:
            await asyncio.sleep(0.001)
        cancelled.set()
        heard = await task
        await clock.move(100)
        assert len(api.requests) == 1

    assert heard.end.status == "cancelled"


@pytest.mark.parametrize("by", ["event", "task", "close"])
async def test_cancel_while_streaming(by: str) -> None:
    """The connection is closed at once, whichever way the answer is given up."""
    cancelled = asyncio.Event()
    begun = asyncio.Event()
    texts = [head(), *(chunk(piece) for piece in [start(), *block(0, "text", "Hi")[:2]]), until_left]
    async with serving(texts) as api:
        seen: list[object] = []

        async def read() -> None:
            async with contextlib.aclosing(engine(api.url).stream(request(), cancelled=cancelled)) as batches:
                async for batch in batches:
                    seen.extend(batch)
                    if any(isinstance(one, BlockDelta) for one in batch):
                        begun.set()
                        if by == "close":
                            return

        task = asyncio.create_task(read())
        await begun.wait()
        if by == "event":
            cancelled.set()
        if by == "task":
            task.cancel()
        await asyncio.wait([task])
        await (await api.request()).client_left.wait()

    assert task.cancelled() == (by == "task")
    ended = [one for one in seen if isinstance(one, AnswerEnded)]
    assert [one.status for one in ended] == (["cancelled"] if by == "event" else [])
    if by == "event":
        assert ended[0].counts.input == 25


async def test_nobody_listens() -> None:
    """A-08: a refused connection is a network error, after all tries."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        heard = await listen(engine(f"http://127.0.0.1:{taken.getsockname()[1]}"))

    assert heard.end.error.kind == "network"
    assert len(heard.retries) == 3


async def test_a_connection_that_is_never_accepted() -> None:
    """A-08: the wait for a connection has its own, shorter limit."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(address)
        heard = await listen(
            engine(f"http://127.0.0.1:{address[1]}"), timeouts=Timeouts(connect_ms=50, max_tries=2)
        )
        for filler in fillers:
            filler.close()

    assert heard.end.error.kind == "network"
    assert len(heard.retries) == 1


async def test_waits_the_endpoint_asks_for() -> None:
    """A-09: 59 s are waited for; 61 s are not, and the text says so."""
    clock = Clock()
    asking = [error(429, "rate_limit_error", "Slow", f"retry-after: {seconds}") for seconds in (59, 61)]
    async with serving(asking[0], stream(*good()), asking[1]) as api:
        one = engine(api.url, clock.effects())
        task = asyncio.create_task(listen(one))
        while not [wait for wait in clock.sleeping_until() if wait == 59]:
            await asyncio.sleep(0.001)
        await clock.move(59)
        waited, stopped = await task, await listen(one)
        assert len(api.requests) == 3

    assert (waited.end.status, waited.retries[0].delay_ms) == ("done", 59_000)
    assert stopped.end.error.kind == "rateLimit"
    assert "61 s" in stopped.end.error.message


async def test_failures_in_a_row_close_background_work_only() -> None:
    """A-11: five failures open the breaker; an answer closes it; a request started by a user is always sent."""
    refused = error(401, "authentication_error")
    async with serving(*[refused] * 5, stream(*good())) as api:
        one = engine(api.url)
        for _ in range(5):
            assert one.breaker.allows(0.0)
            await listen(one)
        assert not one.breaker.allows(one.breaker.opened_at + 299)
        assert one.breaker.allows(one.breaker.opened_at + 300)
        assert (await listen(one)).end.status == "done"
        assert one.breaker.failures == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_refused(status: int) -> None:
    """A-21: the other host gets nothing at all."""
    async with serving([]) as other:
        async with serving(plain(status, b"", f"location: {other.url}/v1/messages")) as api:
            heard = await listen(engine(api.url))
        assert other.connections == 0

    assert heard.end.error.kind == "invalidRequest"
    assert "redirect" in heard.end.error.message


@pytest.mark.parametrize(("monotonic", "wall"), [(241, 241), (1, 600), (1, 86_400), (1, -86_400)])
async def test_a_new_connection_after_sleep(monotonic: float, wall: float) -> None:
    """A-22: after four idle minutes or a jump of the wall clock, nothing old is used."""
    clock = Clock()
    offset = 0.0
    effects = clock.effects()
    effects = type(effects)(
        clock=clock, wall=lambda: clock.now + offset, sleep=clock.sleep, jitter=lambda: 0.0
    )
    async with serving(stream(*good()), stream(*good())) as api:
        one = engine(api.url, effects)
        await listen(one)
        await clock.move(monotonic)
        offset = wall - monotonic
        assert (await listen(one)).end.status == "done"
        assert api.connections == 2


async def test_a_dead_connection_in_the_pool() -> None:
    """A-22: a pooled connection that the other side dropped costs a retry, not the answer."""
    async with serving([*stream(*good()), "reset"], stream(*good())) as api:
        one = engine(api.url)
        await listen(one)
        assert (await listen(one)).end.status == "done"


async def test_silent_connections_in_the_pool() -> None:
    """A-22: after one request that got no answer, the other connections of that time are not tried one by one."""
    both = asyncio.Barrier(2)

    async def together(_: object) -> None:
        await both.wait()

    async def silent_on_old(exchange: Exchange) -> None:
        if exchange.connection <= 2:
            await exchange.client_left.wait()

    first, later = [together, *stream(*good())], [silent_on_old, *stream(*good())]
    async with serving(first, first, later, later) as api:
        one = engine(api.url, Effects())
        await asyncio.gather(listen(one), listen(one))
        lost = await listen(one, timeouts=Timeouts(first_byte_ms=100))
        found = await listen(one, timeouts=Timeouts(first_byte_ms=5_000))
        assert [exchange.connection for exchange in api.requests][3] == 3

    assert (lost.end.status, lost.end.error.kind) == ("failed", "network")
    assert found.end.status == "done"


async def test_a_hundred_failures_leave_nothing_behind() -> None:
    """A-23: no task and no open connection is left over."""
    async with serving(error(500, "api_error"), repeat=True) as api:
        one = engine(api.url)
        await listen(one, timeouts=Timeouts(max_tries=1))
        before = len(asyncio.all_tasks())
        for _ in range(100):
            await listen(one, timeouts=Timeouts(max_tries=1))
        assert len(asyncio.all_tasks()) == before
        assert api.connections == 1
        await one.aclose()


async def test_a_request_beyond_any_limit() -> None:
    """What every endpoint refuses for its size is not sent at all."""
    async with serving([]) as api:
        heard = await listen(engine(api.url), request("x" * 32_000_000))
        assert api.connections == 0

    assert (heard.end.status, heard.end.error.kind) == ("failed", "tooLarge")


async def test_without_a_key() -> None:
    """A-25: without a credential nothing is sent and the text says what to set."""
    heard = await listen(Engine(resolve({}, ApiSettings(provider="anthropic"))))
    assert heard.end.error.kind == "authentication"
    assert "ANTHROPIC_API_KEY" in heard.end.error.hint


async def test_nothing_of_python_shows_when_ponder_itself_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of our own still gives exactly one end; its place is in the log, the request is not."""

    class Broken(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise KeyError("secret-detail")

    one = Engine(resolve({"ANTHROPIC_API_KEY": KEY}, ApiSettings()), transport=Broken)
    heard = await listen(one, timeouts=Timeouts(max_tries=1))
    assert heard.end.status == "failed"
    assert "secret-detail" not in repr(heard.events)
    assert KEY not in caplog.text
