"""Chooses how much of a chain to keep: extend it, or cut it back where re-writing pays. Keeps no state.

A cut after `q` blocks costs what is read and written now, and what the kept and new blocks will cost to carry on,
`carry` future reads each. Cuts lie at live positions, at the end, or after the instructions.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from ponder.context.plan.chain import Step
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.mirror import Mirror
from ponder.context.plan.units import Version, tokens
from ponder.context.plan.workspace import Workspace

CutReason = Literal["extended", "rebased", "cold"]


class Cut(Struct, frozen=True):
    """Keep the first `kept` blocks. `reason`: warm and nothing dropped, warm and cut back, nothing live."""

    kept: int
    reason: CutReason
    extended: int
    """Tokens of the prefix if nothing were dropped."""
    saving: float
    """What the cut is expected to save against dropping nothing, in tokens at input price."""


def choose(
    steps: Sequence[Step],
    workspace: Workspace,
    mirror: Mirror,
    *,
    prices: LanePrices,
    ttl: int,
    carry: float,
) -> Cut:
    """The cheapest cut; of equals the longest. `ttl` is the life (seconds) of what would be written; 0: nothing."""
    alive = mirror.alive(steps)
    warm = bool(alive)
    candidates = {1, len(steps), *alive}
    best, kept, extending = float("inf"), 1, float("inf")
    sizes = _fresh_sizes(steps, workspace)
    extended = steps[-1].cumulated + sizes[0][1]
    for q, fresh in sizes:
        if q not in candidates:
            continue
        while alive and alive[-1] > q:
            alive.pop()
        here = steps[q - 1].cumulated
        hit = steps[alive[-1] - 1].cumulated if alive else 0
        now = prices.read * hit + prices.write(ttl) * (here - hit + fresh)
        later = prices.read * carry * (here + fresh)
        if q == len(steps):
            extending = now + later
        if now + later < best:
            best, kept = now + later, q
    if not warm:
        return Cut(kept, "cold", extended, extending - best)
    return Cut(kept, "extended" if kept == len(steps) else "rebased", extended, extending - best)


def _fresh_sizes(steps: Sequence[Step], workspace: Workspace) -> list[tuple[int, int]]:
    """For each position, longest first, the tokens that would have to be appended there.

    Walks back piece by piece, so the work is the number of pieces in the chain, not positions times units.
    """
    view = steps[-1].view
    lacking = {unit: _size(workspace, unit, view) for unit in workspace.units}
    size = sum(lacking.values())
    sizes = []
    for q in range(len(steps), 0, -1):
        sizes.append((q, tokens(size)))
        view = steps[q - 2].view
        for piece in steps[q - 1].pieces:
            if piece.unit in lacking:
                found = _size(workspace, piece.unit, view)
                size += found - lacking[piece.unit]
                lacking[piece.unit] = found
    return sizes


def _size(workspace: Workspace, unit: str, view: Mapping[str, Version]) -> int:
    piece = workspace.piece(unit, view.get(unit))
    return piece.size if piece else 0
