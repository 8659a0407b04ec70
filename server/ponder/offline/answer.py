"""What an answerer gives back to the protocol side of the offline engine. Knows no HTTP and no tokens."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct


class Answer(Struct, frozen=True):
    """An answer to one request, before it is cut into blocks, deltas and tokens.

    `thinking` are paragraphs, shown joined by blank lines: the honest account of what was checked. `text` is
    Markdown, or a JSON string where the request asked for structured output. `redacted` sends the thinking
    as a `redacted_thinking` block. `refusal_category` counts only with `stop_reason` `refusal`.
    `tools` are calls as (name, input), sent after the text.
    """

    thinking: tuple[str, ...] = ()
    text: str = ""
    stop_reason: str = "end_turn"
    refusal_category: str | None = None
    redacted: bool = False
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()


Answerer = Callable[[dict[str, Any]], Answer]
"""Takes the parsed body of a valid request. May be called from a worker thread; must not block for long."""
