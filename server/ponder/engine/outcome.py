"""Judges a whole answer: what its stop reason means for the user, and whether it can be continued. Pure."""

from typing import Any, Final

from msgspec import Struct

from ponder.engine.events import Status
from ponder.engine.reduce import Reducer
from ponder.engine.trouble import clean
from ponder.errors import ErrorInfo

_DONE: Final = frozenset({"end_turn", "stop_sequence", "tool_use"})
PAUSED: Final = "pause_turn"


class Outcome(Struct, frozen=True, kw_only=True):
    """How an answer that came to its end went. `content` is empty where it cannot be sent back."""

    status: Status
    error: ErrorInfo | None = None
    content: tuple[dict[str, Any], ...] = ()
    refusal_category: str | None = None


def judge(
    reducer: Reducer, earlier: tuple[dict[str, Any], ...] = (), request_id: str | None = None
) -> Outcome:
    """The outcome of an answer after its `message_stop`. `earlier` is what came before a pause."""
    reason = reducer.stop_reason
    if reason in _DONE:
        return Outcome(status="done", content=_resumable(reducer, earlier))
    if reason == "max_tokens":
        return _out_of_tokens(reducer, earlier, request_id)
    if reason == "model_context_window_exceeded":
        error = _error(
            "tooLarge",
            "The answer was cut off: prompt and answer together fill the model's context window.",
            "Select less text, lower `context.budgetTokens`, or choose a model with a larger window.",
            request_id,
        )
        return Outcome(status="truncated", error=error, content=_resumable(reducer, earlier))
    if reason == "refusal":
        return _refused(reducer.stop_details, request_id)
    named = f"`{clean(reason)[:60]}`" if reason else "none"
    error = _error(
        "malformed",
        f"The answer ended for a reason Ponder does not know ({named}), so it does not count as complete.",
        "Run it again; a newer Ponder may know the reason.",
        request_id,
    )
    return Outcome(status="failed", error=error)


def _out_of_tokens(reducer: Reducer, earlier: tuple[dict[str, Any], ...], request_id: str | None) -> Outcome:
    if reducer.open_kind in ("thinking", "redactedThinking", None):
        message = "The tokens ran out while the model was still thinking: there is no answer."
        hint = (
            "Raise `answerTokens` of the action, or lower its thinking or effort; `ponder routes` shows both."
        )
        # Thinking that was cut has no signature and is refused when sent back.
        return Outcome(status="truncated", error=_error("budget", message, hint, request_id))
    message = "The tokens ran out before the answer was complete; what arrived is kept."
    hint = "Raise `answerTokens` of the action, or ask about less text; `ponder routes` shows the limits."
    error = _error("budget", message, hint, request_id)
    return Outcome(status="truncated", error=error, content=_resumable(reducer, earlier))


def _refused(details: Any, request_id: str | None) -> Outcome:
    given = details.get("category") if isinstance(details, dict) else None
    category = clean(given)[:60] if isinstance(given, str) else None
    why = f" ({category.replace('_', ' ')})" if category else ""
    error = _error(
        "invalidRequest",
        f"The model declined to answer{why}.",
        "Ask in other words or about other code; the same request will be declined again.",
        request_id,
    )
    return Outcome(status="refused", error=error, refusal_category=category)


def _error(kind: Any, message: str, hint: str, request_id: str | None) -> ErrorInfo:
    return ErrorInfo(kind=kind, message=message, hint=hint, request_id=request_id)


def _resumable(reducer: Reducer, earlier: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The content fit to be sent back, or nothing where it would be refused."""
    received = reducer.content()
    if received is None:
        return ()
    whole = [*earlier, *received]
    if any(block.get("type") == "thinking" and not block.get("signature") for block in whole):
        # Local servers sign nothing. Thinking goes back whole or not at all.
        whole = [block for block in whole if block.get("type") not in ("thinking", "redacted_thinking")]
    # An empty text block is refused when it comes back.
    kept = [block for block in whole if block.get("type") != "text" or block.get("text")]
    return tuple(kept) if any(block.get("type") in ("text", "tool_use") for block in kept) else ()
