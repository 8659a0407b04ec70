"""Unpacks answers that came compressed though nothing of the kind was asked for: some gateways do it. Bounds no size.

Only gzip and deflate, which the standard library knows; in pieces, so that a small answer cannot fill the memory.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

_PIECE: Final = 1024 * 1024
# What zlib calls the two formats: 16 more than the window for gzip, a negative window for deflate without its header.
_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


class PackedError(Exception):
    """The bytes are not what the header said."""


def unpacker(encoding: str) -> "Unpacker | None":
    """What unpacks a `content-encoding`; None where nothing here does."""
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return Unpacker(lambda _first: zlib.decompressobj(_GZIP))
    return Unpacker(_deflate) if name == "deflate" else None


class Unpacker:
    """Takes packed bytes in pieces of any size; gives the plain ones at once, a piece at most a megabyte."""

    def __init__(self, begin: Callable[[bytes], Any]) -> None:
        self._begin = begin
        self._stream: Any = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The bytes these complete. Raises PackedError."""
        if not piece:
            return
        if self._stream is None:
            self._stream = self._begin(piece)
        stream = self._stream
        try:
            while piece and not stream.eof:
                if plain := stream.decompress(piece, _PIECE):
                    yield plain
                piece = stream.unconsumed_tail
        except zlib.error:
            raise PackedError from None


def _deflate(first: bytes) -> Any:
    """Some servers mean the bare format by `deflate`, others the one with a header (RFC 9110, 8.4.1.2, note)."""
    headed = first[0] & 0x0F == zlib.DEFLATED and (
        len(first) < 2 or int.from_bytes(first[:2], "big") % 31 == 0
    )
    return zlib.decompressobj(zlib.MAX_WBITS if headed else _RAW)
