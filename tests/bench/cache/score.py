"""Scores a request log against its trace: exact cost, admissibility, and how much of the context was waste."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.cache.decode import decoded
from bench.cache.request import INSTRUCTIONS, Request, apply
from bench.cache.scorer import PRICES, Cache, tokens_of

Event = dict[str, Any]


@dataclass
class Score:
    """Sums over a log. Dollars of input; `by_model` splits them."""

    dollars: float = 0.0
    by_model: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    pings: int = 0
    missing: int = 0
    """Lines of W(t) that a request lacks (its first finding is in `faults`)."""
    undecodable: int = 0
    """Requests whose blocks do not read back to W(t), where that was checked."""
    mispredicted: int = 0
    read: int = 0
    total: int = 0
    needed: int = 0
    faults: list[str] = field(default_factory=list)


def score(events: Iterable[Event], requests: Iterable[Request], *, decode: bool = False) -> Score:
    """Bill every request and check it against the context at its time.

    Raises ValueError for a log that the API would refuse (more than four breakpoints, a 300 before a 3600) or that
    does not follow the trace.
    """
    result = Score()
    caches = {model: Cache(price) for model, price in PRICES.items()}
    lines = _Lines()
    for request, context in _paired(events, requests):
        bill = caches[request.model].ask(request.t, request.blocks, request.bps, request.tail)
        result.dollars += bill.dollars
        result.by_model[request.model] = result.by_model.get(request.model, 0.0) + bill.dollars
        result.read += bill.read
        result.total += bill.read + bill.write_1h + bill.write_5m + bill.plain
        result.mispredicted += request.predicted is not None and request.predicted != bill.read
        if request.kind == "ping":
            result.pings += 1
            continue
        result.requests += 1
        result.needed += tokens_of(INSTRUCTIONS) + request.tail + sum(map(tokens_of, context.values()))
        _check(result, request, context, lines)
        if decode:
            known = decoded(request.blocks[1:])
            result.undecodable += any(known.get(unit) != text for unit, text in context.items())
    return result


def _paired(events: Iterable[Event], requests: Iterable[Request]) -> Iterator[tuple[Request, dict[str, str]]]:
    """Each request with the context at its time; both run through once."""
    context: dict[str, str] = {}
    log = iter(requests)
    for event in events:
        if event["e"] == "units":
            apply(context, event["set"])
        elif event["e"] == "request":
            for request in log:
                yield request, context
                if request.kind != "ping":
                    if (request.model, request.kind) != (event["model"], event["kind"]):
                        raise ValueError(f"the log does not follow the trace at t={event['t']}")
                    break
            else:
                raise ValueError(f"the log ends before t={event['t']}")


class _Lines:
    """Lines of texts, remembered: blocks and units repeat thousands of times."""

    def __init__(self) -> None:
        self._blocks: dict[str, frozenset[str]] = {}
        self._units: dict[str, frozenset[str]] = {}

    def offered(self, block: str) -> frozenset[str]:
        """Lines of a block, as they are and without a leading space or plus."""
        found = self._blocks.get(block)
        if found is None:
            lines = block.split("\n")
            found = frozenset(lines) | {line[1:] for line in lines if line[:1] in {" ", "+"}}
            self._blocks[block] = found
        return found

    def wanted(self, text: str) -> frozenset[str]:
        """Lines of a unit."""
        found = self._units.get(text)
        if found is None:
            found = self._units[text] = frozenset(text.split("\n"))
        return found


def _check(result: Score, request: Request, context: dict[str, str], lines: _Lines) -> None:
    offered = [lines.offered(block) for block in request.blocks]
    for unit, text in context.items():
        lacking = lines.wanted(text).difference(*offered)
        if lacking:
            result.missing += len(lacking)
            if len(result.faults) < 10:
                result.faults.append(f"t={request.t} {request.model}: {unit} lacks {min(lacking)!r}")
