"""The append-only chain of blocks of one lane, with what the model knows after each. Chooses nothing itself."""

import hashlib
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ponder.context.plan.units import Piece, Version, encoded, tokens, written


class Block(Struct, frozen=True):
    """Immutable bytes of a request; `prefix` identifies these and all blocks before them."""

    text: str
    tokens: int
    prefix: str


class Known(Struct, frozen=True):
    """What the model knows of a unit: a text, told whole and then changed `changes` times."""

    version: Version
    changes: int


class Step:
    """A block in its chain: what it says, tokens up to its end, and what the model knows after it."""

    __slots__ = ("block", "cumulated", "pieces", "view")

    def __init__(self, before: "Step | None", text: str, size: int, pieces: tuple[Piece, ...] = ()) -> None:
        data = encoded(before.block.prefix if before else "") + b"\n" + encoded(text)
        self.block: Block = Block(text, size, hashlib.blake2b(data, digest_size=16).hexdigest())
        self.cumulated: int = size + (before.cumulated if before else 0)
        self.pieces = pieces
        view = dict(before.view) if before else {}
        for piece in pieces:
            if piece.result is None:
                view.pop(piece.unit, None)
            else:
                changes = view[piece.unit].changes + 1 if piece.is_change else 0
                view[piece.unit] = Known(piece.result, changes)
        self.view: Mapping[str, Known] = view

    @property
    def prefix(self) -> str:
        """The identity of the prefix that ends with this step."""
        return self.block.prefix


def first_step(text: str, size: int) -> Step:
    """The instructions and tools: the first block of every request of a lane; `size` is in tokens."""
    return Step(None, text, size)


def next_step(before: Step, pieces: Iterable[Piece]) -> Step:
    """A step that appends these pieces as one block."""
    pieces = tuple(pieces)
    text = written(pieces)
    return Step(before, text, tokens(len(encoded(text))), pieces)
