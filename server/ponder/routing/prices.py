"""What tokens cost, as of 2026-11-22, in USD for a million. A model that is not in the table has no price, never zero.

Source: the published pricing and prompt-caching pages (2026-10-08); the 5.2 rows from release notes of
2026-11-09. The Models API has no prices, so this table ships, is dated, and can be corrected in the settings.
"""

from datetime import date

from msgspec import Struct

from ponder.config.settings import ModelSettings
from ponder.routing.builtin import ALIASES

BATCH_FACTOR = 0.5
"""A batch costs half, in every category."""


class Rates(Struct, frozen=True, kw_only=True):
    """USD for a million tokens of each kind."""

    input: float
    output: float
    cache_read: float
    cache_write_5m: float
    cache_write_1h: float


class Price(Struct, frozen=True, kw_only=True):
    """The price of one model. `over` holds, ascending, (prompt tokens, rates above that many)."""

    rates: Rates
    over: tuple[tuple[int, Rates], ...] = ()
    min_cache_tokens: int | None = None
    batch: float = BATCH_FACTOR

    def rates_for(self, prompt_tokens: int) -> Rates:
        """The rates that hold for a prompt of this size, cached tokens included."""
        rates = self.rates
        for bound, dearer in self.over:
            if prompt_tokens > bound:
                rates = dearer
        return rates


def rates(input_usd: float, output_usd: float, *, read: float = 0.1) -> Rates:
    """Rates by the published multipliers on the input price: writes 1.25 (5 minutes) and 2 (an hour), reads 0.1."""
    return Rates(
        input=input_usd,
        output=output_usd,
        cache_read=input_usd * read,
        cache_write_5m=input_usd * 1.25,
        cache_write_1h=input_usd * 2,
    )


def _flat(input_usd: float, output_usd: float, minimum: int | None, *, read: float = 0.1) -> Price:
    return Price(rates=rates(input_usd, output_usd, read=read), min_cache_tokens=minimum)


_SONNET_5_5_CUT = date(2026, 10, 7)

# (id, first day, price); of several rows of one id the last that has begun holds.
PRICES: tuple[tuple[str, date, Price], ...] = (
    # Cache minimum of the 5.2 models: not published yet, so none is claimed.
    ("claude-fable-5-2", date(2026, 11, 9), _flat(8, 40, None, read=0.025)),
    ("claude-mythos-5-2", date(2026, 11, 9), _flat(8, 40, None, read=0.025)),
    ("claude-fable-5-1", date(2026, 9, 1), _flat(10, 50, 512, read=0.025)),
    ("claude-mythos-5-1", date(2026, 9, 1), _flat(10, 50, 512, read=0.025)),
    ("claude-fable-5", date(2026, 6, 9), _flat(10, 50, 512)),
    ("claude-mythos-5", date(2026, 6, 9), _flat(10, 50, 512)),
    ("claude-opus-5-5", date(2026, 9, 22), _flat(4, 20, 512, read=0.05)),
    ("claude-opus-5", date(2026, 7, 24), _flat(5, 25, 512)),
    ("claude-opus-4-8", date(2026, 5, 28), _flat(5, 25, 1_024)),
    ("claude-opus-4-7", date(2026, 4, 16), _flat(5, 25, 2_048)),
    ("claude-opus-4-6", date(2026, 2, 5), _flat(5, 25, 4_096)),
    ("claude-opus-4-5", date(2025, 11, 24), _flat(5, 25, 4_096)),
    ("claude-sonnet-5-5", date(2026, 9, 28), _flat(2, 10, 512)),
    ("claude-sonnet-5-5", _SONNET_5_5_CUT, _flat(2, 10, 512, read=0.05)),
    ("claude-sonnet-5", date(2026, 6, 30), _flat(2, 10, 1_024)),
    ("claude-sonnet-4-6", date(2026, 2, 17), _flat(3, 15, 1_024)),
    ("claude-sonnet-4-5", date(2025, 9, 29), _flat(3, 15, 1_024)),
    (
        "claude-haiku-5-5",
        date(2026, 10, 7),
        Price(
            rates=rates(0.10, 0.50),
            # Whether the bound counts cached tokens is not published; counting them can only overstate.
            over=((100_000, rates(0.50, 2.50)),),
            min_cache_tokens=512,
        ),
    ),
    ("claude-haiku-4-5", date(2025, 10, 15), _flat(1, 5, 4_096)),
)


def price_of(
    model_id: str, *, today: date, overrides: ModelSettings | None = None, published: bool = True
) -> Price | None:
    """The price of exactly this id on a day, with the user's corrections (`[models.ID]`); None: not known.

    A corrected input price replaces the tiers; categories left unset follow it by the usual multipliers.
    `published` is False where the endpoint has prices of its own: then only the corrections count.
    """
    exact = ALIASES.get(model_id, model_id)
    rows = [price for row_id, since, price in PRICES if row_id == exact and since <= today]
    price = rows[-1] if rows and published else None
    return price if overrides is None else _corrected(price, overrides)


def _corrected(price: Price | None, given: ModelSettings) -> Price | None:
    if given.input_usd is not None and (given.output_usd is not None or price is not None):
        output = price.rates.output if price is not None else 0.0
        base = rates(given.input_usd, output)
        tiers: tuple[tuple[int, Rates], ...] = ()
    elif price is not None:
        base = price.rates
        tiers = price.over
    else:
        return None
    minimum = given.min_cache_tokens
    if minimum is None and price is not None:
        minimum = price.min_cache_tokens
    return Price(
        rates=_with(base, given),
        over=tuple((bound, _with(dearer, given)) for bound, dearer in tiers),
        min_cache_tokens=minimum,
    )


def _with(base: Rates, given: ModelSettings) -> Rates:
    def pick(value: float | None, otherwise: float) -> float:
        return otherwise if value is None else value

    return Rates(
        input=base.input,
        output=pick(given.output_usd, base.output),
        cache_read=pick(given.cache_read_usd, base.cache_read),
        cache_write_5m=pick(given.cache_write_usd, base.cache_write_5m),
        cache_write_1h=pick(given.cache_write_hour_usd, base.cache_write_1h),
    )
