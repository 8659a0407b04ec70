"""The order and the content of streams, whole messages, and answers that are cut."""

import json
from typing import Any

import pytest
from offline_door import Door, joined, read_events, request

from ponder.offline.answer import Answer
from ponder.offline.reply import words

SHOWN = {"type": "adaptive", "display": "summarized"}
REPORT = {
    "name": "report",
    "input_schema": {"type": "object", "properties": {"summary": {}}, "required": ["summary"]},
}


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """Event types, runs of deltas folded into one."""
    found: list[str] = []
    for event in events:
        kind = event["type"]
        if kind == "content_block_delta":
            kind = event["delta"]["type"]
        if not found or found[-1] != kind:
            found.append(kind)
    return found


def assembled(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a message together from its events, as a client does."""
    message = dict(events[0]["message"])
    blocks: list[dict[str, Any]] = []
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert event["index"] == len(blocks)
                blocks.append(dict(event["content_block"]))
            case "content_block_delta":
                block, delta = blocks[event["index"]], event["delta"]
                for key, value in delta.items():
                    if key != "type":
                        block[key] = block.get(key, "") + value
            case "message_delta":
                message |= event["delta"]
                message["usage"] = {**message["usage"], **event["usage"]}
            case _:
                pass
    for block in blocks:
        if block["type"] == "tool_use":
            try:
                block["input"] = json.loads(block.pop("partial_json") or "{}")
            except ValueError:
                block["input"] = {}
    return {**message, "content": blocks}


ANSWERS = {
    "thinking and text": Answer(
        thinking=("One.", "Two\nlines."), text="Done — ✓ **well**.\n\n```py\nx = 1\n```\n"
    ),
    "text only": Answer(text="Short."),
    "thinking only": Answer(thinking=("Hm.",)),
    "nothing": Answer(),
    "redacted": Answer(thinking=("Secret.",), text="Told.", redacted=True),
    "tool": Answer(thinking=("I call.",), text="So:", tools=(("grep", {"pattern": "a" * 60, "n": [1, {}]}),)),
    "two tools": Answer(tools=(("grep", {}), ("grep", {"x": "é"}))),
    "refused": Answer(text="I", stop_reason="refusal", refusal_category="bio"),
    "paused": Answer(text="Wait.", stop_reason="pause_turn"),
    "long": Answer(thinking=("word " * 999,), text="🙂 text\t" * 500),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("display", ["summarized", "omitted"])
@pytest.mark.parametrize("limit", [100_000, 1, 2, 7, 30])
async def test_a_stream_is_its_message_in_pieces(
    door: Door, answer: Answer, display: str, limit: int
) -> None:
    """Streamed or whole, cut or not, the same request gives the same content, stop reason and usage."""
    door.answer = answer
    body = request(thinking={"type": "adaptive", "display": display}, max_tokens=limit)

    whole = await door.message(body)
    streamed = assembled(await door.stream(body))

    del whole["id"], streamed["id"]
    for message in (whole, streamed):
        for block in message["content"]:
            block.pop("id", None)
    assert streamed == whole
    assert whole["usage"]["output_tokens"] <= limit


async def test_the_order_of_events(door: Door) -> None:
    """Start, blocks one after the other, one cumulative delta, stop; a ping near the beginning."""
    events = await door.stream(request(thinking=SHOWN))

    assert kinds(events) == [
        "message_start",
        "content_block_start",
        "ping",
        "thinking_delta",
        "signature_delta",
        "content_block_stop",
        "content_block_start",
        "text_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert joined(events, "thinking") == "First I look.\n\nThen I see."
    assert joined(events, "text") == "The answer is 42."
    start = events[0]["message"]
    assert (start["content"], start["stop_reason"]) == ([], None)
    assert "thinking_tokens" not in str(start)
    assert events[-2]["usage"]["output_tokens_details"]["thinking_tokens"] == 8
    assert events[-2]["usage"]["output_tokens"] == 8 + 5
    assert "cache_creation" not in events[-2]["usage"]


async def test_omitted_thinking_streams_one_empty_delta(door: Door) -> None:
    """With display omitted there is one empty thinking delta, then the signature; tokens are billed as ever."""
    events = await door.stream(request())
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]

    assert deltas[0] == {"type": "thinking_delta", "thinking": ""}
    assert deltas[1]["type"] == "signature_delta"
    assert events[-2]["usage"]["output_tokens_details"]["thinking_tokens"] == 8


async def test_a_tool_call_streams_its_arguments(door: Door) -> None:
    """The first argument delta is empty, the rest joins to the JSON, and the turn stops for the tool."""
    door.answer = ANSWERS["tool"]
    events = await door.stream(request(tools=[{"name": "grep", "input_schema": {"type": "object"}}]))
    pieces = [event["delta"]["partial_json"] for event in events if "partial_json" in event.get("delta", {})]

    assert pieces[0] == ""
    assert len(pieces) > 2
    assert "".join(pieces).startswith('{"pattern":"aaa')
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize("limit", range(1, 8))
async def test_thinking_that_is_cut_has_no_signature(door: Door, limit: int) -> None:
    """When tokens end inside thinking: an empty signature, no text, `max_tokens`, and such a block is no good."""
    body = request(thinking=SHOWN, max_tokens=limit)
    message = await door.message(body)

    (block,) = message["content"]
    assert block["signature"] == ""
    assert "First I look.\n\nThen I see.".startswith(block["thinking"])
    assert message["stop_reason"] == "max_tokens"
    assert message["usage"]["output_tokens"] == limit
    turns = [
        *body["messages"],
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": "Go on"},
    ]
    assert (await door.ask(request(messages=turns)))[0] == 400


async def test_tokens_that_end_with_the_thinking(door: Door) -> None:
    """Thinking that just fits is signed; that there is no room for the answer is still `max_tokens`."""
    message = await door.message(request(thinking=SHOWN, max_tokens=8))

    assert [block["type"] for block in message["content"]] == ["thinking"]
    assert message["content"][0]["signature"]
    assert message["stop_reason"] == "max_tokens"


async def test_a_cut_tool_call_is_empty(door: Door) -> None:
    """Arguments that were cut off stream as broken JSON and come whole as an empty input."""
    door.answer = ANSWERS["tool"]
    body = request(tools=[{"name": "grep", "input_schema": {"type": "object"}}], max_tokens=15)

    message = await door.message(body)

    assert message["stop_reason"] == "max_tokens"
    assert message["content"][-1]["input"] == {}
    assert not joined(await door.stream(body), "partial_json").endswith("}")


async def test_stop_sequences(door: Door) -> None:
    """Text ends before the first sequence that occurs, and the sequence is named."""
    door.answer = Answer(text="one two three four")
    message = await door.message(request(stop_sequences=["four", "two"]))

    assert message["content"] == [{"type": "text", "text": "one "}]
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "two")


async def test_a_refusal_says_its_category(door: Door) -> None:
    """`stop_details` comes with a refusal and with nothing else."""
    door.answer = ANSWERS["refused"]
    events = await door.stream(request())
    assert events[-2]["delta"]["stop_details"] == {"type": "refusal", "category": "bio", "explanation": None}

    door.answer = ANSWERS["text only"]
    assert (await door.message(request()))["stop_details"] is None


async def test_the_context_window_ends_an_answer(door: Door) -> None:
    """Prompt and `max_tokens` may exceed the window; the answer then ends where the window does."""
    door.answer = Answer(text="word " * 4000)
    message = await door.message(
        request("x" * (3_500_000 - 350), max_tokens=4000, thinking={"type": "between_tools"})
    )

    assert message["stop_reason"] == "model_context_window_exceeded"
    assert message["usage"]["input_tokens"] + message["usage"]["output_tokens"] == 1_000_000


async def test_structured_answers_without_structured_outputs(door: Door) -> None:
    """A JSON answer that fits the tool it was asked for comes as a call of that tool; other text stays text."""
    door.answer = Answer(text='{"summary":"fine"}')
    body = request(tools=[REPORT])
    message = await door.message(body)
    assert [(block["type"], block.get("input")) for block in message["content"]] == [
        ("tool_use", {"summary": "fine"})
    ]
    assert message["stop_reason"] == "tool_use"

    refused = await door.message({**body, "tool_choice": {"type": "none"}})
    assert refused["content"][0]["type"] == "text"
    door.answer = Answer(text='{"other":1}')
    assert (await door.message(body))["content"][0]["type"] == "text"


@pytest.mark.parametrize("text", ["", " ", "a", " a b\n\nc\t ", "a" * 9999, "é ü\u2028x \r\n y", "🙂" * 50])
def test_pieces_join_to_the_text(text: str) -> None:
    """No character is lost, added or moved by cutting; pieces are small."""
    pieces = words(text)

    assert "".join(pieces) == text
    assert all(len(piece.split()) <= 4 for piece in pieces)


async def test_line_separators_stay_inside_their_event(door: Door) -> None:
    """U+2028 and newlines in text cannot break the framing of events."""
    door.answer = Answer(text="a\u2028b\u0085c\r\nd\n\nevent: fake\ndata: {}\n\n")
    raw = await door.stream_bytes(request())

    assert joined(read_events(raw), "text") == door.answer.text


async def test_an_answerer_that_fails_is_a_500(door: Door) -> None:
    """A mistake in the analysis is an `api_error`, without its details, and the engine lives on."""

    def broken(_body: dict[str, Any]) -> Answer:
        raise ZeroDivisionError("/home/someone")

    bad = Door(answerer=broken)
    status, body = await bad.ask(request())

    assert (status, body["error"]) == (500, {"type": "api_error", "message": "Internal server error"})
    assert (await bad.ask(path="/v1/models", method="GET"))[0] == 200


async def test_counting_is_what_is_billed(door: Door) -> None:
    """`count_tokens` gives the sum of a request's input figures, and refuses what `messages` refuses."""
    body = request([{"type": "text", "text": "x" * 4000, "cache_control": {"type": "ephemeral"}}], system="s")
    counted = {name: value for name, value in body.items() if name != "max_tokens"}

    _, answer = await door.ask(counted, "/v1/messages/count_tokens")
    usage = (await door.message(body))["usage"]

    assert answer == {"input_tokens": 1143 + 1}
    assert answer["input_tokens"] == usage["input_tokens"] + usage["cache_creation_input_tokens"]
    assert (await door.ask(body, "/v1/messages/count_tokens"))[1]["error"]["message"] == (
        "max_tokens: Extra inputs are not permitted"
    )
