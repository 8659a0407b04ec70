"""Routes over the wire: what the router makes of a served model list is what that endpoint accepts."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from ponder.config.settings import ApiSettings, Settings
from ponder.engine.endpoint import resolve
from ponder.engine.events import AnswerEnded
from ponder.engine.prompt import ModelRequest, Prompt, PromptBlock
from ponder.engine.turn import Engine
from ponder.offline.answer import Answer
from ponder.offline.catalogue import MODELS
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve
from ponder.offline.models import Catalogue as Endpoint
from ponder.routing.builtin import builtin_catalogue, endpoint_catalogue
from ponder.routing.choose import choose
from ponder.routing.limits import ROOM_WHEN_ALWAYS_ON
from ponder.routing.policy import POLICIES
from ponder.routing.route import EFFORTS, Route, RouteOverride

TODAY = date(2026, 11, 22)
RENAMED = tuple(
    msgspec.structs.replace(model, id=f"acme-{place}", aliases=()) for place, model in enumerate(MODELS)
)
ENDPOINTS = {
    "current": Endpoint(models=MODELS),
    "bare list": Endpoint(models=MODELS, capabilities=False),
    "no list": Endpoint(models=MODELS, listed=False),
    "renamed": Endpoint(models=RENAMED),
    "renamed, bare list": Endpoint(models=RENAMED, capabilities=False),
}
OVERRIDES = (
    RouteOverride(),
    *(RouteOverride(effort=effort) for effort in EFFORTS),
    *(RouteOverride(thinking=budget) for budget in (1, 1_024, 10_000, 60_000, 1_000_000)),
)


def short(body: dict[str, Any]) -> Answer:
    """An answer of the shape that was asked for, without any analysis: only acceptance is looked at here."""
    return Answer(thinking=("Looked.",), text='{"summary": "Fine.", "findings": [], "edits": []}')


def request(route: Route) -> ModelRequest:
    prompt = Prompt(
        instructions=(PromptBlock("Be brief.", cache="1h"),),
        question=(PromptBlock("What does this do?"),),
        shape=POLICIES[route.action].output,
    )
    return ModelRequest(prompt=prompt, route=route)


def keeps_promise(route: Route, body: dict[str, Any], endpoint: Endpoint) -> None:
    """What is on the wire is the thinking that the table of routes shows.

    Saying nothing is "off" only for a model that does not think unasked. Where nobody knows what a model takes,
    nothing can be said to it; then the table says that, and leaves room for thinking that nobody asked for.
    """
    thinking, effort = body.get("thinking") or {}, (body.get("output_config") or {}).get("effort")
    assert (body["model"], body["max_tokens"]) == (route.model, route.max_tokens)
    model = endpoint.find(route.model)
    assert model is not None, route
    if "thinking" not in body and model.thinks_unasked:
        assert not endpoint.capabilities, route
        assert model.id not in {known.id for known in MODELS}, route
        assert "it may think unasked" in route.reasons["thinking"], route
        assert route.max_tokens >= POLICIES[route.action].answer + ROOM_WHEN_ALWAYS_ON, route
    kinds = {"adaptive": {"adaptive"}, "budget": {"enabled"}, "off": {None, "disabled", "between_tools"}}
    assert thinking.get("type") in kinds[route.thinking.mode], (route, body)
    if route.thinking.mode != "off":
        assert thinking["display"] == "summarized"
    if route.thinking.mode == "budget":
        assert thinking["budget_tokens"] == route.thinking.budget_tokens
    assert effort in {None, route.thinking.effort}, (route, effort)
    if route.thinking.mode == "adaptive":
        assert effort == route.thinking.effort


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_an_endpoint_refuses_no_route(name: str) -> None:
    """Each action streams on its own route; every action × model × override is accepted as an item of a batch."""
    offline = OfflineEngine(catalogue=ENDPOINTS[name], answerer=short)
    async with await serve(offline) as server:
        environ = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": server.base_url}
        engine = Engine(resolve(environ, ApiSettings()))
        rows = await engine.models()
        catalogue = builtin_catalogue("No list") if rows is None else endpoint_catalogue(rows)
        tells = ENDPOINTS[name].listed and ENDPOINTS[name].capabilities
        assert (catalogue.source == "endpoint") == tells

        for action in POLICIES:
            route = choose(action, catalogue=catalogue, settings=Settings(), today=TODAY)
            last = [event async for batch in engine.stream(request(route)) for event in batch][-1]
            assert isinstance(last, AnswerEnded)
            assert (last.status, last.error) == ("done", None), route
            keeps_promise(route, offline.requests[-1].body, ENDPOINTS[name])

        asked = {}
        for model in catalogue.models:
            if model.lifecycle_on(TODAY) == "retired" or ENDPOINTS[name].find(model.id) is None:
                continue
            for action in POLICIES:
                for override in OVERRIDES:
                    pinned = msgspec.structs.replace(override, model=model.id)
                    route = choose(
                        action, catalogue=catalogue, settings=Settings(), override=pinned, today=TODAY
                    )
                    asked[f"r{len(asked)}"] = route
        batch = await engine.create_batch([(key, request(route)) for key, route in asked.items()])
        results = {line["custom_id"]: line["result"] for line in await engine.batch_results(batch["id"])}
        await engine.aclose()

    sent = next(
        seen.body["requests"]
        for seen in offline.requests
        if seen.method == "POST" and "requests" in seen.body
    )
    for item in sent:
        keeps_promise(asked[item["custom_id"]], item["params"], ENDPOINTS[name])
    assert len(asked) >= len(POLICIES) * len(OVERRIDES) * 15
    assert set(results) == set(asked)
    refused = {key: result for key, result in results.items() if result["type"] != "succeeded"}
    assert not refused, json.dumps(
        [(asked[key].model, asked[key].thinking_param, refused[key]) for key in refused][:3], default=str
    )
