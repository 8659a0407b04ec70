"""What a layer may not set. Fails closed: what is refused keeps the value of the layers below, and says so.

A workspace's files come with the code, so whoever wrote the code wrote them. Editors hand over workspace
settings merged with the user's own, without saying which is which, so an editor cannot name the endpoint either.
"""

from ponder.config.fields import Path
from ponder.config.options import LayerName

_ENDPOINT = (("api", "baseUrl"), ("api", "provider"))
_SHARED = ("workspace", "editor")
_LIMITS = (("budget", "dailyUsd"), ("budget", "runUsd"))


def refusal(layer: LayerName, path: Path, value: object, below: object) -> str | None:
    """Why this layer may not set this, in words that follow the key; None: it may. `below` is what holds so far."""
    if path in _ENDPOINT and layer in _SHARED:
        return "is refused: only your own config.toml or the environment chooses the endpoint"
    if layer != "workspace":
        return None
    if path in _LIMITS and _is_above(value, below):
        return "is refused: a workspace may lower a budget, never raise it"
    if path == ("edits", "apply") and value == "auto" and below != "auto":
        return "is refused: a workspace cannot let edits be applied unasked"
    if path[0] == "models" and path[-1].endswith("Usd"):
        return "is refused: a workspace cannot change prices, which budgets are counted in"
    return None


def _is_above(value: object, limit: object) -> bool:
    """Without a limit nothing is above it."""
    return isinstance(value, int | float) and isinstance(limit, int | float) and value > limit
