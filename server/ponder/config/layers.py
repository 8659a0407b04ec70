"""Puts the layers of settings together, key by key, and remembers where each value came from. Reads no file.

Lowest to highest: built-in, user, workspace, editor, environment. To reload, call `resolve` again.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field

from ponder.config.environment import read_environment
from ponder.config.fields import Path, by_path
from ponder.config.options import LayerName, Options, Problem, dotted, read_options
from ponder.config.settings import Settings
from ponder.config.trust import refusal

# Two spellings of one wish: a layer that gives one of them alone takes back the other from the layers below.
_PARTNERS = {"thinking": "effort", "effort": "thinking", "line": "model", "model": "line"}
# A file that one layer wants kept back is not released by the next.
_UNITED: tuple[Path, ...] = (("context", "exclude"),)


class Resolved(Struct, frozen=True, kw_only=True):
    """The settings in force, the layer each of them comes from, and what was wrong on the way."""

    settings: Settings
    origins: dict[str, LayerName] = field(default_factory=dict)
    """By dotted path; a path that is absent is built in."""
    problems: tuple[Problem, ...] = ()

    def origin(self, path: str) -> LayerName:
        """The layer a value comes from, by its dotted path."""
        return self.origins.get(path, "built-in")


def resolve(
    *,
    user: object = None,
    workspace: object = None,
    editor: object = None,
    environment: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Resolved:
    """Return the settings in force. Each layer is a parsed document and may be anything; nothing raises.

    `editor` is the object of `initializationOptions` or of a configuration answer, with or without its `ponder`
    around it. `problems` are those of reading the files (`files`); they stand first.
    """
    layers = (
        read_options(user, "user"),
        read_options(workspace, "workspace"),
        read_options(_editor_section(editor), "editor"),
        read_environment(environment or {}),
    )
    values: dict[Path, object] = {}
    origins: dict[Path, LayerName] = {}
    found = [*problems]
    for options in layers:
        found.extend(options.problems)
        found.extend(_apply(options, values, origins))
    return Resolved(
        settings=_settings(values),
        origins={dotted(path): layer for path, layer in origins.items()},
        problems=tuple(found),
    )


def _apply(options: Options, values: dict[Path, object], origins: dict[Path, LayerName]) -> list[Problem]:
    """Lay one layer over what holds so far; return what it was refused."""
    refused = []
    taken: dict[Path, object] = {}
    for path, value in options.values.items():
        why = refusal(options.layer, path, value, values.get(path, _default(path)))
        if why is None:
            taken[path] = value
            continue
        message = f"`{dotted(path)}` ({options.layer} settings) {why}."
        refused.append(Problem(layer=options.layer, path=dotted(path), message=message))
    for path in taken:
        partner = (*path[:-1], _PARTNERS.get(path[-1], ""))
        if path[0] == "actions" and partner not in taken:
            values.pop(partner, None)
            origins.pop(partner, None)
    for path, value in taken.items():
        values[path] = _united(values.get(path), value) if path in _UNITED else value
        origins[path] = options.layer
    return refused


def _united(below: object, value: object) -> object:
    if isinstance(below, tuple) and isinstance(value, tuple):
        return tuple(dict.fromkeys((*below, *value)))
    return value


def _default(path: Path) -> object:
    known = by_path().get(path)
    return known.default if known is not None else None


def _settings(values: Mapping[Path, object]) -> Settings:
    """The typed settings of values that have been checked one by one."""
    document: dict[str, object] = {}
    for path, value in values.items():
        table = document
        for key in path[:-1]:
            below = table.setdefault(key, {})
            table = below if isinstance(below, dict) else {}
        table[path[-1]] = value
    return msgspec.convert(document, Settings)


def _editor_section(sent: object) -> object:
    """The settings in what an editor sent: without the `ponder` around it and what is no setting (`events`)."""
    section = sent.get("ponder", sent) if isinstance(sent, Mapping) else sent
    if not isinstance(section, Mapping):
        return section
    return {key: value for key, value in section.items() if key != "events"}
