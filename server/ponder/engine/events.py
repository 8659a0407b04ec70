"""What a streamed answer is made of, free of any SDK type. Values only."""

from typing import Literal

from msgspec import Struct

from ponder.errors import ErrorInfo
from ponder.usage import TokenCounts

BlockKind = Literal["thinking", "redactedThinking", "text", "tool"]
Status = Literal["done", "cancelled", "failed", "refused", "truncated"]


class RequestSent(Struct, frozen=True):
    """A request begins to leave this machine: it counts from here on, whatever becomes of it."""


class AnswerStarted(Struct, frozen=True):
    """`message_start` arrived: the endpoint answers. Cache figures are known from here on.

    `cache_miss` is the `cache_miss_reason` of the endpoint's diagnostics, as `{"type": "tools_changed", …}`.
    Comes once for each request of a run: again after a retry or a continued pause.
    """

    message_id: str
    model: str
    counts: TokenCounts
    cache_miss: dict[str, object] | None = None


class BlockStarted(Struct, frozen=True):
    """A content block begins. `index` counts the blocks of the whole run, not of one request."""

    index: int
    kind: BlockKind
    name: str | None = None


class BlockDelta(Struct, frozen=True):
    """More text of a block. The texts of a block, joined, are its text exactly."""

    index: int
    text: str


class BlockFinished(Struct, frozen=True):
    """A block is complete."""

    index: int


class CountsChanged(Struct, frozen=True):
    """The endpoint reported usage; cumulative for this request."""

    counts: TokenCounts


class Retrying(Struct, frozen=True):
    """The request failed before any content and will be sent again after `delay_ms`."""

    attempt: int
    delay_ms: int
    error: ErrorInfo


class Notice(Struct, frozen=True):
    """Something the user should know that is no error: a fallback, a slow start, an adjusted route."""

    message: str


class AnswerEnded(Struct, frozen=True, kw_only=True):
    """The last event of a stream, always sent exactly once.

    `content` are the assistant's content blocks as the API sent them (plain JSON objects, thinking and
    signatures included), fit to be sent back byte for byte; empty unless `resumable`.
    """

    status: Status
    stop_reason: str | None
    error: ErrorInfo | None
    content: tuple[dict[str, object], ...]
    resumable: bool
    counts: TokenCounts
    message_id: str | None
    request_id: str | None
    refusal_category: str | None = None
    earlier: tuple[TokenCounts, ...] = ()
    unanswered: int = 0
    """Requests that were sent, and refused or never begun to be answered: nobody knows what they used."""
    repaired: bool = False
    """Whether the endpoint refused the thinking of earlier turns, and it was asked again without."""


EngineEvent = (
    RequestSent
    | AnswerStarted
    | BlockStarted
    | BlockDelta
    | BlockFinished
    | CountsChanged
    | Retrying
    | Notice
    | AnswerEnded
)
