"""What the engine refuses, and with which words. One row is one mistake in an otherwise good request."""

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
