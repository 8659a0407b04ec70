"""How large the workspace prefix of a request is, by action and by whether a cache is kept warm for it. Measures nothing."""

from ponder.config.settings import ActionSettings, ContextSettings

WIDE = frozenset({"architecture", "migrate"})
"""Actions that are about the whole workspace."""
_ALONE = 0.5


def prefix_tokens(
    context: ContextSettings, action: str, own: ActionSettings | None, *, hover: bool, warm: bool
) -> int:
    """The budget in tokens; `own` are the action's settings, `warm` says that saves keep the cache it reads.

    What is read from a warm cache costs a tenth or a twentieth of what is sent for one request alone (published
    multipliers, 2026-10-08): alone, half the context is sent, the nearest half.
    """
    if hover:
        return context.hover_budget_tokens
    if own is not None and own.context_tokens is not None:
        return own.context_tokens if context.budget_tokens else 0
    return context.budget_tokens if warm or action in WIDE else int(context.budget_tokens * _ALONE)
