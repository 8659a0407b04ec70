"""Keeps account of requests and holds the spending limits. Prices nothing by itself and writes no file."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from ponder.config.settings import BudgetSettings
from ponder.errors import ErrorInfo
from ponder.ledger.budget import check
from ponder.ledger.cost import cost, input_cost, saved
from ponder.ledger.estimate import likely
from ponder.ledger.totals import Totals, summarise
from ponder.routing.prices import Price
from ponder.store.rows import UsageRow, towards_limits
from ponder.usage import TokenCounts


class UsageStore(Protocol):
    """Where rows are kept. Times are seconds since the epoch."""

    def add_usage(self, row: UsageRow) -> None:
        """Keep one request."""
        ...

    def usage_rows(self, since: float = 0.0) -> Sequence[UsageRow]:
        """The requests from this moment on, oldest first."""
        ...

    def spent_since(self, since: float) -> float:
        """USD spent from this moment on; unknown costs count nothing."""
        ...


class MemoryStore:
    """Rows in memory, for as long as the process lives."""

    def __init__(self) -> None:
        self._rows: list[UsageRow] = []

    def add_usage(self, row: UsageRow) -> None:
        """Keep one request."""
        self._rows.append(row)

    def usage_rows(self, since: float = 0.0) -> tuple[UsageRow, ...]:
        """The requests from this moment on, oldest first."""
        return tuple(sorted((row for row in self._rows if row.at >= since), key=lambda row: row.at))

    def spent_since(self, since: float) -> float:
        """USD spent from this moment on."""
        return sum(map(towards_limits, self.usage_rows(since)))


class Ledger:
    """The account of one user. `clock` gives seconds since the epoch; days are those of `zone` (None: local).

    A request is admitted before it is sent, which sets its estimate aside, so that requests side by side
    cannot pass a limit together; `record` puts the real figure in its place; `settle` ends the run.
    """

    def __init__(self, store: UsageStore, clock: Callable[[], float], zone: tzinfo | None = None) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._aside: dict[str, float] = {}
        self._by_run: dict[str, float] = {}

    def admit(self, run_id: str, budget: BudgetSettings, estimate_usd: float | None) -> ErrorInfo | None:
        """Return why the next request of a run may not be sent, or set its estimate aside and return None."""
        refusal = self.refusal(run_id, budget, estimate_usd)
        if refusal is None:
            self._aside[run_id] = estimate_usd or 0.0
        return refusal

    def refusal(self, run_id: str, budget: BudgetSettings, estimate_usd: float | None) -> ErrorInfo | None:
        """As `admit`, and sets nothing aside: for what is not asked yet."""
        others = sum(usd for run, usd in self._aside.items() if run != run_id)
        return check(
            budget,
            today_usd=self.spent_today() + others if budget.daily_usd is not None else 0.0,
            run_usd=self._by_run.get(run_id, 0.0),
            estimate_usd=estimate_usd,
        )

    def record(
        self,
        counts: TokenCounts,
        price: Price | None,
        *,
        run_id: str,
        action: str,
        model: str,
        provider: str,
        trigger: str | None = None,
        workspace: str = "",
        batch: bool = False,
        miss: str | None = None,
        outdated: float = 0.0,
    ) -> UsageRow:
        """Keep what one request was reported to have used, and release its estimate. `outdated` is as for `saved`."""
        row = UsageRow(
            at=self._clock(),
            run_id=run_id,
            action=action,
            model=model,
            provider=provider,
            tier="batch" if batch else counts.service_tier,
            trigger=trigger,
            counts=counts,
            cost_usd=cost(counts, price, batch),
            counted_usd=None if counts.cut_bytes is None else cost(likely(counts), price, batch),
            input_usd=input_cost(counts, price, batch),
            saved_usd=saved(counts, price, batch, outdated=outdated),
            workspace=workspace,
            miss=miss,
        )
        self._aside.pop(run_id, None)
        self._by_run[run_id] = self._by_run.get(run_id, 0.0) + towards_limits(row)
        self._store.add_usage(row)
        return row

    def settle(self, run_id: str) -> None:
        """The run has ended: forget what was set aside for it. Harmless when repeated."""
        self._aside.pop(run_id, None)
        self._by_run.pop(run_id, None)

    def spent_today(self) -> float:
        """USD spent since midnight, by every server of this user."""
        now = datetime.fromtimestamp(self._clock(), self._zone)
        return self._store.spent_since(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())

    def summary(self, since: float = 0.0) -> Totals:
        """The sums from this moment on (seconds since the epoch)."""
        return summarise(self._store.usage_rows(since), self._zone)

    def totals(self, since: float = 0.0) -> dict[str, object]:
        """The object of `ponder usage --json` and `ponder.usage`."""
        return self.summary(since).as_json()
