"""Adds up recorded requests by action, model and day. Pure; the time zone is handed in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo

import msgspec
from msgspec import UNSET, Struct

from ponder.store.rows import UsageRow
from ponder.usage import Count, TokenCounts, Usage


class Totals(Struct, frozen=True, kw_only=True, rename="camel"):
    """Sums of what is known. `unanswered` counts the requests of which nothing is known but that they were sent;
    `unpriced` the others whose cost is in no sum, because nobody knows it;
    `input_usd` is what was paid for input, and `uncached_usd` what it would have cost without a cache, both over the
    requests of which both are known;
    `cache_misses` the requests that read less out of the cache than they might have, by cause.
    """

    totals: Usage
    by_action: dict[str, Usage]
    by_model: dict[str, Usage]
    by_day: dict[str, Usage]
    cache_misses: dict[str, int]
    unanswered: int = 0
    cut: int = 0
    """Answers that ended before their last counts: they used at least what is in the sums."""
    unpriced: int = 0
    input_usd: float | None = None
    uncached_usd: float | None = None

    def as_json(self) -> dict[str, object]:
        """The object of `ponder usage --json`: totals, byAction, byModel, byDay; cacheMisses where there are any."""
        document: dict[str, object] = msgspec.to_builtins(self)
        for name in ("unanswered", "cut", "unpriced", "inputUsd", "uncachedUsd"):
            del document[name]
        if not self.cache_misses:
            del document["cacheMisses"]
        return document


def summarise(rows: Sequence[UsageRow], zone: tzinfo | None = None) -> Totals:
    """The sums of these rows; days are those of `zone` (None: this machine's)."""

    def day(row: UsageRow) -> str:
        return datetime.fromtimestamp(row.at, zone).date().isoformat()

    both = [(row.input_usd, row.saved_usd) for row in rows]
    known = [(paid, paid + saved) for paid, saved in both if paid is not None and saved is not None]
    return Totals(
        totals=_sum(rows),
        by_action=_grouped(rows, lambda row: row.action),
        by_model=_grouped(rows, _model),
        by_day=dict(sorted(_grouped(rows, day).items())),
        cache_misses=dict(sorted(Counter(row.miss for row in rows if row.miss).items())),
        input_usd=sum(paid for paid, _ in known) if known else None,
        uncached_usd=sum(whole for _, whole in known) if known else None,
        unanswered=sum(_unanswered(row) for row in rows),
        cut=sum(row.counts.cut_bytes is not None for row in rows),
        unpriced=sum(row.cost_usd is None and not _unanswered(row) for row in rows),
    )


def _unanswered(row: UsageRow) -> bool:
    """Whether the endpoint refused the request, or never began to answer it."""
    return row.counts == TokenCounts()


def _model(row: UsageRow) -> str:
    """Who answered: the offline engine goes by the names of the models it stands in for, and is none of them."""
    return f"offline/{row.model}" if row.provider == "offline" else row.model


def _grouped(rows: Iterable[UsageRow], key: Callable[[UsageRow], str]) -> dict[str, Usage]:
    """Groups in descending order of cost, then by name."""
    groups: dict[str, list[UsageRow]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    summed = {name: _sum(group) for name, group in groups.items()}
    return dict(sorted(summed.items(), key=lambda item: (-(item[1].cost_usd or 0.0), item[0])))


def _sum(rows: Sequence[UsageRow]) -> Usage:
    counts = [row.counts for row in rows]
    written = [part for count in counts for part in (count.cache_write_5m, count.cache_write_1h)]
    return Usage(
        input_tokens=_tokens(rows, [count.input for count in counts]),
        cache_read_tokens=_tokens(rows, [count.cache_read for count in counts]),
        cache_write_tokens=_tokens(rows, written),
        output_tokens=_tokens(rows, [count.output for count in counts]),
        thinking_tokens=_tokens(rows, [count.thinking for count in counts]),
        requests=len(rows),
        cost_usd=_money(rows, [row.cost_usd for row in rows]),
        saved_usd=_money(rows, [row.saved_usd for row in rows]),
        at_least=any(count.cut_bytes is not None for count in counts) or UNSET,
    )


def _tokens(rows: Sequence[UsageRow], parts: Iterable[Count]) -> Count:
    """The sum of the known parts; None when requests were made and none said a figure."""
    known = [part for part in parts if part is not None]
    return sum(known) if known or not rows else None


def _money(rows: Sequence[UsageRow], parts: Iterable[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 8) if known or not rows else None
