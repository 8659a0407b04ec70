"""What reviews of many files have used and may still use: to `budget.runUsd` all of them are one run. Sends nothing."""

from msgspec import structs

from ponder.errors import ErrorInfo
from ponder.ledger.budget import check
from ponder.ledger.cost import usage
from ponder.ledger.estimate import estimate
from ponder.review.targets import Target
from ponder.routing.route import Route
from ponder.session import money
from ponder.session.run import Run
from ponder.session.state import State
from ponder.usage import TokenCounts, Usage

_AROUND_BYTES = 10_000
"""What a request holds beside the file: instructions, task, schema."""


class Spending:
    """Of one set of files, all asked by the same route."""

    def __init__(self, state: State, route: Route) -> None:
        self._state = state
        self._route = route
        self._counts: list[TokenCounts] = []
        self._batched: list[TokenCounts] = []
        self._unanswered = 0
        self._aside = 0.0

    @property
    def usage(self) -> Usage:
        """How many requests were sent, and what those used that were answered so far."""
        price = money.price(self._state, self._route.model)
        plain, batched = usage(self._counts, price), usage(self._batched, price, batch=True)
        if not self._batched or not self._counts:
            answered = batched if self._batched else plain
        else:
            answered = _sum(plain, batched)
        return structs.replace(answered, requests=answered.requests + self._unanswered)

    @property
    def nothing(self) -> bool:
        """Whether no request has been answered."""
        return not self._counts and not self._batched

    def add(self, run: Run) -> None:
        """A run has ended."""
        self._unanswered += run.account.unanswered
        (self._batched if run.request.trigger == "batch" else self._counts).extend(run.account.counts)

    def admit(self, target: Target, *, batch: bool = False) -> tuple[float, ErrorInfo | None]:
        """What a file's review may cost, set aside, and why `budget.runUsd` forbids it."""
        state = self._state
        limits = structs.replace(state.settings.budget, daily_usd=None)
        if limits.run_usd is None:
            return 0.0, None
        size = len(target.document.text.encode("utf-8", "replace")) + _AROUND_BYTES
        price = money.price(state, self._route.model)
        most = estimate(size, self._route.max_tokens, price, batch=batch)
        spent = (self.usage.cost_usd or 0.0) + self._aside
        refusal = check(limits, today_usd=0.0, run_usd=spent, estimate_usd=most)
        aside = most or 0.0 if refusal is None else 0.0
        self._aside += aside
        return aside, refusal

    def release(self, aside: float | None = None) -> None:
        """So much of what was set aside will not be spent any more; None for all of it."""
        self._aside = 0.0 if aside is None else self._aside - aside


def _sum(one: Usage, other: Usage) -> Usage:
    def added(name: str) -> object:
        first, second = getattr(one, name), getattr(other, name)
        return None if first is None or second is None else first + second

    return Usage(**{name: added(name) for name in Usage.__struct_fields__})  # type: ignore[arg-type]
