"""One content block of an answer while it streams, kept as the API sent it. Decides nothing about the answer."""

import json
from typing import Any, Final

from ponder.engine.events import BlockKind
from ponder.engine.wire import ProtocolError, WireDelta

_KINDS: Final[dict[str, BlockKind]] = {
    "thinking": "thinking",
    "redacted_thinking": "redactedThinking",
    "text": "text",
    "tool_use": "tool",
    "server_tool_use": "tool",
}
# delta type → (the kind of block it belongs to, the field of the delta that is shown)
_TEXT_OF: Final[dict[str, tuple[BlockKind, str]]] = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("tool", "partial_json"),
}


class Block:
    """A block between its start and its stop. `kind` is None for a kind that has nothing to show."""

    __slots__ = ("_parts", "_signature", "exact", "index", "kind", "name", "raw", "shown", "surrogate")

    def __init__(self, index: int, raw: dict[str, Any]) -> None:
        self.index = index
        self.raw = raw
        self.kind = _KINDS.get(str(raw.get("type")))
        name = raw.get("name")
        self.name = name if self.kind == "tool" and isinstance(name, str) else None
        self.exact = True
        """False when something arrived that this reader does not know: then the block is not sent back."""
        self.shown = False
        self.surrogate = ""
        self._parts: list[str] = []
        self._signature: str | None = None

    def opening_text(self) -> str:
        """Text that came with the start of the block, before any delta."""
        if self.kind not in ("text", "thinking"):
            return ""
        text = self.raw.get(self.kind)
        if not isinstance(text, str):
            return ""
        self._parts.append(text)
        return text

    def add(self, delta: WireDelta) -> str:
        """Take in a delta; returns the text to show. Raises ProtocolError where it is for another kind."""
        place = _TEXT_OF.get(delta.type)
        if place is None:
            self._add_silent(delta)
            return ""
        if place[0] != self.kind:
            # Never guess: thinking shown as an answer would be the worst outcome.
            raise ProtocolError("it mixes up the kinds of its blocks")
        text: str = getattr(delta, place[1])
        self._parts.append(text)
        return text

    def _add_silent(self, delta: WireDelta) -> None:
        if delta.type == "signature_delta":
            self._signature = delta.signature
        elif delta.type == "citations_delta":
            self.raw["citations"] = [*(self.raw.get("citations") or ()), delta.citation]
        else:
            # The API adds kinds of deltas; a reader has to survive them.
            self.exact = False

    def finished(self) -> dict[str, Any]:
        """The whole block as it is sent back to the API. Raises ProtocolError where a tool's input is no JSON."""
        text = joined(self._parts)
        if self.kind in ("text", "thinking"):
            self.raw[self.kind] = text
        elif self.kind == "tool" and text:
            try:
                self.raw["input"] = json.loads(text)
            except (ValueError, RecursionError):
                self.exact = False
        if self._signature is not None:
            self.raw["signature"] = self._signature
        return self.raw


def joined(parts: list[str]) -> str:
    """The parts as one text; a character whose halves arrived apart is whole again, a lone half stays."""
    text = "".join(parts)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
