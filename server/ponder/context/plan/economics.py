"""What tokens cost by price class, and how long waste is worth carrying. Keeps no state."""

import math

from msgspec import Struct

_REMAINING = 0.25
"""Measured: 0.2 to 0.3 is best on traces of three repositories, 1 costs 1 %."""


class LanePrices(Struct, frozen=True, kw_only=True):
    """Prices of one model as factors of its input price, and the shortest prefix it caches."""

    read: float = 0.1
    write_5m: float = 1.25
    write_1h: float = 2.0
    minimum: int = 1024

    def write(self, ttl: int) -> float:
        """The factor of a write that lives `ttl` seconds; 0 stands for no cache at all."""
        return {0: 1.0, 300: self.write_5m, 3600: self.write_1h}[ttl]


def carry(prices: LanePrices, ttl: int, needed: int, growth: float, death: float) -> float:
    """How many future reads a wasted token should be charged with (lambda of the re-base rule).

    Half the optimal cycle of an economic order quantity: re-basing costs (write - read) for each needed token and
    waste grows by `growth` tokens a request; never more than a share of the requests between two deaths of the cache,
    because a working day that ends is not memoryless and because what left the context often comes back.
    """
    set_up = (prices.write(ttl) - prices.read) * needed
    cycle = 0.5 * math.sqrt(2 * set_up / (prices.read * max(growth, 1e-6)))
    return min(cycle, _REMAINING * (1 - death) / max(death, 1e-6))
