"""What goes over the wire for a prompt and a route."""

import json
from typing import Any

import pytest

from ponder.answers.schema import EDITS, FINDINGS, SCHEMAS
from ponder.engine import request as wire
from ponder.engine.prompt import AnswerShape, ModelRequest, PastTurn, Prompt, PromptBlock
from ponder.routing.route import Route, Thinking

ADAPTIVE: dict[str, object] = {"type": "adaptive"}


def body(
    *,
    shape: AnswerShape = "markdown",
    question: tuple[PromptBlock, ...] = (PromptBlock("Why?"),),
    instructions: tuple[PromptBlock, ...] = (PromptBlock("Be exact."),),
    past: tuple[PastTurn, ...] = (),
    reported: AnswerShape | None = None,
    request: dict[str, Any] | None = None,
    **route: Any,
) -> dict[str, Any]:
    standard: dict[str, Any] = {
        "action": "review",
        "model": "claude-x",
        "line": None,
        "thinking": Thinking(mode="off"),
        "max_tokens": 100,
        "thinking_param": None,
        "effort_param": None,
    }
    prompt = Prompt(instructions=instructions, question=question, shape=shape, past=past, reported=reported)
    return wire.arguments(ModelRequest(prompt=prompt, route=Route(**(standard | route)), **(request or {})))


def test_a_plain_request() -> None:
    """Nothing is sent that was not asked for: no sampling, no tools, no empty fields."""
    assert body() == {
        "model": "claude-x",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "Be exact."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}],
        "stream": True,
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, None),
        (ADAPTIVE, {"type": "adaptive", "display": "summarized"}),
        (
            {"type": "enabled", "budget_tokens": 2048},
            {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
        ),
        ({"type": "enabled", "display": "omitted"}, {"type": "enabled", "display": "summarized"}),
        ({"type": "disabled"}, {"type": "disabled"}),
        ({"type": "between_tools"}, {"type": "between_tools"}),
    ],
)
def test_thinking_is_always_shown(given: dict[str, object] | None, sent: dict[str, object] | None) -> None:
    """Where thinking is asked for, its text is asked for too; where it is not, nothing is added."""
    assert body(thinking_param=given).get("thinking") == sent


@pytest.mark.parametrize(
    ("shape", "structured", "effort", "output"),
    [
        ("markdown", True, None, None),
        ("markdown", True, "off", None),
        ("markdown", False, "high", {"effort": "high"}),
        ("findings", True, None, {"format": {"type": "json_schema", "schema": FINDINGS}}),
        ("edits", True, "low", {"effort": "low", "format": {"type": "json_schema", "schema": EDITS}}),
        ("edits", False, "low", {"effort": "low"}),
        ("findings", False, None, None),
    ],
)
def test_output_config(shape: AnswerShape, structured: bool, effort: Any, output: object) -> None:
    """Effort and format stand where the model takes them, and a tool where it takes no format."""
    sent = body(shape=shape, structured_outputs=structured, effort_param=effort)
    assert sent.get("output_config") == output
    with_tool = shape != "markdown" and not structured
    assert ("tools" in sent) == with_tool
    if with_tool:
        assert sent["tools"][0]["name"] == "report"
        assert sent["tools"][0]["input_schema"] == SCHEMAS[shape]
        assert sent["tool_choice"] == {"type": "auto"}
        assert "`report`" in sent["system"][-1]["text"]


def test_at_most_four_breakpoints() -> None:
    """The first breakpoint and the last three stay; without caching none does."""
    blocks = tuple(PromptBlock(str(number), "1h") for number in range(6))
    sent = body(instructions=blocks[:1], question=blocks[1:])
    marked = [
        block["text"]
        for block in (*sent["system"], *sent["messages"][0]["content"])
        if block.get("cache_control") == {"type": "ephemeral", "ttl": "1h"}
    ]
    assert marked == ["0", "3", "4", "5"]
    assert "cache_control" not in json.dumps(body(question=blocks, cache=False))


def test_text_that_cannot_be_sent() -> None:
    """NUL and lone surrogates are replaced; an empty block is left out."""
    sent = body(question=(PromptBlock(""), PromptBlock("a\x00b\ud800c😀")))
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "a�b�c😀"}]


ANSWER = (
    {"type": "thinking", "thinking": "\ud800", "signature": "s"},
    {"type": "tool_use", "id": "toolu_1", "name": "report", "input": {"summary": "", "findings": []}},
)


def test_earlier_turns() -> None:
    """Earlier answers go back as they are; a tool call gets its result first, and its tool stays."""
    sent = body(past=(PastTurn((PromptBlock("q"),), ANSWER),))
    roles = [message["role"] for message in sent["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert sent["messages"][1]["content"] == list(ANSWER)
    assert sent["messages"][2]["content"][0]["type"] == "tool_result"
    assert sent["messages"][2]["content"][0]["tool_use_id"] == "toolu_1"
    assert sent["tools"][0]["input_schema"] == FINDINGS
    assert "output_config" not in sent
    assert json.loads(wire.encode(sent)) == sent


def test_what_stood_before_the_first_turn_stays() -> None:
    """After an answer through the tool, the next turn has the same system and tools, whether the tool was called or not."""
    first = body(shape="edits", structured_outputs=False)
    said = PastTurn((PromptBlock("q"),), ({"type": "text", "text": "Nothing to do."},))
    called = PastTurn((PromptBlock("q"),), ANSWER)
    for past in (said, called):
        later = body(past=(past,), reported="edits", structured_outputs=False)
        assert (later["system"], later["tools"]) == (first["system"], first["tools"])


def test_without_thinking() -> None:
    """All thinking goes or none; an answer never becomes empty."""
    redacted = ({"type": "redacted_thinking", "data": "x"},)
    past = (PastTurn((PromptBlock("q"),), ANSWER), PastTurn((PromptBlock("r"),), redacted))
    sent = body(past=past)
    assert wire.has_thinking(sent)
    stripped = wire.without_thinking(sent)
    assert not wire.has_thinking(stripped)
    assert all(message["content"] for message in stripped["messages"])
    assert wire.has_thinking(sent)


def test_diagnostics_and_metadata() -> None:
    """Diagnostics are sent where asked for, also for a first request."""
    assert body(request={"diagnostics": True})["diagnostics"] == {"previous_message_id": None}
    assert body(request={"previous_message_id": "m"})["diagnostics"] == {"previous_message_id": "m"}
    assert body(request={"metadata": {"user_id": "u"}})["metadata"] == {"user_id": "u"}


def test_the_same_request_gives_the_same_bytes() -> None:
    """Byte for byte, whatever the process hashes strings to (keys are never put in a set)."""
    first, second = (wire.encode(body(shape="findings", thinking_param=dict(ADAPTIVE))) for _ in range(2))
    assert first == second
    assert first.startswith(b'{"model":"claude-x","max_tokens":100,"system":')


def test_parts_for_counting_and_batches() -> None:
    """Counting takes no limits, a batch takes no `stream`."""
    sent = body(thinking_param=ADAPTIVE)
    assert set(wire.countable(sent)) == {"model", "system", "messages", "thinking"}
    assert "stream" not in wire.unstreamed(sent)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_schemas_keep_to_what_structured_outputs_take(schema: dict[str, Any]) -> None:
    """Every object is closed and requires all it has; no limit stands on numbers or lengths."""
    refused = {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "$ref"}
    pending: list[Any] = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            assert not refused & part.keys()
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
            pending.extend(part.values())
