"""Chooses how much of a chain to keep: extend it, or cut it back where re-writing pays. Keeps no state.

A cut after `q` blocks costs what is read and written now, and what the kept and new blocks will cost to carry on,
`carry` future reads each. Cuts lie at live positions, at the end, or after the instructions.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from ponder.context.plan.chain import Step
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.mirror import Mirror
from ponder.context.plan.units import tokens
from ponder.context.plan.workspace import Workspace

MOST_WASTE = 2.0
"""Text out of date that a request may carry, against the context: beyond it answers suffer before money does."""
CutReason = Literal["extended", "rebased", "trimmed", "cold"]


class Cut(Struct, frozen=True):
    """Keep the first `kept` blocks. `reason`: nothing dropped, cut back to save, cut back for too much waste, nothing live."""

    kept: int
    reason: CutReason
    extended: int
    """Tokens of the prefix if nothing were dropped; 0 when cold."""
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
    if not alive:
        return Cut(1, "cold", 0, 0.0)
    candidates = {1, len(steps), *alive}
    sizes = _fresh_sizes(steps, workspace)
    limit = steps[0].cumulated + (1 + MOST_WASTE) * workspace.tokens
    costs = []
    for q, fresh in sizes:
        if q not in candidates:
            continue
        while alive and alive[-1] > q:
            alive.pop()
        here = steps[q - 1].cumulated
        hit = steps[alive[-1] - 1].cumulated if alive else 0
        now = prices.read * hit + prices.write(ttl) * (here - hit + fresh)
        bloated = here + fresh > limit
        costs.append((bloated, now + prices.read * carry * (here + fresh), -q))
    _, best, kept = min(costs)
    saving = costs[0][1] - best
    reason: CutReason = "rebased" if saving > 0 else "trimmed"
    if -kept == len(steps):
        reason = "extended"
    return Cut(-kept, reason, steps[-1].cumulated + sizes[0][1], saving)


def _fresh_sizes(steps: Sequence[Step], workspace: Workspace) -> list[tuple[int, int]]:
    """For each position, longest first, the tokens that would have to be appended there.

    Walks back piece by piece, so the work is the number of pieces in the chain, not positions times units. What
    turns an old text into the current one is taken as the changes in between together: never too little, and
    computing the difference for every old text would take longer than all the rest.
    """
    view = steps[-1].view
    lacking = {}
    for unit in workspace.units:
        piece = workspace.piece(unit, view.get(unit))
        lacking[unit] = piece.size if piece else 0
    size = sum(lacking.values())
    sizes = []
    for q in range(len(steps), 0, -1):
        sizes.append((q, tokens(size)))
        view = steps[q - 2].view
        for piece in steps[q - 1].pieces:
            if piece.unit in lacking:
                bound = workspace.bound(piece.unit, view.get(piece.unit), lacking[piece.unit] + piece.size)
                size += bound - lacking[piece.unit]
                lacking[piece.unit] = bound
    return sizes
