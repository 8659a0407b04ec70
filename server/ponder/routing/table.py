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


def render(*, provider: str, catalogue: Catalogue, settings: Settings, today: date) -> str:
    """The same as text for a terminal of 80 columns, with the notices of all routes, each once, at the end."""
    found = all_routes(catalogue=catalogue, settings=settings, today=today)
    lines = [f"Provider: {provider}; {_SOURCES[catalogue.source]}.", "", *_columns(_HEAD)]
    for route in found:
        lines.extend(_entry(route))
    notices = dict.fromkeys(notice for route in found for notice in route.notices)
    for notice in notices:
        lines.extend(
            textwrap.wrap(_plain(notice), sum(_WIDTHS) + 8, initial_indent="! ", subsequent_indent="  ")
        )
    return "\n".join(lines) + "\n"


def _entry(route: Route) -> list[str]:
    """The cells of a route, and under each its reason."""
    thinking = route.thinking
    shown = thinking.mode if thinking.budget_tokens is None else f"{thinking.budget_tokens:,} tokens"
    cells = (route.action, _plain(route.model), shown, thinking.effort or "-", f"{route.max_tokens:,}")
    why = ("", *(_plain(route.reasons[cell]) for cell in ("model", "thinking", "effort", "maxTokens")))
    if all(len(cell) <= width for cell, width in zip(cells, _WIDTHS, strict=True)):
        return [*_columns(cells), *_columns(why), ""]
    # A long id keeps a line of its own: ids are there to be copied.
    return [f"{cells[0]:<{_WIDTHS[0]}}  {cells[1]}", *_columns(("", "", *cells[2:])), *_columns(why), ""]


def _columns(cells: Sequence[str]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, _WIDTHS, strict=True)]
    rows = zip_longest(*wrapped, fillvalue="")
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, _WIDTHS, strict=True)).rstrip()
        for row in rows
    ]


def _plain(text: str) -> str:
    """What an endpoint or a file named is shown without control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
