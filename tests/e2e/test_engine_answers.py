"""What a good answer becomes, whatever shape it travels in."""

import asyncio
import json
import random

import pytest
from engine_setup import engine, listen, request
from scripted_api import (
    END,
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
)

from ponder.engine.events import AnswerStarted, BlockDelta, BlockStarted, CountsChanged, RequestSent
from ponder.engine.prompt import PastTurn, PromptBlock
from ponder.usage import TokenCounts

TEXTS = ["naïve – 😀👩‍👩‍👧", "中文 \u2028 \u0085 end", 'a\nb\tc"\\', "𐍈" * 20]


async def test_a_whole_answer() -> None:
    """Blocks, counts, content and ids of a plain answer arrive as they were sent."""
    async with serving(stream(*good())) as api:
        heard = await listen(engine(api.url))

    assert heard.text("thinking") == "Let me see"
    assert heard.text("text") == "Hello"
    assert heard.end.status == "done"
    assert heard.end.stop_reason == "end_turn"
    assert heard.end.request_id == "req_test"
    assert heard.end.message_id == "msg_1"
    assert heard.end.counts == TokenCounts(
        input=25, cache_read=7, cache_write_5m=3, cache_write_1h=None, output=89, thinking=40
    )
    assert list(heard.end.content) == [
        {"type": "thinking", "thinking": "Let me see", "signature": "sig=="},
        {"type": "text", "text": "Hello"},
    ]
    assert [type(one) for one in heard.events[:3]] == [RequestSent, AnswerStarted, BlockStarted]
    assert heard.of(CountsChanged)[-1].counts == heard.end.counts


async def test_text_cut_at_any_byte_arrives_exact() -> None:
    """A-17 kin: wherever the network cuts a stream, also inside a code point, the text is the same."""
    whole = b"".join([start(), *block(0, "thinking", *TEXTS), *block(1, "text", *TEXTS), *stop()])
    async with serving(*([head(), chunk(whole[:at]), chunk(whole[at:]), END] for at in range(1, 400))) as api:
        one = engine(api.url)
        for _ in range(1, 400):
            heard = await listen(one)
            assert heard.text("thinking") == heard.text("text") == "".join(TEXTS)
            assert heard.end.status == "done"


async def test_a_byte_at_a_time() -> None:
    """One byte in each chunk: nothing is lost and no delta ends inside a code point."""
    whole = b"".join([start(), *block(0, "text", *TEXTS), *stop()])
    async with serving([head(), b"".join(chunk(bytes([byte])) for byte in whole), END]) as api:
        heard = await listen(engine(api.url))

    assert heard.text("text") == "".join(TEXTS)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
async def test_line_ends_comments_and_byte_order_mark(line_end: bytes) -> None:
    """Streams of other servers: any line end, comments, `data` without a space, data over two lines."""
    pieces = [b"\xef\xbb\xbf: hello\n\n", start(), b": keep\n\n", *block(0, "text", "Hi"), *stop()]
    body = b"".join(pieces).replace(b"data: ", b"data:").replace(b'"index": 0,', b'"index":\ndata: 0,')
    async with serving(stream(body.replace(b"\n", line_end))) as api:
        heard = await listen(engine(api.url))

    assert heard.text("text") == "Hi"
    assert heard.end.status == "done"


async def test_halves_of_a_character_in_two_deltas() -> None:
    """A-24: an escaped character whose halves come in two events is one; a lone half is kept as it is."""
    halves = [
        rb'event: content_block_delta%sdata: {"type":"content_block_delta","index":0,'
        rb'"delta":{"type":"text_delta","text":"%s"}}' % (b"\n", text) + b"\n\n"
        for text in (rb"a\ud83d", rb"\ude00b", rb"\ud83d", rb"c \udc00", rb"end\ud83d")
    ]
    opening, closing = block(0, "text")
    async with serving(stream(start(), opening, *halves, closing, *stop()), stream(*good())) as api:
        one = engine(api.url)
        heard = await listen(one)
        assert heard.text("text") == "a😀b\ud83dc \udc00end\ud83d"
        assert heard.end.status == "done"

        again = request(past=(PastTurn((PromptBlock("q"),), heard.end.content),))
        assert (await listen(one, again)).end.status == "done"
        sent = api.requests[1].json["messages"][1]["content"]
        assert sent == [{"type": "text", "text": "a😀b\ud83dc \udc00end\ud83d"}]


async def test_unsendable_text_in_the_prompt() -> None:
    """A-24: NUL, lone surrogates and a line of ten megabytes in the prompt do no harm."""
    async with serving(stream(*good())) as api:
        heard = await listen(engine(api.url), request("\x00\ud800" + "x" * 10_000_000))
        assert api.requests[0].json["messages"][0]["content"][0]["text"][:3] == "��x"

    assert heard.end.status == "done"


async def test_unknown_things_are_survived() -> None:
    """A-14: unknown events, blocks, deltas and fields change nothing; such a block is not sent back."""
    odd = event("content_block_delta", index=0, delta={"type": "sparkle_delta", "sparkle": 1})
    opening, closing = block(0, "text")
    delta = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hi", "new": [1]})
    strange = block(1, "hologram", shape=[1, 2])
    async with serving(
        stream(
            start(novel=True),
            event("sparkle", x=1),
            event("ping"),
            opening,
            delta,
            closing,
            *strange,
            *stop(),
        ),
        stream(start(), opening, delta, odd, closing, *stop()),
    ) as api:
        one = engine(api.url)
        known, odd_delta = await listen(one), await listen(one)

    assert known.text("text") == odd_delta.text("text") == "Hi"
    assert known.end.status == odd_delta.end.status == "done"
    assert list(known.end.content) == [{"type": "text", "text": "Hi"}, {"type": "hologram", "shape": [1, 2]}]
    assert not odd_delta.end.resumable


@pytest.mark.parametrize("reason", ["compaction", None])
async def test_a_stop_reason_nobody_knows(reason: str | None) -> None:
    """A-14: an answer that ended for an unknown reason is no success."""
    async with serving(stream(start(), *block(0, "text", "Hi"), *stop(reason))) as api:
        heard = await listen(engine(api.url))

    assert heard.end.status == "failed"
    assert heard.end.error.kind == "malformed"
    assert heard.text("text") == "Hi"


@pytest.mark.parametrize("texts", [(), ("I can", "not")])
async def test_a_refusal(texts: tuple[str, ...]) -> None:
    """A-15: a refusal is an outcome of its own, asked once and never continued."""
    details = {"type": "refusal", "category": "cyber", "explanation": None}
    pieces = block(0, "text", *texts) if texts else []
    async with serving(stream(start(), *pieces, *stop("refusal", stop_details=details))) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 1

    assert (heard.end.status, heard.end.refusal_category) == ("refused", "cyber")
    assert not heard.end.resumable


async def test_a_paused_answer_goes_on() -> None:
    """A-15: `pause_turn` sends the answer back as it is; both parts are one run with rising block numbers."""
    paused = stream(start(), *block(0, "thinking", "Hm"), *block(1, "text", "One "), *stop("pause_turn"))
    async with serving(paused, stream(*good("two"))) as api:
        heard = await listen(engine(api.url))
        back = api.requests[1].json["messages"]

    assert back[-1]["role"] == "assistant"
    assert back[-1]["content"] == list(heard.end.content[:2])
    assert heard.text("text") == "One two"
    assert [one.index for one in heard.of(BlockStarted)] == [0, 1, 2, 3]
    assert len(heard.end.content) == 4
    assert len(heard.end.earlier) == 1


async def test_endless_pauses_end() -> None:
    """A-15, A-27: an answer that pauses for ever is given up after a bounded number of requests."""
    async with serving(stream(start(), *block(0, "text", "x"), *stop("pause_turn")), repeat=True) as api:
        heard = await listen(engine(api.url))
        assert len(api.requests) == 9

    assert heard.end.status == "failed"


async def test_the_context_window_is_full() -> None:
    """A-15: a full window is a truncated answer with a hint of its own."""
    async with serving(
        stream(start(), *block(0, "text", "x"), *stop("model_context_window_exceeded"))
    ) as api:
        heard = await listen(engine(api.url))

    assert (heard.end.status, heard.end.error.kind) == ("truncated", "tooLarge")


async def test_out_of_tokens() -> None:
    """A-16: cut in thinking: no answer, nothing to send back; in text: kept; in a tool's input: not sent back."""
    unsigned = block(0, "thinking", "Hm")
    del unsigned[-2]
    tool = block(0, "tool_use", '{"summary": "a', id="toolu_1", name="report", input={})
    async with serving(
        stream(start(), *unsigned, *stop("max_tokens")),
        stream(start(), *block(0, "text", "Part"), *stop("max_tokens")),
        stream(start(), *tool, *stop("max_tokens")),
    ) as api:
        one = engine(api.url)
        thinking, text, call = [await listen(one) for _ in range(3)]

    assert {heard.end.status for heard in (thinking, text, call)} == {"truncated"}
    assert "thinking" in thinking.end.error.message
    assert "answerTokens" in thinking.end.error.hint
    assert not thinking.end.resumable
    assert list(text.end.content) == [{"type": "text", "text": "Part"}]
    assert not call.end.resumable


async def test_order_of_blocks_and_late_events() -> None:
    """A-17: blocks that overlap keep their text apart; what follows `message_stop` is ignored."""
    first, second = block(0, "thinking", "a", "b"), block(1, "text", "1", "2")
    mixed = [first[0], first[1], second[0], second[1], first[2], second[2], *first[3:], second[3]]
    late = [event("content_block_delta", index=1, delta={"type": "text_delta", "text": "LATE"})]
    reused = [*block(0, "thinking", "a", "b"), *block(0, "text", "1", "2")]
    async with serving(
        stream(start(), *mixed, *stop(), *late),
        stream(start(), *mixed[:-1], *stop()),
        stream(start(), *reused, *stop()),
    ) as api:
        one = engine(api.url)
        answers = [await listen(one) for _ in range(3)]

    for got in answers:
        assert [one["type"] for one in got.end.content] == ["thinking", "text"]
        assert (got.text("thinking"), got.text("text")) == ("ab", "12")
        assert got.end.status == "done"


async def test_a_second_start() -> None:
    """A-17: a second `message_start` begins anew while nothing was shown, and is refused after that."""
    async with serving(stream(start(id="msg_0"), *good()), stream(*good("A"), *[])) as api:
        heard = await listen(engine(api.url))
        assert (heard.end.status, heard.end.message_id) == ("done", "msg_1")
    async with serving(stream(start(), *block(0, "text", "A"), *good("B"))) as api:
        heard = await listen(engine(api.url))
        assert (heard.end.status, heard.text("text")) == ("failed", "A")


async def test_many_and_large_deltas() -> None:
    """A-17: ten thousand tiny deltas and one of five megabytes."""
    many = ["x"] * 10_000
    async with serving(
        stream(b"".join([start(), *block(0, "text", *many), *stop()])),
        stream(start(), *block(0, "text", "é" * 2_500_000), *stop()),
    ) as api:
        one = engine(api.url)
        small, large = await listen(one), await listen(one)

    assert small.text("text") == "x" * 10_000
    assert len(small.of(BlockDelta)) < 1_000
    assert large.text("text") == "é" * 2_500_000


async def test_redacted_and_unsigned_thinking() -> None:
    """A-18: redacted thinking has no text and goes back unchanged; unsigned thinking does not go back at all."""
    redacted = block(0, "redacted_thinking", data="EmwKAhgB")
    unsigned = block(0, "thinking", "Hm")
    del unsigned[-2]
    async with serving(
        stream(start(), *redacted, *block(1, "text", "Hi"), *stop()),
        stream(start(), *unsigned, *block(1, "text", "Hi"), *stop()),
    ) as api:
        one = engine(api.url)
        kept, dropped = await listen(one), await listen(one)

    assert [started.kind for started in kept.of(BlockStarted)] == ["redactedThinking", "text"]
    assert kept.end.content[0] == {"type": "redacted_thinking", "data": "EmwKAhgB"}
    assert dropped.text("thinking") == "Hm"
    assert list(dropped.end.content) == [{"type": "text", "text": "Hi"}]


async def test_thinking_that_does_not_fit_is_left_out_once() -> None:
    """A-18: a 400 about signatures is repaired once by leaving out all thinking; a second one is shown."""
    words = "messages.1.content.0: Invalid `signature` in `thinking` block"
    wrong = error(400, "invalid_request_error", words)
    answer = (
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "Hi"},
    )
    asked = request(past=(PastTurn((PromptBlock("q"),), answer),))
    async with serving(wrong, stream(*good()), wrong, wrong) as api:
        one = engine(api.url)
        repaired, failed = await listen(one, asked), await listen(one, asked)
        bodies = [exchange.json["messages"] for exchange in api.requests]

    assert repaired.end.status == "done"
    assert len(repaired.notices) == 1
    assert bodies[0][1]["content"] == list(answer)
    assert bodies[1][1]["content"] == [answer[2]]
    assert (failed.end.status, failed.end.error.kind, len(bodies)) == ("failed", "invalidRequest", 4)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "x",
        {},
        {"input_tokens": -1, "output_tokens": "many", "cache_read_input_tokens": True},
        {"cache_creation": {"ephemeral_5m_input_tokens": "x"}, "output_tokens_details": []},
    ],
)
async def test_usage_that_makes_no_sense(usage: object) -> None:
    """A-28: counts that are missing or absurd are unknown, not zero and no crash."""
    ending = event("message_delta", delta={"stop_reason": "end_turn"}, usage=usage)
    async with serving(
        stream(start(usage=usage), *block(0, "text", "Hi"), ending, event("message_stop"))
    ) as api:
        heard = await listen(engine(api.url))

    assert (heard.end.status, heard.end.counts) == ("done", TokenCounts())


async def test_cache_lifetimes_are_kept_apart() -> None:
    """The split of cache writes comes with the start only; the end's sum does not blur it."""
    split = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 90}
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 100, "cache_creation": split}
    reason = {"type": "tools_changed", "cache_missed_input_tokens": 5}
    ending = event(
        "message_delta", delta={"stop_reason": "end_turn"}, usage={"cache_creation_input_tokens": 100}
    )
    opening = start(usage=usage, diagnostics={"cache_miss_reason": reason})
    async with serving(stream(opening, *block(0, "text", "Hi"), ending, event("message_stop"))) as api:
        heard = await listen(engine(api.url))

    assert (heard.end.counts.cache_write_5m, heard.end.counts.cache_write_1h) == (10, 90)
    assert heard.of(AnswerStarted)[0].cache_miss == reason


async def test_a_follow_up_sends_earlier_turns_byte_for_byte() -> None:
    """Thinking, signatures, redacted blocks and fields nobody knows go back exactly as they came."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    signature = random.Random(seed).randbytes(300).hex()
    blocks = [
        *block(0, "redacted_thinking", data="A+/="),
        *block(1, "thinking", "é\ud7ff ", "x")[:-2],
        event("content_block_delta", index=1, delta={"type": "signature_delta", "signature": signature}),
        event("content_block_stop", index=1),
        *block(2, "text", "Hello", citations=None, novel={"b": 1, "a": 2}),
    ]
    async with serving(stream(start(), *blocks, *stop()), stream(*good())) as api:
        one = engine(api.url)
        first = await listen(one)
        past = (PastTurn((PromptBlock("q"),), first.end.content),)
        await listen(one, request("And then?", past=past))
        body = api.requests[1].body

    expected = [
        {"type": "redacted_thinking", "data": "A+/="},
        {"type": "thinking", "thinking": "é\ud7ff x", "signature": signature},
        {"type": "text", "citations": None, "novel": {"b": 1, "a": 2}, "text": "Hello"},
    ]
    assert json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode() in body


async def test_a_connection_is_used_again() -> None:
    """Requests one after the other share a connection, also when the server sends its end late."""
    late = asyncio.Event()

    async def let(_: object) -> None:
        late.set()

    async with serving([*stream(*good())[:-1], let, END], stream(*good()), stream(*good())) as api:
        one = engine(api.url)
        for _ in range(3):
            assert (await listen(one)).end.status == "done"
        assert api.connections == 1


async def test_models_are_paged() -> None:
    """The list is read to its end; an endpoint without a list says None."""
    pages = [
        {"data": [{"id": "a"}, {"id": "b"}], "has_more": True, "last_id": "b"},
        {"data": [{"id": "c"}, "junk"], "has_more": False, "last_id": "c"},
    ]
    missing = error(404, "not_found_error")
    async with serving(plain(200, pages[0]), plain(200, pages[1]), missing, missing) as api:
        one = engine(api.url)
        assert [model["id"] for model in await one.models() or ()] == ["a", "b", "c"]
        assert "after_id=b" in api.requests[1].path
        assert await one.models() is None
        assert await one.count_tokens(request()) is None
