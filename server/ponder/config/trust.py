"""What a layer may not set. Fails closed: what is refused keeps the value of the layers below, and says so.

A workspace's files come with the code, so whoever wrote the code wrote them. Editors hand over workspace
settings merged with the user's own, without saying which is which, so an editor cannot name the endpoint either.
"""

from ponder.config.fields import Path
from ponder.config.options import LayerName
from ponder.files.uris import relative_inside

_ENDPOINT = (("api", "baseUrl"), ("api", "provider"))
_SHARED = ("workspace", "editor")
_LIMITS = (("budget", "dailyUsd"), ("budget", "runUsd"))


def refusal(layer: LayerName, path: Path, value: object, below: object) -> str | None:
    """Why this layer may not set this, in words that follow the key; None: it may. `below` is what holds so far."""
    if path in _ENDPOINT and layer in _SHARED:
        return "is refused: only your own config.toml or the environment chooses the endpoint"
    if path == ("review", "baseline") and layer in _SHARED and not _is_inside(value):
        return "is refused: the baseline lies inside the workspace folder"
    if layer != "workspace":
        return None
    if path in _LIMITS and _is_above(value, below):
        return "is refused: a workspace may lower a budget, never raise it"
    if path == ("edits", "apply") and value == "auto" and below != "auto":
        return "is refused: a workspace cannot let edits be applied unasked"
    if path[0] == "models" and path[-1].endswith("Usd"):
        return "is refused: a workspace cannot change prices, which budgets are counted in"
    return None


def _is_inside(value: object) -> bool:
    """An empty path means that there is no baseline."""
    if not isinstance(value, str) or not value:
        return value == ""
    relative = relative_inside(value)
    return relative is not None and ".git" not in map(str.casefold, relative.parts)


def _is_above(value: object, limit: object) -> bool:
    """Without a limit nothing is above it."""
    return isinstance(value, int | float) and isinstance(limit, int | float) and value > limit
