"""Answers that were cut before their last counts: what is shown is a reading, what limits count is no less than likely."""

from datetime import UTC
from pathlib import Path

import pytest

from ponder.config.settings import BudgetSettings
from ponder.ledger.ledger import Ledger, MemoryStore, UsageStore
from ponder.ledger.report import render
from ponder.routing.prices import Price, Rates
from ponder.store.store import Store
from ponder.usage import TokenCounts

PRICE = Price(rates=Rates(input=1, output=10, cache_read=0.1, cache_write_5m=1.25, cache_write_1h=2))
CUT = TokenCounts(input=1_000, cache_read=0, cache_write_5m=0, output=1, cut_bytes=250_000)


@pytest.mark.parametrize("kept", ["memory", "disk"])
def test_cancelling_does_not_evade_the_limit(tmp_path: Path, kept: str) -> None:
    """100,000 tokens of text had arrived, 1 was counted: the limit counts the former, the sums say the latter, "at least"."""
    store: UsageStore = (
        Store.open(tmp_path, lambda: 1_800_000_000.0, print) if kept == "disk" else MemoryStore()
    )
    ledger = Ledger(store, lambda: 1_800_000_000.0, UTC)
    ledger.record(CUT, PRICE, run_id="r", action="review", model="m", provider="anthropic")
    assert ledger.spent_today() == pytest.approx(0.001 + 1.0)
    totals = ledger.totals()["totals"]
    assert isinstance(totals, dict)
    assert (totals["costUsd"], totals["outputTokens"], totals["atLeast"]) == (pytest.approx(0.00101), 1, True)
    assert ledger.admit("s", BudgetSettings(daily_usd=1.0), 0.01) is not None
    assert "1 of 1 requests was cut" in " ".join(render(ledger.summary()).split())
    if isinstance(store, Store):
        store.close()


def test_a_complete_answer_is_said_as_it_is() -> None:
    """No mark, and no more than the cost counts."""
    ledger = Ledger(MemoryStore(), lambda: 1_800_000_000.0, UTC)
    whole = TokenCounts(input=1_000, cache_read=0, cache_write_5m=0, output=10)
    ledger.record(whole, PRICE, run_id="r", action="review", model="m", provider="anthropic")
    totals = ledger.totals()["totals"]
    assert isinstance(totals, dict)
    assert "atLeast" not in totals
    assert ledger.spent_today() == pytest.approx(0.0011)
