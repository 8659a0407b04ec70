"""What is wrong with a message's fields, said in our words with the name of the field. Decodes nothing itself."""

import re

from msgspec import ValidationError

_MISSING = re.compile(r"Object missing required field `(.+)`")
_WRONG = re.compile(r"Expected `(.+?)`(?:, got `(.+?)`)?(.*)")
_CHOICE = re.compile(r"Invalid enum value (.+)")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_MOST = re.compile(r" (of length )?<= (\d+)")
_WORDS = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_LIMITS = {
    " of length >= 1": "must not be empty",
    " >= 0": "must not be negative",
}


def words(error: ValidationError) -> str:
    """The sentence for what msgspec found: "`action` is missing", "`hunk` must be a whole number, not a string"."""
    what, _, where = str(error).partition(" - at `$")
    field = where.rstrip("`").lstrip(".")
    if missing := _MISSING.fullmatch(what):
        return f"`{_joined(field, missing[1])}` is missing"
    if unknown := _UNKNOWN.fullmatch(what):
        return f"`{_joined(field, unknown[1])}` is unknown"
    shown = f"`{field}`" if field else "The argument"
    if wrong := _WRONG.fullmatch(what):
        wanted, got, limit = wrong.groups()
        if got is not None:
            return f"{shown} must be {_kinds(wanted)}, not {_kinds(got)}"
        return f"{shown} {_limit(limit) or f'must be {_kinds(wanted)}{limit}'}"
    if choice := _CHOICE.fullmatch(what):
        return f"{shown} cannot be {choice[1]}"
    return f"{shown}: {what}"


def _limit(limit: str) -> str | None:
    if most := _MOST.fullmatch(limit):
        return (
            f"must have at most {int(most[2]):,} characters"
            if most[1]
            else f"must be at most {int(most[2]):,}"
        )
    return _LIMITS.get(limit)


def _joined(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner


def _kinds(names: str) -> str:
    """Kinds as msgspec names them (`int | null`), in words; what may be null need not be said to."""
    kinds = [kind for kind in names.split(" | ") if kind != "null"] or ["null"]
    return " or ".join(_WORDS.get(kind, f"`{kind}`") for kind in kinds)
