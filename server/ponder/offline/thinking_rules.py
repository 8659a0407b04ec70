"""Checks thinking blocks that come back: signed here, unchanged, behind the same conversation. Makes none."""

from typing import Any

from msgspec import Struct

from ponder.offline import signatures
from ponder.offline.errors import invalid
from ponder.offline.models import Model
from ponder.offline.prompt import THINKING, blocks_of
from ponder.offline.signatures import Claim
from ponder.offline.tokens import canonical

_BOUND = (
    "Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, "
    'or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)
_CHANGED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks "
    "must remain as they were in the original response."
)


class Checked(Struct, frozen=True):
    """The body as the model reads it, and what was left out of it (`input_transformations`).

    `prefix` and `previous` are what the next thinking block will be bound to.
    """

    body: dict[str, Any]
    dropped: tuple[dict[str, str], ...]
    prefix: str
    previous: str


def check_thinking(body: dict[str, Any], model: Model, *, drop: bool = False) -> Checked:
    """Check every thinking block of a valid request. Raises `ApiError` 400.

    A block this model may not read is dropped in silence; one bound to another conversation is refused, or
    dropped with `drop` (platform documentation, "Preserved thinking", 2026-10-08).
    """
    _check_first_block(body)
    chain = signatures.digest(
        canonical(body.get("tools") or []), canonical(blocks_of(body.get("system") or []))
    )
    previous = ""
    dropped: list[dict[str, str]] = []
    messages: list[dict[str, Any]] = []
    latest = max((i for i, m in enumerate(body["messages"]) if m["role"] == "assistant"), default=-1)
    for index, message in enumerate(body["messages"]):
        kept: list[dict[str, Any]] = []
        for place, block in enumerate(blocks_of(message["content"])):
            here = f"messages.{index}.content.{place}"
            if block["type"] not in THINKING:
                chain = signatures.digest(chain.encode(), message["role"].encode(), canonical(block))
                kept.append(block)
                continue
            claim = _claim(block, here, latest=index == latest)
            reason = _why_dropped(claim, model, chain, previous)
            if reason == "prefix_binding_mismatch" and not drop:
                raise invalid(here, _BOUND)
            if reason is None:
                kept.append(block)
                previous = signatures.text_digest(_signature(block))
            else:
                dropped.append({"type": "thinking_dropped", "reason": reason, "path": here})
        messages.append({**message, "content": kept if len(kept) != _length(message) else message["content"]})
    return Checked({**body, "messages": messages}, tuple(dropped), chain, previous)


def _length(message: dict[str, Any]) -> int:
    return len(blocks_of(message["content"]))


def _signature(block: dict[str, Any]) -> str:
    signature: str = block["signature"] if block["type"] == "thinking" else block["data"]
    return signature


def _claim(block: dict[str, Any], here: str, *, latest: bool) -> Claim:
    """Read the claim of a block; text put into an omitted block's empty `thinking` is no concern of ours."""
    claim = signatures.read(_signature(block))
    if claim is None:
        name = "signature" if block["type"] == "thinking" else "data"
        raise invalid(here, f"Invalid `{name}` in `{block['type']}` block")
    text = block.get("thinking", "")
    if text and signatures.text_digest(text) != claim.content:
        raise invalid(here, _CHANGED if latest else "Invalid `signature` in `thinking` block")
    return claim


def _why_dropped(claim: Claim, model: Model, chain: str, previous: str) -> str | None:
    if claim.model in model.cannot_read:
        return "model_binding_mismatch"
    if not claim.bound:
        return None
    # The first block that is left may have lost those before it; a later one may not.
    moved = claim.prefix != chain or (previous and claim.previous != previous)
    return "prefix_binding_mismatch" if moved else None


def _check_first_block(body: dict[str, Any]) -> None:
    """Manual thinking: the assistant turn whose tool results are being sent must start with thinking."""
    if (body.get("thinking") or {}).get("type") != "enabled":
        return
    messages = body["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "user":
        return
    if not any(block["type"] == "tool_result" for block in blocks_of(messages[-1]["content"])):
        return
    first = _start_of_turn(messages)
    blocks = blocks_of(messages[first]["content"])
    if blocks and blocks[0]["type"] not in THINKING:
        raise invalid(
            f"messages.{first}.content.0.type",
            f"Expected `thinking` or `redacted_thinking`, but found `{blocks[0]['type']}`. When `thinking` is "
            "enabled, a final `assistant` message must start with a thinking block (preceding the last set of "
            "`tool_use` and `tool_result` blocks).",
        )


def _start_of_turn(messages: list[dict[str, Any]]) -> int:
    """Return the assistant message the last tool results answer."""
    return max(index for index, message in enumerate(messages) if message["role"] == "assistant")
