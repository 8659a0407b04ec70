"""`ponder usage` as text for a terminal of 80 columns. Adds nothing up."""

from collections.abc import Mapping

from ponder.ledger.budget import usd
from ponder.ledger.misses import words
from ponder.ledger.totals import Totals
from ponder.usage import Count, Usage

_HEAD = ("requests", "input", "cache read", "written", "output", "thinking", "cost")
_WIDTHS = (8, 8, 10, 8, 8, 8, 9)
_NAME = 80 - sum(_WIDTHS) - len(_WIDTHS)


def render(totals: Totals) -> str:
    """The sums as tables, and what caching saved."""
    if not totals.totals.requests:
        return "No requests yet. Nothing was spent.\n"
    parts = [
        _table("action", totals.by_action),
        _table("model", totals.by_model),
        _table("day", totals.by_day),
        _table("", {"total": totals.totals}),
    ]
    return "\n".join(parts) + "\n" + _closing(totals)


def compact(count: Count) -> str:
    """A number of tokens in at most seven characters: 950, 12.3k, 4.56M; `-` where it is not known."""
    if count is None:
        return "-"
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1_000:.1f}k" if count < 999_950 else f"{count / 1_000_000:.2f}M"


def _table(title: str, rows: Mapping[str, Usage]) -> str:
    lines = [_line(title, _HEAD)] if title else []
    for name, usage in rows.items():
        cells = (
            f"{usage.requests:,}",
            compact(usage.input_tokens),
            compact(usage.cache_read_tokens),
            compact(usage.cache_write_tokens),
            compact(usage.output_tokens),
            compact(usage.thinking_tokens),
            usd(usage.cost_usd),
        )
        lines.append(_line(name, cells))
    return "\n".join(lines) + "\n"


def _line(name: str, cells: tuple[str, ...]) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in name)
    figures = "".join(f" {cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    # A long name keeps a line of its own: ids are there to be copied.
    return f"{shown:<{_NAME}}{figures}" if len(shown) <= _NAME else f"{shown}\n{'':<{_NAME}}{figures}"


def _closing(totals: Totals) -> str:
    saved = totals.totals.saved_usd
    lines = []
    if saved is not None:
        verdict = "Caching saved" if saved >= 0 else "Caching cost more than it saved:"
        lines.append(f"{verdict} {usd(abs(saved))}.")
    if totals.cache_misses:
        lines.append("Requests that read less out of the cache than they might have:")
        lines.extend(f"{count:>8,}  {words(cause)}" for cause, count in totals.cache_misses.items())
    if totals.unpriced:
        lines.append(
            f"{totals.unpriced:,} of {totals.totals.requests:,} requests have no known cost and are in no sum of money."
        )
    return "".join(f"{line}\n" for line in lines)
