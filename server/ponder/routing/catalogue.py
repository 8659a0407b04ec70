"""The models that can be routed to, as the endpoint lists them. Model names are never parsed and nothing is fetched."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Lifecycle = Literal["active", "deprecated", "retired"]
ThinkingType = Literal["adaptive", "between_tools", "disabled", "enabled"]
ModelEffort = Literal["low", "medium", "high", "xhigh", "max"]

LINES: tuple[str, ...] = ("haiku", "sonnet", "opus", "fable", "mythos")
"""From the smallest to the most capable (the `line` of the Models API)."""
THINKING_TYPES: tuple[ThinkingType, ...] = ("adaptive", "between_tools", "disabled", "enabled")
MODEL_EFFORTS: tuple[ModelEffort, ...] = ("low", "medium", "high", "xhigh", "max")


class Model(Struct, frozen=True, kw_only=True):
    """One model and what it accepts. None: not known; an empty tuple: it accepts none of them.

    `thinking_types` are the values of `thinking.type` that do not get a 400; `efforts` the levels of
    `output_config.effort`, ascending. Windows are in tokens.
    """

    id: str
    line: str | None = None
    lifecycle: Lifecycle = "active"
    released: date | None = None
    deprecated_at: date | None = None
    retires_at: date | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    thinking_types: tuple[ThinkingType, ...] | None = None
    efforts: tuple[ModelEffort, ...] | None = None
    structured_outputs: bool | None = None

    def lifecycle_on(self, today: date) -> Lifecycle:
        """The lifecycle on a day: dates that have passed count, also when a list is older than they are."""
        if self.lifecycle == "retired" or (self.retires_at is not None and self.retires_at <= today):
            return "retired"
        if self.lifecycle == "deprecated" or (self.deprecated_at is not None and self.deprecated_at <= today):
            return "deprecated"
        return "active"


class Catalogue(Struct, frozen=True, kw_only=True):
    """The models to choose from and where the list came from. `notices` say what was missing in it."""

    models: tuple[Model, ...]
    source: Literal["endpoint", "builtin"]
    notices: tuple[str, ...] = ()

    def find(self, model_id: str) -> Model | None:
        """The model with exactly this id."""
        return next((model for model in self.models if model.id == model_id), None)


def parse_model(row: object) -> Model | None:
    """One entry of `GET /v1/models`; None where it is no model at all.

    Fields that are missing or of an unexpected kind become None; fields that are not known are ignored.
    """
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"]:
        return None
    capabilities = _mapping(row.get("capabilities"))
    lifecycle = row.get("lifecycle")
    return Model(
        id=row["id"],
        line=_text(row.get("line")),
        lifecycle=lifecycle if lifecycle in ("deprecated", "retired") else "active",
        released=_day(row.get("created_at")),
        deprecated_at=_day(row.get("deprecated_at")),
        retires_at=_day(row.get("retires_at")),
        max_input_tokens=_positive(row.get("max_input_tokens")),
        max_tokens=_positive(row.get("max_tokens")),
        thinking_types=_thinking_types(capabilities.get("thinking")),
        efforts=_efforts(capabilities.get("effort")),
        structured_outputs=_supported(capabilities.get("structured_outputs")),
    )


def parse_models(rows: Iterable[object]) -> tuple[Model, ...]:
    """The entries that are models; of two with the same id the first."""
    found: dict[str, Model] = {}
    for row in rows:
        model = parse_model(row)
        if model is not None:
            found.setdefault(model.id, model)
    return tuple(found.values())


def _thinking_types(value: object) -> tuple[ThinkingType, ...] | None:
    thinking = _mapping(value)
    supported = _supported(value)
    if supported is False:
        return ()
    types = _mapping(thinking.get("types"))
    if supported is None and not types:
        return None
    known = {name: _supported(types.get(name)) for name in THINKING_TYPES}
    if all(flag is None for flag in known.values()):
        return None
    return tuple(name for name, flag in known.items() if flag)


def _efforts(value: object) -> tuple[ModelEffort, ...] | None:
    supported = _supported(value)
    if supported is False:
        return ()
    levels = _mapping(value)
    known = {name: _supported(levels.get(name)) for name in MODEL_EFFORTS}
    if all(flag is None for flag in known.values()):
        return None
    return tuple(name for name, flag in known.items() if flag)


def _supported(value: object) -> bool | None:
    """A capability is `{"supported": bool, …}`; some gateways send the bare boolean."""
    flag = value.get("supported") if isinstance(value, Mapping) else value
    return flag if isinstance(flag, bool) else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _day(value: object) -> date | None:
    """The day of an RFC 3339 time; the Models API uses the epoch where it does not know (then None)."""
    if not isinstance(value, str):
        return None
    try:
        day = datetime.fromisoformat(value).date()
    except ValueError:
        return None
    return day if day.year > 1970 else None
