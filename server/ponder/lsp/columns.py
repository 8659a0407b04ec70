"""Columns of one line in the three position encodings. Knows nothing of documents.

A column is a number of code units from the start of the line. One inside a character counts as its start
(LSP leaves that open); one past the end counts as the end (LSP 3.17, position).
"""

from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

# Buffers can hold half a pair; it counts as one unit of UTF-16.
_ERRORS = "surrogatepass"


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """Code points before a column. `line` is without its end; `units` is at least 0."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    if encoding == "utf-16":
        return _from_utf16(line, units)
    encoded = line[:units].encode("utf-8", _ERRORS)
    end = min(units, len(encoded))
    # A byte that continues a character: step back to where the character starts.
    while 0 < end < len(encoded) and encoded[end] & 0xC0 == 0x80:
        end -= 1
    return len(encoded[:end].decode("utf-8", _ERRORS))


def _from_utf16(line: str, units: int) -> int:
    head = line[:units]
    encoded = head.encode("utf-16-le", _ERRORS)
    if len(encoded) == 2 * len(head):
        return len(head)
    count = len(encoded[: 2 * units].decode("utf-16-le", _ERRORS))
    # The cut fell between the halves of a pair: the whole character is after the column.
    return count - 1 if ord(line[count - 1]) > 0xFFFF and 2 * units < _bytes16(line[:count]) else count


def to_units(line: str, count: int, encoding: Encoding) -> int:
    """The column after `count` code points of a line."""
    if encoding == "utf-32" or line.isascii():
        return min(count, len(line))
    if encoding == "utf-16":
        return _bytes16(line[:count]) // 2
    return len(line[:count].encode("utf-8", _ERRORS))


def _bytes16(text: str) -> int:
    return len(text.encode("utf-16-le", _ERRORS))
