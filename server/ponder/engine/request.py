"""Turns a prompt and its route into a Messages API body. Pure: the same request gives the same bytes.

Sends no sampling parameters, no prefill and no forced tool: current models answer each with a 400.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ponder.answers.schema import SCHEMAS
from ponder.engine.platforms import Platform
from ponder.engine.prompt import ModelRequest, PastTurn, PromptBlock

REPORT_TOOL: Final = "report"
_REPORT_REQUEST: Final = "Give your answer by calling the tool `report` exactly once, with all of it in the call and no text around it."
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
# More than four breakpoints are refused with a 400 (Messages API, "Prompt caching").
_MAX_BREAKPOINTS: Final = 4
_THINKING_BLOCKS: Final = frozenset({"thinking", "redacted_thinking"})
# The types that show their thinking; `disabled` and `between_tools` take no further field.
_SHOWN_THINKING: Final = frozenset({"adaptive", "enabled"})

# The version that every Claude model on Bedrock takes ("Claude on Amazon Bedrock", 2026-11).
_BEDROCK_VERSION: Final = "bedrock-2023-05-31"
_COUNTED: Final = frozenset(
    {"messages", "model", "output_config", "system", "thinking", "tool_choice", "tools"}
)

Json = dict[str, Any]


def arguments(request: ModelRequest) -> Json:
    """The body of `POST /v1/messages` for a request, streaming on. Text no server takes is replaced."""
    prompt, route = request.prompt, request.route
    schema = SCHEMAS.get(prompt.shape)
    with_tool = schema is not None and not route.structured_outputs
    # What went before the first turn goes back unchanged, the tool and the word of it too.
    tool = schema if with_tool else SCHEMAS.get(prompt.reported) if prompt.reported else _tool_of(prompt.past)
    body: Json = {"model": route.model, "max_tokens": route.max_tokens}
    system = list(_text_blocks(prompt.instructions))
    if tool is not None:
        system.append({"type": "text", "text": _REPORT_REQUEST})
        body["tools"] = [{"name": REPORT_TOOL, "description": "Reports the answer.", "input_schema": tool}]
        body["tool_choice"] = {"type": "auto"}
    if system:
        body["system"] = system
    body["messages"] = list(_messages(prompt.past, prompt.question))
    if route.thinking_param is not None:
        body["thinking"] = _shown(route.thinking_param)
    if output := _output_config(route.effort_param, schema if route.structured_outputs else None):
        body["output_config"] = output
    if request.diagnostics or request.previous_message_id is not None:
        body["diagnostics"] = {"previous_message_id": request.previous_message_id}
    if request.metadata:
        body["metadata"] = dict(request.metadata)
    body["stream"] = True
    _limit_breakpoints(body, allowed=_MAX_BREAKPOINTS if route.cache else 0)
    return body


def encode(body: Json) -> bytes:
    """The bytes of a body. A lone surrogate inside an earlier answer goes back as the escape it came as."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def adapted(body: Json, platform: Platform | None) -> Json:
    """The body without what a cloud platform does not know."""
    if platform is None:
        return body
    if not platform.diagnostics:
        body = {name: value for name, value in body.items() if name != "diagnostics"}
    if platform.framed:
        # Most of its models refuse the newest version, and an hour of cache; both are older than this API.
        body = {"anthropic_version": _BEDROCK_VERSION, **body}
        for block in _marked(body):
            block["cache_control"] = {"type": "ephemeral"}
    return body


def unstreamed(body: Json) -> Json:
    """The body as an item of a batch: the same request without `stream`, which batches refuse."""
    return {name: value for name, value in body.items() if name != "stream"}


def countable(body: Json) -> Json:
    """The part of a body that `POST /v1/messages/count_tokens` takes."""
    return {name: value for name, value in body.items() if name in _COUNTED}


def has_thinking(body: Json) -> bool:
    """Whether earlier answers in the body carry thinking."""
    return any(
        block.get("type") in _THINKING_BLOCKS
        for message in body["messages"]
        if message["role"] == "assistant"
        for block in message["content"]
    )


def without_thinking(body: Json) -> Json:
    """The body with the thinking of all earlier answers taken out.

    All or none: an answer from whose middle a block is missing is refused (Messages API, "Preserved thinking").
    """
    messages = []
    for message in body["messages"]:
        content = message["content"]
        if message["role"] == "assistant":
            content = [block for block in content if block.get("type") not in _THINKING_BLOCKS]
            # An assistant message may not be empty.
            content = content or [{"type": "text", "text": "(no text)"}]
        messages.append({"role": message["role"], "content": content})
    return {**body, "messages": messages}


def continued(body: Json, content: Iterable[Json]) -> Json:
    """The body that lets a paused answer (`pause_turn`) go on: what came so far goes back as it is."""
    messages = list(body["messages"])
    so_far = messages.pop()["content"] if messages[-1]["role"] == "assistant" else []
    return {**body, "messages": [*messages, {"role": "assistant", "content": [*so_far, *content]}]}


def sanitised(text: str) -> str:
    """The text with NUL and lone surrogates replaced: no server takes them, and one would fail the request."""
    return _UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _text_blocks(blocks: Iterable[PromptBlock]) -> Iterator[Json]:
    for block in blocks:
        # An empty text block is refused with a 400.
        if block.text:
            wire: Json = {"type": "text", "text": sanitised(block.text)}
            if block.cache is not None:
                wire["cache_control"] = {"type": "ephemeral", "ttl": block.cache}
            yield wire


def _messages(past: Iterable[PastTurn], question: Iterable[PromptBlock]) -> Iterator[Json]:
    answered: list[Json] = []
    for turn in past:
        yield {"role": "user", "content": [*answered, *_text_blocks(turn.question)]}
        yield {"role": "assistant", "content": list(turn.answer)}
        answered = [_tool_result(block) for block in turn.answer if block.get("type") == "tool_use"]
    yield {"role": "user", "content": [*answered, *_text_blocks(question)]}


def _tool_result(call: Json) -> Json:
    # Each tool call needs its result first in the next user message, or the conversation is refused.
    return {"type": "tool_result", "tool_use_id": call.get("id"), "content": "Received."}


def _tool_of(past: Iterable[PastTurn]) -> Json | None:
    """The tool's schema where an earlier answer called it: tools may not go away while calls stand."""
    for turn in past:
        for block in turn.answer:
            given = block.get("input")
            if block.get("type") == "tool_use" and isinstance(given, dict):
                return SCHEMAS[_shape_of(given)]
    return None


def _shape_of(given: Json) -> str:
    """The shape an earlier call of the tool had."""
    if "edits" in given:
        return "edits"
    found = given.get("findings")
    rated = any(isinstance(one, dict) and "confidence" in one for one in found or ())
    return "ratedFindings" if rated else "findings"


def _shown(thinking: dict[str, object]) -> Json:
    if thinking.get("type") not in _SHOWN_THINKING:
        return dict(thinking)
    # Current models leave the text out unless asked, and the panel would be empty.
    return {**thinking, "display": "summarized"}


def _output_config(effort: str | None, schema: Json | None) -> Json:
    config: Json = {}
    if effort is not None and effort != "off":
        config["effort"] = effort
    if schema is not None:
        config["format"] = {"type": "json_schema", "schema": schema}
    return config


def _limit_breakpoints(body: Json, *, allowed: int) -> None:
    marked = _marked(body)
    # The first ends what all requests share, the last ones are what the next turn reads.
    surplus = marked[1 : len(marked) - (allowed - 1)] if allowed else marked
    if len(marked) > allowed:
        for block in surplus:
            del block["cache_control"]


def _marked(body: Json) -> list[Json]:
    blocks = [*body.get("system", ())]
    for message in body["messages"]:
        if message["role"] == "user":
            blocks.extend(message["content"])
    return [block for block in blocks if "cache_control" in block]
