"""The outcome of planning one request, as the server sends it and hands it back. Values only."""

from typing import Literal

from msgspec import Struct

from ponder.context.plan.chain import Block

PlanReason = Literal["extended", "rebased", "cold", "uncached", "follows", "ping"]


class Plan(Struct, frozen=True, kw_only=True):
    """What to send before the question.

    `blocks`: the first is the lane's instructions and tools, the rest the workspace context. `breakpoints`: (number
    of leading blocks, seconds to live), at most four, rising. `hit`: the number of leading blocks that should be
    read, `kept` of those that an earlier request of the lane sent. Tokens are estimates. `at` is the start of the
    request. `saving` is what a re-base is expected to save against dropping nothing, in tokens at input price.
    """

    lane: str
    kind: str
    at: float
    blocks: tuple[Block, ...]
    breakpoints: tuple[tuple[int, int], ...]
    kept: int
    hit: int
    predicted_read: int
    predicted_written: int
    reason: PlanReason
    saving: float = 0.0
