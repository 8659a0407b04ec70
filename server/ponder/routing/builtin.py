"""The models Ponder knows without a list, as of 2026-11-22. Used where an endpoint says nothing; never fetched.

Source: the published model, thinking, effort and deprecation pages (2026-10-08), the SDK's own list of ids
and deprecations (2.12.0), and the release notes of 2026-11-09 for the 5.2 rows.
"""

from datetime import date

from msgspec.structs import replace

from ponder.routing.catalogue import Catalogue, Lifecycle, Model, ModelEffort, ThinkingType, parse_models

AS_OF = date(2026, 11, 22)

_ALWAYS: tuple[ThinkingType, ...] = ("adaptive",)
_ADAPTIVE: tuple[ThinkingType, ...] = ("adaptive", "disabled")
_BOTH: tuple[ThinkingType, ...] = ("adaptive", "disabled", "enabled")
_MANUAL: tuple[ThinkingType, ...] = ("disabled", "enabled")
_FIVE: tuple[ModelEffort, ...] = ("low", "medium", "high", "xhigh", "max")
_NO_XHIGH: tuple[ModelEffort, ...] = ("low", "medium", "high", "max")
_THREE: tuple[ModelEffort, ...] = ("low", "medium", "high")


def _model(
    model_id: str,
    line: str,
    released: date,
    types: tuple[ThinkingType, ...],
    efforts: tuple[ModelEffort, ...],
    *,
    small: bool = False,
    lifecycle: Lifecycle = "active",
    deprecated_at: date | None = None,
    retires_at: date | None = None,
) -> Model:
    """`small`: the window of the 4.5 generation (200k in, 64k out); all later models have 1M and 128k."""
    return Model(
        id=model_id,
        line=line,
        released=released,
        thinking_types=types,
        efforts=efforts,
        lifecycle=lifecycle,
        deprecated_at=deprecated_at,
        retires_at=retires_at,
        max_input_tokens=200_000 if small else 1_000_000,
        max_tokens=64_000 if small else 128_000,
        structured_outputs=True,
    )


# Retirement days published as "not sooner than" are no retirement days and are left out. Days of release
# before 2026-06 are published by month at best; they only order the models of a line.
_ROWS: tuple[Model, ...] = (
    _model("claude-fable-5-2", "fable", date(2026, 11, 9), _ALWAYS, _FIVE),
    _model("claude-mythos-5-2", "mythos", date(2026, 11, 9), _ALWAYS, _FIVE),
    _model("claude-haiku-5-5", "haiku", date(2026, 10, 7), _ADAPTIVE, _FIVE),
    _model("claude-sonnet-5-5", "sonnet", date(2026, 9, 28), ("adaptive", "between_tools"), _FIVE),
    _model("claude-opus-5-5", "opus", date(2026, 9, 22), _ALWAYS, _FIVE),
    _model("claude-fable-5-1", "fable", date(2026, 9, 1), _ALWAYS, _FIVE),
    _model("claude-mythos-5-1", "mythos", date(2026, 9, 1), _ALWAYS, _FIVE),
    _model("claude-opus-5", "opus", date(2026, 7, 24), _ADAPTIVE, _FIVE),
    _model("claude-sonnet-5", "sonnet", date(2026, 6, 30), _ADAPTIVE, _FIVE),
    _model("claude-fable-5", "fable", date(2026, 6, 9), _ALWAYS, _FIVE),
    _model("claude-mythos-5", "mythos", date(2026, 6, 9), _ALWAYS, _FIVE),
    _model("claude-opus-4-8", "opus", date(2026, 5, 28), _ADAPTIVE, _FIVE),
    _model("claude-opus-4-7", "opus", date(2026, 4, 16), _ADAPTIVE, _FIVE),
    _model(
        "claude-mythos-preview",
        "mythos",
        date(2026, 4, 1),
        ("adaptive", "enabled"),
        _NO_XHIGH,
        lifecycle="retired",
        retires_at=date(2026, 6, 30),
    ),
    _model("claude-sonnet-4-6", "sonnet", date(2026, 2, 17), _BOTH, _NO_XHIGH),
    _model("claude-opus-4-6", "opus", date(2026, 2, 5), _BOTH, _NO_XHIGH),
    _model("claude-opus-4-5", "opus", date(2025, 11, 24), _MANUAL, _THREE, small=True),
    _model("claude-haiku-4-5", "haiku", date(2025, 10, 15), _MANUAL, (), small=True),
    _model(
        "claude-sonnet-4-5",
        "sonnet",
        date(2025, 9, 29),
        _MANUAL,
        (),
        small=True,
        lifecycle="deprecated",
        deprecated_at=date(2026, 9, 30),
        retires_at=date(2026, 11, 30),
    ),
)

# Dated spellings that the SDK lists beside the short ones.
ALIASES: dict[str, str] = {
    "claude-haiku-4-5-20251001": "claude-haiku-4-5",
    "claude-opus-4-5-20251101": "claude-opus-4-5",
    "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
}

BUILTIN: dict[str, Model] = {model.id: model for model in _ROWS}


def known(model_id: str) -> Model | None:
    """The built-in row of exactly this id or of its dated spelling, under the id that was asked for."""
    row = BUILTIN.get(ALIASES.get(model_id, model_id))
    return replace(row, id=model_id) if row is not None else None


def builtin_catalogue(why: str | None = None) -> Catalogue:
    """The built-in table as a catalogue. `why` is one sentence on what the endpoint lacked."""
    reason = why or "The endpoint's list of models is not known"
    notice = f"{reason.rstrip('.')}; Ponder's built-in table of {AS_OF} serves."
    return Catalogue(models=_ROWS, source="builtin", notices=(notice,))


def endpoint_catalogue(rows: object) -> Catalogue:
    """The catalogue of the `data` of `GET /v1/models`, filled up from the built-in table where it is silent.

    What the endpoint says stands; a field it leaves out comes from the built-in row of exactly the same id.
    Where no entry says what it can do, the table is the source. Without one usable entry it serves alone. `rows` may be anything that came over the wire.
    """
    models = parse_models(rows) if isinstance(rows, list | tuple) else ()
    if not models:
        return builtin_catalogue("The endpoint has no list of models")
    filled = tuple(_filled(model) for model in models)
    bare = [model.id for model in models if model.thinking_types is None or model.efforts is None]
    if not bare:
        return Catalogue(models=filled, source="endpoint")
    shown = ", ".join(bare[:3]) + (f" and {len(bare) - 3} more" if len(bare) > 3 else "")
    notice = (
        f"The endpoint does not say what {shown} can do; Ponder's built-in table of {AS_OF} serves"
        " where it knows the model, else only what every model accepts is sent."
    )
    silent = all(model.thinking_types is None and model.efforts is None for model in models)
    return Catalogue(models=filled, source="builtin" if silent else "endpoint", notices=(notice,))


def _filled(model: Model) -> Model:
    row = known(model.id)
    if row is None:
        return model
    silent = {
        name: getattr(row, name)
        for name in (
            "line",
            "released",
            "deprecated_at",
            "retires_at",
            "max_input_tokens",
            "max_tokens",
            "thinking_types",
            "efforts",
            "structured_outputs",
        )
        if getattr(model, name) is None
    }
    return replace(model, **silent)
