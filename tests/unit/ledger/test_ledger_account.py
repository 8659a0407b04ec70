"""The account: what is recorded, what it adds up to, and when a limit stops a request."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ponder.config.settings import BudgetSettings
from ponder.ledger.budget import check, usd
from ponder.ledger.cost import FREE, price_for
from ponder.ledger.estimate import estimate
from ponder.ledger.ledger import Ledger, MemoryStore
from ponder.ledger.report import compact, render
from ponder.ledger.totals import summarise
from ponder.routing.prices import BATCH_FACTOR, Price, price_of, rates
from ponder.store.rows import UsageRow
from ponder.usage import TokenCounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = NOON.date()
OPUS = price_of("claude-opus-5", today=DAY)
COUNTS = TokenCounts(input=10_000, cache_read=40_000, cache_write_5m=10_000, output=3_000, thinking=1_000)
"""0.05 + 0.02 + 0.0625 + 0.075 = 0.2075 USD; caching saved 0.18 - 0.0125 = 0.1675."""


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Ledger:
    return Ledger(MemoryStore(), clock, UTC)


def record(
    ledger: Ledger,
    *,
    run: str = "r1",
    action: str = "review",
    model: str = "claude-opus-5",
    counts: TokenCounts = COUNTS,
    price: Price | None = OPUS,
) -> UsageRow:
    return ledger.record(counts, price, run_id=run, action=action, model=model, provider="anthropic")


def test_totals_by_action_model_and_day(ledger: Ledger, clock: Clock) -> None:
    """Each request is in one sum of each kind, and all of them in the total."""
    record(ledger)
    record(
        ledger, action="hover", model="claude-haiku-4-5", counts=TokenCounts(input=100, output=10), price=None
    )
    clock.now += timedelta(days=1)
    record(ledger, run="r2")
    found = ledger.totals()

    assert set(found) == {"totals", "byAction", "byModel", "byDay"}
    assert found["totals"] == {
        "inputTokens": 20_100,
        "cacheReadTokens": 80_000,
        "cacheWriteTokens": 20_000,
        "outputTokens": 6_010,
        "thinkingTokens": 2_000,
        "requests": 3,
        "costUsd": pytest.approx(0.415),
        "savedUsd": pytest.approx(0.335),
    }
    assert {name: sums["requests"] for name, sums in found["byAction"].items()} == {"review": 2, "hover": 1}
    assert {name: sums["requests"] for name, sums in found["byDay"].items()} == {
        "2026-11-22": 2,
        "2026-11-23": 1,
    }
    hover = found["byModel"]["claude-haiku-4-5"]
    assert (hover["costUsd"], hover["cacheReadTokens"], hover["inputTokens"]) == (None, None, 100)


def test_the_offline_engine_is_no_model(ledger: Ledger) -> None:
    """What it answered under a model's name stands apart from what that model answered, in JSON and in text."""
    record(ledger)
    free = {"run_id": "r2", "action": "review", "model": "claude-opus-5", "provider": "offline"}
    ledger.record(COUNTS, None, **free)
    assert list(ledger.totals()["byModel"]) == ["claude-opus-5", "offline/claude-opus-5"]
    lines = render(ledger.summary()).splitlines()
    assert [line.split()[0] for line in lines if "claude-opus-5" in line] == [
        "claude-opus-5",
        "offline/claude-opus-5",
    ]


def test_totals_since(ledger: Ledger, clock: Clock) -> None:
    """Earlier requests are left out."""
    record(ledger)
    clock.now += timedelta(hours=1)
    record(ledger)
    assert ledger.summary(clock()).totals.requests == 1


def test_nothing_spent_is_zero(ledger: Ledger) -> None:
    """Without requests every figure is known: nothing."""
    found = ledger.totals()
    assert found["totals"]["costUsd"] == 0
    assert found["totals"]["inputTokens"] == 0
    assert found["byDay"] == {}


def test_days_are_those_of_the_zone() -> None:
    """A request late in the evening in UTC belongs to the next day further east."""
    row = UsageRow(
        at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC).timestamp(),
        run_id="r",
        action="a",
        model="m",
        provider="p",
    )
    assert list(summarise([row], UTC).by_day) == ["2026-11-22"]
    assert list(summarise([row], timezone(timedelta(hours=1))).by_day) == ["2026-11-23"]


# daily, run limit | spent today, by the run | estimate | part of the message, None when it may go
LIMITS = [
    ((None, None), (1e9, 1e9), 1e9, None),
    ((None, None), (0.0, 0.0), None, None),
    ((1.0, None), (0.4, 0.0), 0.6, None),
    ((1.0, None), (0.4, 0.0), 0.61, "$0.4000 of the $1.00 for today"),
    ((1.0, None), (1.2, 0.0), 0.0, "for today"),
    ((0.0, None), (0.0, 0.0), 0.01, "$0.00 of the $0.00 for today"),
    ((0.0, None), (0.0, 0.0), 0.0, None),
    ((None, 0.5), (9.0, 0.2), 0.3, None),
    ((None, 0.5), (9.0, 0.2), 0.31, "for this run"),
    ((5.0, None), (0.0, 0.0), None, "price of this model is not known"),
    ((None, 5.0), (0.0, 0.0), None, "`budget.runUsd` cannot be kept"),
]


@pytest.mark.parametrize(("limits", "spent", "price", "words"), LIMITS)
def test_a_limit_is_checked_before(
    limits: tuple[float | None, float | None],
    spent: tuple[float, float],
    price: float | None,
    words: str | None,
) -> None:
    """What was spent and what this may cost together stay within the limit, or nothing is sent."""
    found = check(
        BudgetSettings(daily_usd=limits[0], run_usd=limits[1]),
        today_usd=spent[0],
        run_usd=spent[1],
        estimate_usd=price,
    )
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert found.kind == "budget"
        assert words in found.message
        assert found.hint
        assert not found.retryable


def test_requests_side_by_side_cannot_pass_a_limit_together(ledger: Ledger) -> None:
    """What is under way counts at its estimate until the real figure is known."""
    budget = BudgetSettings(daily_usd=1.0)

    assert ledger.admit("a", budget, 0.6) is None
    assert ledger.admit("b", budget, 0.6) is not None
    record(ledger, run="a")  # 0.2075 in place of 0.6
    assert ledger.admit("b", budget, 0.6) is None
    ledger.settle("b")
    assert ledger.admit("c", budget, 0.79) is None
    assert ledger.admit("c", budget, 0.80) is not None


def test_a_day_ends_at_midnight(ledger: Ledger, clock: Clock) -> None:
    """What was spent yesterday does not count today."""
    record(ledger)
    assert ledger.spent_today() == pytest.approx(0.2075)
    clock.now = datetime(2026, 11, 23, tzinfo=UTC)
    assert ledger.spent_today() == 0


def test_a_run_has_its_own_limit(ledger: Ledger) -> None:
    """The requests of one run add up; another run starts at zero, and so does a settled one."""
    budget = BudgetSettings(run_usd=0.3)
    record(ledger, run="a")

    assert ledger.admit("a", budget, 0.1) is not None
    assert ledger.admit("b", budget, 0.1) is None
    ledger.settle("a")
    assert ledger.admit("a", budget, 0.1) is None


def test_an_estimate_is_an_upper_bound() -> None:
    """All of the prompt written to the cache, all of max_tokens used; for an hour and large prompts at those rates."""
    assert OPUS is not None
    # 1,000 bytes: 400 tokens at 6.25, and 1,000 at 25
    assert estimate(1_000, 1_000, OPUS) == pytest.approx(0.0275)
    assert estimate(1_000, 1_000, OPUS, batch=True) == pytest.approx(0.0275 * BATCH_FACTOR)
    assert estimate(1_000, 1_000, OPUS, hour=True) == pytest.approx(0.029)
    assert estimate(1_000, 1_000, None) is None

    haiku = price_of("claude-haiku-5-5", today=DAY)
    # 250,001 bytes: 100,001 tokens, in the dearer tier
    assert estimate(250_001, 1, haiku) == pytest.approx((100_001 * 0.625 + 2.5) / 1e6)


def test_the_price_depends_on_who_answers() -> None:
    """The engine inside is free; the same model id at an endpoint has its price; a stranger has none."""
    assert price_for("offline", "claude-opus-5", {}, today=DAY) is FREE
    assert price_for("anthropic", "claude-opus-5", {}, today=DAY) == OPUS
    assert price_for("anthropic", "stranger", {}, today=DAY) is None


def test_a_batch_is_recorded_as_one() -> None:
    """Its tier says so and its cost is half."""
    store = MemoryStore()
    ledger = Ledger(store, Clock(), UTC)
    ledger.record(COUNTS, OPUS, run_id="r", action="a", model="m", provider="p", batch=True)
    (row,) = store.usage_rows()
    assert (row.tier, row.cost_usd) == ("batch", pytest.approx(0.2075 / 2))


def test_the_report_fits_a_terminal(ledger: Ledger) -> None:
    """80 columns with large figures and long names; what is not known is a dash and is said."""
    huge = TokenCounts(
        input=987_654_321, cache_read=2_000_000_000, cache_write_5m=5_000, output=123_456, thinking=99_999
    )
    record(ledger, counts=huge)
    record(ledger, model="a-very-long-model-id-from-some-gateway/with-a-path:latest", price=None)
    shown = render(ledger.summary())

    assert max(map(len, shown.splitlines())) <= 80
    assert "a-very-long-model-id-from-some-gateway/with-a-path:latest" in shown
    assert "Caching saved $8," in shown
    assert "1 of 2 requests have no known cost" in shown


@pytest.mark.parametrize("width", [30, 40, 79, 80, 120])
def test_the_report_follows_the_terminal(ledger: Ledger, width: int) -> None:
    """Nothing but an id is wider than the terminal, and no figure is lost in a narrow one."""
    record(ledger)
    shown = render(ledger.summary(), width)
    assert max(map(len, shown.splitlines())) <= width
    assert shown.count("$0.2075") == 4
    assert "40.0k" in shown


def test_what_caching_did_to_the_cost_of_input(ledger: Ledger) -> None:
    """0.1325 of the 0.30 USD that 60,000 tokens cost uncached; requests that say nothing of a cache are left out."""
    record(ledger)
    record(ledger, counts=TokenCounts(input=1_000_000, output=1))
    shown = render(ledger.summary())
    assert "Input cost $0.1325: 0.44 of the $0.3000 it would have cost without caching." in shown


def test_the_report_of_nothing(ledger: Ledger) -> None:
    """One line."""
    assert render(ledger.summary()) == "No requests yet. Nothing was spent.\n"


def test_a_loss_is_called_a_loss() -> None:
    """Writes that were never read are not shown as a saving."""
    ledger = Ledger(MemoryStore(), Clock(), UTC)
    price = Price(rates=rates(2, 10))
    record(ledger, counts=TokenCounts(input=1, cache_read=0, cache_write_5m=1_000_000, output=1), price=price)
    assert "Caching cost more than it saved: $0.5000." in render(ledger.summary())


def test_what_was_never_answered_is_counted_and_in_no_sum() -> None:
    """A request of which only its sending is known is a request; the sums are of the others, and the table says so."""
    ledger = Ledger(MemoryStore(), Clock(), UTC)
    record(ledger)
    record(ledger, run="r2", counts=TokenCounts())
    found = ledger.totals()["totals"]
    assert (found["requests"], found["costUsd"]) == (2, pytest.approx(0.2075))
    text = " ".join(render(ledger.summary()).split())
    assert "1 of 2 requests was refused, cancelled or never answered" in text
    assert "no known cost" not in text


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "-"),
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (999_949, "999.9k"),
        (999_950, "1.00M"),
        (12_345_678, "12.35M"),
    ],
)
def test_compact_counts(count: int | None, shown: str) -> None:
    """Short enough for a column, and never a wrong digit."""
    assert compact(count) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(None, "-"), (0.0, "$0.00"), (0.00123, "$0.0012"), (1234.5, "$1,234.50"), (-0.25, "-$0.2500")],
)
def test_money_for_people(amount: float | None, shown: str) -> None:
    """Cents for dollars, more digits for less."""
    assert usd(amount) == shown
