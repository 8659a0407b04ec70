"""Token counts and money of a run, in the two shapes the product uses. Counts nothing itself."""

from msgspec import UNSET, Struct, UnsetType

Count = int | None
"""A number of tokens; None where the endpoint did not say (a figure that is not known is never guessed)."""


class TokenCounts(Struct, frozen=True, kw_only=True):
    """What the endpoint reported for one request: `usage` of the Messages API, nothing derived.

    `thinking` is a part of `output`. `service_tier` is `standard`, `priority` or `batch`.
    """

    input: Count = None
    cache_read: Count = None
    cache_write_5m: Count = None
    cache_write_1h: Count = None
    output: Count = None
    thinking: Count = None
    service_tier: str | None = None
    cut_bytes: Count = None
    """UTF-8 bytes of text that had arrived of an answer which ended before its last `usage`; None where that came.

    `output` is then what `message_start` opened with, which is no count of the answer (Messages API, streaming: the
    `usage` of `message_delta` is cumulative, and the last one holds).
    """


class Usage(Struct, frozen=True, kw_only=True, rename="camel"):
    """The `usage` object of results and events (sums over the requests of a run). Money is in USD."""

    input_tokens: Count = None
    cache_read_tokens: Count = None
    cache_write_tokens: Count = None
    output_tokens: Count = None
    thinking_tokens: Count = None
    requests: int = 0
    cost_usd: float | None = None
    saved_usd: float | None = None
    at_least: bool | UnsetType = UNSET
    """True where an answer was cut before its last counts: output, thinking and cost are no less than this. Else absent."""
