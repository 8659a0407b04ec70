"""The spending limits: may this request still be sent? Pure; what was spent is handed in."""

from ponder.config.settings import BudgetSettings
from ponder.errors import ErrorInfo


def check(
    budget: BudgetSettings, *, today_usd: float, run_usd: float, estimate_usd: float | None
) -> ErrorInfo | None:
    """Return the `budget` error that keeps a request from being sent, or None when it may go.

    `today_usd` is what today cost so far, requests under way at their estimate included; `run_usd` the same of
    this run. The worst case counts, not what such requests cost so far: one long answer would pass a limit that was
    set by the short ones before it. With a limit set, a request whose price is not known may not go: a cap that guesses is none.
    """
    limits = (
        ("today", "budget.dailyUsd", budget.daily_usd, today_usd),
        ("this run", "budget.runUsd", budget.run_usd, run_usd),
    )
    for what, key, limit, spent in limits:
        if limit is None:
            continue
        if estimate_usd is None:
            return ErrorInfo(
                kind="budget",
                message=f"The price of this model is not known, so `{key}` cannot be kept; nothing was sent.",
                hint="Give `inputUsd` and `outputUsd` of the model under [models.ID] in your settings.",
            )
        if spent + estimate_usd > limit:
            return ErrorInfo(
                kind="budget",
                message=(
                    f"This request may cost up to {usd(estimate_usd)}, and {usd(spent)} of the {usd(limit)}"
                    f" for {what} are spent or under way; nothing was sent."
                ),
                hint=(
                    "Most requests cost a small part of that: what is set aside is the worst case, nothing read from a"
                    " cache and all of the route's maximum of tokens answered, so that a limit is never passed. Raise"
                    f" `{key}`, or choose a smaller model, less thinking or fewer `answerTokens` for this action."
                ),
            )
    return None


def usd(amount: float | None) -> str:
    """Money for people: two digits after the point, four below a dollar; `-` where it is not known."""
    if amount is None:
        return "-"
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}" if abs(amount) >= 1 or amount == 0 else f"{sign}${abs(amount):.4f}"
