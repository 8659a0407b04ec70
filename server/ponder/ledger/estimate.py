"""The most a request can be expected to cost, before it is sent. Pure; counts no tokens, asks nobody."""

import math

from msgspec import structs

from ponder.routing.prices import Price
from ponder.usage import TokenCounts

BYTES_PER_TOKEN = 2.5
"""UTF-8 bytes of a request that are taken for one token.

Code and English come to about 3.5 bytes a token; the tokenizer since Opus 4.7 makes about 30 % more tokens of the
same text (token counting documentation, 2026-08), hence 2.7, rounded down: an estimate for a cap errs upwards.
"""


def prompt_tokens(body_bytes: int) -> int:
    """Tokens that a request body of so many bytes may come to."""
    return math.ceil(body_bytes / BYTES_PER_TOKEN)


def likely(counts: TokenCounts) -> TokenCounts:
    """The counts of an answer that was cut as a limit takes them: its output by the text that had arrived, and never less than reported.

    Otherwise every answer could be had for the price of its first token, by cancelling it. Of thinking only a summary
    arrives, so this may still be too little; it is a figure for limits and shown nowhere.
    """
    if counts.cut_bytes is None:
        return counts
    return structs.replace(counts, output=max(counts.output or 0, prompt_tokens(counts.cut_bytes)))


def estimate(
    body_bytes: int, max_tokens: int, price: Price | None, *, batch: bool = False, hour: bool = False
) -> float | None:
    """USD at most: the whole prompt written to the cache (`hour`: for an hour), nothing read, all of `max_tokens` used.

    None when the price is not known.
    """
    if price is None:
        return None
    tokens = prompt_tokens(body_bytes)
    rates = price.rates_for(tokens)
    dearest = max(rates.input, rates.cache_write_5m, rates.cache_write_1h if hour else 0.0)
    share = price.batch if batch else 1.0
    return (tokens * dearest + max_tokens * rates.output) * share / 1_000_000
