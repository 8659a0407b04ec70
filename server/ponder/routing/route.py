"""A route: the resolved answer to "which model, how much thinking, how many tokens", with the reason of each cell."""

from typing import Literal

from msgspec import Struct, field

Effort = Literal["off", "low", "medium", "high", "xhigh", "max"]
EFFORTS: tuple[Effort, ...] = ("off", "low", "medium", "high", "xhigh", "max")
ThinkingMode = Literal["off", "adaptive", "budget"]


class Thinking(Struct, frozen=True, kw_only=True, rename="camel"):
    """The `thinking` object of events and of `ponder routes`."""

    mode: ThinkingMode
    budget_tokens: int | None = None
    effort: Effort | None = None


class Route(Struct, frozen=True, kw_only=True):
    """What is sent for one action. The wire fields are exactly what the model accepts; None means: leave out.

    `thinking_param` is the request's `thinking` object; `effort_param` its `output_config.effort`.
    """

    action: str
    model: str
    line: str | None
    thinking: Thinking
    max_tokens: int
    thinking_param: dict[str, object] | None
    effort_param: Effort | None
    structured_outputs: bool = True
    """False: the model lacks `output_config.format`; findings and edits come back through a tool."""
    cache: bool = True
    reasons: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
