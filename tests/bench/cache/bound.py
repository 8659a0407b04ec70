"""A bound no planner reaches: every line cached alone, without order, minimum or breakpoints, the future known.

Each line occurrence lives from the event that brings it to the event that takes it away. For each model, the requests
in that life are paid in the cheapest way: plain, or written for 5 min or 1 h and then read, kept by pings where a gap
is longer, or let go. Tails are plain input.
"""

import difflib
import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from bench.cache.scorer import BYTES_PER_TOKEN, PRICES, WRITE, Price

Life = tuple[float, float]


def bound(events: Iterable[dict[str, Any]], instructions: int = 2400) -> dict[str, float]:
    """Dollars a model."""
    times: dict[str, list[float]] = {model: [] for model in PRICES}
    tails: dict[str, int] = dict.fromkeys(PRICES, 0)
    lives = _Lives()
    for event in events:
        if event["e"] == "units":
            for unit, text in event["set"].items():
                lives.change(event["t"], unit, text)
        elif event["e"] == "request":
            times[event["model"]].append(event["t"])
            tails[event["model"]] += event["tail"]
    weights = lives.finish()
    weights[-math.inf, math.inf] += instructions * BYTES_PER_TOKEN
    return {
        model: (tails[model] + _lane(times[model], weights, price)) * price.base / 1e6
        for model, price in PRICES.items()
    }


class _Lives:
    """Bytes of lines by the life they have in the context."""

    def __init__(self) -> None:
        self._now: dict[str, tuple[list[str], list[float]]] = {}
        self._bytes: dict[Life, float] = defaultdict(float)

    def change(self, now: float, unit: str, text: str | None) -> None:
        """A unit has another text, or none."""
        old, born = self._now.pop(unit, ([], []))
        new = [] if text is None else text.split("\n")
        since = [now] * len(new)
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        kept: set[int] = set()
        for a, b, size in matcher.get_matching_blocks() if old and new else []:
            since[b : b + size] = born[a : a + size]
            kept.update(range(a, a + size))
        for row, line in enumerate(old):
            if row not in kept:
                self._bytes[born[row], now] += _size(line)
        if text is not None:
            self._now[unit] = (new, since)

    def finish(self) -> dict[Life, float]:
        """All lives; what is still there lives on."""
        for lines, born in self._now.values():
            for line, start in zip(lines, born, strict=True):
                self._bytes[start, math.inf] += _size(line)
        return self._bytes


def _size(line: str) -> int:
    return len(line.encode("utf-8", "surrogatepass")) + 1


def _lane(times: list[float], lives: dict[Life, float], price: Price) -> float:
    """Tokens at input price for one model, over all lives."""
    by_end: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for (start, end), size in lives.items():
        by_end[end].append((start, size / BYTES_PER_TOKEN))
    total = 0.0
    for end, starts in by_end.items():
        cheapest = _cheapest([at for at in times if at < end], price)
        for start, size in starts:
            first = sum(at < start for at in times)
            if first < len(cheapest):
                total += size * cheapest[first]
    return total


def _cheapest(times: list[float], price: Price) -> list[float]:
    """For each request, the least cost of one token from it on, when nothing is cached yet."""
    fresh = [0.0] * (len(times) + 1)
    cached = dict.fromkeys(WRITE, 0.0)
    for row in range(len(times) - 1, -1, -1):
        gap = times[row + 1] - times[row] if row + 1 < len(times) else None
        for ttl in cached:
            pings = 0 if gap is None else max(0, math.ceil((gap - ttl) / (ttl - 15)))
            kept = math.inf if gap is None else price.read * (1 + pings) + cached[ttl]
            cached[ttl] = min(kept, fresh[row + 1])
        fresh[row] = min(1 + fresh[row + 1], *(WRITE[ttl] + cached[ttl] for ttl in cached))
    return fresh
