"""What a failing endpoint becomes: one clear end, never a success, never more requests than promised.

The ids are those of the list of API faults. Tested elsewhere: A-14 to A-18, A-24 and A-28 with the answers, A-25 and
A-26 with the client, A-09's spellings in the unit tests. Not here: A-05, A-15 and A-26 as far as edits, caches and
restarts go (no such thing in this room), A-19 and A-27's plans (there is no loop of tools to abort).
"""

import asyncio
import contextlib
import gzip
import random
import socket

import httpx2
import pytest
from engine_setup import KEY, Clock, Heard, engine, listen, request
from scripted_api import (
    END,
    Exchange,
    block,
    chunk,
    error,
    event,
    good,
    head,
    plain,
    serving,
    start,
    stop,
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


@pytest.mark.parametrize("kind", ["overloaded_error", "api_error"])
async def test_an_error_inside_the_stream(kind: str) -> None:
    """A-04: before content it is tried again; after content it is not, and what came is kept."""
    trouble = event("error", error={"type": kind, "message": "Busy"})
    async with serving(stream(start(), event("ping"), trouble), stream(*good())) as api:
        heard = await listen(engine(api.url))
        assert (heard.end.status, len(heard.retries)) == ("done", 1)
        assert len(heard.end.earlier) == 1
    async with serving(stream(start(), *block(0, "text", "Par")[:2], trouble)) as api:
        heard = await listen(engine(api.url))

    assert (heard.end.status, heard.text("text")) == ("failed", "Par")
    assert heard.end.error.kind == ("overloaded" if kind == "overloaded_error" else "internal")
    assert heard.end.error.retryable


async def test_other_errors_inside_the_stream() -> None:
    """A-04: an error of any type or shape ends it; one that will not pass is not tried again."""
    shapes = [
        {"type": "invalid_request_error", "message": "prompt is too long"},
        {"type": "novel"},
        "x",
        None,
    ]
    kinds = ["tooLarge", "internal", "internal", "internal"]
    for shape, kind in zip(shapes, kinds, strict=True):
        async with serving(stream(start(), event("error", error=shape)), repeat=True) as api:
            heard = await listen(engine(api.url))
            assert (heard.end.error.kind, len(api.requests)) == (kind, 1 if kind == "tooLarge" else 4)


async def test_a_stream_that_ends_early_at_any_byte() -> None:
    """A-05: a stream cut at any byte (a sample of 600 places) is never a success, is never resumable, and shows a prefix of the truth."""
    whole = b"".join(good("Hello – 😀", "Hm 中"))
    last = whole.rindex(b"}") + 2
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    cuts = random.Random(seed).sample(range(1, last), 600)
    async with serving(*([head(), chunk(whole[:at]), END] for at in cuts)) as api:
        one = engine(api.url)
        for _ in cuts:
            heard = await listen(one, timeouts=Timeouts(max_tries=1))
            assert (heard.end.status, heard.end.error.kind) == ("failed", "network")
            assert not heard.end.resumable
            assert "Hello – 😀".startswith(heard.text("text"))
            assert "Hm 中".startswith(heard.text("thinking"))


async def test_a_stream_that_ends_early_at_every_event() -> None:
    """A-05: also at each boundary between events; without content it is tried again, with content never."""
    pieces = good()
    for count in range(1, len(pieces)):
        async with serving(stream(*pieces[:count]), stream(*good("again"))) as api:
            heard = await listen(engine(api.url))
            retried = len(api.requests) == 2
        shown = "Let me see" in heard.text("thinking") and not retried
        assert retried != shown
        assert heard.end.status == ("done" if retried else "failed")


@pytest.mark.parametrize("how", ["reset", "cut", "garbage"])
async def test_a_connection_that_breaks(how: str) -> None:
    """A-06: a reset, a cut or rubbish at any byte is a network error; the next answer comes on a new connection."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    whole = b"".join(chunk(piece) for piece in good())
    for _ in range(20):
        at = chance.randrange(1, whole.rindex(b"}"))
        broken = [
            head(),
            whole[:at],
            *([chance.randbytes(50) + b"\r\n", "cut"] if how == "garbage" else [how]),
        ]
        async with serving(broken, stream(*good()), repeat=False) as api:
            one = engine(api.url)
            first = await listen(one, timeouts=Timeouts(max_tries=1))
            second = await listen(one)
            assert api.connections == 2
        # Rubbish may fall into the middle of an event, where it is a malformed answer.
        assert first.end.error.kind in ({"network", "malformed"} if how == "garbage" else {"network"})
        assert second.end.status == "done"


@pytest.mark.parametrize(
    "drip",
    [
        event("ping"),
        b": still here\n\n",
        b"e",
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": ""}),
    ],
    ids=["ping", "comment", "byte", "empty"],
)
async def test_drips_without_content(drip: bytes) -> None:
    """A-07: what is no content keeps nothing alive: a notice at 30 s, the end at 120 s, and the socket closes."""
    clock, tick = Clock(), asyncio.Event()

    async def dripping(exchange: object) -> None:
        await tick.wait()
        tick.clear()

    opening = chunk(start() + block(0, "text")[0])
    steps = [head(), opening, *([chunk(drip), dripping] * 40), until_left]
    async with serving(steps) as api:
        heard = Heard()
        task = asyncio.create_task(listen(engine(api.url, clock.effects()), heard=heard))
        exchange = await api.request()
        while not heard.events:
            await asyncio.sleep(0.001)
        while not task.done() and clock.now < 1200:
            await clock.move(5)
            tick.set()
            await asyncio.sleep(0.002)
        await task
        await exchange.client_left.wait()

    assert heard.end.error.kind == "stalled"
    assert len(heard.notices) == 1
    assert 120 <= clock.now - 1000 <= 130


async def test_thinking_that_never_ends() -> None:
    """A-07: a request has an end even when content keeps coming."""
    clock, tick = Clock(), asyncio.Event()

    async def dripping(exchange: object) -> None:
        await tick.wait()
        tick.clear()

    piece = chunk(block(0, "thinking", "more ")[1])
    steps = [head(), chunk(start() + block(0, "thinking")[0]), *([piece, dripping] * 500), until_left]
    async with serving(steps) as api:
        heard = Heard()
        task = asyncio.create_task(listen(engine(api.url, clock.effects()), heard=heard))
        while not task.done():
            before = len(heard.events)
            tick.set()
            while len(heard.events) == before and not task.done():
                await asyncio.sleep(0)
            await clock.move(20)
        await task

    assert heard.end.error.kind == "stalled"
    assert heard.text("thinking").startswith("more more ")
    assert 3600 <= clock.now - 1000 <= 3700
    assert heard.notices == []


@pytest.mark.parametrize("opening", [[], [head()]], ids=["nothing", "headers"])
async def test_no_first_byte(opening: list[bytes]) -> None:
    """A-08: silence before the answer, with or without headers, ends after 60 s, is not tried again, and closes."""
    clock = Clock()
    async with serving([*opening, until_left]) as api:
        task = asyncio.create_task(listen(engine(api.url, clock.effects())))
        exchange = await api.request()
        while not task.done():
            await clock.move(5)
            await asyncio.sleep(0.002)
        heard = await task
        await exchange.client_left.wait()

    assert heard.end.error.kind == "network"
    assert len(heard.notices) == 1
    assert 60 <= clock.now - 1000 <= 70


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


@pytest.mark.parametrize(
    "answer",
    [
        plain(200, b"<html>Login</html>", kind="text/html"),
        plain(200, b"", kind="text/event-stream"),
        plain(200, b"", kind=""),
        plain(200, {"type": "message", "content": []}),
        plain(200, gzip.compress(b"x" * 10_000_000), "content-encoding: gzip", kind="text/event-stream"),
        plain(500, gzip.compress(b"x" * 10_000_000), "content-encoding: gzip"),
    ],
    ids=["html", "empty", "bare", "json", "bomb", "error bomb"],
)
async def test_an_answer_of_another_kind(answer: list[bytes]) -> None:
    """A-12: what is no event stream is malformed, tried once, and names where to look."""
    async with serving(answer, repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 1

    assert heard.end.error.kind == "malformed"
    assert "ANTHROPIC_BASE_URL" in heard.end.error.hint


async def test_an_endless_line() -> None:
    """A-12: a line that never ends is cut off at the bound, not collected."""
    async with serving([head(), *[chunk(b"x" * 1_000_000)] * 20, until_left]) as api:
        heard = await listen(engine(api.url))
        await (await api.request()).client_left.wait()

    assert heard.end.error.kind == "malformed"


async def test_an_endless_error_page() -> None:
    """A-12: also an error's body is read only up to a bound."""
    async with serving([head(500, kind="text/html"), *[chunk(b"x" * 1_000_000)] * 80, until_left]) as api:
        heard = await listen(engine(api.url), timeouts=Timeouts(max_tries=1))
        await (await api.request()).client_left.wait()

    assert heard.end.error.kind == "malformed"


TEXT = block(0, "text", "Hi")
WRONG: dict[str, list[bytes]] = {
    "bad json": [start(), b"data: {oops\n\n"],
    "bad utf-8": [start(), b'data: {"type": "\xff"}\n\n'],
    "bad shape": [
        start(),
        event("content_block_delta", index="0", delta={"type": "text_delta", "text": "x"}),
    ],
    "text is a number": [
        start(),
        TEXT[0],
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": 5}),
    ],
    "unknown index": [
        start(),
        TEXT[0],
        event("content_block_delta", index=7, delta={"type": "text_delta", "text": "x"}),
    ],
    "negative index": [start(), event("content_block_start", index=-1, content_block={"type": "text"})],
    "huge index": [start(), event("content_block_start", index=10**9, content_block={"type": "text"})],
    "delta before start": [start(), TEXT[1]],
    "content before start": [TEXT[0]],
    "stop twice": [start(), *TEXT, TEXT[-1]],
    "start twice": [start(), TEXT[0], TEXT[0]],
    "thinking in text": [
        start(),
        TEXT[0],
        event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "x"}),
    ],
    "end before start": [event("message_stop")],
    "not an object": [start(), b"data: [1]\n\n"],
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_stream_that_makes_no_sense(name: str) -> None:
    """A-13: one malformed error, one request, words of ours and none of Python's."""
    async with serving(stream(*WRONG[name], *stop()), repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 1

    assert heard.end.error.kind == "malformed"
    assert "rror:" not in heard.end.error.message
    assert "oops" not in heard.end.error.message


async def test_garbled_streams() -> None:
    """A-20: dropped, doubled, swapped and cut events end in a known outcome, and the next answer is right."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    tool = block(2, "tool_use", '{"a":', "1}", id="toolu_1", name="report", input={})
    streams = [
        good("Hello"),
        [
            start(),
            *block(0, "redacted_thinking", data="x"),
            *block(1, "text", "a", "b"),
            *tool,
            *stop("tool_use"),
        ],
        [start(), *block(0, "text", "x"), *stop("max_tokens")],
    ]
    scripts = [_garbled(chance.choice(streams), chance) for _ in range(400)]
    async with serving(*(stream(*pieces) for pieces in scripts), stream(*good("Hello"))) as api:
        one = engine(api.url)
        for _ in scripts:
            heard = await listen(one, timeouts=Timeouts(max_tries=1))
            assert heard.end.status in {"done", "failed", "truncated"}
            if heard.end.status == "failed":
                assert heard.end.error.kind in {"malformed", "network"}
        assert (await listen(one)).text("text") == "Hello"


def _garbled(pieces: list[bytes], chance: random.Random) -> list[bytes]:
    pieces = list(pieces)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(pieces))
        match chance.choice(["drop", "double", "swap", "cut", "flip"]):
            case "drop":
                pieces[at] = b""
            case "double":
                pieces.insert(at, pieces[at])
            case "swap":
                other = chance.randrange(len(pieces))
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case "cut":
                pieces[at] = pieces[at][: chance.randrange(len(pieces[at]) + 1)]
            case _:
                pieces[at] = bytes(byte ^ (chance.random() < 0.02) for byte in pieces[at])
    return pieces


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


async def test_a_reader_that_lags() -> None:
    """Memory stays bounded when nobody reads: the connection is held back, and nothing is lost."""
    pieces = [b"".join(block(index, "text", "x" * 50)) for index in range(9_000)]
    sent = asyncio.Event()

    async def note(_: object) -> None:
        sent.set()

    async with serving(
        [head(), chunk(start()), *(chunk(piece) for piece in pieces), note, chunk(b"".join(stop())), END]
    ) as api:
        stream_ = engine(api.url).stream(request())
        seen = list(await anext(stream_))
        for _ in range(200):
            await asyncio.sleep(0.001)
        async for batch in stream_:
            assert len(batch) < 15_000
            seen.extend(batch)

    assert sum(isinstance(one, BlockDelta) for one in seen) == 9_000
    assert seen[-1].status == "done"


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
