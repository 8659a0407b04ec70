"""Reads what one layer sent: every key by itself, so that a bad one costs that key and one sentence. Merges nothing.

Options are what was sent, settings are what is used. All keys are optional, camelCase or snake_case.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from ponder.config.fields import Path, by_path, children, expectation

LayerName = Literal["built-in", "user", "workspace", "editor", "environment"]

# Spellings of a thinking budget in older configurations, of this and of other tools.
_BUDGET_KEYS = {"budgettokens", "thinkingbudget", "thinkingtokens", "interleavedthinkingbudgettokens"}
_SAMPLING_KEYS = {"temperature", "topp", "topk"}
_SECRET_KEY = re.compile(
    r"(api)?key|(auth|api|access|bearer)?token|secret|password|credentials?|authorization"
)
_POWER_KEYS = {
    "headers",
    "header",
    "customheaders",
    "command",
    "commands",
    "args",
    "env",
    "proxy",
    "shell",
    "script",
}
CREDENTIALS_ELSEWHERE = (
    "is ignored: credentials come from the environment alone (ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN)"
)
_BACKGROUND_REVIEW = "reviewOnSave"
_ACTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MOST_KEYS = 5_000


class Problem(Struct, frozen=True, kw_only=True):
    """One thing in one layer that was not taken as it stands. `message` is a sentence for the user, without values."""

    layer: LayerName
    path: str
    message: str


class Options(Struct, frozen=True, kw_only=True):
    """What one layer sets, checked, by path; and what was wrong with the rest."""

    layer: LayerName
    values: dict[Path, object]
    problems: tuple[Problem, ...] = ()


def read_options(sent: object, layer: LayerName, *, texts: bool = False) -> Options:
    """Check what a layer sent. `texts`: all values are texts (the environment) and are read as what they spell.

    None counts as not set, at every level: editors send null for what the user left alone.
    """
    values: dict[Path, object] = {}
    problems: list[Problem] = []
    for count, (path, value) in enumerate(_leaves(sent, ())):
        if count >= _MOST_KEYS:
            problems.append(_problem(layer, (), f"has more than {_MOST_KEYS} keys; the rest is ignored"))
            break
        checked = _check(path, value, texts=texts)
        if isinstance(checked, _Bad):
            problems.append(_problem(layer, checked.path, checked.trouble))
            continue
        if checked.trouble:
            problems.append(_problem(layer, checked.path, checked.trouble))
        values[checked.path] = checked.value
    return Options(layer=layer, values=values, problems=tuple(problems))


def is_credential(key: str) -> bool:
    """Whether a key asks for a key, a token or the like."""
    return _SECRET_KEY.fullmatch(_bare(key)) is not None


def dotted(path: Path) -> str:
    """A path as users read it; a name with a dot in it is quoted."""
    return ".".join(f'"{key}"' if "." in key else key for key in path)


class _Good(Struct, frozen=True):
    path: Path
    value: object
    trouble: str = ""


class _Bad(Struct, frozen=True):
    path: Path
    trouble: str


def _leaves(sent: object, prefix: Path) -> Iterator[tuple[Path, object]]:
    """Every value that is no table of the document, with its path in the document's spelling where it has one."""
    if sent is None:
        return
    if not isinstance(sent, Mapping):
        yield prefix, sent
        return
    for key, value in sent.items():
        pattern = _pattern(prefix)
        path = (*prefix, _spelling(pattern, str(key)))
        if len(pattern) == 2 and pattern[0] == "actions" and key == "route" and isinstance(value, Mapping):
            # The same keys as the `route` of a run, if a user writes them the same way.
            yield from _leaves(value, prefix)
        elif isinstance(value, Mapping) and children((*pattern, _star(pattern, path[-1]))):
            yield from _leaves(value, path)
        elif value is not None:
            yield path, value


def _check(path: Path, value: object, *, texts: bool) -> _Good | _Bad:
    if not path:
        return _Bad(path, "must be a table of settings; it is ignored")
    if path[0] == "actions" and len(path) > 1 and not _ACTION_NAME.fullmatch(path[1]):
        return _Bad(path, "is ignored: an action's name has letters, digits, `-` and `_`, at most 64")
    path, value, note = _modern(path, value)
    field = by_path().get(_pattern(path))
    if field is None:
        if children(_pattern(path)):
            return _Bad(path, "must be a table; it is ignored")
        return _Bad(path, _unknown(path))
    try:
        read = _spelled(value, field.kind) if texts and isinstance(value, str) else value
        return _Good(path, msgspec.convert(read, field.kind, strict=not texts), note)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
        return _Bad(path, f"must be {expectation(field.kind)}; it is ignored")


def _modern(path: Path, value: object) -> tuple[Path, object, str]:
    """Old ways to ask for a thinking budget, as today's keys, with a word about it."""
    if len(path) != 3 or path[0] != "actions":
        return path, value, ""
    bare = _bare(path[2])
    today = (*path[:2], "thinking")
    if bare in _BUDGET_KEYS:
        return (
            today,
            value,
            f"`{path[2]}` is read as `thinking`; on models without budgets it becomes an effort",
        )
    if path[2] == "thinking" and isinstance(value, Mapping):
        kind, budget = value.get("type"), value.get("budget_tokens", value.get("budgetTokens"))
        note = "a `thinking` object is read as its number of tokens"
        if kind == "disabled":
            return today, 0, note
        if budget is not None:
            return today, budget, note
    return path, value, ""


def _unknown(path: Path) -> str:
    bare = _bare(path[-1])
    if is_credential(path[-1]):
        return CREDENTIALS_ELSEWHERE
    if bare in _POWER_KEYS:
        return "is ignored: headers, proxies and commands cannot be set here"
    if bare in _SAMPLING_KEYS:
        return "is ignored: current models take no sampling parameters"
    near = difflib.get_close_matches(path[-1], list(children(_pattern(path[:-1]))), n=1, cutoff=0.6)
    if near:
        return f"is not a setting; did you mean `{children(_pattern(path[:-1]))[near[0]]}`?"
    elsewhere = [dotted(known) for known in by_path() if _bare(known[-1]) == bare and "*" not in known]
    return (
        f"is not a setting; did you mean `{elsewhere[0]}`?"
        if elsewhere
        else "is not a setting; it is ignored"
    )


def _spelling(pattern: Path, key: str) -> str:
    """The document's spelling of a key; names the user chooses stay as they are."""
    known = children(pattern)
    if "*" not in known:
        return known.get(key, key)
    return _BACKGROUND_REVIEW if pattern == ("actions",) and key == "review_on_save" else key


def _pattern(path: Path) -> Path:
    return tuple(_star(path[:place], key) for place, key in enumerate(path))


def _star(before: Path, key: str) -> str:
    return "*" if len(before) == 1 and before[0] in ("actions", "models") else key


def _bare(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _spelled(text: str, kind: object) -> object:
    """A text of the environment: lists are separated by commas, on and yes are true, an empty text is a text."""
    if expectation(kind).startswith("a list"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if expectation(kind) == "`true` or `false`":
        return {"on": "true", "yes": "true", "off": "false", "no": "false"}.get(text.lower(), text.lower())
    return text


def _problem(layer: LayerName, path: Path, trouble: str) -> Problem:
    # Keys come from a file that may be hostile: they are shown shortened and without control characters.
    shown = re.sub(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]", "?", dotted(path))[:120]
    what = f"`{shown}`" if shown else "The whole layer"
    return Problem(
        layer=layer, path=shown, message=f"{what} ({layer} settings) {trouble}.".replace("?.", "?")
    )
