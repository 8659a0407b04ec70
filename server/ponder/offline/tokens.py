"""The deterministic tokenizer of the offline engine: bytes over 3.5, block by block. Not a model's tokenizer."""

from typing import Any

import msgspec

from ponder.offline import signatures

BYTES_PER_TOKEN = 3.5
"""A common rule of thumb for English and code. Visible text only: no hidden prompts are added."""

_IMAGE_TOKENS = 1_600
"""Flat; the real figure hangs on the size of the picture, which is not decoded here."""


def text_tokens(text: str) -> int:
    """Return ceil(UTF-8 bytes / 3.5); lone surrogates count three bytes."""
    return size_tokens(len(text.encode("utf-8", "surrogatepass")))


def size_tokens(size: int) -> int:
    """Return ceil(bytes / 3.5)."""
    return -(-size * 2 // 7)


def block_tokens(block: dict[str, Any]) -> int:
    """Return the tokens of one content block, tool or system block; cache marks weigh nothing."""
    kind = block.get("type")
    if kind == "text":
        return text_tokens(block["text"])
    if kind == "thinking":
        return signatures.thinking_tokens(block["signature"])
    if kind == "redacted_thinking":
        return signatures.thinking_tokens(block["data"])
    if kind == "image":
        return _IMAGE_TOKENS
    if kind == "tool_result":
        content = block.get("content", "")
        if isinstance(content, str):
            return text_tokens(content)
        return sum(block_tokens(part) for part in content)
    return size_tokens(len(canonical(block)))


def canonical(value: Any) -> bytes:
    """Return the same bytes for the same block: sorted keys, no cache marks at any depth."""
    return msgspec.json.encode(_unmarked(value), order="sorted")


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unmarked(item) for key, item in value.items() if key != "cache_control"}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return value
