"""A small language for the shape of a JSON body, with the API's own sentences. Knows no rule of a model."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ponder.offline.errors import invalid

Check = Callable[[Any, str], None]
"""Takes a value and its dotted path; raises `ApiError` where the value does not fit."""


class Field(Struct, frozen=True):
    """A key of an object: how its value is checked, and whether it may be absent or null."""

    check: Check
    required: bool = False
    nullable: bool = False


Fields = Mapping[str, Field]


def anything(_value: Any, _path: str) -> None:
    """Accept every value."""


def boolean(value: Any, path: str) -> None:
    """Accept `true` and `false`."""
    if not isinstance(value, bool):
        raise invalid(path, "Input should be a valid boolean")


def mapping(value: Any, path: str) -> None:
    """Accept every object."""
    if not isinstance(value, dict):
        raise invalid(path, "Input should be a valid dictionary")


def text(*, shortest: int = 0, longest: int | None = None, pattern: str | None = None) -> Check:
    """Accept a string of this many characters that matches `pattern`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise invalid(path, "Input should be a valid string")
        if len(value) < shortest:
            raise invalid(path, f"String should have at least {_many(shortest, 'character')}")
        if longest is not None and len(value) > longest:
            raise invalid(path, f"String should have at most {_many(longest, 'character')}")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise invalid(path, f"String should match pattern '{pattern}'")

    return check


def number(*, least: float | None = None, most: float | None = None, whole: bool = True) -> Check:
    """Accept a number between `least` and `most`."""

    def check(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise invalid(path, f"Input should be a valid {'integer' if whole else 'number'}")
        if least is not None and value < least:
            raise invalid(path, f"Input should be greater than or equal to {least}")
        if most is not None and value > most:
            raise invalid(path, f"Input should be less than or equal to {most}")

    return check


def one_of(*allowed: str) -> Check:
    """Accept one of these strings."""

    def check(value: Any, path: str) -> None:
        if value not in allowed:
            quoted = [f"'{word}'" for word in allowed]
            listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
            raise invalid(path, f"Input should be {listed}")

    return check


def array(of: Check, *, shortest: int = 0, longest: int | None = None) -> Check:
    """Accept a list of such values."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise invalid(path, "Input should be a valid list")
        if len(value) < shortest or (longest is not None and len(value) > longest):
            word, limit = ("at least", shortest) if len(value) < shortest else ("at most", longest or 0)
            raise invalid(
                path, f"List should have {word} {_many(limit, 'item')} after validation, not {len(value)}"
            )
        for index, item in enumerate(value):
            of(item, f"{path}.{index}")

    return check


def text_or(other: Check) -> Check:
    """Accept a string, or what `other` accepts."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            other(value, path)

    return check


def record(fields: Fields, *, loose: bool = False) -> Check:
    """Accept an object with these keys; others only when `loose`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid(path, "Input should be an object")
        check_fields(value, path, fields, loose=loose)

    return check


def tagged(variants: Mapping[str, Check], *, optional: str | None = None) -> Check:
    """Accept an object told apart by `type`; the tag becomes a part of the path, as the API prints it.

    `optional` is the variant meant where `type` is absent.
    """

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid(path, "Input should be an object")
        tag = value.get("type", optional) or optional
        if tag is None:
            raise invalid(_join(path, "type"), "Field required")
        if not isinstance(tag, str) or tag not in variants:
            known = ", ".join(f"'{name}'" for name in variants)
            raise invalid(
                path,
                f"Input tag '{tag}' found using 'type' does not match any of the expected tags: {known}",
            )
        variants[tag](value, _join(path, tag))

    return check


def check_fields(value: dict[str, Any], path: str, fields: Fields, *, loose: bool = False) -> None:
    """Check the keys of an object: known ones in their order, then unknown ones."""
    for name, field in fields.items():
        here = _join(path, name)
        if name not in value:
            if field.required:
                raise invalid(here, "Field required")
        elif value[name] is not None or not field.nullable:
            field.check(value[name], here)
    if not loose:
        for name in value:
            if name not in fields:
                raise invalid(_join(path, name), "Extra inputs are not permitted")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
