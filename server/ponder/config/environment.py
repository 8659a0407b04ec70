"""Settings from `PONDER_*` variables, as `PONDER_REVIEW_ON_SAVE=off`. Reads no variable of anything else."""

import difflib
import re
from collections.abc import Mapping
from functools import cache

from ponder.config.fields import Path, fields
from ponder.config.options import CREDENTIALS_ELSEWHERE, Options, Problem, is_credential, read_options

_PREFIX = "PONDER_"
_NO_SETTINGS = ("PONDER_STATE_DIR",)
"""Variables of the program that are no settings."""


def read_environment(environment: Mapping[str, str]) -> Options:
    """The layer of the environment. Names of actions are lower case with `_` (or as the product spells them).

    A model id cannot be spelled exactly in a variable's name: `_` stands for `-`, so ids with other signs need
    a file.
    """
    document: dict[str, object] = {}
    problems: list[Problem] = []
    for name in sorted(environment):
        if not name.startswith(_PREFIX) or name in _NO_SETTINGS:
            continue
        path = variable_path(name)
        if path is None:
            problems.append(Problem(layer="environment", path=name, message=f"`{name}` {_unknown(name)}"))
            continue
        table = document
        for key in path[:-1]:
            table = table.setdefault(key, {})  # type: ignore[assignment]  # tables all the way down
        table[path[-1]] = environment[name]
    options = read_options(document, "environment", texts=True)
    return Options(layer="environment", values=options.values, problems=(*problems, *options.problems))


def _unknown(name: str) -> str:
    if is_credential(name.removeprefix(_PREFIX)):
        return f"{CREDENTIALS_ELSEWHERE}."
    names = [variable_name(field.snake) for field in fields() if "*" not in field.snake]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
    return f"is not a setting; did you mean `{near[0]}`?" if near else "is not a setting; it is ignored."


def variable_name(snake: Path) -> str:
    """The variable of a setting by its snake_case path; `NAME` stands where the user chooses."""
    return _PREFIX + "_".join("NAME" if key == "*" else key.upper() for key in snake)


def variable_path(name: str) -> Path | None:
    """The path a variable sets, in the document's spelling; None: it is no setting."""
    for pattern, path in _patterns():
        match = pattern.fullmatch(name)
        if match is not None:
            chosen = [_chosen(path[0], part) for part in match.groups()]
            return tuple(chosen.pop() if key == "*" else key for key in path)
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Path], ...]:
    # The longest ending first: `answer_tokens` before a name that ends in `_answer` and a key `tokens`.
    ordered = sorted(fields(), key=lambda field: -len(field.snake[-1]))
    return tuple(
        (re.compile(variable_name(field.snake).replace("_NAME_", "_([A-Z0-9_]+)_")), field.path)
        for field in ordered
    )


def _chosen(section: str, part: str) -> str:
    if section == "models":
        return part.lower().replace("_", "-")
    return "reviewOnSave" if part in ("REVIEW_ON_SAVE", "REVIEWONSAVE") else part.lower()
