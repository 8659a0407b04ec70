"""The table of all settings, taken from the types in `settings`. Holds no value of a user.

A path is a tuple of keys; `*` stands for a name the user chooses (an action, a model id).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Literal, TypeGuard, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from ponder.config.settings import Section, Settings

Path = tuple[str, ...]


class Field(Struct, frozen=True, kw_only=True):
    """One setting. `snake` is its path as Python and the environment spell it; `kind` its annotated type."""

    path: Path
    snake: Path
    kind: object
    default: object
    description: str


@cache
def fields() -> tuple[Field, ...]:
    """All settings, in the order of the types."""
    return tuple(_walk(Settings, (), ()))


@cache
def by_path() -> Mapping[Path, Field]:
    """All settings by path, `*` for chosen names."""
    return {field.path: field for field in fields()}


@cache
def children(prefix: Path) -> Mapping[str, str]:
    """Key of the document by every accepted spelling, one level below `prefix`; `*` takes any name."""
    found: dict[str, str] = {}
    for field in fields():
        if field.path[: len(prefix)] == prefix and len(field.path) > len(prefix):
            key, snake = field.path[len(prefix)], field.snake[len(prefix)]
            found.setdefault(key, key)
            found.setdefault(snake, key)
    return found


def expectation(kind: object) -> str:
    """What a value has to be, in words that follow "must be"."""
    inner, meta = _unwrap(kind)
    if get_origin(inner) is Literal:
        *most, last = (f"`{value}`" for value in get_args(inner))
        return f"{', '.join(most)} or {last}"
    if get_origin(inner) is tuple:
        item = get_args(inner)[0]
        return "a list of texts" if item is str else f"a list of {expectation(item).replace(' or ', ', ')}"
    if inner is bool:
        return "`true` or `false`"
    if inner in (int, float):
        noun = "a whole number" if inner is int else "a number"
        return f"{noun} from {meta.ge if meta else 0:g} to {meta.le if meta else 0:,}"
    if meta is not None and meta.pattern:
        return "an address such as `https://host/path`, without user name or password"
    return (
        "a text"
        if meta is None or not meta.max_length
        else f"a text of at most {meta.max_length:,} characters"
    )


def json_kind(kind: object) -> dict[str, object]:
    """The JSON schema of one setting's value, null left out."""
    inner, meta = _unwrap(kind)
    if get_origin(inner) is Literal:
        return {"type": "string", "enum": list(get_args(inner))}
    if get_origin(inner) is tuple:
        return {"type": "array", "items": json_kind(get_args(inner)[0])}
    names: dict[object, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
    limits = {
        "minimum": meta and meta.ge,
        "maximum": meta and meta.le,
        "minLength": meta and meta.min_length,
        "maxLength": meta and meta.max_length,
        "pattern": meta and meta.pattern,
    }
    return {"type": names[inner], **{name: limit for name, limit in limits.items() if limit is not None}}


def _walk(section: type[Section], path: Path, snake: Path) -> Iterator[Field]:
    for info in msgspec.structs.fields(section):
        here, there = (*path, info.encode_name), (*snake, info.name)
        named = get_args(info.type)[1] if get_origin(info.type) is dict else None
        if named is not None:
            yield from _walk(named, (*here, "*"), (*there, "*"))
        elif isinstance(info.type, type) and issubclass(info.type, Section):
            yield from _walk(info.type, here, there)
        else:
            yield Field(
                path=here, snake=there, kind=info.type, default=info.default, description=_description(info)
            )


def _description(info: FieldInfo) -> str:
    notes = [
        note.description for note in get_args(info.type)[1:] if isinstance(note, Meta) and note.description
    ]
    return re.sub(r"\s+", " ", notes[0])


def _unwrap(kind: object) -> tuple[object, Meta | None]:
    """The bare type and its limits, without `None` and `Annotated`."""
    limits = None
    while True:
        if get_origin(kind) is Annotated:
            bare, *notes = get_args(kind)
            limits = next((note for note in notes if _limits(note)), limits)
            kind = bare
        elif type(None) in get_args(kind):
            kind = next(part for part in get_args(kind) if part is not type(None))
        else:
            return kind, limits


def _limits(note: object) -> TypeGuard[Meta]:
    return isinstance(note, Meta) and any(
        limit is not None for limit in (note.ge, note.le, note.min_length, note.max_length, note.pattern)
    )
