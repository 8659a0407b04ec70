"""Which model, how much thinking and how many tokens one action gets. Pure: the day and the lists are handed in."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from ponder.config.settings import ActionSettings, Settings
from ponder.errors import PonderError
from ponder.routing.catalogue import LINES, Catalogue
from ponder.routing.limits import Limits, compile_limits
from ponder.routing.policy import FOLLOWS, LARGE_BUDGET, LEAST_BUDGET, Depth, Policy, depth_of, policy_for
from ponder.routing.route import Route, RouteOverride
from ponder.routing.select import Needs, Selection, newest_of_line, pinned, with_settings

_RUN = "asked for with this run"
_SETTINGS = "your settings"


class _Wish(Struct, frozen=True, kw_only=True):
    """The depth that is wanted, and who wants it. `spelled_as_budget`: a budget was given and no effort."""

    depth: Depth
    origin: str
    spelled_as_budget: bool


def choose(
    action: str,
    *,
    catalogue: Catalogue,
    settings: Settings,
    override: RouteOverride | None = None,
    interactive: bool = True,
    today: date,
) -> Route:
    """Return what is sent for an action, with the reason of each cell and what the user should be told.

    What is asked for with the run stands over the settings, and those over the action's default. `interactive`
    is False for a batch. The result only holds what the model is known to accept.

    Raises:
        PonderError: there is no such action.
    """
    configured = settings.actions.get(action)
    policy = policy_for(action, configured)
    if policy is None:
        raise PonderError(f"There is no action `{action}`; add it as [actions.{action}] in the settings.")
    configured = configured or ActionSettings()
    asked = override or RouteOverride()
    wish = _wish(policy, configured, asked)
    answer = configured.answer_tokens or policy.answer
    needs = _needs(wish, answer, structured=(configured.output or policy.output) != "markdown")
    whose, origin = _whose(action, configured, settings)
    pin, origin = (asked.model, _RUN) if asked.model else (whose.model, origin)
    line = pin or whose.line or policy.line
    selection = _selected(pin, origin, line, needs=needs, catalogue=catalogue, settings=settings, today=today)
    limits = compile_limits(selection.model, wish.depth, answer)
    structured = bool(selection.model.structured_outputs)
    return Route(
        action=action,
        model=selection.model.id,
        line=selection.model.line,
        thinking=limits.thinking,
        max_tokens=limits.max_tokens,
        thinking_param=limits.thinking_param,
        effort_param=limits.effort_param,
        structured_outputs=structured,
        reasons=_reasons(selection, limits, wish),
        notices=_notices(catalogue, selection, limits, wish, interactive=interactive),
    )


def _needs(wish: _Wish, answer: int, *, structured: bool) -> Needs:
    """What a model must have for this action."""
    return Needs(
        thinking=wish.depth.budget > 0,
        structured_outputs=structured,
        room=min(answer, 4_096) + (LEAST_BUDGET if wish.depth.budget else 0),
    )


def _selected(
    pin: str | None,
    origin: str,
    line: str,
    *,
    needs: Needs,
    catalogue: Catalogue,
    settings: Settings,
    today: date,
) -> Selection:
    """The pinned model; or the newest of the line, which a pin may also name."""
    models = with_settings(catalogue, settings.models)
    lines = {*LINES, *(model.line for model in models.models if model.line)}
    if pin is not None and (pin not in lines or models.find(pin)):
        return replace(pinned(pin, models, settings.models, today=today), reason=origin)
    return newest_of_line(line, needs, models, today=today)


def _wish(policy: Policy, configured: ActionSettings, asked: RouteOverride) -> _Wish:
    sources = (
        (asked.thinking, asked.effort, _RUN),
        (configured.thinking, configured.effort, _SETTINGS),
    )
    for thinking, effort, origin in sources:
        depth = depth_of(thinking, effort)
        if depth is not None:
            return _Wish(depth=depth, origin=origin, spelled_as_budget=effort is None)
    return _Wish(depth=policy.depth, origin="the default", spelled_as_budget=False)


def _whose(action: str, configured: ActionSettings, settings: Settings) -> tuple[ActionSettings, str]:
    """The settings that name the model, and how to speak of them.

    Who pins a model for `review` says which models may see the code: that holds for reviews on save as well, unless
    these have a pin of their own. How deep to think does not carry over.
    """
    follows = FOLLOWS.get(action)
    followed = settings.actions.get(follows) if follows is not None else None
    if followed is None or configured.model or configured.line or not (followed.model or followed.line):
        return configured, _SETTINGS
    return followed, f"{_SETTINGS} of `{follows}`"


def _reasons(selection: Selection, limits: Limits, wish: _Wish) -> dict[str, str]:
    return {
        "model": selection.reason,
        "thinking": limits.why_thinking,
        "effort": f"{wish.origin}; {limits.why_effort}" if limits.why_effort else wish.origin,
        "maxTokens": limits.why_max_tokens,
    }


def _notices(
    catalogue: Catalogue, selection: Selection, limits: Limits, wish: _Wish, *, interactive: bool
) -> tuple[str, ...]:
    notices = [*catalogue.notices, *selection.notices, *limits.notices]
    depth = wish.depth
    if wish.spelled_as_budget and depth.budget and limits.thinking.mode == "adaptive":
        effort = f"effort {limits.effort_param}" if limits.effort_param else "adaptive thinking"
        notices.append(
            f"{selection.model.id} takes no thinking budget; {depth.budget:,} tokens became {effort}."
            " Set `effort` instead."
        )
    sent = limits.thinking.budget_tokens or depth.budget
    if sent > LARGE_BUDGET and interactive and limits.thinking.mode != "off":
        notices.append(
            f"More than {LARGE_BUDGET:,} thinking tokens can take many minutes; a batch suits that better"
            " and costs half."
        )
    return tuple(dict.fromkeys(notices))
