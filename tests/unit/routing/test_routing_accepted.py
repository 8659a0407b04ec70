"""Every action on every model of many catalogues under every kind of override: what is sent is always acceptable.

The judge is the strict validation of the offline engine, which shares no code with the router.
"""

from dataclasses import dataclass, field
from datetime import date

import msgspec
import pytest

from ponder.config.settings import ActionSettings, Settings
from ponder.engine.prompt import ModelRequest, Prompt, PromptBlock
from ponder.engine.request import arguments
from ponder.offline import catalogue as offline_catalogue
from ponder.offline.models import Catalogue as Endpoint
from ponder.offline.models import Model as Served
from ponder.offline.validation import validate
from ponder.routing.builtin import ALIASES, BUILTIN, builtin_catalogue, endpoint_catalogue
from ponder.routing.catalogue import Catalogue
from ponder.routing.choose import choose
from ponder.routing.policy import POLICIES
from ponder.routing.route import Route, RouteOverride

TODAY = date(2026, 11, 22)
EVERY = frozenset({"active", "deprecated", "retired"})

OVERRIDES = (
    None,
    *(RouteOverride(effort=effort) for effort in ("off", "low", "medium", "high", "xhigh", "max")),
    *(
        RouteOverride(thinking=budget)
        for budget in (0, 1, 1_023, 1_024, 2_048, 10_000, 32_768, 60_000, 10_000_000)
    ),
    RouteOverride(thinking=0, effort="max"),
    RouteOverride(thinking=50_000, effort="low"),
    RouteOverride(thinking=4_096, effort="off"),
)
ANSWERS = (None, 1, 100_000, 9_000_000)


def served(**rules: object) -> Served:
    return Served(**{"id": "acme-1", "line": "sonnet", **rules})  # type: ignore[arg-type]


# Endpoints as they may be met: what they serve, and how little they tell of it.
ENDPOINTS: dict[str, Endpoint] = {
    "current": Endpoint(models=offline_catalogue.MODELS),
    "current, bare list": Endpoint(models=offline_catalogue.MODELS, capabilities=False),
    "no list": Endpoint(models=offline_catalogue.MODELS, listed=False),
    "renamed": Endpoint(
        models=tuple(
            msgspec.structs.replace(model, id=f"acme-{place}", aliases=())
            for place, model in enumerate(offline_catalogue.MODELS)
        )
    ),
    "renamed, bare list": Endpoint(
        models=tuple(
            msgspec.structs.replace(model, id=f"acme-{place}", aliases=())
            for place, model in enumerate(offline_catalogue.MODELS)
        ),
        capabilities=False,
    ),
    "always thinking": Endpoint(models=(served(thinking_types=("adaptive",)),)),
    "always thinking, no efforts": Endpoint(models=(served(thinking_types=("adaptive",), efforts=()),)),
    "between tools only": Endpoint(models=(served(thinking_types=("between_tools",)),)),
    "adaptive or between tools": Endpoint(
        models=(served(thinking_types=("adaptive", "between_tools"), effort_without_thinking="high"),)
    ),
    "budgets only": Endpoint(models=(served(thinking_types=("enabled",), thinks_unasked=False, efforts=()),)),
    "budgets and few efforts": Endpoint(
        models=(served(thinking_types=("enabled", "disabled"), efforts=("medium", "high")),)
    ),
    "one effort": Endpoint(models=(served(thinking_types=("adaptive", "disabled"), efforts=("max",)),)),
    "no thinking": Endpoint(
        models=(served(thinking_types=(), thinks_unasked=False, efforts=(), structured_outputs=False),)
    ),
    "only disabled": Endpoint(models=(served(thinking_types=("disabled",), thinks_unasked=False),)),
    "tiny": Endpoint(
        models=(served(thinking_types=("enabled", "disabled"), max_tokens=1_500, max_input_tokens=100_000),)
    ),
    "small": Endpoint(
        models=(served(thinking_types=("enabled", "disabled"), max_tokens=4_096, max_input_tokens=16_384),)
    ),
    "one token": Endpoint(models=(served(thinking_types=("adaptive", "disabled"), max_tokens=1),)),
    "no line": Endpoint(models=(served(line=None),)),
    "another line": Endpoint(models=(served(line="poet"),)),
    "all deprecated": Endpoint(
        models=tuple(
            msgspec.structs.replace(model, lifecycle="deprecated", retires_at="2027-01-01T00:00:00Z")
            for model in offline_catalogue.MODELS
            if model.lifecycle != "retired"
        )
    ),
}


def listed(endpoint: Endpoint) -> Catalogue:
    """What Ponder makes of the endpoint's model list, which went through JSON."""
    if not endpoint.listed:
        return builtin_catalogue("The endpoint has no list of models")
    return endpoint_catalogue(msgspec.json.decode(msgspec.json.encode(endpoint.infos(EVERY))))


def body_of(route: Route, shape: str) -> dict[str, object]:
    prompt = Prompt(
        instructions=(PromptBlock("Be brief.", cache="1h"),),
        question=(PromptBlock("What does this do?"),),
        shape=shape,  # type: ignore[arg-type]
    )
    return arguments(ModelRequest(prompt=prompt, route=route))


@dataclass
class Tally:
    """What a catalogue was seen to lead to, so that the matrix cannot pass by testing nothing."""

    routes: int = 0
    modes: set[str] = field(default_factory=set)


def check_route(route: Route, endpoint: Endpoint, shape: str) -> None:
    """The rules of thinking and limits, then everything else the engine refuses."""
    model = endpoint.find(route.model)
    assert model is not None, route
    assert 1 <= route.max_tokens <= model.max_tokens, route
    param = route.thinking_param
    kind = param["type"] if param else None
    assert kind is None or kind in model.thinking_types, route
    assert route.effort_param is None or route.effort_param in model.efforts, route
    assert (route.thinking.mode == "budget") == (kind == "enabled"), route
    assert (route.thinking.mode == "adaptive") == (kind == "adaptive"), route
    assert route.thinking.effort == route.effort_param, route
    if kind == "enabled":
        budget = param["budget_tokens"] if param else None
        assert isinstance(budget, int), route
        assert 1_024 <= budget < route.max_tokens, route
        assert 3 * budget <= route.max_tokens, route
        assert route.thinking.budget_tokens == budget, route
    else:
        assert route.thinking.budget_tokens is None, route
    if kind in ("enabled", "adaptive"):
        assert param is not None
        assert param["display"] == "summarized", route
    elif param is not None:
        assert set(param) == {"type"}, route
    assert set(route.reasons) == {"model", "thinking", "effort", "maxTokens"}, route
    assert all(route.reasons.values()), route
    validate(body_of(route, shape), endpoint, {})


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_is_sent_is_accepted(name: str) -> None:
    """Every action × every override × every answer reserve, chosen by line: the endpoint refuses nothing."""
    endpoint = ENDPOINTS[name]
    catalogue = listed(endpoint)
    tally = Tally()
    for action, policy in POLICIES.items():
        for override in OVERRIDES:
            for answer in ANSWERS:
                settings = Settings(actions={action: ActionSettings(answer_tokens=answer)})
                route = choose(action, catalogue=catalogue, settings=settings, override=override, today=TODAY)
                check_route(route, endpoint, policy.output)
                tally.routes += 1
                tally.modes.add(route.thinking.mode)
    assert tally.routes == len(POLICIES) * len(OVERRIDES) * len(ANSWERS)
    assert tally.modes


@pytest.mark.parametrize("name", ["current", "current, bare list", "no list", "renamed"])
def test_pins_are_accepted(name: str) -> None:
    """Every model of the endpoint that is in service, pinned, under every action and override."""
    endpoint = ENDPOINTS[name]
    catalogue = listed(endpoint)
    seen: set[str] = set()
    for model in endpoint.models:
        if model.lifecycle == "retired":
            continue
        for action, policy in POLICIES.items():
            for override in OVERRIDES:
                asked = msgspec.structs.replace(override or RouteOverride(), model=model.id)
                route = choose(action, catalogue=catalogue, settings=Settings(), override=asked, today=TODAY)
                assert route.model == model.id
                check_route(route, endpoint, policy.output)
                seen.add(f"{model.id} {route.thinking.mode}")
    assert len(seen) > len(endpoint.models)


@pytest.mark.parametrize("model_id", list(BUILTIN))
def test_the_two_tables_agree(model_id: str) -> None:
    """The built-in table and the offline engine's were written apart; they tell the same of each model."""
    model = BUILTIN[model_id]
    other = ENDPOINTS["current"].find(model_id)
    assert other is not None
    assert (model.line, set(model.thinking_types or ()), model.efforts) == (
        other.line,
        set(other.thinking_types),
        other.efforts,
    )
    assert (model.max_input_tokens, model.max_tokens) == (other.max_input_tokens, other.max_tokens)
    assert (model.lifecycle, str(model.retires_at)) == (other.lifecycle, str(other.retires_at)[:10])
    assert model.structured_outputs == other.structured_outputs


def test_the_lists_name_the_same_models() -> None:
    """No model is in one table only."""
    assert set(BUILTIN) == {ALIASES.get(model.id, model.id) for model in offline_catalogue.MODELS}
