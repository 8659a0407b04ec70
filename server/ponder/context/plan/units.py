"""Units of the workspace context and how their texts are written into blocks. Decides nothing about caching.

A block is a sequence of pieces. Each piece is one of

    === path 12          the whole text of `path`: the next 12 lines
    ~~~ path             changes to the latest text of `path` above: hunks follow
    @@ 40 2              from line 40 of that text (from 1) on, 2 lines went and the lines after `+` came; as an
                         anchor the first of those that went (-), or, if none did, the line before ( )
    xxx path             what stands above of `path` no longer holds

`path` may be `path::symbol`; `::symbol` alone belongs to the file of the piece before it. Every line of a
current text therefore occurs in the request as it is, or after a one-character marker.
"""

import hashlib
from collections.abc import Sequence

from msgspec import Struct

from ponder.context.plan.diff import hunks

NOTATION = (
    "The workspace context is a list of pieces, oldest first; a later piece wins over an earlier one.\n"
    "`=== path N`: the next N lines are the whole text of `path`.\n"
    "`~~~ path`: changes to the latest text of `path` above. `@@ L N`: from line L of that text on, N lines went and"
    " the lines after `+` stand there instead. The line after `-` is the first that went; the line after a space is"
    " the one before the place.\n"
    "`xxx path`: what stands above of `path` no longer holds.\n"
    "A name `::symbol` belongs to the file of the piece before it.\n"
)
"""What the model has to be told once, in the instructions, to read the blocks."""

# A file name may hold a line end; it must not start a piece of its own.
_IN_ONE_LINE = str.maketrans("\n\r", "??")

BYTES_PER_TOKEN = 3.5
"""The estimate all of planning uses: free where the bytes are at hand (a tokenizer is not)."""


class Version(Struct, frozen=True, eq=False):
    """One text of a unit, with what planning needs to know of it; `size` is in bytes of UTF-8."""

    text: str
    lines: tuple[str, ...]
    size: int
    digest: str

    @staticmethod
    def of(text: str) -> "Version":
        """The version that holds this text."""
        data = encoded(text)
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        return Version(text, tuple(text.split("\n")), len(data), digest)


class Piece(Struct, frozen=True, eq=False):
    """A stretch of a block about one unit; after it the model knows `result` (None: nothing of the unit).

    The text is `sign` + name + `body`; `size` is its bytes with the full name.
    """

    unit: str
    sign: str
    body: str
    size: int
    result: Version | None

    @property
    def is_change(self) -> bool:
        """Whether the piece builds on what was said before."""
        return self.sign == "~~~"


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate (an unreadable name) keeps its own bytes instead of failing."""
    return text.encode("utf-8", "surrogatepass")


def tokens(size: int) -> int:
    """Estimated tokens of `size` bytes."""
    return -int(-size // BYTES_PER_TOKEN)


def file_of(unit: str) -> str:
    """The file a unit belongs to: `path` of `path::symbol`."""
    return unit.split("::", 1)[0]


def whole(unit: str, version: Version) -> Piece:
    """The piece that gives the whole text."""
    return _piece(unit, "===", f" {len(version.lines)}\n{version.text}\n", version)


def gone(unit: str) -> Piece:
    """The piece that withdraws a unit (a tombstone)."""
    return _piece(unit, "xxx", "\n", None)


def change(unit: str, old: Version, new: Version) -> Piece:
    """The piece that turns `old`, which the model has, into `new`."""
    return _piece(unit, "~~~", "\n" + _hunk_lines(old.lines, new.lines), new)


def written(pieces: Sequence[Piece]) -> str:
    """The text of a block; a symbol that follows one of the same file is named without its path."""
    parts: list[str] = []
    file = None
    for piece in pieces:
        path = file_of(piece.unit)
        name = piece.unit[len(path) :] if path == file and len(path) < len(piece.unit) else piece.unit
        parts.append(f"{piece.sign} {name.translate(_IN_ONE_LINE)}{piece.body}")
        file = path
    return "".join(parts)


def _piece(unit: str, sign: str, body: str, result: Version | None) -> Piece:
    return Piece(unit, sign, body, len(sign) + 1 + len(encoded(unit)) + len(encoded(body)), result)


def _hunk_lines(old: Sequence[str], new: Sequence[str]) -> str:
    parts: list[str] = []
    for hunk in hunks(old, new):
        first, count = hunk.old_start, hunk.old_end - hunk.old_start
        parts.append(f"@@ {first + 1} {count}\n")
        if count:
            parts.append(f"-{old[first]}\n")
        elif first:
            parts.append(f" {old[first - 1]}\n")
        parts.extend(f"+{line}\n" for line in new[hunk.new_start : hunk.new_end])
    return "".join(parts)
