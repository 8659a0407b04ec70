"""Splits what is appended into blocks: one when it is little, else several, longest-lived first. Pure."""

from collections.abc import Sequence

from ponder.context.plan.units import Piece, tokens
from ponder.context.plan.workspace import Workspace

_SHARES = (0.25, 0.5, 0.75, 1.0)
_SPLIT_FROM = 0.25


def blocks(pieces: Sequence[Piece], workspace: Workspace) -> list[list[Piece]]:
    """Groups of pieces, a group a block.

    Above a quarter of the context, up to four: each end can be a breakpoint, so a later cut loses less.
    """
    if not pieces:
        return []
    size = sum(piece.size for piece in pieces)
    if tokens(size) <= _SPLIT_FROM * workspace.tokens:
        return [list(pieces)]
    groups: list[list[Piece]] = [[]]
    done = 0
    for piece in sorted(pieces, key=lambda piece: _volatility(piece, workspace)):
        if groups[-1] and done >= _SHARES[len(groups) - 1] * size:
            groups.append([])
        groups[-1].append(piece)
        done += piece.size
    return [sorted(group, key=lambda piece: piece.unit) for group in groups]


def _volatility(piece: Piece, workspace: Workspace) -> tuple[object, ...]:
    """Lower is expected to stay unchanged for longer: retained first, by the selector's order."""
    lowest = (float("inf"),)
    return (*(-value for value in workspace.priority.get(piece.unit, lowest)), piece.unit)
