"""What makes a conversation well-formed: roles, empty text, tool calls and results, cache marks. No models."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ponder.offline.errors import ApiError, invalid
from ponder.offline.prompt import THINKING, blocks_of
from ponder.offline.request_shape import NEWEST_VERSION

_Block = dict[str, Any]


def check_message_rules(body: dict[str, Any], version: str, *, system_messages: bool) -> None:
    """Check a body whose shape is right. Raises `ApiError` 400 at the first breach."""
    messages = body["messages"]
    if not messages:
        raise invalid("messages", "at least one message is required")
    _check_roles(messages, system_messages=system_messages)
    _check_text(body)
    if version == NEWEST_VERSION:
        _check_newest(messages)
    _check_tools(body)
    _check_calls(messages)
    _check_marks(body)


def _check_roles(messages: list[_Block], *, system_messages: bool) -> None:
    if messages[0]["role"] == "assistant":
        raise invalid("messages", 'first message must use the "user" role')
    for index, message in enumerate(messages):
        role = message["role"]
        if role == "system":
            _check_system_message(messages, index, allowed=system_messages)
        for place, block in enumerate(blocks_of(message["content"])):
            here = f"messages.{index}.content.{place}"
            if role != "assistant" and block["type"] in {"thinking", "redacted_thinking", "tool_use"}:
                raise invalid(here, f"`{block['type']}` blocks can only be in `assistant` messages")
            if role != "user" and block["type"] == "tool_result":
                raise invalid(here, "`tool_result` blocks can only be in `user` messages")


def _check_system_message(messages: list[_Block], index: int, *, allowed: bool) -> None:
    if not allowed:
        raise invalid(
            "messages", 'Unexpected role "system". This model takes a top-level `system` parameter.'
        )
    if index == 0 or messages[index - 1]["role"] != "user":
        raise invalid(f"messages.{index}", 'a "system" message must follow a "user" message')
    if index + 1 < len(messages) and messages[index + 1]["role"] != "assistant":
        raise invalid(f"messages.{index}", 'a "system" message must be last or before an "assistant" message')


def _check_text(body: dict[str, Any]) -> None:
    for block in blocks_of(body.get("system") or []):
        if not block["text"]:
            raise invalid("system", "text content blocks must be non-empty")
    messages = body["messages"]
    for index, message in enumerate(messages):
        last = index == len(messages) - 1
        blocks = blocks_of(message["content"])
        if (not blocks or message["content"] == "") and not (last and message["role"] == "assistant"):
            raise invalid(
                f"messages.{index}",
                "all messages must have non-empty content except for the optional final assistant message",
            )
        for block in blocks:
            if block["type"] != "text" or message["content"] == "":
                continue
            if not block["text"]:
                raise invalid("messages", "text content blocks must be non-empty")
            if not block["text"].strip():
                raise invalid("messages", "text content blocks must contain non-whitespace text")
        if last and message["role"] == "assistant" and blocks and _trails(blocks[-1]):
            raise invalid("messages", "final assistant content cannot end with trailing whitespace")


def _trails(block: _Block) -> bool:
    return bool(block["type"] == "text" and block["text"][-1:].isspace())


def _check_newest(messages: list[_Block]) -> None:
    """What version 2026-10-21 refuses and 2023-06-01 lets pass (migration guide, October 2026)."""
    for index, message in enumerate(messages):
        for place, block in enumerate(blocks_of(message["content"])):
            here = f"messages.{index}.content.{place}.{block['type']}"
            if message["role"] == "assistant" and block["type"] == "document":
                raise invalid(here, "`document` blocks are not permitted in `assistant` messages")
            if message["role"] == "user" and block["type"] == "text" and block.get("citations"):
                raise invalid(f"{here}.citations", "Extra inputs are not permitted")


def _check_tools(body: dict[str, Any]) -> None:
    names = Counter(tool["name"] for tool in body.get("tools") or [])
    if any(count > 1 for count in names.values()):
        raise invalid("tools", "Tool names must be unique.")


def _check_calls(messages: list[_Block]) -> None:
    """Every call is answered in the next user turn, and nothing else is answered."""
    open_calls: list[str] = []
    opened_at = 0
    seen: set[str] = set()
    turn: list[tuple[str, _Block]] = []
    for index, role, blocks in _turns(messages):
        if role == "assistant":
            open_calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
            opened_at = index
            if len(set(open_calls)) < len(open_calls) or seen & set(open_calls):
                raise invalid("messages", "`tool_use` ids must be unique")
            seen |= set(open_calls)
            continue
        turn = [(f"messages.{index}.content.{place}", block) for place, block in enumerate(blocks)]
        _check_results(turn, open_calls, opened_at)
        open_calls = []
    if open_calls:
        raise _unanswered(opened_at, open_calls)


def _check_results(turn: list[tuple[str, _Block]], calls: list[str], opened_at: int) -> None:
    answered: Counter[str] = Counter()
    other = False
    for here, block in turn:
        if block["type"] != "tool_result":
            other = True
            continue
        call = block["tool_use_id"]
        answered[call] += 1
        if call not in calls:
            raise invalid(
                here,
                f"unexpected `tool_use_id` found in `tool_result` blocks: {call}. Each `tool_result` block must "
                "have a corresponding `tool_use` block in the previous message.",
            )
        if answered[call] > 1:
            raise invalid(
                here,
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
                f"{call}",
            )
        if other:
            raise _unanswered(opened_at, [call])
    missing = [call for call in calls if call not in answered]
    if missing:
        raise _unanswered(opened_at, missing)


def _unanswered(index: int, calls: list[str]) -> ApiError:
    return invalid(
        f"messages.{index}",
        f"`tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(calls)}. Each "
        "`tool_use` block must have a corresponding `tool_result` block in the next message.",
    )


def _turns(messages: list[_Block]) -> Iterator[tuple[int, str, list[_Block]]]:
    """Join neighbours of the same role, as the API does; `system` messages are no turn of their own."""
    current: tuple[int, str, list[_Block]] | None = None
    for index, message in enumerate(messages):
        if message["role"] == "system":
            continue
        blocks = blocks_of(message["content"])
        if current is not None and current[1] == message["role"]:
            current[2].extend(blocks)
            continue
        if current is not None:
            yield current
        current = (index, message["role"], list(blocks))
    if current is not None:
        yield current


def _check_marks(body: dict[str, Any]) -> None:
    """At most four cache marks, none on empty text, the longer-lived first."""
    marks: list[tuple[str, str]] = []
    last = ("", "")
    for here, block in _cacheable(body):
        mark = block.get("cache_control")
        ttl = (mark or {}).get("ttl", "5m") if mark else ""
        if mark:
            marks.append((here, ttl))
        if block.get("type") not in THINKING:
            last = (here, ttl)
    automatic = body.get("cache_control")
    if automatic:
        wanted = automatic.get("ttl", "5m")
        if last[1] and last[1] != wanted:
            raise invalid("cache_control", f"conflicts with the ttl='{last[1]}' of {last[0]}.cache_control")
        if not last[1]:
            marks.append((last[0], wanted))
    if len(marks) > 4:
        raise ApiError(400, f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}.")
    short = False
    for here, ttl in marks:
        short = short or ttl == "5m"
        if short and ttl == "1h":
            raise invalid(
                f"{here}.cache_control.ttl",
                "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that "
                "blocks are processed in the following order: `tools`, `system`, `messages`.",
            )


def _cacheable(body: dict[str, Any]) -> Iterator[tuple[str, _Block]]:
    for index, tool in enumerate(body.get("tools") or []):
        yield f"tools.{index}", tool
    for index, block in enumerate(blocks_of(body.get("system") or [])):
        yield f"system.{index}", block
    for index, message in enumerate(body["messages"]):
        for place, block in enumerate(blocks_of(message["content"])):
            here = f"messages.{index}.content.{place}"
            if isinstance(block.get("content"), list):
                for part, inner in enumerate(block["content"]):
                    if isinstance(inner, dict) and inner.get("cache_control"):
                        yield f"{here}.content.{part}", inner
            yield here, block
