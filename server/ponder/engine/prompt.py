"""What is asked, before it becomes Messages API arguments. Values only; built by `prompts`, compiled by `engine.request`."""

from typing import Literal

from msgspec import Struct, field

from ponder.routing.route import Route

AnswerShape = Literal["markdown", "findings", "ratedFindings", "edits"]
CacheTtl = Literal["5m", "1h"]


class PromptBlock(Struct, frozen=True):
    """A stretch of prompt text. With `cache` it ends a cached prefix (at most four in a prompt)."""

    text: str
    cache: CacheTtl | None = None


class PastTurn(Struct, frozen=True):
    """An earlier exchange of the same conversation.

    `question` is what was sent (blocks, byte for byte); `answer` the assistant's content blocks as received.
    """

    question: tuple[PromptBlock, ...]
    answer: tuple[dict[str, object], ...]


class Prompt(Struct, frozen=True, kw_only=True):
    """Instructions (system), then earlier turns, then this turn's question (its stable blocks first)."""

    instructions: tuple[PromptBlock, ...]
    question: tuple[PromptBlock, ...]
    shape: AnswerShape
    past: tuple[PastTurn, ...] = ()
    reported: AnswerShape | None = None
    """The shape of the first turn's answer where that was asked for through a tool: both stay as they were."""


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One call of the model: a prompt and the route it takes."""

    prompt: Prompt
    route: Route
    previous_message_id: str | None = None
    """The message whose cached prefix this request should read; the endpoint says why it could not."""
    diagnostics: bool = False
    """Ask for cache diagnostics also on a first request (only where the endpoint has them)."""
    metadata: dict[str, str] = field(default_factory=dict)
