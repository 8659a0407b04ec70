"""A route: the resolved answer to "which model, how much thinking, how many tokens", with the reason of each cell.

Values only; the decision is made in `choose`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ponder.config.settings import EFFORTS, Effort

__all__ = ["EFFORTS", "Effort", "Route", "RouteOverride", "Thinking", "ThinkingMode"]

ThinkingMode = Literal["off", "adaptive", "budget"]


class Thinking(Struct, frozen=True, kw_only=True, rename="camel"):
    """The `thinking` object of events and of `ponder routes`."""

    mode: ThinkingMode
    budget_tokens: int | None = None
    effort: Effort | None = None


class RouteOverride(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The `route` argument of `ponder.run`: stands over every setting for one run. `thinking` is in tokens."""

    model: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    thinking: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None
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
    """Why, for each cell of the table: `model`, `thinking`, `effort`, `maxTokens`."""
    notices: tuple[str, ...] = ()
