"""Chooses a lane's time to live and when a keepalive ping pays, from gaps seen so far. Reads no clock."""

import math

from msgspec import Struct

from ponder.context.plan.economics import LanePrices
from ponder.context.plan.presence import Presence

PING_LEAD = 15.0
"""Seconds before expiry at which a ping goes out."""
MOST_PINGS = {300: 11, 3600: 19}
"""Pings in one gap after which writing anew would have been cheaper in any case."""
_PRIOR_GAPS = (15.0, 30.0, 60.0, 120.0, 240.0, 900.0, 1800.0, 2700.0)
_PRIOR_CHURN = 0.02
_CHURN_WEIGHT = 0.02
_CLEARLY = 0.95


class Policy(Struct, frozen=True):
    """Seconds that what is written lives; 0: nothing is written."""

    ttl: int


POLICIES = (Policy(3600), Policy(300), Policy(0))


class Gaps:
    """The gaps of one lane, and what each policy would have cost on them (follow the leader).

    Costs are in reads of the whole prefix at input price. Each policy pings as `worth_a_ping` says.
    """

    def __init__(self, prices: LanePrices, presence: Presence) -> None:
        self._prices = prices
        self._presence = presence
        self._costs = [0.0] * len(POLICIES)
        self._died = [0.0] * len(POLICIES)
        self._churn = _PRIOR_CHURN
        self._count = 0
        self._leader = 0
        self._active = 0.0
        for gap in _PRIOR_GAPS:
            self._note(gap, gap, None)

    def add(self, gap: float, now: float) -> None:
        """Take note of the seconds between two requests, the second of them now."""
        self._note(gap, now, self._presence)

    def _note(self, gap: float, now: float, presence: Presence | None) -> None:
        self._count += 1
        self._active += min(gap, 900.0)
        for row, policy in enumerate(POLICIES):
            cost, died = self._cost(policy.ttl, now - gap, now, presence)
            self._costs[row] += cost
            self._died[row] += died

    def _cost(self, ttl: int, start: float, end: float, presence: Presence | None) -> tuple[float, bool]:
        if not ttl:
            return 1.0, False
        read = self._prices.read
        cost, expires, pings = 0.0, start + ttl, 0
        while expires < end:
            due = expires - PING_LEAD
            if presence is None or pings >= MOST_PINGS[ttl] or not self.worth_a_ping(ttl, presence.idle(due)):
                return cost + self._prices.write(ttl), True
            cost += read
            expires = due + ttl
            pings += 1
        return cost + read, False

    def churned(self, share: float) -> None:
        """Take note of how much of the prefix was new in a request."""
        self._churn += _CHURN_WEIGHT * (share - self._churn)

    def best(self) -> Policy:
        """The policy that would have been cheapest so far; it is left only for one that is clearly cheaper."""
        leader = min(range(len(POLICIES)), key=self._total)
        if self._total(leader) < _CLEARLY * self._total(self._leader):
            self._leader = leader
        return POLICIES[self._leader]

    def _total(self, row: int) -> float:
        ttl = POLICIES[row].ttl
        return self._costs[row] + (self._prices.write(ttl) * self._churn * self._count if ttl else 0.0)

    def death(self, policy: Policy) -> float:
        """The share of gaps that the policy does not survive."""
        return (self._died[POLICIES.index(policy)] + 0.5) / (self._count + 1)

    def worth_a_ping(self, ttl: int, idle: float) -> bool:
        """Whether to renew now: the chance that this lane is used before the next expiry pays for a read.

        `idle` is the time in seconds since anything was asked in any lane.
        """
        window = ttl - PING_LEAD
        asked = 1.0 - math.exp(-window * self._count / max(self._active, 1.0))
        chance = self._presence.returns(idle, window) * asked
        return chance * (self._prices.write(ttl) - self._prices.read) > self._prices.read
