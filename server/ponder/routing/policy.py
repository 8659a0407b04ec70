"""What each action asks for by default, and the scale between thinking budgets and effort. Chooses no model."""

from msgspec import Struct

from ponder.config.settings import ActionSettings, Effort, OutputShape
from ponder.routing.catalogue import MODEL_EFFORTS, ModelEffort

LARGE_BUDGET = 32_768
"""Above this many thinking tokens the published advice is to use a batch."""
LEAST_BUDGET = 1_024
"""Smallest `thinking.budget_tokens` the Messages API accepts."""

# (largest budget of the level, the budget that stands for the level when only effort is given)
_SCALE: tuple[tuple[Effort, int, int], ...] = (
    ("off", 0, 0),
    ("low", 2_048, 2_048),
    ("medium", 8_192, 8_192),
    ("high", 16_384, 16_384),
    ("xhigh", LARGE_BUDGET, 32_000),
)
_MAX_BUDGET = 64_000


def effort_of(budget: int) -> Effort:
    """The effort that a thinking budget (tokens) spells."""
    return next((effort for effort, largest, _ in _SCALE if budget <= largest), "max")


def budget_of(effort: Effort) -> int:
    """The thinking budget (tokens) that an effort spells."""
    return next((budget for name, _, budget in _SCALE if name == effort), _MAX_BUDGET)


class Depth(Struct, frozen=True):
    """How much thinking: a budget in tokens and an effort. A budget of 0 is off.

    `effort` None with a budget of 0: thinking off and nothing said about effort.
    """

    budget: int
    effort: ModelEffort | None


class Policy(Struct, frozen=True, kw_only=True):
    """The default of one action. `answer` is the room for the answer in tokens, besides thinking."""

    line: str
    depth: Depth
    answer: int
    output: OutputShape


def _policy(
    line: str, budget: int, effort: ModelEffort, answer: int, output: OutputShape = "markdown"
) -> Policy:
    return Policy(line=line, depth=Depth(budget, effort), answer=answer, output=output)


# Budgets follow the published guidance by kind of task: simple edits none, code review 4k to 8k, debugging and
# refactoring 8k, security 12k, architecture 16k, migrations 32k. `ponder routes` shows the actions in this order.
POLICIES: dict[str, Policy] = {
    "review": _policy("sonnet", 8_192, "medium", 16_000, "findings"),
    "debug": _policy("sonnet", 8_192, "high", 16_000),
    "refactor": _policy("sonnet", 8_192, "high", 16_000, "edits"),
    "explain": _policy("sonnet", 2_048, "low", 4_000),
    "fix": _policy("sonnet", 2_048, "low", 8_000, "edits"),
    "tests": _policy("sonnet", 4_096, "medium", 16_000, "edits"),
    "document": _policy("haiku", 0, "low", 4_000, "edits"),
    "security": _policy("opus", 12_000, "high", 16_000, "findings"),
    "simplify": _policy("sonnet", 4_096, "medium", 16_000, "edits"),
    "architecture": _policy("opus", 16_000, "high", 16_000),
    "migrate": _policy("opus", 32_000, "xhigh", 24_000, "edits"),
    "ask": _policy("sonnet", 2_048, "low", 4_000),
    "hover": _policy("haiku", 0, "low", 600),
    "reviewOnSave": _policy("sonnet", 4_096, "low", 6_000, "findings"),
}

FOLLOWS = {"reviewOnSave": "review"}
"""Actions that take the model of another one where the settings name none for themselves."""

_ADDED_ANSWER = {"markdown": 4_000, "findings": 16_000, "edits": 16_000}


def policy_for(action: str, configured: ActionSettings | None) -> Policy | None:
    """The default of an action; an added one starts as `ask` with room for its output. None: no such action."""
    if action in POLICIES:
        return POLICIES[action]
    if configured is None:
        return None
    output = configured.output or "markdown"
    return Policy(line="sonnet", depth=POLICIES["ask"].depth, answer=_ADDED_ANSWER[output], output=output)


def depth_of(thinking: int | None, effort: Effort | None) -> Depth | None:
    """The depth that was asked for; of budget and effort the one not given follows the other. None: neither was."""
    if thinking is None and effort is None:
        return None
    if thinking is None and effort is not None:
        return Depth(budget_of(effort), _level(effort))
    budget = thinking or 0
    if effort == "off":
        return Depth(0, None)
    return Depth(budget, _level(effort or effort_of(budget)))


def _level(effort: Effort) -> ModelEffort | None:
    return next((level for level in MODEL_EFFORTS if level == effort), None)
