"""Frames: what is legal is cut exactly, in whatever pieces it comes; what is not is refused."""

import random

import pytest

from ponder.lsp.framing import MAX_BODY, Framer, IllegalFrame, content_length

BODIES = [b"{}", b"", b"x" * 5000, "é😀".encode(), b"\r\n\r\nContent-Length: 3\r\n\r\n"]


def test_p10_any_pieces() -> None:
    """The bodies come out the same, wherever the stream was cut."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stream = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in BODIES)
    for _ in range(200):
        framer, found, rest = Framer(), [], stream
        while rest:
            size = chance.choice([1, 2, 7, 100, 4000])
            found += framer.feed(rest[:size])
            rest = rest[size:]
        assert found == BODIES
        assert not framer.pending


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"Content-Length: 5\r\n\r\n", 5),
        (b"CONTENT-length:5\n\n", 5),
        (b"content-length :\t5 \r\n\r\n", 5),
        (b"A: b\r\nContent-Length: 0\r\nC:\r\n\r\n", 0),
        (b"Content-Length: 5\r\nContent-Length: 05\r\n\r\n", 5),
        (b"Content-Length: %d\r\n\r\n" % MAX_BODY, MAX_BODY),
        (b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), None),
        (b"Content-Length: -1\r\n\r\n", None),
        (b"Content-Length: +1\r\n\r\n", None),
        (b"Content-Length: 1_0\r\n\r\n", None),
        (b"Content-Length: \xb2\r\n\r\n", None),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", None),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", None),
        (b"Content-Length 5\r\n\r\n", None),
        (b": 5\r\n\r\n", None),
        (b"\xe9: 5\r\nContent-Length: 5\r\n\r\n", None),
        (b"\r\n", None),
    ],
)
def test_p10_p11_headers(headers: bytes, expected: int | None) -> None:
    """A header block states one length, or is refused."""
    if expected is None:
        with pytest.raises(IllegalFrame):
            content_length(headers)
    else:
        assert content_length(headers) == expected


def test_p11_endless_headers() -> None:
    """Headers that never end are refused before they fill the memory."""
    framer = Framer()
    with pytest.raises(IllegalFrame):
        for _ in range(100):
            list(framer.feed(b"X-Other: value\r\n" * 100))
