"""What requests cost and what caching saved, from the endpoint's own counts. Pure; a figure that is not known is None."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import UNSET

from ponder.config.settings import ModelSettings
from ponder.routing.prices import Price, Rates, price_of
from ponder.usage import Count, TokenCounts, Usage

_MILLION = 1_000_000
_FREE_RATES = Rates(input=0.0, output=0.0, cache_read=0.0, cache_write_5m=0.0, cache_write_1h=0.0)

FREE = Price(rates=_FREE_RATES)
"""The price of the offline engine inside the product: nothing leaves the machine and nothing is billed.

The same engine served over HTTP by `ponder offline` is an endpoint like any other: its models are priced by id.
"""


def price_for(provider: str, model: str, models: Mapping[str, ModelSettings], *, today: date) -> Price | None:
    """The price of a request: free from the offline engine inside, else that of the model id on that day."""
    return FREE if provider == "offline" else price_of(model, today=today, overrides=models.get(model))


def cost(counts: TokenCounts, price: Price | None, batch: bool = False) -> float | None:
    """USD for one request; None when the price, the input, the output or one of the cache counts is not known.

    Thinking is part of the output and is not counted again. An endpoint that says nothing of a cache has none, and
    bills its whole prompt as input; where it says what was read and not what was written, or the reverse, the rest is
    not known. A batch (asked for, or reported as the service tier) costs the price's batch share.
    """
    asked = input_cost(counts, price, batch)
    if price is None or asked is None or counts.output is None:
        return None
    rates = price.rates_for(_prompt_tokens(counts))
    return asked + counts.output * rates.output * _share(counts, price, batch=batch) / _MILLION


def input_cost(counts: TokenCounts, price: Price | None, batch: bool = False) -> float | None:
    """USD of what one request sent, cached or not, without its answer; None as for `cost`."""
    if price is None or counts.input is None or _half_known(counts):
        return None
    rates = price.rates_for(_prompt_tokens(counts))
    tokens = (
        counts.input * rates.input
        + (counts.cache_read or 0) * rates.cache_read
        + (counts.cache_write_5m or 0) * rates.cache_write_5m
        + (counts.cache_write_1h or 0) * rates.cache_write_1h
    )
    return tokens * _share(counts, price, batch=batch) / _MILLION


def saved(
    counts: TokenCounts, price: Price | None, batch: bool = False, *, outdated: float = 0.0
) -> float | None:
    """USD that caching saved in one request, net of what its writes cost above plain input; below 0 for a loss.

    `outdated` is the share (0 to 1) of what was read and written that nobody would send without a cache: texts told
    once and changed since, or all of it where the request only keeps a cache alive. None when the price is not known
    or the endpoint does not say both what was read and what was written.
    """
    if price is None or counts.cache_read is None or _written(counts) is None:
        return None
    rates = price.rates_for(_prompt_tokens(counts))
    tokens = (
        counts.cache_read * (rates.input - rates.cache_read)
        - (counts.cache_write_5m or 0) * (rates.cache_write_5m - rates.input)
        - (counts.cache_write_1h or 0) * (rates.cache_write_1h - rates.input)
        - outdated * (counts.cache_read + (_written(counts) or 0)) * rates.input
    )
    return tokens * _share(counts, price, batch=batch) / _MILLION


def usage(
    requests: Sequence[TokenCounts], price: Price | None, batch: bool = False, *, outdated: float = 0.0
) -> Usage:
    """The `usage` object of a run: sums over its requests, all of one model. `outdated` is as for `saved`.

    A sum is None when one of its parts is not known: half a sum would pass for a reading.
    """
    return Usage(
        input_tokens=_sum(counts.input for counts in requests),
        cache_read_tokens=_sum(counts.cache_read for counts in requests),
        cache_write_tokens=_sum(_written(counts) for counts in requests),
        output_tokens=_sum(counts.output for counts in requests),
        thinking_tokens=_sum(counts.thinking for counts in requests),
        requests=len(requests),
        cost_usd=_money(cost(counts, price, batch) for counts in requests),
        saved_usd=_money(saved(counts, price, batch, outdated=outdated) for counts in requests),
        at_least=any(counts.cut_bytes is not None for counts in requests) or UNSET,
    )


def _prompt_tokens(counts: TokenCounts) -> int:
    return (counts.input or 0) + (counts.cache_read or 0) + (_written(counts) or 0)


def _written(counts: TokenCounts) -> Count:
    parts = [part for part in (counts.cache_write_5m, counts.cache_write_1h) if part is not None]
    return sum(parts) if parts else None


def _half_known(counts: TokenCounts) -> bool:
    """Whether only one of what the cache gave and what it took is known."""
    return (counts.cache_read is None) != (_written(counts) is None)


def _share(counts: TokenCounts, price: Price, *, batch: bool) -> float:
    return price.batch if batch or counts.service_tier == "batch" else 1.0


def _sum(parts: Iterable[Count]) -> Count:
    known = list(parts)
    return None if not known or None in known else sum(part or 0 for part in known)


def _money(parts: Iterable[float | None]) -> float | None:
    known = list(parts)
    # Rounded to a millionth of a cent: sums of floats otherwise end in 0000000002.
    return None if not known or None in known else round(sum(part or 0.0 for part in known), 8)
