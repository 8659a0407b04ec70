"""Turns a depth of thinking into what one model accepts: thinking object, effort, max_tokens. Chooses no model.

Rules of the Messages API: `budget_tokens` ≥ 1,024 and < `max_tokens`; `max_tokens` holds thinking and answer;
effort above `high` is refused while thinking is off; a type or level the model does not list gets a 400.
"""

from msgspec import Struct
from msgspec.structs import replace

from ponder.routing.catalogue import MODEL_EFFORTS, Model, ModelEffort
from ponder.routing.policy import LEAST_BUDGET, Depth
from ponder.routing.route import Thinking

UNKNOWN_MAX_TOKENS = 8_192
"""`max_tokens` for a model whose maximum nobody states; every current server accepts it."""
BUDGET_SHARE = 3
"""`max_tokens` is at least this many times a manual budget, or thinking can eat the answer."""
ROOM_WHEN_ALWAYS_ON = 2_048
"""Room for the thinking of a model that cannot stop thinking, in tokens."""


class Limits(Struct, frozen=True, kw_only=True):
    """The wire fields of a route with the reason of each, as they are sent."""

    thinking: Thinking
    thinking_param: dict[str, object] | None
    effort_param: ModelEffort | None
    max_tokens: int
    why_thinking: str
    why_effort: str
    why_max_tokens: str
    notices: tuple[str, ...] = ()


def compile_limits(model: Model, depth: Depth, answer: int) -> Limits:
    """What is sent to `model` for this depth with room for `answer` tokens besides thinking."""
    types = model.thinking_types
    if types is None:
        return _unknown(model, depth, answer)
    if depth.budget == 0:
        return _off(model, depth, answer)
    if "adaptive" in types:
        return _adaptive(model, depth, answer)
    if "enabled" in types:
        return _manual(model, depth, answer)
    notice = f"{model.id} has no thinking; it answers at once."
    return _unasked(model, depth, answer, "the model has none", notice)


def ceiling(model: Model) -> int:
    """The largest `max_tokens` to ask of a model; half the window of a small one, so that a prompt fits too."""
    most = model.max_tokens or UNKNOWN_MAX_TOKENS
    return most if model.max_input_tokens is None else max(1, min(most, model.max_input_tokens // 2))


def fit_effort(
    model: Model, wanted: ModelEffort | None, *, off: bool = False
) -> tuple[ModelEffort | None, str]:
    """The highest level the model has that is not above `wanted`, else its lowest; and why. None: leave it out."""
    if wanted is None:
        return None, "left to the model"
    if not model.efforts:
        return None, "the model has no effort levels" if model.efforts == () else "not known for this model"
    bound = MODEL_EFFORTS.index("high" if off and wanted in ("xhigh", "max") else wanted)
    below = [level for level in model.efforts if MODEL_EFFORTS.index(level) <= bound]
    level = below[-1] if below else model.efforts[0]
    if level == wanted:
        return level, ""
    if below and off and wanted in ("xhigh", "max"):
        return level, f"{wanted} needs thinking"
    return level, f"the model has no {wanted}"


def _off(model: Model, depth: Depth, answer: int) -> Limits:
    types = model.thinking_types or ()
    switch = next((name for name in ("disabled", "between_tools") if name in types), None)
    if switch is None and "adaptive" in types:
        return _always_on(model, answer)
    if switch is None:
        # Models with manual budgets only think when asked to.
        return _unasked(model, depth, answer, "not asked for")
    effort, why_effort = fit_effort(model, depth.effort, off=True)
    most = ceiling(model)
    why = "switched off" if switch == "disabled" else "only between tools"
    return Limits(
        thinking=Thinking(mode="off", effort=effort),
        thinking_param={"type": switch},
        effort_param=effort,
        max_tokens=min(answer, most),
        why_thinking=why,
        why_effort=why_effort,
        why_max_tokens=_why_room(0, answer, most),
    )


def _always_on(model: Model, answer: int) -> Limits:
    lowest = model.efforts[0] if model.efforts else None
    most = ceiling(model)
    notice = f"{model.id} cannot stop thinking; it is asked for as little as it can."
    return Limits(
        thinking=Thinking(mode="adaptive", effort=lowest),
        thinking_param={"type": "adaptive", "display": "summarized"},
        effort_param=lowest,
        max_tokens=min(ROOM_WHEN_ALWAYS_ON + answer, most),
        why_thinking="cannot be switched off",
        why_effort="the least it has" if lowest else "the model has no effort levels",
        why_max_tokens=_why_room(ROOM_WHEN_ALWAYS_ON, answer, most),
        notices=(notice,),
    )


def _adaptive(model: Model, depth: Depth, answer: int) -> Limits:
    effort, why_effort = fit_effort(model, depth.effort)
    most = ceiling(model)
    room = depth.budget
    notices = []
    if room + answer > most:
        room = max(min(room, most - answer), most // 2)
        notices.append(_lowered(model, depth.budget, room, most))
    return Limits(
        thinking=Thinking(mode="adaptive", effort=effort),
        thinking_param={"type": "adaptive", "display": "summarized"},
        effort_param=effort,
        max_tokens=min(room + answer, most),
        why_thinking="by effort",
        why_effort=why_effort,
        why_max_tokens=_why_room(room, answer, most),
        notices=tuple(notices),
    )


def _manual(model: Model, depth: Depth, answer: int) -> Limits:
    most = ceiling(model)
    if most < LEAST_BUDGET * BUDGET_SHARE:
        notice = f"{model.id} answers in at most {most:,} tokens, which is too little to think in; thinking is off."
        return _noticed(_off(model, depth, answer), notice)
    budget = max(depth.budget, LEAST_BUDGET)
    notices = []
    if budget > depth.budget:
        notices.append(f"A thinking budget is at least {LEAST_BUDGET:,} tokens; {depth.budget:,} was raised.")
    if max(budget + answer, BUDGET_SHARE * budget) > most:
        lowered = max(min(budget, most // BUDGET_SHARE, most - answer), LEAST_BUDGET)
        if lowered < budget:
            notices.append(_lowered(model, budget, lowered, most))
        budget = lowered
    effort, why_effort = fit_effort(model, depth.effort)
    max_tokens = min(max(budget + answer, BUDGET_SHARE * budget), most)
    roomy = BUDGET_SHARE * budget >= budget + answer
    return Limits(
        thinking=Thinking(mode="budget", budget_tokens=budget, effort=effort),
        thinking_param={"type": "enabled", "budget_tokens": budget, "display": "summarized"},
        effort_param=effort,
        max_tokens=max_tokens,
        why_thinking="budget: the model has no adaptive thinking",
        why_effort=why_effort,
        why_max_tokens=f"{BUDGET_SHARE} × budget" if roomy else _why_room(budget, answer, most),
        notices=tuple(notices),
    )


def _unknown(model: Model, depth: Depth, answer: int) -> Limits:
    """Any word about thinking might be refused, so none is said; most models think unasked, so there is room for it."""
    quiet = _unasked(model, depth, answer, "left out: not known what it takes; it may think unasked")
    most = ceiling(model)
    return replace(
        quiet,
        max_tokens=min(ROOM_WHEN_ALWAYS_ON + answer, most),
        why_max_tokens=_why_room(ROOM_WHEN_ALWAYS_ON, answer, most),
    )


def _unasked(model: Model, depth: Depth, answer: int, why: str, *notices: str) -> Limits:
    """Nothing is said about thinking; the effort goes along where the model takes it."""
    effort, why_effort = fit_effort(model, depth.effort, off=True)
    most = ceiling(model)
    return Limits(
        thinking=Thinking(mode="off", effort=effort),
        thinking_param=None,
        effort_param=effort,
        max_tokens=min(answer, most),
        why_thinking=why,
        why_effort=why_effort,
        why_max_tokens=_why_room(0, answer, most),
        notices=notices,
    )


def _lowered(model: Model, wanted: int, got: int, most: int) -> str:
    return (
        f"{model.id} answers in at most {most:,} tokens;"
        f" the room for thinking was lowered from {wanted:,} to {got:,}."
    )


def _why_room(thinking: int, answer: int, most: int) -> str:
    parts = f"{thinking:,} thinking + {answer:,} answer" if thinking else "answer only"
    return parts if thinking + answer <= most else f"{parts}, at most {most:,} here"


def _noticed(limits: Limits, notice: str) -> Limits:
    return replace(limits, notices=(notice, *limits.notices))
