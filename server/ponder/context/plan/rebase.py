"""Chooses how much of a chain to keep: extend it, or cut it back where re-writing pays. Keeps no state.

A cut after `q` blocks costs, in reads of one token: what is read and written now, and what the kept and new blocks
will cost to carry on, `carry` future reads each. Cuts at live positions only (or at the instructions, when cold).
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
    alive = set(mirror.alive(steps))
    best, kept = float("inf"), 1
    sizes = _fresh_sizes(steps, workspace)
    extended = steps[-1].cumulated + sizes[0][1]
    for q, fresh in sizes:
        if q not in alive and q > 1:
            continue
        here = steps[q - 1].cumulated
        hit = here if q in alive else 0
        now = prices.read * hit + prices.write(ttl) * (here - hit + fresh)
        later = prices.read * carry * (here + fresh)
        if now + later < best:
            best, kept = now + later, q
    if kept == len(steps) and kept in alive:
        return Cut(kept, "extended", extended)
    return Cut(kept, "rebased" if alive else "cold", extended)


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
