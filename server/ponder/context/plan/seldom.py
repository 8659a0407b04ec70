"""How long a write of a lane that is asked now and then should live, from how often it was asked. Reads no clock."""

import math

from ponder.context.plan.economics import LanePrices

SOON_S = 300.0
_PRIOR_REQUESTS = 3.0
"""Believed at first: none of so many requests was asked again within five minutes; of a conversation, one was."""
_PRIOR_S = 5400.0
_PRIOR_REPLACED = 1.0
"""Believed at first: so much of work (seconds) without a request, and the context replaced so often in that time."""


class Seldom:
    """The requests of one lane. Times in seconds; `at_work` of all lanes together, since the first request of any."""

    def __init__(self) -> None:
        self._asked = 0
        self._soon = 0
        self._last: float | None = None

    def asked(self, now: float) -> None:
        """The lane is asked now."""
        self._asked += 1
        self._soon += self._last is not None and now - self._last <= SOON_S
        self._last = now

    def life(self, prices: LanePrices, at_work: float, replaced: float, *, talks: bool) -> int:
        """3600, 300 or, where no write is expected to be read often enough to pay, 0.

        `replaced` is how many times over the context has become another one meanwhile: what was replaced is not read.
        `talks`: the answer is one that people ask back about. The first request counts as one too: it is tried again
        with other words, or followed up, more often than once in five times, which is all that five minutes need.
        """
        seconds = at_work + _PRIOR_S
        asked = self._asked / seconds
        kept = asked / (asked + (replaced + _PRIOR_REPLACED) / seconds)
        if _pays(prices, 3600, (1 - math.exp(-asked * 3600)) * kept):
            return 3600
        soon = (self._soon + (talks or self._asked == 1)) / (self._asked - 1 + _PRIOR_REQUESTS)
        return 300 if _pays(prices, 300, soon) else 0


def _pays(prices: LanePrices, ttl: int, found: float) -> bool:
    """Whether a write pays that each time is still `found` with this chance: as many readings as that makes."""
    return found * (1 - prices.read) > (1 - found) * (prices.write(ttl) - 1)
