"""Lists in pages, as all lists of the API are. Sorts nothing."""

from collections.abc import Mapping
from typing import Any

from ponder.offline.errors import invalid


def page(items: list[dict[str, Any]], query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the page that `limit` (1–1000, default 20), `after_id` or `before_id` ask for.

    Raises `ApiError` 400 for a bad limit or an id that is not in the list.
    """
    limit = _limit(query)
    after, before = (query.get(name, [""])[0] for name in ("after_id", "before_id"))
    if after and before:
        raise invalid("before_id", "cannot be combined with after_id")
    start, end = 0, len(items)
    if after:
        start = _place(items, after, "after_id") + 1
        shown = items[start : start + limit]
        more = start + limit < end
    elif before:
        end = _place(items, before, "before_id")
        start = max(0, end - limit)
        shown, more = items[start:end], start > 0
    else:
        shown, more = items[:limit], limit < end
    return {
        "data": shown,
        "has_more": more,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }


def _limit(query: Mapping[str, list[str]]) -> int:
    written = query.get("limit", ["20"])[0]
    if not written.isdigit():
        raise invalid("limit", "Input should be a valid integer, unable to parse string as an integer")
    limit = int(written)
    if limit < 1:
        raise invalid("limit", "Input should be greater than or equal to 1")
    if limit > 1000:
        raise invalid("limit", "Input should be less than or equal to 1000")
    return limit


def _place(items: list[dict[str, Any]], wanted: str, name: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == wanted:
            return index
    raise invalid(name, f"'{wanted}' not found")
