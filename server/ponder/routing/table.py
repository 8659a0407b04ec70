"""The table action → model, thinking, effort, max_tokens, with the reason of each cell. Decides nothing itself."""

import textwrap
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

import msgspec

from ponder.config.settings import Settings
from ponder.routing.catalogue import Catalogue
from ponder.routing.choose import choose
from ponder.routing.policy import POLICIES
from ponder.routing.route import Route

_HEAD = ("ACTION", "MODEL", "THINKING", "EFFORT", "MAX_TOKENS")
_WIDTHS = (12, 19, 13, 13, 15)
_SHARES = (0, 3, 2, 2, 2)
"""How the columns share what a wider terminal has beyond that."""
_GAPS = 8
_NARROWEST = sum(_WIDTHS) + _GAPS
_WIDEST = 160
_SOURCES = {"endpoint": "models as the endpoint lists them", "builtin": "models from Ponder's built-in table"}


def all_routes(*, catalogue: Catalogue, settings: Settings, today: date) -> tuple[Route, ...]:
    """The routes of every action that is turned on: the built-in ones in their order, then the added ones."""
    names = [*POLICIES, *(name for name in settings.actions if name not in POLICIES)]
    return tuple(
        choose(name, catalogue=catalogue, settings=settings, today=today)
        for name in names
        if name not in settings.actions or settings.actions[name].enabled
    )


def routes(*, provider: str, catalogue: Catalogue, settings: Settings, today: date) -> dict[str, object]:
    """The object of `ponder routes --json` and `ponder.routes`."""
    return {
        "provider": provider,
        "catalogue": catalogue.source,
        "routes": [
            {
                "action": route.action,
                "model": route.model,
                "thinking": msgspec.to_builtins(route.thinking),
                "maxTokens": route.max_tokens,
                "reasons": dict(route.reasons),
            }
            for route in all_routes(catalogue=catalogue, settings=settings, today=today)
        ],
    }


def render(*, provider: str, catalogue: Catalogue, settings: Settings, today: date, width: int = 80) -> str:
    """The same as text for a terminal of `width` columns, with the notices of all routes, each once, at the end."""
    found = all_routes(catalogue=catalogue, settings=settings, today=today)
    widths = _widths(width)
    lines = [*textwrap.wrap(f"Provider: {provider}; {_SOURCES[catalogue.source]}.", width), ""]
    lines += _columns(_HEAD, widths) if widths else []
    for route in found:
        lines.extend(_entry(route, widths) if widths else _stacked(route, width))
    notices = dict.fromkeys(notice for route in found for notice in route.notices)
    for notice in notices:
        lines.extend(
            textwrap.wrap(_plain(notice), min(width, _WIDEST), initial_indent="! ", subsequent_indent="  ")
        )
    return "\n".join(lines) + "\n"


def _widths(width: int) -> tuple[int, ...] | None:
    """The columns of a table; None where a terminal is too narrow for one."""
    if width < _NARROWEST:
        return None
    more = (min(width, _WIDEST) - _NARROWEST) // sum(_SHARES)
    return tuple(least + share * more for least, share in zip(_WIDTHS, _SHARES, strict=True))


def _stacked(route: Route, width: int) -> list[str]:
    """A route as a paragraph for each cell, with its reason."""
    cells, why = _cells(route)
    said = (
        f"{head.lower()} {cell}: {reason}"
        for head, cell, reason in zip(_HEAD[1:], cells[1:], why[1:], strict=True)
    )
    wrapped = (textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ") for line in said)
    return [cells[0], *(line for lines in wrapped for line in lines), ""]


def _cells(route: Route) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The cells of a route, and the reason of each."""
    thinking = route.thinking
    shown = thinking.mode if thinking.budget_tokens is None else f"{thinking.budget_tokens:,} tokens"
    cells = (route.action, _plain(route.model), shown, thinking.effort or "-", f"{route.max_tokens:,}")
    why = ("", *(_plain(route.reasons[cell]) for cell in ("model", "thinking", "effort", "maxTokens")))
    return cells, why


def _entry(route: Route, widths: Sequence[int]) -> list[str]:
    """The cells of a route, and under each its reason."""
    cells, why = _cells(route)
    reasons = _columns(why, widths)
    if all(len(cell) <= width for cell, width in zip(cells, widths, strict=True)):
        return [*_columns(cells, widths), *reasons, ""]
    # A long id keeps a line of its own: ids are there to be copied.
    rest = _columns(("", "", *cells[2:]), widths)
    return [f"{cells[0]:<{widths[0]}}  {cells[1]}", *rest, *reasons, ""]


def _columns(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    rows = zip_longest(*wrapped, fillvalue="")
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _plain(text: str) -> str:
    """What an endpoint or a file named is shown without control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
