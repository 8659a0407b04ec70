"""Headers, paths and bodies as no client should send them: refused in order, and nothing upsets the engine."""

import json
import random
from typing import Any

import pytest
from offline_door import Door, request
from test_offline_validation import CALL, HOUR, RESULT, TOOL, of, text, turns


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"x_api_key": None}, 401, "x-api-key header is required"),
        ({"x_api_key": "invalid-key"}, 401, "invalid x-api-key"),
        ({"x_api_key": None, "authorization": "Bearer invalid"}, 401, "Invalid bearer token"),
        ({"x_api_key": None, "authorization": "Basic abc"}, 401, "Invalid authorization header"),
        ({"anthropic_version": None}, 400, "anthropic-version: header is required"),
        ({"anthropic_version": "2020-01-01"}, 400, 'anthropic-version: "2020-01-01" is not a valid version'),
        ({"content_type": "text/plain"}, 400, "content-type: must be application/json"),
        ({"x_ponder_offline_fault": "flood"}, 400, "x-ponder-offline-fault: no fault is called 'flood'"),
    ],
)
async def test_headers_are_checked(door: Door, headers: dict[str, Any], status: int, message: str) -> None:
    """Credentials, version and content type are demanded before the body is read."""
    found, body = await door.ask(request(), **headers)

    assert (found, body["error"]["message"]) == (status, message)


async def test_both_ways_to_send_a_key_are_good(door: Door) -> None:
    """`Authorization: Bearer` and `x-api-key` both identify, and neither is kept in the log."""
    await door.message(request(), x_api_key=None, authorization="Bearer sk-secret")
    await door.message(request(), x_api_key="sk-secret")

    assert "sk-secret" not in repr(door.engine.requests)
    assert [exchange.credential for exchange in door.engine.requests] == ["authorization", "x-api-key"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/messages", 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/messages/batches", 405),
        ("POST", "/v1/complete", 404),
        ("GET", "/", 404),
        ("GET", "/v1/models/claude-unheard-of", 404),
    ],
)
async def test_paths_and_methods(door: Door, method: str, path: str, status: int) -> None:
    """Paths that are not there are 404, methods that do not fit are 405, both in the error shape."""
    found, body = await door.ask({}, path, method)

    assert (found, body["type"]) == (status, "error")


@pytest.mark.parametrize("model", ["claude-unheard-of", "claude-mythos-preview"])
async def test_a_model_that_is_not_served_is_not_found(door: Door, model: str) -> None:
    """Unknown and retired models are 404, `not_found_error`."""
    status, body = await door.ask(request(model=model))

    assert (status, body["error"]) == (404, {"type": "not_found_error", "message": f"model: {model}"})


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b'"x"', b'{"model": "\xff"}'])
async def test_a_body_that_is_no_object(door: Door, raw: bytes) -> None:
    """What is no JSON object is 400."""
    status, body = await door.ask(raw)

    assert (status, body["error"]["type"]) == (400, "invalid_request_error")


async def test_a_body_past_32_mb_is_too_large(door: Door) -> None:
    """413 with the type the edge of the API answers with, before the JSON is read."""
    status, body = await door.ask(b" " * (32 * 1024 * 1024 + 1))

    assert (status, body["error"]["type"]) == (413, "request_too_large")


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, True, 1.5, [None], {"type": None}, [{"type": 3}]])
async def test_no_value_anywhere_upsets_it(door: Door, value: Any) -> None:
    """Any JSON value in any field is answered with 200, 400 or 404, never with 500."""
    fields = (
        "model",
        "max_tokens",
        "messages",
        "system",
        "thinking",
        "output_config",
        "tools",
        "tool_choice",
        "cache_control",
        "diagnostics",
        "metadata",
        "stop_sequences",
        "stream",
        "speed",
        "container",
    )
    for field in fields:
        response = await door.send(json.dumps({**request(), field: value}).encode())
        assert response.status in {200, 400, 404}, field
    for key in ("role", "content"):
        body = request()
        body["messages"][0][key] = value
        assert (await door.send(json.dumps(body).encode())).status in {200, 400}, key


@pytest.mark.parametrize("depth", [199, 700, 5_000, 200_000])
async def test_no_depth_upsets_it(door: Door, depth: int) -> None:
    """JSON nested past any sense is 400, also where only our own code would mind."""
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    raw = json.dumps(request(metadata=0)).encode().replace(b'"metadata": 0', b'"metadata": ' + deep)

    assert (await door.send(raw)).status == 400


async def test_random_damage_is_never_a_500(door: Door) -> None:
    """Requests with parts swapped, dropped or replaced at random are answered, and answered by the rules."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    dice = random.Random(seed)
    whole = request(
        system=[text("s", cache_control=HOUR)],
        tools=[TOOL],
        tool_choice={"type": "auto"},
        thinking={"type": "adaptive", "display": "summarized"},
        output_config={"effort": "low", **of(a={"type": "string"})},
    )
    answer = await door.message(whole)
    whole["messages"] += turns("", answer["content"], "go", [text("so"), CALL], [RESULT])[1:]
    await door.message(whole)
    seen = set()
    for _ in range(1_500):
        body = json.loads(json.dumps(whole))
        for _ in range(dice.choice([1, 1, 2, 4])):
            _damage(body, dice)
        status, refusal = await door.ask(body)
        seen.add(status)
        assert status in {200, 400, 404}, (refusal, body)
    assert {200, 400} <= seen


def _damage(value: Any, dice: random.Random) -> None:
    """Change one place somewhere inside."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(value[key], dict | list) and dice.random() < 0.8:
            value = value[key]
            continue
        action = dice.randrange(3)
        if action == 0:
            del value[key]
        elif action == 1:
            value[key] = dice.choice(
                [None, 0, -1, "", "x", "text", [], {}, True, 1e9, [[]], {"type": "text"}]
            )
        else:
            value[key] = json.loads(json.dumps(value[dice.choice(keys)]))
        return
