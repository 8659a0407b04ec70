"""One file's text, whole and unmixed, from inside the jail. Decides nothing about who may see it."""

import codecs
import os
import time
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from ponder.files.jail import Jail, JailError, Place
from ponder.files.reasons import Reason, too_large

Encoding = Literal["utf-8", "utf-16", "utf-32", "latin-1"]

MAX_BYTES = 1_000_000
"""Larger files are left out. VS Code stops tokenising at 20 MB; a prompt is far smaller than that."""

_TRIES = 3
# Time stamps move in ticks of up to 10 ms (CONFIG_HZ=100), and editors write large files in pieces: a file that
# was touched this recently must read the same again after as long a pause.
_FRESH_NS = 20_000_000
_BOMS: tuple[tuple[bytes, Encoding, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
# All C0 controls but tab, line ends, form feed and escape; DEL.
_BINARY = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\f\x1b")


class LeftOut(Struct, frozen=True):
    """A file that is not given out, and the reason."""

    path: str
    reason: Reason


class LoadedText(Struct, frozen=True, kw_only=True):
    """The text of a file, its line ends as on disk, without its byte order mark."""

    place: Place
    text: str
    encoding: Encoding
    bom: bool
    size: int
    """In bytes, on disk."""


def load_text(
    jail: Jail,
    place: Place,
    *,
    max_bytes: int = MAX_BYTES,
    now_ns: Callable[[], int] = time.time_ns,
    pause: Callable[[float], object] = time.sleep,
) -> LoadedText | LeftOut:
    """Read one regular file. Never blocks on a FIFO or a device, never returns halves of two versions.

    `now_ns` is nanoseconds since the epoch; `pause` waits for seconds, at most twice 0.02, and only for a file
    that is being written right now.
    """
    try:
        data = _stable_bytes(jail, place, max_bytes, now_ns, pause)
    except JailError:
        return LeftOut(place.relative, Reason("irregular"))
    except FileNotFoundError:
        return LeftOut(place.relative, Reason("missing"))
    except PermissionError:
        return LeftOut(place.relative, Reason("forbidden"))
    except OSError as error:
        return LeftOut(place.relative, Reason("unreadable", (error.strerror or "cannot be read").lower()))
    if isinstance(data, Reason):
        return LeftOut(place.relative, data)
    decoded = decode(data)
    if isinstance(decoded, Reason):
        return LeftOut(place.relative, decoded)
    text, encoding, bom = decoded
    return LoadedText(place=place, text=text, encoding=encoding, bom=bom, size=len(data))


def decode(data: bytes) -> tuple[str, Encoding, bool] | Reason:
    """Text, encoding and whether a byte order mark was dropped; or the reason why it is not text.

    The rule: a byte order mark decides; then NUL means binary; then UTF-8; then Latin-1 where no byte is a
    control character of either set and at most a fifth is above ASCII; everything else is left out.
    """
    for mark, encoding, codec in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(codec), encoding, True
            except UnicodeDecodeError:
                return Reason("invalid", encoding.upper())
    if b"\0" in data:
        return Reason("binary")
    controls = len(data) - len(data.translate(None, _BINARY))
    if controls > len(data) // 100:
        return Reason("binary")
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError:
        pass
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    c1 = len(data) - len(data.translate(None, bytes(range(0x80, 0xA0))))
    if controls or c1 or high * 5 > len(data):
        return Reason("encoding")
    return data.decode("latin-1"), "latin-1", False


def _stable_bytes(
    jail: Jail, place: Place, max_bytes: int, now_ns: Callable[[], int], pause: Callable[[float], object]
) -> bytes | Reason:
    """The bytes of one version of the file, or the reason why there are none."""
    descriptor = jail.open(place)
    try:
        previous: bytes | None = None
        for attempt in range(_TRIES):
            if attempt:
                pause(_FRESH_NS / 1e9)
            before = os.fstat(descriptor)
            if before.st_size > max_bytes:
                return too_large(max_bytes)
            data = _read_all(descriptor, max_bytes)
            if len(data) > max_bytes:
                return too_large(max_bytes)
            after = os.fstat(descriptor)
            unchanged = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
            settled = now_ns() - after.st_mtime_ns > _FRESH_NS
            if unchanged and (settled or data == previous):
                return data
            previous = data
        return Reason("changing")
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, max_bytes: int) -> bytes:
    """From the start to the end, at most one byte more than allowed (files in /proc have no true size)."""
    parts: list[bytes] = []
    left = max_bytes + 1
    os.lseek(descriptor, 0, os.SEEK_SET)
    while left and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
