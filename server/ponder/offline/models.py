"""The models the offline engine serves, as data. Knows nothing of requests and holds no prices."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

Effort = Literal["low", "medium", "high", "xhigh", "max"]
ThinkingType = Literal["adaptive", "between_tools", "disabled", "enabled"]

EFFORTS: tuple[Effort, ...] = ("low", "medium", "high", "xhigh", "max")
THINKING_TYPES: tuple[ThinkingType, ...] = ("adaptive", "between_tools", "disabled", "enabled")


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: what `GET /v1/models` tells of it, and the rules the list does not tell.

    The defaults are those of the newest models (platform documentation, 2026-10-08): always thinking,
    adaptive only, thinking text omitted unless asked for. Sizes are in tokens.

    `thinks_unasked`: thinking happens without a `thinking` field. `forced_tools`: whether `tool_choice`
    `any` and `tool` are accepted. `effort_without_thinking`: highest effort with thinking off.
    `binds_thinking`: thinking blocks must come back behind an unchanged conversation. `keeps_thinking`:
    thinking of earlier turns stays in the prompt. `cannot_read`: models whose thinking is dropped.
    """

    id: str
    aliases: tuple[str, ...] = ()
    display_name: str = ""
    created_at: str = "2026-01-01T00:00:00Z"
    lifecycle: Literal["active", "deprecated", "retired"] = "active"
    deprecated_at: str | None = None
    retires_at: str | None = None
    line: str | None = None
    max_input_tokens: int = 1_000_000
    max_tokens: int = 128_000
    thinking_types: tuple[ThinkingType, ...] = ("adaptive",)
    thinks_unasked: bool = True
    display: Literal["omitted", "summarized"] = "omitted"
    efforts: tuple[Effort, ...] = EFFORTS
    default_effort: Effort = "high"
    effort_without_thinking: Effort | None = None
    prefill: bool = False
    forced_tools: Literal["never", "always", "unless_enabled"] = "always"
    cache_minimum: int = 512
    structured_outputs: bool = True
    system_messages: bool = True
    sampling: bool = False
    binds_thinking: bool = False
    keeps_thinking: bool = True
    cannot_read: tuple[str, ...] = ()

    def info(self, *, capabilities: bool = True) -> dict[str, Any]:
        """Return the `ModelInfo` object of `GET /v1/models/{id}`."""
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.display_name or self.id,
            "created_at": self.created_at,
            "lifecycle": self.lifecycle,
            "deprecated_at": self.deprecated_at,
            "retires_at": self.retires_at,
            "line": self.line,
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_tokens,
            **({"capabilities": _capabilities(self)} if capabilities else {}),
        }


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The models of one endpoint. `listed=False`: it has no model list; `capabilities=False`: bare entries."""

    models: tuple[Model, ...]
    listed: bool = True
    capabilities: bool = True

    def find(self, model_id: str) -> Model | None:
        """Return the model of this id or alias, retired ones too."""
        for model in self.models:
            if model_id == model.id or model_id in model.aliases:
                return model
        return None

    def infos(self, lifecycles: frozenset[str]) -> list[dict[str, Any]]:
        """Return the list entries of these life-cycle stages, newest first."""
        shown = [model for model in self.models if model.lifecycle in lifecycles]
        shown.sort(key=lambda model: model.created_at, reverse=True)
        return [model.info(capabilities=self.capabilities) for model in shown]


def read_catalogue(text: bytes) -> Catalogue:
    """Return the catalogue written in a JSON file: `{"models": [{"id": …}], "listed": true}`.

    Raises `msgspec.ValidationError` with the place of the mistake.
    """
    return msgspec.json.decode(text, type=Catalogue)


def _capabilities(model: Model) -> dict[str, Any]:
    def yes(supported: bool) -> dict[str, bool]:
        return {"supported": supported}

    editing = {name: yes(True) for name in ("clear_thinking_20251015", "clear_tool_uses_20250919")}
    return {
        "batch": yes(True),
        "citations": yes(True),
        "code_execution": yes(True),
        "image_input": yes(True),
        "pdf_input": yes(True),
        "structured_outputs": yes(model.structured_outputs),
        "context_management": {"supported": True, **editing, "compact_20260112": yes(model.keeps_thinking)},
        "effort": {
            "supported": bool(model.efforts),
            **{level: yes(level in model.efforts) for level in EFFORTS},
        },
        "server_tools": {"supported": False, "code_execution": yes(False), "web_search": yes(False)},
        "thinking": {
            "supported": any(kind in model.thinking_types for kind in ("adaptive", "enabled")),
            "types": {kind: yes(kind in model.thinking_types) for kind in THINKING_TYPES},
        },
    }
