"""`ponder usage` as text for a terminal of any width. Adds nothing up."""

import textwrap
from collections.abc import Mapping

from ponder.ledger.budget import usd
from ponder.ledger.misses import words
from ponder.ledger.totals import Totals
from ponder.usage import Count, Usage

_HEAD = ("requests", "input", "cache read", "written", "output", "thinking", "cost")
_WIDTHS = (8, 8, 10, 8, 8, 8, 9)
_FIGURES = sum(_WIDTHS) + len(_WIDTHS)
_LEAST_NAME = 10
_MOST_NAME = 40


def render(totals: Totals, width: int = 80) -> str:
    """The sums as tables, and what caching saved. Where `width` columns hold no table, each row is a paragraph."""
    if not totals.totals.requests:
        return "No requests yet. Nothing was spent.\n"
    parts = [
        _table("action", totals.by_action, width),
        _table("model", totals.by_model, width),
        _table("day", totals.by_day, width),
        _table("", {"total": totals.totals}, width),
    ]
    closing = (textwrap.fill(line, width, subsequent_indent="  ") for line in _closing(totals))
    return "\n".join(parts) + "\n" + "".join(f"{line}\n" for line in closing)


def compact(count: Count) -> str:
    """A number of tokens in at most seven characters: 950, 12.3k, 4.56M; `-` where it is not known."""
    if count is None:
        return "-"
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1_000:.1f}k" if count < 999_950 else f"{count / 1_000_000:.2f}M"


def _table(title: str, rows: Mapping[str, Usage], width: int) -> str:
    narrow = width < _FIGURES + _LEAST_NAME
    head = [f"by {title}"] if narrow else [_line(title, _HEAD, width)]
    lines = head if title else []
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
        lines.extend(_paragraph(name, cells, width) if narrow else [_line(name, cells, width)])
    return "\n".join(lines) + "\n"


def _paragraph(name: str, cells: tuple[str, ...], width: int) -> list[str]:
    said = ", ".join(f"{title} {cell}" for title, cell in zip(_HEAD, cells, strict=True) if cell != "-")
    return [_plain(name), *textwrap.wrap(said, width, initial_indent="  ", subsequent_indent="  ")]


def _plain(name: str) -> str:
    """What an endpoint named is shown without control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)


def _line(name: str, cells: tuple[str, ...], width: int) -> str:
    shown, room = _plain(name), min(width - _FIGURES, _MOST_NAME)
    figures = "".join(f" {cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    # A long name keeps a line of its own: ids are there to be copied.
    return f"{shown:<{room}}{figures}" if len(shown) <= room else f"{shown}\n{'':<{room}}{figures}"


def _closing(totals: Totals) -> list[str]:
    saved, paid, whole = totals.totals.saved_usd, totals.input_usd, totals.uncached_usd
    lines = []
    if saved is not None:
        verdict = "Caching saved" if saved >= 0 else "Caching cost more than it saved:"
        lines.append(f"{verdict} {usd(abs(saved))}.")
    if paid is not None and whole:
        share = f"{paid / whole:.2f} of the {usd(whole)} it would have cost without caching"
        lines.append(f"Input cost {usd(paid)}: {share}.")
    if totals.cache_misses:
        lines.append("Requests that read less out of the cache than they might have:")
        lines.extend(f"{count:>8,}  {words(cause)}" for cause, count in totals.cache_misses.items())
    if totals.unanswered:
        many = f"{totals.unanswered:,} of {totals.totals.requests:,} requests"
        lines.append(
            f"{many} {'was' if totals.unanswered == 1 else 'were'} refused, cancelled or never answered:"
            " what an endpoint bills for those is in no sum here."
        )
    if totals.cut:
        many = f"{totals.cut:,} of {totals.totals.requests:,} requests"
        lines.append(
            f"{many} {'was' if totals.cut == 1 else 'were'} cut before the last counts came:"
            " output and cost are at least what is said here."
        )
    if totals.unpriced:
        lines.append(
            f"{totals.unpriced:,} of {totals.totals.requests:,} requests have no known cost and are in no sum of money."
        )
    return lines
