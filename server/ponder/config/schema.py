"""Writes what others read about the settings: a JSON schema, the VS Code section, the table of options.

`python -m ponder.config.schema` prints the schema, with `--vscode` VS Code's `configuration`, with `--table` the
table; `--write` brings the committed files up to date. Everything is made from the types; nothing is told twice.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ponder.config.environment import variable_name
from ponder.config.fields import Field, children, expectation, fields, json_kind
from ponder.config.settings import Settings

SCHEMA_FILE = Path(__file__).with_name("ponder.schema.json")
TABLE_FILE = Path(__file__).parents[2] / "SETTINGS.md"

_NOT_IN_EDITORS = (("api", "baseUrl"), ("api", "provider"))
# VS Code takes these from the user's own settings only, never from a workspace's.
_MACHINE = {"budget", "edits", "models", "log"}

_HEAD = """# Settings

<!-- Written by `python -m ponder.config.schema --write`; change the types in `ponder/config/settings.py` instead. -->

Lowest to highest: built-in, your `$XDG_CONFIG_HOME/ponder/config.toml`, the workspace's `ponder.toml` (or
`[tool.ponder]` in `pyproject.toml`), the editor, the environment. Layers are merged key by key; a bad key costs that
key and one message. `snake_case` is accepted for every key. In editors the same keys stand under `ponder`.

`ponder doctor` shows which layer each value comes from.

- Credentials are no settings: they come from `ANTHROPIC_API_KEY` or `ANTHROPIC_AUTH_TOKEN`.
- `api.baseUrl` and `api.provider` are taken from your own file and the environment only, never from a workspace or
  an editor, whose settings may be a workspace's.
- A workspace may lower a budget but not raise it, cannot set `edits.apply = "auto"`, and cannot change prices.
- `context.exclude` of all layers holds together.
- `effort` and `thinking` are two spellings of one depth, `model` and `line` of one choice: a layer that sets one
  takes back the other of the layers below.
"""


def json_schema() -> dict[str, object]:
    """The JSON schema of `ponder.toml` (draft 7, which TOML and VS Code tools read)."""
    schema: dict[str, object] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Ponder settings",
        "description": "ponder.toml, and [tool.ponder] in pyproject.toml",
    }
    return {**schema, **_table(())}


def vscode_configuration() -> dict[str, object]:
    """`contributes.configuration` of the extension.

    Every default is null: VS Code sends defaults as if the user had set them, and they would stand over the
    files of the user and the workspace.
    """
    properties: dict[str, object] = {}
    for field in fields():
        if field.path in _NOT_IN_EDITORS or "*" in field.path:
            continue
        properties[f"ponder.{'.'.join(field.path)}"] = _vscode_property(field)
    for name, words in (
        ("actions", "Routes of the actions, and actions of your own."),
        ("models", "Facts about models."),
    ):
        properties[f"ponder.{name}"] = {
            "type": ["object", "null"],
            "default": None,
            "scope": _scope(name),
            "markdownDescription": f"{words} By name.",
            "additionalProperties": _table((name, "*")),
        }
    return {"title": "Ponder", "properties": properties}


def options_table() -> str:
    """The settings as a Markdown page."""
    parts = [_HEAD]
    for section in dict.fromkeys(_section(field) for field in fields()):
        parts.append(
            f"\n## `[{section}]`\n\n{_section_words(section)}\n\n| key | default | values | what for |\n|---|---|---|---|\n"
        )
        parts.extend(_row(field) for field in fields() if _section(field) == section)
    return "".join(parts)


def files() -> dict[Path, str]:
    """The generated files and what they must hold."""
    return {SCHEMA_FILE: _json(json_schema()), TABLE_FILE: options_table()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write; 0."""
    parser = argparse.ArgumentParser(
        prog="python -m ponder.config.schema", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--vscode", action="store_true", help="print VS Code's configuration section")
    parser.add_argument("--table", action="store_true", help="print the table of options")
    parser.add_argument("--write", action="store_true", help="write the schema and the table to their places")
    asked = parser.parse_args(arguments)
    if asked.write:
        for path, text in files().items():
            path.write_text(text, encoding="utf-8")
        return 0
    text = (
        options_table() if asked.table else _json(vscode_configuration() if asked.vscode else json_schema())
    )
    sys.stdout.write(text)
    return 0


def _table(prefix: tuple[str, ...]) -> dict[str, object]:
    """The schema of one table of the document, with all below it."""
    known = dict.fromkeys(children(prefix).values())
    if "*" in known:
        return {"type": "object", "additionalProperties": _table((*prefix, "*"))}
    leaves = {field.path: field for field in fields()}
    properties: dict[str, object] = {}
    for key in known:
        field = leaves.get((*prefix, key))
        properties[key] = _table((*prefix, key)) if field is None else _property(field)
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _property(field: Field) -> dict[str, object]:
    schema = {**json_kind(field.kind), "description": field.description}
    return schema if field.default is None else {**schema, "default": field.default}


def _vscode_property(field: Field) -> dict[str, object]:
    kind = json_kind(field.kind)
    choices = kind.get("enum")
    unset = "" if field.default in (None, ()) else f" Unset: `{_shown(field.default)}`."
    return {
        **kind,
        "type": [kind["type"], "null"],
        **({"enum": [*choices, None]} if isinstance(choices, list) else {}),
        "default": None,
        "scope": _scope(field.path[0]),
        "markdownDescription": field.description + unset,
    }


def _scope(section: str) -> str:
    return "machine" if section in _MACHINE else "resource" if section == "context" else "window"


def _section(field: Field) -> str:
    return ".".join("NAME" if key == "*" else key for key in field.path[:-1]).replace(
        "models.NAME", "models.ID"
    )


def _section_words(section: str) -> str:
    kinds = {info.encode_name: info.type for info in msgspec.structs.fields(Settings)}
    kind = kinds[section.split(".", maxsplit=1)[0]]
    owner = kind.__args__[1] if hasattr(kind, "__args__") else kind
    return str(owner.__doc__).strip()


def _row(field: Field) -> str:
    default = "" if field.default is None else f"`{_shown(field.default)}`"
    variable = "" if field.path[0] == "models" else f" `{variable_name(field.snake)}`"
    return f"| `{field.path[-1]}` | {default} | {expectation(field.kind)} | {field.description}{variable} |\n"


def _shown(value: object) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
