"""Answers that break off, stand still or make no sense: kept as far as they came, never taken for whole."""

import asyncio
import gzip
import json
import random
import zlib
from collections.abc import Callable

import pytest
from engine_setup import Clock, Heard, engine, listen, request
from scripted_api import (
    END,
    block,
    chunk,
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

from ponder.engine.events import BlockDelta
from ponder.engine.timeouts import Timeouts


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


@pytest.mark.parametrize(
    "answer",
    [
        plain(200, b"<html>Login</html>", kind="text/html"),
        plain(200, b"", kind=""),
        plain(200, {"type": "message", "content": []}),
        plain(200, b"x", "content-encoding: br", kind="text/event-stream"),
        plain(200, b"not packed", "content-encoding: gzip", kind="text/event-stream"),
        plain(500, gzip.compress(bytes(80_000_000), 1), "content-encoding: gzip"),
    ],
    ids=["html", "bare", "json", "unknown packing", "not packed", "error bomb"],
)
async def test_an_answer_of_another_kind(answer: list[bytes]) -> None:
    """A-12: what is no event stream is malformed, tried once, and names where to look."""
    async with serving(answer, repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 1

    assert heard.end.error.kind == "malformed"
    assert "ANTHROPIC_BASE_URL" in heard.end.error.hint


async def test_a_stream_that_ends_before_it_begins() -> None:
    """A stream without any event is a connection that ended: it is tried again, and told as `network`."""
    async with serving(plain(200, b"", kind="text/event-stream"), repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 4
    assert heard.end.error.kind == "network"


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKINGS = [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", bare_deflate)]


@pytest.mark.parametrize(("name", "pack"), PACKINGS, ids=["gzip", "deflate", "bare"])
async def test_packed_answers(name: str, pack: Callable[[bytes], bytes]) -> None:
    """Gateways compress though nothing of the kind was asked for: stream and error are read all the same."""
    whole = pack(b"".join(good("Hello", "Hm")))
    pieces = [chunk(whole[at : at + 7]) for at in range(0, len(whole), 7)]
    stream = [head(200, f"content-encoding: {name}"), *pieces, chunk(b"")]
    refused = pack(json.dumps({"type": "error", "error": {"type": "x", "message": "MARK"}}).encode())
    async with serving(stream, plain(400, refused, f"content-encoding: {name}")) as api:
        one = engine(api.url)
        heard = await listen(one)
        assert (heard.end.status, heard.text("text")) == ("done", "Hello")
        refusal = await listen(one)
    assert "MARK" in refusal.end.error.message


async def test_a_stream_that_unpacks_beyond_the_bound() -> None:
    """A small answer that unpacks to more than any event can hold is cut off, not collected."""
    bomb = plain(200, gzip.compress(bytes(40_000_000), 1), "content-encoding: gzip", kind="text/event-stream")
    async with serving(bomb) as api:
        heard = await listen(engine(api.url))
    assert heard.end.error.kind == "malformed"


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
