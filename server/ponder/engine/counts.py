"""Reads the `usage` objects of the Messages API. Derives nothing: a figure that is missing or absurd is not known."""

from typing import Any

from msgspec import Struct

from ponder.usage import Count, TokenCounts


def read(usage: Any, before: TokenCounts) -> TokenCounts:
    """The counts after this `usage` object. Streamed usage is cumulative: what it does not name stays."""
    if not isinstance(usage, dict):
        return before
    written = _written(usage, before)
    details = usage.get("output_tokens_details")
    thinking = _count(details.get("thinking_tokens")) if isinstance(details, dict) else None
    tier = usage.get("service_tier")
    return TokenCounts(
        input=_newer(usage.get("input_tokens"), before.input),
        cache_read=_newer(usage.get("cache_read_input_tokens"), before.cache_read),
        cache_write_5m=written.short,
        cache_write_1h=written.long,
        output=_newer(usage.get("output_tokens"), before.output),
        thinking=before.thinking if thinking is None else thinking,
        service_tier=tier if isinstance(tier, str) else before.service_tier,
    )


class _Written(Struct):
    short: Count
    long: Count


def _written(usage: dict[str, Any], before: TokenCounts) -> _Written:
    split = usage.get("cache_creation")
    if isinstance(split, dict):
        short = _count(split.get("ephemeral_5m_input_tokens"))
        long = _count(split.get("ephemeral_1h_input_tokens"))
        if short is not None or long is not None:
            return _Written(short or 0, long or 0)
    total = _count(usage.get("cache_creation_input_tokens"))
    if total is None or before.cache_write_1h is not None:
        # `message_delta` repeats the sum without the split, which is known from `message_start`.
        return _Written(before.cache_write_5m, before.cache_write_1h)
    # A server without the split has no lifetimes either; five minutes is the API's default.
    return _Written(total, None)


def _newer(value: Any, before: Count) -> Count:
    count = _count(value)
    return before if count is None else count


def _count(value: Any) -> Count:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
