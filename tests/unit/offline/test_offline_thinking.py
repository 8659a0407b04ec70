"""Thinking blocks on their way out and back: signed, bound, checked, dropped."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from offline_door import Door, request

SHOWN = {"type": "adaptive", "display": "summarized"}
BOUND = "claude-sonnet-5-5"
UNBOUND = "claude-opus-5"
MISMATCH = "The block is bound to a different conversation."


async def conversation(door: Door, model: str, turns: int = 3) -> dict[str, Any]:
    """A conversation of several turns, every answer sent back as it came."""
    body = request(model=model, thinking=SHOWN, system="Be exact.", messages=[])
    for turn in range(turns):
        body["messages"].append({"role": "user", "content": f"Question {turn}"})
        answer = await door.message(body)
        body["messages"].append({"role": "assistant", "content": answer["content"]})
    body["messages"].append({"role": "user", "content": "And now?"})
    return body


def thinking_of(body: dict[str, Any], turn: int) -> dict[str, Any]:
    return body["messages"][2 * turn + 1]["content"][0]


def without_thinking(body: dict[str, Any], *turns: int) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    for turn in turns:
        del changed["messages"][2 * turn + 1]["content"][0]
    return changed


def edited(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def edit(body: dict[str, Any]) -> dict[str, Any]:
        changed = copy.deepcopy(body)
        change(changed)
        return changed

    return edit


ALLOWED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda body: None,
    "effort": lambda body: body.update(output_config={"effort": "low"}),
    "max_tokens": lambda body: body.update(max_tokens=77),
    "display": lambda body: body.update(thinking={"type": "adaptive", "display": "omitted"}),
    "metadata": lambda body: body.update(metadata={"user_id": "u"}),
    "cache mark on the question": lambda body: body["messages"][0].update(
        content=[{"type": "text", "text": "Question 0", "cache_control": {"type": "ephemeral"}}]
    ),
    "more turns": lambda body: body["messages"].append({"role": "user", "content": "And then?"}),
    "blanked thinking": lambda body: [thinking_of(body, turn).update(thinking="") for turn in range(3)],
    "system as blocks": lambda body: body.update(system=[{"type": "text", "text": "Be exact."}]),
}
FORBIDDEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "earlier question": lambda body: body["messages"][0].update(content="Question 0!"),
    "earlier answer": lambda body: body["messages"][1]["content"][1].update(text="Never said."),
    "system": lambda body: body.update(system="Be vague."),
    "tools": lambda body: body.update(tools=[{"name": "grep", "input_schema": {"type": "object"}}]),
    "dropped turn": lambda body: body["messages"].__delitem__(slice(0, 2)),
    "added text": lambda body: body["messages"].insert(0, {"role": "user", "content": "By the way"}),
    "middle thinking": lambda body: body["messages"][3]["content"].pop(0),
}


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_may_change_before_a_bound_block(door: Door, name: str) -> None:
    """Parameters, cache marks, display and new turns leave bound thinking valid."""
    body = edited(ALLOWED[name])(await conversation(door, BOUND))

    await door.message(body)


@pytest.mark.parametrize("name", FORBIDDEN)
async def test_what_may_not_change_before_a_bound_block(door: Door, name: str) -> None:
    """Editing what came before is a 400 on models that bind thinking, and goes through on those that do not."""
    body = edited(FORBIDDEN[name])(await conversation(door, BOUND))
    status, refusal = await door.ask(body)
    assert status == 400
    assert MISMATCH in refusal["error"]["message"]

    await door.message(edited(FORBIDDEN[name])(await conversation(door, UNBOUND)))


@pytest.mark.parametrize("turns", [(0,), (0, 1), (0, 1, 2), (2,), (1, 2)])
async def test_thinking_may_go_from_either_end(door: Door, turns: tuple[int, ...]) -> None:
    """Removing the oldest, the newest or all thinking blocks is fine; only a hole is not."""
    body = await conversation(door, BOUND)

    await door.message(without_thinking(body, *turns))
    status, _ = await door.ask(without_thinking(body, 1))
    assert status == 400


async def test_a_mismatch_can_be_dropped_instead(door: Door) -> None:
    """With the beta header and `drop_block`, blocks that no longer fit are left out, unbilled, and named."""
    body = await conversation(door, BOUND)
    changed = edited(FORBIDDEN["earlier question"])(body)
    changed["thinking"] = {**SHOWN, "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    beta = {"anthropic_beta": "thinking-binding-controls-2026-08-01"}

    message = await door.message(changed, **beta)

    assert [(drop["reason"], drop["path"]) for drop in message["input_transformations"]] == [
        ("prefix_binding_mismatch", f"messages.{index}.content.0") for index in (1, 3, 5)
    ]
    plain = await door.message(without_thinking(changed, 0, 1, 2), **beta)
    assert plain["usage"]["input_tokens"] == message["usage"]["input_tokens"]
    assert plain["input_transformations"] == []


async def test_a_model_that_cannot_read_a_block_leaves_it_out(door: Door) -> None:
    """Thinking of a model this one may not read is dropped in silence, and costs nothing."""
    body = {**await conversation(door, "claude-fable-5-2"), "model": "claude-fable-5-1"}

    with_blocks = await door.message(body)
    without = await door.message(without_thinking(body, 0, 1, 2))

    assert with_blocks["usage"]["input_tokens"] == without["usage"]["input_tokens"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signature": ""}, "messages.5.content.0: Invalid `signature` in `thinking` block"),
        ({"signature": "EqQB"}, "messages.5.content.0: Invalid `signature` in `thinking` block"),
        (
            {"thinking": "I never thought so."},
            (
                "messages.5.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message "
                "cannot be modified. These blocks must remain as they were in the original response."
            ),
        ),
    ],
)
@pytest.mark.parametrize("model", [BOUND, UNBOUND, "claude-sonnet-4-6"])
async def test_a_changed_block_is_refused(
    door: Door, model: str, change: dict[str, str], message: str
) -> None:
    """A thinking block or a signature that was changed is a 400 on every model."""
    body = await conversation(door, model)
    thinking_of(body, 2).update(change)

    status, refusal = await door.ask(body)

    assert (status, refusal["error"]["message"]) == (400, message)


async def test_a_claim_cannot_be_rewritten(door: Door) -> None:
    """A signature whose content was changed, though well-formed, is refused: what it says is protected."""
    body = await conversation(door, UNBOUND)
    block = thinking_of(body, 2)
    raw = base64.b64decode(block["signature"])
    assert raw.count(b"claude-opus-5") == 1
    block["signature"] = base64.b64encode(raw.replace(b"claude-opus-5", b"claude-opus-9")).decode()

    status, refusal = await door.ask(body)

    assert (status, refusal["error"]["message"]) == (
        400,
        "messages.5.content.0: Invalid `signature` in `thinking` block",
    )


async def test_another_process_can_check(door: Door) -> None:
    """Signatures need no memory: a second engine takes the first one's conversation, and refuses an edited one."""
    body = await conversation(door, BOUND)
    second = Door()

    await second.message(body)
    status, _ = await second.ask(edited(FORBIDDEN["system"])(body))
    assert status == 400


async def test_omitted_thinking_weighs_as_much_as_shown(door: Door) -> None:
    """Display changes neither signature, nor output tokens, nor what the block costs when it comes back."""
    shown = await door.message(request(thinking=SHOWN))
    hidden = await door.message(request(thinking={"type": "adaptive"}))

    assert hidden["content"][0]["thinking"] == ""
    assert shown["content"][0]["thinking"] == "First I look.\n\nThen I see."
    assert hidden["content"][0]["signature"] == shown["content"][0]["signature"]
    assert hidden["usage"]["output_tokens"] == shown["usage"]["output_tokens"]
    back = [
        await door.message(
            request(
                messages=[
                    {"role": "user", "content": "What is the answer?"},
                    {"role": "assistant", "content": message["content"]},
                    {"role": "user", "content": "Sure?"},
                ]
            )
        )
        for message in (shown, hidden)
    ]
    assert back[0]["usage"] == back[1]["usage"]


async def test_redacted_thinking_goes_round(door: Door) -> None:
    """A redacted block comes whole, goes back as it is, and is refused when its data was touched."""
    first = await door.message(request(), x_ponder_offline_fault="redacted")
    block = first["content"][0]
    assert sorted(block) == ["data", "type"]
    body = request(
        messages=[
            *request()["messages"],
            {"role": "assistant", "content": first["content"]},
            {"role": "user", "content": "Sure?"},
        ]
    )

    await door.message(body)
    block["data"] = block["data"][:-4] + "AAA="
    status, refusal = await door.ask(body)
    assert (status, refusal["error"]["message"]) == (
        400,
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    )


async def test_manual_thinking_wants_its_block_before_tool_results(door: Door) -> None:
    """With `enabled`, a tool-use turn that lost its thinking is refused; with thinking off it is fine."""
    tool = {"name": "grep", "input_schema": {"type": "object"}}
    call = {"type": "tool_use", "id": "toolu_1", "name": "grep", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
    body = request(
        model="claude-sonnet-4-6",
        max_tokens=4000,
        tools=[tool],
        messages=[
            {"role": "user", "content": "find"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ],
    )

    await door.message(body)
    status, refusal = await door.ask({**body, "thinking": {"type": "enabled", "budget_tokens": 1024}})
    assert status == 400
    assert refusal["error"]["message"].startswith(
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`."
    )
