"""Which model serves: a pin as it stands, else the newest active model of a line. Decides nothing about thinking."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from ponder.config.settings import ModelSettings
from ponder.routing.builtin import ALIASES, BUILTIN, known
from ponder.routing.catalogue import LINES, MODEL_EFFORTS, Catalogue, Lifecycle, Model


class Needs(Struct, frozen=True, kw_only=True):
    """What an action asks of its model. `room` is the least `max_tokens` it can work with."""

    thinking: bool
    structured_outputs: bool
    room: int

    def missing(self, model: Model) -> list[str]:
        """What this model is not known to have, in words for the user."""
        types = model.thinking_types or ()
        return [
            *(["thinking"] if self.thinking and not {"adaptive", "enabled"} & set(types) else []),
            *(["structured outputs"] if self.structured_outputs and not model.structured_outputs else []),
            *(["room for the answer"] if (model.max_tokens or self.room) < self.room else []),
        ]


class Selection(Struct, frozen=True, kw_only=True):
    """A model, why it was chosen, and what the user should know about the choice."""

    model: Model
    reason: str
    notices: tuple[str, ...] = ()


def with_settings(catalogue: Catalogue, models: Mapping[str, ModelSettings]) -> Catalogue:
    """The catalogue with the user's corrections; a model given a line that is in no list counts as the newest."""
    listed = [
        _corrected(model, models[model.id]) if model.id in models else model for model in catalogue.models
    ]
    ids = {model.id for model in listed}
    added = [
        _corrected(replace(known(model_id) or Model(id=model_id), released=date.max), given)
        for model_id, given in models.items()
        if model_id not in ids and given.line is not None
    ]
    return replace(catalogue, models=(*added, *listed))


def pinned(
    model_id: str, catalogue: Catalogue, models: Mapping[str, ModelSettings], *, today: date
) -> Selection:
    """The model of a pin, whatever the lists say; what speaks against it becomes a notice."""
    listed = catalogue.find(model_id)
    row = listed or known(model_id)
    if row is None:
        row = Model(id=model_id)
        notice = f"{model_id} is in no list Ponder knows; it is used as asked, with what every model accepts."
    elif listed is None and catalogue.source == "endpoint" and not _listed_otherwise(model_id, catalogue):
        notice = f"{model_id} is not in the endpoint's list of models; it is used as asked."
    else:
        notice = ""
    if listed is None and model_id in models:
        row = _corrected(row, models[model_id])
    return Selection(
        model=row, reason="pinned", notices=tuple(text for text in (notice, _farewell(row, today)) if text)
    )


def newest_of_line(line: str, needs: Needs, catalogue: Catalogue, *, today: date) -> Selection:
    """The newest active model of the line that has what is needed, else the next best thing, said in a notice."""
    for candidate_line in (line, *_nearest(line, catalogue)):
        for lifecycle in ("active", "deprecated"):
            models = _candidates(catalogue.models, candidate_line, lifecycle, today)
            if models:
                return _best(models, needs, line, candidate_line, today)
    nameless = [model for model in catalogue.models if model.lifecycle_on(today) != "retired"]
    if nameless:
        model = _newest_first(nameless)[0]
        notice = f"The endpoint lists no {line} model and no other known line; {model.id} serves."
        return Selection(model=model, reason="newest model of the endpoint", notices=(notice,))
    row = _newest_first(model for model in BUILTIN.values() if model.line in (line, "sonnet"))[0]
    notice = f"The endpoint lists no model in service; {row.id} is used from the built-in table."
    return Selection(model=row, reason="built-in table", notices=(notice,))


def _best(models: list[Model], needs: Needs, asked: str, line: str, today: date) -> Selection:
    fitting = [model for model in models if not needs.missing(model)]
    model = (fitting or models)[0]
    lifecycle = model.lifecycle_on(today)
    reason = f"newest {lifecycle} {line}"
    notices = []
    if line != asked:
        reason += f"; there is no {asked}"
        notices.append(f"There is no {asked} model at this endpoint; {model.id} ({line}) serves instead.")
    if model is not models[0]:
        reason += f" with {' and '.join(needs.missing(models[0]))}"
    if not fitting:
        lacking = " and ".join(needs.missing(model))
        notices.append(f"{model.id} is not known to have {lacking}; the request is adjusted.")
    return Selection(
        model=model, reason=reason, notices=tuple(filter(None, (*notices, _farewell(model, today))))
    )


def _candidates(models: Iterable[Model], line: str, lifecycle: Lifecycle, today: date) -> list[Model]:
    return _newest_first(
        model for model in models if model.line == line and model.lifecycle_on(today) == lifecycle
    )


def _newest_first(models: Iterable[Model]) -> list[Model]:
    """By release; models without a date keep the order of the list (the API lists the newest first), at the end."""
    return sorted(models, key=lambda model: model.released or date.min, reverse=True)


def _nearest(line: str, catalogue: Catalogue) -> list[str]:
    """The other lines: the known ones by distance, of two the more capable first, then lines newer than Ponder."""
    place = LINES.index(line) if line in LINES else LINES.index("sonnet")
    others = [other for other in LINES if other != line]
    others.sort(key=lambda other: (abs(LINES.index(other) - place), -LINES.index(other)))
    new = {model.line for model in catalogue.models if model.line} - {*LINES, line}
    return [*others, *sorted(new)]


def _listed_otherwise(model_id: str, catalogue: Catalogue) -> bool:
    short = ALIASES.get(model_id, model_id)
    return any(ALIASES.get(model.id, model.id) == short for model in catalogue.models)


def _farewell(model: Model, today: date) -> str:
    lifecycle = model.lifecycle_on(today)
    if lifecycle == "retired":
        when = f" on {model.retires_at}" if model.retires_at else ""
        return f"{model.id} was retired{when}; the endpoint will most likely refuse it."
    if lifecycle == "deprecated":
        when = f" and ends on {model.retires_at}" if model.retires_at else ""
        return f"{model.id} is deprecated{when}; choose a newer model."
    return ""


def _corrected(model: Model, given: ModelSettings) -> Model:
    said = {
        "line": given.line,
        "max_input_tokens": given.max_input_tokens,
        "max_tokens": given.max_tokens,
        "thinking_types": given.thinking_types,
        "efforts": given.efforts and tuple(level for level in MODEL_EFFORTS if level in given.efforts),
        "structured_outputs": given.structured_outputs,
    }
    return replace(model, **{name: value for name, value in said.items() if value is not None})
