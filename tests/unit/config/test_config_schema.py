"""The generated descriptions of the settings are complete and up to date."""

import json

import msgspec
import pytest

from ponder.config.fields import Field, fields, json_kind
from ponder.config.schema import files, json_schema, main, options_table, vscode_configuration
from ponder.config.settings import Settings


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.name)
def test_committed_files_are_current(path: object) -> None:
    """`python -m ponder.config.schema --write` would change nothing."""
    assert path.read_text(encoding="utf-8") == files()[path]


@pytest.mark.parametrize("field", fields(), ids=lambda field: ".".join(field.path))
def test_every_setting_is_described(field: Field) -> None:
    """Each has a sentence, a JSON type, a row in the table, and a default that its own type accepts."""
    assert field.description.endswith((".", "`."))
    assert json_kind(field.kind)["type"] in ("string", "integer", "number", "boolean", "array")
    assert f"| `{field.path[-1]}` |" in options_table()
    assert msgspec.convert(field.default, field.kind) == field.default


def test_the_schema_has_all_settings_and_nothing_else() -> None:
    """Walking the schema finds exactly the paths of the types, and their defaults."""
    found: dict[tuple[str, ...], object] = {}

    def walk(node: dict[str, object], path: tuple[str, ...]) -> None:
        if node["type"] != "object":
            found[path] = node.get("default")
        elif "properties" in node:
            assert node["additionalProperties"] is False
            for key, child in node["properties"].items():
                walk(child, (*path, key))
        else:
            walk(node["additionalProperties"], (*path, "*"))

    walk(json.loads(json.dumps(json_schema())), ())
    assert found == {
        field.path: list(field.default) if isinstance(field.default, tuple) else field.default
        for field in fields()
    }


def test_vscode_never_sends_defaults_and_never_the_endpoint() -> None:
    """Every default is null, the endpoint is absent, money and consent are the user's own settings."""
    properties = vscode_configuration()["properties"]
    assert isinstance(properties, dict)
    assert all(entry["default"] is None and "null" in entry["type"] for entry in properties.values())
    assert not [name for name in properties if "baseUrl" in name or "provider" in name]
    assert properties["ponder.budget.dailyUsd"]["scope"] == "machine"
    assert properties["ponder.edits.apply"]["scope"] == "machine"
    assert properties["ponder.review.onSave"]["enum"] == ["on", "manual", "off", None]


def test_settings_survive_their_own_json() -> None:
    """What is encoded in camelCase is read back as the same settings."""
    assert msgspec.json.decode(msgspec.json.encode(Settings()), type=Settings) == Settings()


@pytest.mark.parametrize(
    ("flag", "start"), [([], '{\n  "$schema"'), (["--vscode"], '{\n  "title"'), (["--table"], "# S")]
)
def test_printing(flag: list[str], start: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each form goes to stdout."""
    assert main(flag) == 0
    assert capsys.readouterr().out.startswith(start)
