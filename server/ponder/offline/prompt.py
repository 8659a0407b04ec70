"""A request as the model would read it: one row of positions, tools → system → messages. Decides nothing."""

from typing import Any, Literal

from msgspec import Struct

from ponder.offline.models import Model
from ponder.offline.signatures import digest
from ponder.offline.tokens import block_tokens, canonical

Section = Literal["tools", "system", "messages"]
THINKING = ("thinking", "redacted_thinking")


class Position(Struct, frozen=True):
    """One block of the prompt. `key` is the digest of everything up to and with it, parameters included.

    `ttl` is its cache mark in seconds. `place` counts look-back positions: a run of tool calls, or of their
    results, shares one.
    """

    section: Section
    key: str
    tokens: int
    total: int
    place: int
    ttl: int | None


class Prompt(Struct, frozen=True):
    """All positions of a request, and the digests by which two requests are compared."""

    positions: tuple[Position, ...]
    model: str
    parameters: str

    @property
    def tokens(self) -> int:
        """Length of the whole prompt."""
        return self.positions[-1].total if self.positions else 0


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """Return content as blocks: a string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def read_prompt(body: dict[str, Any], model: Model) -> Prompt:
    """Return the prompt of a valid request.

    What a change costs follows the published table (platform documentation, "Prompt caching", 2026-10-08):
    speed and citations are part of the key from the system prompt on; tool choice, thinking, effort and
    the presence of images from the first message on.
    """
    writer = _Writer(model.id)
    for tool in body.get("tools") or []:
        writer.add("tools", "", tool)
    writer.mix(canonical([body.get("speed") or "standard", _cites(body)]))
    for block in blocks_of(body.get("system") or []):
        writer.add("system", "", block)
    parameters = canonical(_parameters(body, model))
    writer.mix(parameters)
    messages = body["messages"]
    forgotten = 0 if model.keeps_thinking else last_question(messages)
    for index, message in enumerate(messages):
        for block in blocks_of(message["content"]):
            if index < forgotten and block["type"] in THINKING:
                continue
            writer.add("messages", message["role"], block)
    _mark_last(writer, body.get("cache_control"))
    speed = body.get("speed") or "standard"
    return Prompt(tuple(writer.positions), f"{model.id} {speed}", digest(parameters))


def last_question(messages: list[dict[str, Any]]) -> int:
    """Return the index of the last user message that is more than tool results."""
    for index in range(len(messages) - 1, -1, -1):
        message = messages[index]
        if message["role"] == "user" and any(
            block["type"] != "tool_result" for block in blocks_of(message["content"])
        ):
            return index
    return 0


def effective_effort(body: dict[str, Any], model: Model) -> str:
    """Return the effort of a request; naming the default is the same as leaving it out."""
    return (body.get("output_config") or {}).get("effort") or model.default_effort


def mark_seconds(mark: dict[str, Any] | None) -> int | None:
    """Return the life of a `cache_control` mark in seconds, None where there is none."""
    if not mark:
        return None
    return 3600 if mark.get("ttl") == "1h" else 300


class _Writer:
    """Grows the row of positions and the chain of digests."""

    def __init__(self, model: str) -> None:
        self.positions: list[Position] = []
        self._key = digest(model.encode())
        self._last = ""
        self._place = 0
        self._total = 0

    def mix(self, parameter: bytes) -> None:
        """Make everything that follows hang on this."""
        self._key = digest(self._key.encode(), parameter)

    def add(self, section: Section, role: str, block: dict[str, Any]) -> None:
        """Add one block."""
        kind = block.get("type") or "custom"
        self._key = digest(self._key.encode(), section.encode(), role.encode(), canonical(block))
        if kind != self._last or kind not in {"tool_use", "tool_result"}:
            self._place += 1
        self._last = kind
        tokens = block_tokens(block)
        self._total += tokens
        ttl = mark_seconds(block.get("cache_control") or _inner_mark(block))
        self.positions.append(Position(section, self._key, tokens, self._total, self._place, ttl))


def _inner_mark(block: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mark on a part of a tool result, which ends where the result ends."""
    content = block.get("content")
    if block.get("type") != "tool_result" or not isinstance(content, list):
        return None
    return next((part["cache_control"] for part in content if part.get("cache_control")), None)


def _mark_last(writer: _Writer, mark: dict[str, Any] | None) -> None:
    """Apply the mark at the top of the request to the last block that can be cached."""
    seconds = mark_seconds(mark)
    if seconds is None:
        return
    for index in range(len(writer.positions) - 1, -1, -1):
        position = writer.positions[index]
        if position.tokens:
            writer.positions[index] = Position(
                position.section, position.key, position.tokens, position.total, position.place, seconds
            )
            return


def _parameters(body: dict[str, Any], model: Model) -> list[Any]:
    thinking = dict(body.get("thinking") or {"type": "adaptive" if model.thinks_unasked else "disabled"})
    thinking.pop("display", None)
    thinking.pop("block_binding", None)
    images = any(
        block["type"] == "image" for message in body["messages"] for block in blocks_of(message["content"])
    )
    return [thinking, effective_effort(body, model), body.get("tool_choice") or {"type": "auto"}, images]


def _cites(body: dict[str, Any]) -> bool:
    return any(
        (block.get("citations") or {}).get("enabled", False)
        for message in body["messages"]
        for block in blocks_of(message["content"])
        if block["type"] in {"document", "search_result"}
    )
