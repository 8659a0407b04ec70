"""What a request costs, against figures worked out by hand from the published price table."""

from datetime import date

import pytest

from ponder.config.settings import ModelSettings
from ponder.ledger.cost import FREE, cost, saved, usage
from ponder.routing.prices import Price, price_of
from ponder.usage import TokenCounts

DAY = date(2026, 11, 22)
COUNTS = TokenCounts(
    input=10_000, cache_read=40_000, cache_write_5m=8_000, cache_write_1h=2_000, output=3_000, thinking=1_200
)


def price(model: str, day: date = DAY) -> Price:
    found = price_of(model, today=day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "counts", "batch", "expected"),
    [
        # 5 * 10k + 0.50 * 40k + 6.25 * 8k + 10 * 2k + 25 * 3k = 215,000 per million
        ("claude-opus-5", COUNTS, False, 0.215),
        # 4 * 10k + 0.20 * 40k + 5 * 8k + 8 * 2k + 20 * 3k = 164,000
        ("claude-opus-5-5", COUNTS, False, 0.164),
        # half of it
        ("claude-opus-5-5", COUNTS, True, 0.082),
        # 8 * 10k + 0.20 * 40k + 10 * 8k + 16 * 2k + 40 * 3k = 320,000
        ("claude-fable-5-2", COUNTS, False, 0.320),
        # 0.10 * 10k + 0.01 * 40k + 0.125 * 8k + 0.20 * 2k + 0.50 * 3k = 4,300
        ("claude-haiku-5-5", COUNTS, False, 0.0043),
        # a prompt of exactly 100,000 tokens still has the lower rates: 0.10 * 100k + 0.50 * 1k = 10,500
        ("claude-haiku-5-5", TokenCounts(input=100_000, output=1_000), False, 0.0105),
        # one token more, most of it read from the cache: 0.50 * 1 + 0.05 * 100k + 2.50 * 1k = 7,500.5
        (
            "claude-haiku-5-5",
            TokenCounts(input=1, cache_read=100_000, cache_write_5m=0, output=1_000),
            False,
            0.0075005,
        ),
        # 3 * 1k + 15 * 2k = 33,000; the dated spelling has the same price
        ("claude-sonnet-4-5-20250929", TokenCounts(input=1_000, output=2_000), False, 0.033),
        # the endpoint says that it was a batch: 1 * 1k + 5 * 2k = 11,000, halved
        ("claude-haiku-4-5", TokenCounts(input=1_000, output=2_000, service_tier="batch"), False, 0.0055),
    ],
)
def test_cost_of_a_request(model: str, counts: TokenCounts, batch: bool, expected: float) -> None:
    """Each category has its own rate, tiers look at the whole prompt, thinking is paid once."""
    assert cost(counts, price(model), batch) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("counts", "known"),
    [
        (TokenCounts(), True),
        (TokenCounts(input=5), True),
        (TokenCounts(output=5), True),
        (TokenCounts(input=5, cache_read=7, output=5), True),
        (TokenCounts(input=5, cache_write_1h=7, output=5), True),
        (COUNTS, False),
    ],
)
def test_cost_is_never_guessed(counts: TokenCounts, known: bool) -> None:
    """Without a price, an input or an output figure, or with half of the cache's, there is no cost: not zero."""
    assert cost(counts, price("claude-opus-5") if known else None) is None
    assert usage([COUNTS, counts], price("claude-opus-5") if known else None).cost_usd is None


def test_a_price_has_a_first_day() -> None:
    """The read price of Sonnet 5.5 was cut on 2026-10-07; before its release it had none."""
    assert price("claude-sonnet-5-5", date(2026, 10, 6)).rates.cache_read == pytest.approx(0.20)
    assert price("claude-sonnet-5-5", date(2026, 10, 7)).rates.cache_read == pytest.approx(0.10)
    assert price_of("claude-sonnet-5-5", today=date(2026, 9, 1)) is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # 40k * (5 - 0.5) - 8k * (6.25 - 5) - 2k * (10 - 5) = 160,000 per million
        (COUNTS, 0.160),
        # only written: 8k * 1.25 lost
        (TokenCounts(input=1, cache_read=0, cache_write_5m=8_000, output=1), -0.010),
        (TokenCounts(input=1, cache_read=0, cache_write_5m=0, output=1), 0.0),
        # half of it is not known
        (TokenCounts(input=1, cache_write_5m=8_000, output=1), None),
        (TokenCounts(input=1, cache_read=8_000, output=1), None),
        (TokenCounts(input=1, output=1), None),
    ],
)
def test_what_caching_saved(counts: TokenCounts, expected: float | None) -> None:
    """Reads save, writes cost; silence about the cache is not a saving of zero."""
    result = saved(counts, price("claude-opus-5"))
    assert result is None if expected is None else result == pytest.approx(expected)


@pytest.mark.parametrize(
    ("outdated", "expected"),
    [
        (0.0, 0.160),
        (0.2, 0.110),  # of 50k in the cache, 10k would not have been sent: 50,000 per million less
        (1.0, -0.090),  # a ping: what it cost
    ],
)
def test_what_nobody_would_have_sent_is_no_saving(outdated: float, expected: float) -> None:
    """A text that stands in the prefix only because it was cached would have cost nothing without a cache."""
    assert saved(COUNTS, price("claude-opus-5"), outdated=outdated) == pytest.approx(expected)
    total = usage([COUNTS, COUNTS], price("claude-opus-5"), outdated=outdated)
    assert total.saved_usd == pytest.approx(2 * expected)


def test_usage_sums_the_requests_of_a_run() -> None:
    """Two requests add up in every field, money included."""
    total = usage([COUNTS, COUNTS], price("claude-opus-5"))

    assert (total.input_tokens, total.cache_read_tokens, total.cache_write_tokens) == (20_000, 80_000, 20_000)
    assert (total.output_tokens, total.thinking_tokens, total.requests) == (6_000, 2_400, 2)
    assert total.cost_usd == pytest.approx(0.430)
    assert total.saved_usd == pytest.approx(0.320)


def test_usage_with_an_unknown_part_is_unknown() -> None:
    """A request that reported no thinking figure leaves the sum of thinking open, and nothing else."""
    total = usage([COUNTS, TokenCounts(input=1, output=1)], price("claude-opus-5"))

    assert total.thinking_tokens is None
    assert total.output_tokens == 3_001
    assert total.cost_usd == pytest.approx(0.215 + 30e-6)


def test_usage_of_nothing() -> None:
    """Before the endpoint has said anything, nothing is known."""
    total = usage([], FREE)
    assert (total.requests, total.input_tokens, total.cost_usd) == (0, None, None)


def test_the_engine_inside_is_free() -> None:
    """Offline answers cost nothing, which is known and not unknown."""
    total = usage([COUNTS], FREE)
    assert (total.cost_usd, total.saved_usd) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # a price for a model nobody knows: 2 * 1M + 8 * 0.5M
        (ModelSettings(input_usd=2, output_usd=8), 6.0),
        # half a price is none
        (ModelSettings(input_usd=2), None),
        (ModelSettings(line="opus"), None),
        (ModelSettings(input_usd=0, output_usd=0), 0.0),
    ],
)
def test_a_price_can_be_configured(given: ModelSettings, expected: float | None) -> None:
    """`[models.ID]` prices a model that is in no table."""
    found = price_of("local-coder", today=DAY, overrides=given)
    assert cost(TokenCounts(input=1_000_000, output=500_000), found) == expected


def test_a_configured_price_corrects_the_table() -> None:
    """One corrected category leaves the others as they are; a corrected input price takes writes and reads along."""
    read = price_of("claude-haiku-5-5", today=DAY, overrides=ModelSettings(cache_read_usd=0.02))
    assert read is not None
    assert (read.rates.input, read.rates.cache_read, read.over[0][1].cache_read) == (0.10, 0.02, 0.02)

    whole = price_of("claude-opus-5", today=DAY, overrides=ModelSettings(input_usd=6, min_cache_tokens=64))
    assert whole is not None
    assert (whole.rates.cache_write_5m, whole.rates.output, whole.min_cache_tokens) == (7.5, 25, 64)
