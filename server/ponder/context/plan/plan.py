"""The outcome of planning one request, as the server sends it and hands it back. Values only."""

from typing import Literal

from msgspec import Struct

from ponder.context.plan.chain import Block

PlanReason = Literal["extended", "rebased", "trimmed", "cold", "uncached", "follows", "ping"]

MissCause = Literal["first", "ttl5m", "ttl1h", "instructions", "rebased", "trimmed", "uncached", "server"]
"""Why a request read less than its whole prefix: nothing was there yet, an expiry, other instructions, a cut that
saves, a cut for too much waste, not worth caching, or the endpoint did not have what it should have had."""


class LaneStatus(Struct, frozen=True, kw_only=True):
    """What there is to show of a lane: the chosen life of entries (0: no cache), the time until which the prefix is
    warm (None: cold), and estimated tokens of the prefix and of what is out of date in it.
    """

    ttl: int
    warm_until: float | None
    prefix_tokens: int
    waste_tokens: int


class Plan(Struct, frozen=True, kw_only=True):
    """What to send before the question.

    `blocks`: the first is the lane's instructions and tools, the rest the workspace context. `breakpoints`: (number
    of leading blocks, seconds to live), at most four, rising. `hit`: the number of leading blocks that should be
    read, `kept` of those that an earlier request of the lane sent. Tokens are estimates. `at` is the start of the
    request. `saving` is what a re-base is expected to save against dropping nothing, in tokens at input price.
    `outdated` is the share (0 to 1) of the tokens that nobody would send without a cache: texts told once and changed.
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
    outdated: float = 0.0
