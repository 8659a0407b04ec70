"""The shape of the bodies the Messages API takes, as tables. Rules that hang on the model are elsewhere."""

from typing import Any

from ponder.offline.shapes import (
    Check,
    Field,
    anything,
    array,
    boolean,
    check_fields,
    mapping,
    number,
    one_of,
    record,
    tagged,
    text,
    text_or,
)

NEWEST_VERSION = "2026-10-21"
VERSIONS = ("2023-06-01", NEWEST_VERSION)
BINDING_BETA = "thinking-binding-controls-2026-08-01"

_tag = Field(anything, required=True)
_cache_control = Field(
    tagged({"ephemeral": record({"type": _tag, "ttl": Field(one_of("5m", "1h"))})}), nullable=True
)
_markable = {"type": _tag, "cache_control": _cache_control}

_text_block = record(
    {"text": Field(text(), required=True), **_markable, "citations": Field(array(mapping), nullable=True)}
)
_source = tagged(
    {
        "base64": record(
            {
                "type": _tag,
                "media_type": Field(text(), required=True),
                "data": Field(text(), required=True),
            }
        ),
        "url": record({"type": _tag, "url": Field(text(), required=True)}),
        "text": record(
            {
                "type": _tag,
                "media_type": Field(one_of("text/plain"), required=True),
                "data": Field(text(), required=True),
            }
        ),
        "content": record({"type": _tag, "content": Field(anything, required=True)}),
        "file": record({"type": _tag, "file_id": Field(text(), required=True)}),
    }
)
_image_block = record({"source": Field(_source, required=True), **_markable})
_document_block = record(
    {
        "source": Field(_source, required=True),
        "title": Field(text(), nullable=True),
        "context": Field(text(), nullable=True),
        "citations": Field(record({"enabled": Field(boolean)}), nullable=True),
        **_markable,
    }
)
_search_result_block = record(
    {
        "source": Field(text(), required=True),
        "title": Field(text(), required=True),
        "content": Field(array(tagged({"text": _text_block})), required=True),
        "citations": Field(record({"enabled": Field(boolean)})),
        **_markable,
    }
)
_result_content = tagged(
    {
        "text": _text_block,
        "image": _image_block,
        "document": _document_block,
        "search_result": _search_result_block,
        "tool_reference": record({"type": _tag, "tool_name": Field(text(), required=True)}),
    }
)
_tool_id = Field(text(pattern="^[a-zA-Z0-9_-]+$"), required=True)
_BLOCKS: dict[str, Check] = {
    "text": _text_block,
    "image": _image_block,
    "document": _document_block,
    "search_result": _search_result_block,
    "thinking": record(
        {
            "type": _tag,
            "thinking": Field(text(), required=True),
            "signature": Field(text(), required=True),
        }
    ),
    "redacted_thinking": record({"type": _tag, "data": Field(text(), required=True)}),
    "tool_use": record(
        {
            "id": _tool_id,
            "name": Field(text(shortest=1, longest=200), required=True),
            "input": Field(mapping, required=True),
            "caller": Field(mapping),
            "toolset_name": Field(text(), nullable=True),
            **_markable,
        }
    ),
    "tool_result": record(
        {
            "tool_use_id": _tool_id,
            "content": Field(text_or(array(_result_content))),
            "is_error": Field(boolean),
            **_markable,
        }
    ),
}
_message = record(
    {
        "role": Field(one_of("user", "assistant", "system"), required=True),
        "content": Field(text_or(array(tagged(_BLOCKS))), required=True),
    }
)

_schema = Field(
    record(
        {
            "type": Field(one_of("object"), required=True),
            "properties": Field(mapping, nullable=True),
            "required": Field(array(text()), nullable=True),
        },
        loose=True,
    ),
    required=True,
)
_tool = record(
    {
        "type": Field(one_of("custom"), nullable=True),
        "name": Field(text(pattern="^[a-zA-Z0-9_-]{1,128}$"), required=True),
        "description": Field(text()),
        "input_schema": _schema,
        "strict": Field(boolean),
        "eager_input_streaming": Field(boolean, nullable=True),
        "defer_loading": Field(boolean),
        "input_examples": Field(array(mapping)),
        "allowed_callers": Field(array(text())),
        "cache_control": _cache_control,
    }
)
_choice = {"type": _tag, "disable_parallel_tool_use": Field(boolean)}
_tool_choice = tagged(
    {
        "auto": record(_choice),
        "any": record(_choice),
        "tool": record({**_choice, "name": Field(text(), required=True)}),
        "none": record({"type": _tag}),
    }
)

_display = Field(one_of("summarized", "omitted"), nullable=True)
_binding = Field(record({"prefix_mismatch_behavior": Field(one_of("error", "drop_block"))}))


def _thinking(*, bindings: bool) -> Check:
    shown = {"type": _tag, "display": _display, **({"block_binding": _binding} if bindings else {})}
    return tagged(
        {
            "adaptive": record(shown),
            "between_tools": record({"type": _tag}),
            "disabled": record({"type": _tag}),
            "enabled": record({"budget_tokens": Field(number(least=1024), required=True), **shown}),
        }
    )


_output_config = record(
    {
        "effort": Field(one_of("low", "medium", "high", "xhigh", "max"), nullable=True),
        "format": Field(
            tagged({"json_schema": record({"type": _tag, "schema": Field(mapping, required=True)})}),
            nullable=True,
        ),
    }
)
_sampling = {
    "temperature": Field(number(least=0, most=1, whole=False)),
    "top_p": Field(number(least=0, most=1, whole=False)),
    "top_k": Field(number(least=0)),
}


_COMMON = {
    "model": Field(text(shortest=1, longest=256), required=True),
    "messages": Field(array(_message, longest=100_000), required=True),
    "system": Field(text_or(array(tagged({"text": _text_block})))),
    "thinking": Field(_thinking(bindings=False)),
    "output_config": Field(_output_config),
    "tools": Field(array(tagged({"custom": _tool}, optional="custom"))),
    "tool_choice": Field(_tool_choice),
    "cache_control": _cache_control,
    "speed": Field(one_of("standard", "fast"), nullable=True),
}
_CREATE_ONLY = {
    "max_tokens": Field(number(least=0), required=True),
    "stream": Field(boolean),
    "stop_sequences": Field(array(text(shortest=1))),
    "metadata": Field(record({"user_id": Field(text(longest=512), nullable=True)})),
    "service_tier": Field(one_of("auto", "standard_only")),
    "container": Field(anything, nullable=True),
    "inference_geo": Field(text(), nullable=True),
    "diagnostics": Field(
        record({"previous_message_id": Field(text(), required=True, nullable=True)}), nullable=True
    ),
}
_WITH_BINDING = {"thinking": Field(_thinking(bindings=True))}


def check_shape(body: dict[str, Any], version: str, betas: frozenset[str], *, counting: bool = False) -> None:
    """Check a Messages body, or one of `count_tokens` when `counting`.

    Raises `ApiError` 400 at the first place that does not fit.
    """
    fields = dict(_COMMON)
    if BINDING_BETA in betas:
        fields |= _WITH_BINDING
    if not counting:
        fields |= _CREATE_ONLY
    if version != NEWEST_VERSION:
        fields |= _sampling
    check_fields(body, "", fields)
