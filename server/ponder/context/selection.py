"""What the selector is given and what it chooses. Values only."""

from typing import Literal

from msgspec import Struct


class Piece(Struct, frozen=True):
    """A unit a file can be sent as: the file itself, or one symbol of a large one (`path::Class.method`)."""

    unit: str
    text: str


class Segment(Struct, frozen=True, kw_only=True):
    """One part of the prefix, as `ponder context` shows it."""

    kind: Literal["instructions", "repositoryMap", "files"]
    bytes: int
    tokens: int
    files: tuple[str, ...]


class Selection(Struct, frozen=True, kw_only=True):
    """What is in, and what changed since the last selection (None: it left).

    `priority` is the retention order, unit to (last touch, score): low leaves first. `withdrawn` are units
    outside whose file has changed or gone since they left. `left_out` says why a file that was wanted is not in.
    """

    units: dict[str, str]
    changes: dict[str, str | None]
    priority: dict[str, tuple[float, float]]
    withdrawn: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    segments: tuple[Segment, ...]


class Frame(Struct, frozen=True, kw_only=True):
    """The parts that do not come from single files, and the files they show."""

    instructions: str = ""
    instruction_files: tuple[str, ...] = ()
    map: str = ""
    map_files: tuple[str, ...] = ()
