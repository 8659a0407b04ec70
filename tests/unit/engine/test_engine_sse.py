"""The bytes of a stream become the same events however they are cut."""

import json
import random

import pytest

from ponder.engine.sse import Splitter, StreamTooLargeError
from ponder.engine.wire import ProtocolError, decode


def split(data: bytes, *cuts: int) -> list[bytes]:
    splitter = Splitter()
    ends = [*sorted(cuts), len(data)]
    return [
        event
        for start, end in zip([0, *ends], ends, strict=False)
        for event in splitter.feed(data[start:end])
    ]


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"", []),
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"event: x\ndata: a\n\n", [b"a"]),
        (b"data: a\nevent: x\n\n", [b"a"]),
        (b"id: 1\nevent: x\nretry: 5\ndata: a\n\n", [b"a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b": note\n\ndata: a\n\n", [b"a"]),
        (b": data: no\ndata: a\n\n", [b"a"]),
        (b"event: data: no\ndata: a\n\n", [b"a"]),
        (b'data:{"t":"data: x"}\n\n', [b'{"t":"data: x"}']),
        (b"\n\n\ndata: a\n\n\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data\n\n", []),
        (b"data: a", []),
        (b"data: a\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: \xe2\x80\xa8\xc2\x85\n\n", [b"\xe2\x80\xa8\xc2\x85"]),
    ],
)
def test_events(data: bytes, events: list[bytes]) -> None:
    """The rules of the standard, for each line end and each place of a cut."""
    for line_end in (b"\n", b"\r\n", b"\r"):
        written = data.replace(b"\n", line_end)
        assert split(written) == events, line_end
        for cut in range(len(written) + 1):
            assert split(written, cut) == events, (line_end, cut)
        assert split(written, *range(len(written))) == events, line_end


def test_streams_cut_anywhere() -> None:
    """Random streams in random pieces of mixed line ends give the same events as in one piece."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(200):
        lines = [chance.choice([b"data: x", b"data:yy", b": c", b"event: e", b"", b""]) for _ in range(30)]
        data = b"".join(line + chance.choice([b"\n", b"\r\n", b"\r"]) for line in lines) + b"\n\n"
        cuts = sorted(chance.randrange(len(data)) for _ in range(10))
        assert split(data, *cuts) == split(data) == split(data, *range(len(data)))


def test_bounds() -> None:
    """An event or a stream beyond its bound is refused as soon as that is known."""
    splitter = Splitter(max_event=100)
    with pytest.raises(StreamTooLargeError):
        for _ in range(101):
            splitter.feed(b"x")
    with pytest.raises(StreamTooLargeError):
        Splitter(max_event=100).feed(b"data: " + b"x" * 101 + b"\n\n")
    splitter = Splitter(max_stream=100)
    splitter.feed(b"data: x\n\n" * 11)
    with pytest.raises(StreamTooLargeError):
        splitter.feed(b"xx")


@pytest.mark.parametrize("text", ["\ud800", "a\udc00b", "😀", "\u2028\x7f"])
def test_text_is_decoded_exactly(text: str) -> None:
    """Any text that JSON can write arrives as it was, lone surrogates included."""
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    decoded = decode(json.dumps(event).encode())
    assert decoded.delta is not None
    assert decoded.delta.text == text


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b'"x"', b"\xff", b'{"type": "\xed\xa0\x80"}', b'{"index": "0"}', b'{"delta": {"text": 1}}',
     b'{"type": 5, "x": "\\ud800"}', b'{"type": "\\u12"}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_event(data: bytes) -> None:
    """Anything else is one protocol error whose words quote nothing."""
    with pytest.raises(ProtocolError, match=r"^it "):
        decode(data)


def test_the_end_mark_of_other_makes() -> None:
    """`[DONE]` after the last event is no fault."""
    assert decode(b"[DONE]").type == "end_mark"
