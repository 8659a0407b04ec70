"""Cuts the byte stream from the client into message bodies. Reads nothing itself and decodes no JSON.

Accepts what is unambiguous (any case, no space after the colon, more headers, any order, a repeated equal
length, LF alone). Anything else raises: a guess here would put every later message out of step.
"""

from collections.abc import Iterator

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one message; a longer one is refused before anything is read into memory."""
MAX_HEADER = 16 * 1024
"""Bytes of all headers of one message."""


class IllegalFrame(Exception):  # noqa: N818 - the name says what happened
    """The stream is not framed as LSP's base protocol says; nothing after this place can be trusted."""


class Framer:
    """Collects bytes until messages are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    @property
    def pending(self) -> bool:
        """Whether a message has begun and is not whole."""
        return bool(self._buffer) or self._length is not None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes as they arrived; yields each body that is whole now. Raises IllegalFrame."""
        buffer = self._buffer
        buffer += chunk
        start = 0
        try:
            while True:
                if self._length is None:
                    end = _header_end(buffer, start)
                    if end is None:
                        return
                    self._length = content_length(bytes(buffer[start:end]))
                    start = end
                end = start + self._length
                if len(buffer) < end:
                    return
                body = bytes(memoryview(buffer)[start:end])
                start, self._length = end, None
                yield body
        finally:
            del buffer[:start]


def _header_end(buffer: bytearray, start: int) -> int | None:
    """Where the body begins, or None if the headers are not whole yet."""
    position = start
    while (newline := buffer.find(b"\n", position)) >= 0:
        if newline - start > MAX_HEADER:
            break
        if not buffer[position:newline].strip(b"\r"):
            return newline + 1
        position = newline + 1
    if len(buffer) - start > MAX_HEADER:
        raise IllegalFrame("headers are longer than 16 KiB")
    return None


def content_length(headers: bytes) -> int:
    """The length that a whole header block states, in bytes. Raises IllegalFrame."""
    length: int | None = None
    for line in headers.replace(b"\r\n", b"\n").split(b"\n"):
        if not line:
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name.strip() or not name.isascii():
            raise IllegalFrame("a line is no header")
        if name.strip().lower() != b"content-length":
            continue
        digits = value.strip(b" \t")
        # isdigit alone would let int() see "+5" or other scripts' digits.
        if not digits.isdigit() or len(digits) > 15:
            raise IllegalFrame("Content-Length is no number")
        if length is not None and length != int(digits):
            raise IllegalFrame("two different Content-Length headers")
        length = int(digits)
    if length is None:
        raise IllegalFrame("no Content-Length")
    if length > MAX_BODY:
        raise IllegalFrame("a message is longer than 64 MiB")
    return length
