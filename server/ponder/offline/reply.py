"""Turns an answer into the content blocks, the stop reason and the tokens of a message. Sends nothing."""

import re
from typing import Any

import msgspec
from msgspec import Struct

from ponder.offline import signatures
from ponder.offline.answer import Answer
from ponder.offline.model_rules import thinks
from ponder.offline.signatures import Claim
from ponder.offline.tokens import BYTES_PER_TOKEN, text_tokens
from ponder.offline.validation import Valid

WORDS_PER_DELTA = 4
JSON_PER_DELTA = 24


class Block(Struct, frozen=True):
    """A content block as a whole, and the pieces in which it is streamed."""

    whole: dict[str, Any]
    pieces: tuple[str, ...] = ()


class Reply(Struct, frozen=True, kw_only=True):
    """A message ready to be sent, streamed or whole. `usage` is its input side; tokens are counts."""

    id: str
    model: str
    blocks: tuple[Block, ...]
    stop_reason: str
    stop_sequence: str | None
    stop_details: dict[str, Any] | None
    usage: dict[str, Any]
    output_tokens: int
    thinking_tokens: int
    service_tier: str
    extras: dict[str, Any]

    @property
    def final_usage(self) -> dict[str, Any]:
        """The `usage` of the whole message."""
        return {
            **self.usage,
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"thinking_tokens": self.thinking_tokens},
            "service_tier": self.service_tier,
        }

    def message(self) -> dict[str, Any]:
        """Return the message as a request without `stream` gets it."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [block.whole for block in self.blocks],
            "stop_reason": self.stop_reason,
            "stop_sequence": self.stop_sequence,
            "stop_details": self.stop_details,
            "usage": self.final_usage,
            **self.extras,
        }


class _Room:
    """What is left of `max_tokens` and of the context window."""

    def __init__(self, limit: int, window: int) -> None:
        self.left = min(limit, window)
        self.used = 0
        self.reason = "max_tokens" if limit <= window else "model_context_window_exceeded"
        self.full = False

    def take(self, text: str) -> str:
        """Return as much of the text as fits, and count it."""
        tokens = text_tokens(text)
        if tokens > self.left:
            text = _cut(text, self.left)
            tokens = self.left
            self.full = True
        self.left -= tokens
        self.used += tokens
        return text


def compose(
    answer: Answer,
    valid: Valid,
    *,
    message_id: str,
    usage: dict[str, Any],
    extras: dict[str, Any],
    service_tier: str = "standard",
) -> Reply:
    """Return the reply to a request, cut to `max_tokens` and to the window of its model.

    `usage` is the input side; `extras` are further keys of the message (`diagnostics`, …).
    """
    body, model = valid.checked.body, valid.model
    room = _Room(body["max_tokens"], model.max_input_tokens - valid.prompt.tokens)
    text, sequence = _until_sequence(answer.text, body.get("stop_sequences") or [])
    calls = () if sequence else _calls(answer, text, body)
    blocks = (
        [_thinking(answer, valid, room)] if room.left > 0 and answer.thinking and thinks(body, model) else []
    )
    thinking_tokens = room.used
    # Text that became a tool call is not said twice.
    if text and not (calls and not answer.tools):
        shown = room.take(text)
        blocks += [Block({"type": "text", "text": shown}, words(shown))] if shown else []
    blocks += _call_blocks(calls, message_id, room)
    reason = _reason(answer, room, sequence=sequence, calls=bool(calls), asked=body["max_tokens"])
    return Reply(
        id=message_id,
        model=model.id,
        blocks=tuple(blocks),
        stop_reason=reason,
        stop_sequence=sequence if reason == "stop_sequence" else None,
        stop_details=_details(answer) if reason == "refusal" else None,
        usage=usage,
        output_tokens=max(room.used, 1) if body["max_tokens"] else 0,
        thinking_tokens=thinking_tokens,
        service_tier=service_tier,
        extras=extras,
    )


def words(text: str) -> tuple[str, ...]:
    """Cut text into deltas of a few words; joined they are the text."""
    found = re.findall(rf"(?:\s*\S+){{1,{WORDS_PER_DELTA}}}|\s+", text)
    return tuple(found)


def _thinking(answer: Answer, valid: Valid, room: _Room) -> Block:
    full = "\n\n".join(answer.thinking)
    before = room.used
    shown = room.take(full)
    claim = Claim(
        model=valid.model.id,
        content=signatures.text_digest(full),
        prefix=valid.checked.prefix,
        previous=valid.checked.previous,
        tokens=max(1, room.used - before),
        bound=valid.model.binds_thinking,
    )
    # Thinking that ran out of tokens was never finished, so it was never signed.
    signature = "" if room.full else signatures.sign(claim)
    if answer.redacted and signature:
        return Block({"type": "redacted_thinking", "data": signature})
    display = (valid.checked.body.get("thinking") or {}).get("display") or valid.model.display
    text = shown if display == "summarized" else ""
    return Block({"type": "thinking", "thinking": text, "signature": signature}, words(text) or ("",))


def _calls(answer: Answer, text: str, body: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the tool calls of an answer; JSON that fits the one tool it was asked for is such a call."""
    if answer.tools or (body.get("output_config") or {}).get("format") or not text.startswith("{"):
        return answer.tools
    if (body.get("tool_choice") or {}).get("type") == "none":
        return ()
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return ()
    for tool in body.get("tools") or []:
        schema = tool["input_schema"]
        if set(schema.get("required") or ()) <= set(given) <= set(schema.get("properties") or given):
            return ((tool["name"], given),)
    return ()


def _call_blocks(calls: tuple[tuple[str, dict[str, Any]], ...], message_id: str, room: _Room) -> list[Block]:
    blocks = []
    for index, (name, given) in enumerate(calls):
        if room.left <= 0:
            room.full = True
            break
        blocks.append(_tool(f"toolu_{message_id[4:]}{index:02d}", name, given, room))
    return blocks


def _tool(call_id: str, name: str, given: dict[str, Any], room: _Room) -> Block:
    written = msgspec.json.encode(given).decode()
    shown = room.take(written)
    pieces = ("", *(shown[at : at + JSON_PER_DELTA] for at in range(0, len(shown), JSON_PER_DELTA)))
    # A call that was cut off is no JSON; a whole message then carries an empty input.
    whole = given if shown == written else {}
    return Block({"type": "tool_use", "id": call_id, "name": name, "input": whole}, pieces)


def _until_sequence(text: str, sequences: list[str]) -> tuple[str, str | None]:
    places = [(text.find(sequence), sequence) for sequence in sequences if sequence in text]
    if not places:
        return text, None
    at, sequence = min(places)
    return text[:at], sequence


def _reason(answer: Answer, room: _Room, *, sequence: str | None, calls: bool, asked: int) -> str:
    if not asked or room.full:
        return room.reason if asked else "max_tokens"
    if sequence is not None:
        return "stop_sequence"
    if calls and answer.stop_reason == "end_turn":
        return "tool_use"
    return answer.stop_reason


def _details(answer: Answer) -> dict[str, Any]:
    return {"type": "refusal", "category": answer.refusal_category, "explanation": None}


def _cut(text: str, tokens: int) -> str:
    """Return the longest start of the text that has at most this many tokens."""
    raw = text.encode("utf-8", "surrogatepass")[: int(tokens * BYTES_PER_TOKEN)]
    return raw.decode("utf-8", "ignore")
