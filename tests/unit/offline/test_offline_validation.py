"""What the engine refuses, and with which words. One row is one mistake in an otherwise good request."""

import json
import random
from typing import Any

import pytest
from offline_door import Door, request

CALL = {"type": "tool_use", "id": "toolu_1", "name": "grep", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "found"}
TOOL = {"name": "grep", "input_schema": {"type": "object", "properties": {}}}
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def text(words: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **fields}


def turns(*contents: Any) -> list[dict[str, Any]]:
    return [
        {"role": ("user", "assistant")[index % 2], "content": content}
        for index, content in enumerate(contents)
    ]


def schema(**fields: Any) -> dict[str, Any]:
    whole = {"type": "object", "properties": {}, "additionalProperties": False, **fields}
    return {"format": {"type": "json_schema", "schema": whole}}


def of(**properties: Any) -> dict[str, Any]:
    return schema(properties=properties, required=list(properties))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 1.0}, "temperature: Extra inputs are not permitted"),
    ({"top_k": 0}, "top_k: Extra inputs are not permitted"),
    ({"max_token": 5}, "max_token: Extra inputs are not permitted"),
    ({"context_management": {}}, "context_management: Extra inputs are not permitted"),
    ({"max_tokens": None}, "max_tokens: Field required"),
    ({"messages": None}, "messages: Field required"),
    ({"model": None}, "model: Field required"),
    ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
    ({"messages": {}}, "messages: Input should be a valid list"),
    ({"messages": []}, "messages: at least one message is required"),
    ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
    (
        {"messages": [{"role": "tool", "content": "x"}]},
        "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ),
    (
        {"messages": [{"role": "user", "content": "x", "name": "me"}]},
        "messages.0.name: Extra inputs are not permitted",
    ),
    ({"messages": turns([{"text": "x"}])}, "messages.0.content.0.type: Field required"),
    ({"messages": turns([{"type": "text"}])}, "messages.0.content.0.text.text: Field required"),
    (
        {"messages": turns([text("x", colour="red")])},
        "messages.0.content.0.text.colour: Extra inputs are not permitted",
    ),
    ({"stop_sequences": [""]}, "stop_sequences.0: String should have at least 1 character"),
    ({"service_tier": "gold"}, "service_tier: Input should be 'auto' or 'standard_only'"),
    ({"metadata": {"user": "me"}}, "metadata.user: Extra inputs are not permitted"),
    ({"diagnostics": {}}, "diagnostics.previous_message_id: Field required"),
    (
        {"output_config": {"effort": "huge"}},
        "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ),
    (
        {"thinking": {"type": "adaptive", "budget_tokens": 2048}},
        "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
    ),
    (
        {"thinking": {"type": "between_tools", "display": "omitted"}},
        "thinking.between_tools.display: Extra inputs are not permitted",
    ),
    (
        {"thinking": {"type": "adaptive", "block_binding": {}}},
        "thinking.adaptive.block_binding: Extra inputs are not permitted",
    ),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 1023}},
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
    (
        {"messages": turns("")},
        (
            "messages.0: all messages must have non-empty content except for the optional "
            "final assistant message"
        ),
    ),
    ({"messages": turns([text("")])}, "messages: text content blocks must be non-empty"),
    ({"messages": turns(" \n")}, "messages: text content blocks must contain non-whitespace text"),
    ({"system": [text("")]}, "system: text content blocks must be non-empty"),
    (
        {"messages": [{"role": "assistant", "content": "hello"}]},
        'messages: first message must use the "user" role',
    ),
    (
        {"messages": turns("a", "b")},
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    ),
    (
        {"messages": turns([{"type": "thinking", "thinking": "", "signature": ""}])},
        "messages.0.content.0: `thinking` blocks can only be in `assistant` messages",
    ),
    (
        {"messages": turns("a", [{"type": "document", "source": {"type": "url", "url": "u"}}], "c")},
        "messages.1.content.0.document: `document` blocks are not permitted in `assistant` messages",
    ),
    (
        {"messages": turns([text("x", citations=[{}])])},
        "messages.0.content.0.text.citations: Extra inputs are not permitted",
    ),
    (
        {"tools": [{"name": "two words", "input_schema": {"type": "object"}}]},
        "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ),
    ({"tools": [{"name": "grep"}]}, "tools.0.custom.input_schema: Field required"),
    (
        {"tools": [{"name": "grep", "input_schema": {"type": "array"}}]},
        "tools.0.custom.input_schema.type: Input should be 'object'",
    ),
    ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
    ({"tool_choice": {"type": "auto"}}, "tool_choice may only be specified while providing tools."),
    (
        {"tools": [TOOL], "tool_choice": {"type": "any"}},
        '"tool_choice.type.any" is not supported for this model. Use "tool_choice.type.auto" instead.',
    ),
    (
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "sed"}},
        "Tool 'sed' not found in provided tools",
    ),
    (
        {"tools": [TOOL], "messages": turns("a", [CALL], "and?")},
        (
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each "
            "`tool_use` block must have a corresponding `tool_result` block in the next message."
        ),
    ),
    (
        {"tools": [TOOL], "messages": turns("a", [CALL], [text("first"), RESULT])},
        (
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. "
            "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        ),
    ),
    (
        {"tools": [TOOL], "messages": turns([RESULT])},
        (
            "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each "
            "`tool_result` block must have a corresponding `tool_use` block in the previous message."
        ),
    ),
    (
        {"tools": [TOOL], "messages": turns("a", [CALL], [RESULT, RESULT])},
        (
            "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks "
            "with id: toolu_1"
        ),
    ),
    (
        {"tools": [TOOL], "messages": turns("a", [CALL], [RESULT], [CALL], [RESULT])},
        "messages: `tool_use` ids must be unique",
    ),
    (
        {"messages": turns([text("x", cache_control={"type": "ephemeral", "ttl": "2h"})])},
        "messages.0.content.0.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
    ),
    (
        {
            "messages": turns(
                "a", [{"type": "thinking", "thinking": "t", "signature": "s", "cache_control": MARK}], "c"
            )
        },
        "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
    ),
    (
        {"messages": turns([text(f"{n}", cache_control=MARK) for n in range(5)])},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    (
        {
            "messages": turns([*(text(f"{n}", cache_control=MARK) for n in range(4)), text("5")]),
            "cache_control": MARK,
        },
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    (
        {"system": [text("s", cache_control=MARK)], "messages": turns([text("x", cache_control=HOUR)])},
        (
            "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a "
            "ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, "
            "`system`, `messages`."
        ),
    ),
    (
        {"messages": turns([text("x", cache_control=MARK)]), "cache_control": HOUR},
        "cache_control: conflicts with the ttl='5m' of messages.0.content.0.cache_control",
    ),
    (
        {"max_tokens": 128_001},
        (
            "max_tokens: 128001 > 128000, which is the maximum allowed number of output "
            "tokens for claude-sonnet-5-5"
        ),
    ),
    ({"max_tokens": 0, "stream": True}, "stream: not supported when max_tokens is 0"),
    ({"messages": turns("a" * 3_500_004)}, "prompt is too long: 1000002 tokens > 1000000 maximum"),
    (
        {"output_config": schema(additionalProperties=True)},
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    (
        {"output_config": of(n={"type": "integer", "minimum": 1})},
        "output_config.format.schema.n: For 'integer' type, property 'minimum' is not supported",
    ),
    (
        {"output_config": of(n={"type": "array", "items": {"type": "string", "maxLength": 3}})},
        "output_config.format.schema.n.items: For 'string' type, property 'maxLength' is not supported",
    ),
    (
        {"output_config": schema(properties={"again": {"$ref": "#"}})},
        "output_config.format.schema.again: Recursive schemas are not supported",
    ),
    (
        {
            "output_config": schema(
                properties={"a": {"$ref": "#/$defs/A"}},
                **{"$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}},
            )
        },
        "output_config.format.schema.a.items: Recursive schemas are not supported",
    ),
    (
        {"output_config": {"format": {"type": "regex", "schema": {}}}},
        (
            "output_config.format: Input tag 'regex' found using 'type' does not match any of the expected tags: "
            "'json_schema'"
        ),
    ),
    (
        {"tools": [{**TOOL, "strict": True}]},
        "tools.0.custom.input_schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
async def test_a_mistake_is_refused_by_name(door: Door, fields: dict[str, Any], message: str) -> None:
    """A mistake is answered with 400, the API's error object, and the place of the mistake; nothing is spent."""
    status, body = await door.ask(request(**fields))

    assert (status, body["error"]["message"]) == (400, message)
    assert body["type"] == "error"
    assert body["error"]["type"] == "invalid_request_error"
    assert body["request_id"] == door.engine.requests[-1].request_id
    assert len(door.engine.messages.cache) == 0


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"messages": turns("a", "b", "c")},
    {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": [text("b")]}]},
    {"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "now this"}]},
    {"system": "be short"},
    {"system": [text("be short", cache_control=HOUR)], "cache_control": MARK},
    {"tools": [TOOL], "messages": turns("a", [text("so"), CALL], [RESULT, text("go on")])},
    {"tools": [TOOL], "tool_choice": {"type": "none"}},
    {"thinking": {"type": "adaptive", "display": "summarized"}},
    {"thinking": {"type": "between_tools"}, "output_config": {"effort": "high"}},
    {"output_config": of(a={"anyOf": [{"type": "string"}, {"type": "null"}]}, b={"enum": ["x", "y"]})},
    {
        "output_config": schema(
            properties={"a": {"$ref": "#/$defs/A"}}, **{"$defs": {"A": {"type": "string"}}}
        )
    },
    {"metadata": {"user_id": None}, "service_tier": "auto", "stop_sequences": ["END"]},
    {"diagnostics": {"previous_message_id": None}},
    {"max_tokens": 0},
    {"messages": turns([text("x", citations=None, cache_control=None)])},
]


@pytest.mark.parametrize("fields", ACCEPTED)
async def test_what_the_api_takes_is_taken(door: Door, fields: dict[str, Any]) -> None:
    """Strictness stops at what the real API accepts."""
    message = await door.message(request(**fields))

    assert message["type"] == "message"


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


async def test_the_older_version_keeps_its_rules(door: Door) -> None:
    """On 2023-06-01 sampling parameters pass on models that know them, and only while not thinking."""
    old = {"anthropic_version": "2023-06-01"}
    warm = request(model="claude-sonnet-4-6", temperature=0.2)

    assert (await door.ask(warm, **old))[0] == 200
    assert (await door.ask(request(temperature=0.2), **old))[1]["error"]["message"].startswith(
        "`temperature`"
    )
    assert (await door.ask(request(temperature=1), **old))[0] == 200
    status, body = await door.ask({**warm, "thinking": {"type": "adaptive"}}, **old)
    assert status == 400
    assert "`temperature` may only be set to 1" in body["error"]["message"]


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
