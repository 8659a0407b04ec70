"""A made-up workspace that changes at random, and a driver that bills each planned request exactly."""

import random
from collections.abc import Iterator
from typing import Any

from bench.cache.decode import decoded
from bench.cache.scorer import Bill, Cache, Price
from ponder.context.plan import LanePrices, Plan, Planner

INSTRUCTIONS = "Read the context.\n"
MINIMUM = 30
PRICES = LanePrices(minimum=MINIMUM)
WORDS = (
    "alpha",
    "beta",
    "",
    "    return x",
    "+1",
    "-1",
    "@@ 1 1",
    "=== a.py 2",
    "xxx",
    "# é",
    "pass",
    "pass",
)


class Typist:
    """Random texts and edits; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.units: dict[str, str] = {}
        for name in ("@repomap", "a.py", "b.py::f", "b.py::g", "lib/c.py"):
            self.units[name] = self._text(self.rng.randint(1, 40))
        self.spare = {"d.py": self._text(20), "lib/e.py::K": self._text(9), "f.py": ""}

    def _text(self, count: int) -> str:
        return "\n".join(
            f"{self.rng.choice(WORDS)}{self.rng.choice(('', self.rng.randrange(9)))}" for _ in range(count)
        )

    def change(self) -> dict[str, str | None]:
        """An edit, a unit that enters or one that leaves."""
        what = self.rng.random()
        if what < 0.2 and self.spare:
            name = self.rng.choice(sorted(self.spare))
            self.units[name] = self.spare.pop(name)
            return {name: self.units[name]}
        if what < 0.35 and len(self.units) > 2:
            name = self.rng.choice(sorted(self.units))
            self.spare[name] = self.units.pop(name)
            return {name: None}
        name = self.rng.choice(sorted(self.units))
        lines = self.units[name].split("\n")
        at = self.rng.randrange(len(lines) + 1)
        lines[at : at + self.rng.randrange(3)] = self._text(self.rng.randint(0, 3)).split("\n")
        self.units[name] = "\n".join(lines)
        return {name: self.units[name]}

    def gap(self) -> float:
        """Seconds: mostly short, at times past one or the other expiry."""
        return self.rng.choice((0.5, 5.0, 40.0, 40.0, 200.0, 290.0, 900.0, 3500.0, 4000.0, 60000.0))


class Driver:
    """A planner with one lane, and the endpoint's cache."""

    def __init__(self, prices: LanePrices = PRICES, *, seldom: bool = False) -> None:
        self.planner = Planner()
        self.prices = prices
        self.planner.open("lane", prices, INSTRUCTIONS, seldom=seldom)
        self.cache = Cache(Price(1.0, read=prices.read, minimum=prices.minimum))
        self.names: set[str] = set()
        self.now = 0.0

    def context(self, units: dict[str, Any]) -> None:
        """Hand the planner a change of the context."""
        self.names |= units.keys()
        self.planner.context(units, dict.fromkeys(self.names, (0.0, 0.0)))

    def ask(self, kind: str = "hover", tail: int = 10) -> tuple[Plan, Bill]:
        """Plan a request, bill it and report the bill."""
        plan = self.planner.request("lane", self.now, kind)
        return plan, self.bill(plan, tail)

    def bill(self, plan: Plan, tail: int = 10) -> Bill:
        """What the endpoint makes of a plan; the planner is told."""
        bill = self.cache.ask(plan.at, [block.text for block in plan.blocks], dict(plan.breakpoints), tail)
        self.planner.answered(plan, bill.read, bill.write_5m + bill.write_1h)
        return bill

    def pings(self, until: float) -> Iterator[tuple[Plan, Bill]]:
        """Send the keepalives that come due."""
        while (due := self.planner.next_ping()) is not None and due <= until:
            for plan in self.planner.pings_due(due):
                yield plan, self.bill(plan)


def known(plan: Plan) -> dict[str, str]:
    """What a reader of the plan's blocks knows."""
    return decoded([block.text for block in plan.blocks[1:]])
