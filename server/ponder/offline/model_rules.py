"""What a model refuses: thinking types, effort, sizes, prefill, forced tools. Reads no message text."""

from typing import Any

from ponder.offline.errors import ApiError, invalid
from ponder.offline.models import EFFORTS, Model

_ADVICE = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
_BUDGET_ADVICE = "Please consult the documentation on extended thinking."


def thinks(body: dict[str, Any], model: Model) -> bool:
    """Whether the model may think in its answer to this request."""
    kind = (body.get("thinking") or {}).get("type")
    if kind is None:
        return model.thinks_unasked
    return kind in {"adaptive", "enabled"}


def check_model_rules(
    body: dict[str, Any], model: Model, *, counting: bool = False, goes_on: bool = False
) -> None:
    """Check the request's parameters against the model. Raises `ApiError` 400.

    `goes_on`: the last message is an answer that paused and is sent back as it is, which is no prefill.

    Sources of the sentences: platform documentation "Errors", "Thinking", "Effort", 2026-10-08.
    """
    _check_thinking_type(body.get("thinking") or {}, model)
    _check_effort(body, model)
    _check_structured(body, model)
    _check_tool_choice(body, model)
    if not goes_on:
        _check_last_message(body, model)
    _check_sampling(body, model)
    if not counting:
        _check_sizes(body, model)
        _check_prewarm(body)


def _check_thinking_type(thinking: dict[str, Any], model: Model) -> None:
    kind = thinking.get("type")
    if kind is None or kind in model.thinking_types:
        return
    if kind == "adaptive":
        raise ApiError(400, "adaptive thinking is not supported on this model")
    if kind == "disabled" and "between_tools" in model.thinking_types:
        raise ApiError(
            400,
            'To turn thinking off on this model, send "thinking": {"type": "between_tools"} instead of '
            '{"type": "disabled"}.',
        )
    if kind == "between_tools" or "adaptive" not in model.thinking_types:
        raise ApiError(400, f'"thinking.type.{kind}" is not supported for this model.')
    raise ApiError(400, f'"thinking.type.{kind}" is not supported for this model. {_ADVICE}')


def _check_effort(body: dict[str, Any], model: Model) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is None:
        return
    if not model.efforts:
        raise ApiError(400, "This model does not support the effort parameter.")
    if effort not in model.efforts:
        known = ", ".join(model.efforts)
        raise ApiError(
            400, f"This model does not support effort level '{effort}'. Supported levels: {known}."
        )
    limit = model.effort_without_thinking
    if limit and not thinks(body, model) and EFFORTS.index(effort) > EFFORTS.index(limit):
        raise ApiError(
            400,
            f"output_config.effort '{effort}' is not supported when thinking is disabled on this model. "
            f"Use effort '{limit}' or below, or enable thinking.",
        )


def _check_structured(body: dict[str, Any], model: Model) -> None:
    wanted = (body.get("output_config") or {}).get("format")
    strict = any(tool.get("strict") for tool in body.get("tools") or [])
    if model.structured_outputs:
        return
    if wanted:
        raise invalid("output_config.format", "structured outputs are not supported on this model")
    if strict:
        raise invalid("tools", "strict tools are not supported on this model")


def _check_tool_choice(body: dict[str, Any], model: Model) -> None:
    choice = body.get("tool_choice")
    if choice is None:
        return
    names = [tool["name"] for tool in body.get("tools") or []]
    if not names and choice["type"] != "none":
        raise ApiError(400, "tool_choice may only be specified while providing tools.")
    if choice["type"] == "tool" and choice["name"] not in names:
        raise ApiError(400, f"Tool '{choice['name']}' not found in provided tools")
    if choice["type"] not in {"any", "tool"}:
        return
    if model.forced_tools == "never":
        raise ApiError(
            400,
            f'"tool_choice.type.{choice["type"]}" is not supported for this model. '
            'Use "tool_choice.type.auto" instead.',
        )
    if (body.get("thinking") or {}).get("type") == "enabled":
        raise ApiError(400, "Thinking may not be enabled when tool_choice forces tool use.")


def _check_last_message(body: dict[str, Any], model: Model) -> None:
    messages = body["messages"]
    if not messages or messages[-1]["role"] != "assistant":
        return
    if not model.prefill:
        raise ApiError(
            400,
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message.",
        )
    if thinks(body, model):
        raise ApiError(400, "Prefilling assistant messages is not supported when thinking is enabled.")
    if (body.get("output_config") or {}).get("format"):
        raise ApiError(400, "Prefilling assistant messages is not supported with output_config.format.")


def _check_sampling(body: dict[str, Any], model: Model) -> None:
    """The rules of version 2023-06-01; on the newest version these keys do not get this far."""
    usual = {"temperature": 1, "top_p": 1, "top_k": 0}
    changed = [name for name, value in usual.items() if body.get(name, value) != value]
    if not changed:
        return
    if not model.sampling:
        raise ApiError(400, f"`{changed[0]}` is not supported for this model.")
    if not thinks(body, model):
        return
    if body.get("temperature", 1) != 1:
        raise ApiError(400, f"`temperature` may only be set to 1 when thinking is enabled. {_BUDGET_ADVICE}")
    if body.get("top_k", 0) != 0:
        raise ApiError(400, f"`top_k` must be unset when thinking is enabled. {_BUDGET_ADVICE}")
    if body.get("top_p", 1) < 0.95:
        raise ApiError(
            400,
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. "
            f"{_BUDGET_ADVICE}",
        )


def _check_sizes(body: dict[str, Any], model: Model) -> None:
    asked = body["max_tokens"]
    if asked > model.max_tokens:
        raise ApiError(
            400,
            f"max_tokens: {asked} > {model.max_tokens}, which is the maximum allowed number of output tokens "
            f"for {model.id}",
        )
    thinking = body.get("thinking") or {}
    if asked and thinking.get("type") == "enabled" and thinking["budget_tokens"] >= asked:
        raise ApiError(400, f"`max_tokens` must be greater than `thinking.budget_tokens`. {_BUDGET_ADVICE}")


def _check_prewarm(body: dict[str, Any]) -> None:
    """`max_tokens: 0` fills the cache and answers nothing; some parameters make no sense with it."""
    if body["max_tokens"] != 0:
        return
    clashes = {
        "stream": body.get("stream") is True,
        "thinking.enabled": (body.get("thinking") or {}).get("type") == "enabled",
        "output_config.format": bool((body.get("output_config") or {}).get("format")),
        "tool_choice": (body.get("tool_choice") or {}).get("type") in {"any", "tool"},
    }
    for name, clash in clashes.items():
        if clash:
            raise invalid(name, "not supported when max_tokens is 0")
