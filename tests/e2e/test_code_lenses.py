"""Links above definitions: offered where the settings ask for them, in whichever way the client can be told."""

from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import FakeEditor
from e2e.test_runs import BUG, editor

Json = dict[str, Any]
CLASS = "\n\nclass Cart:\n    def add(self):\n        pass\n"
ON: Json = {"ponder": {"codeLens": {"enable": True}}}


def dynamic(capabilities: Json) -> None:
    """Takes registrations of code lenses, and asks again when told."""
    capabilities["textDocument"]["codeLens"] = {"dynamicRegistration": True}
    capabilities["workspace"]["codeLens"] = {"refreshSupport": True}


def fixed(capabilities: Json) -> None:
    """Knows code lenses from the start or never."""
    capabilities["textDocument"]["codeLens"] = {"dynamicRegistration": False}
    capabilities["workspace"]["codeLens"] = {"refreshSupport": True}


async def lenses(fake: FakeEditor, uri: str) -> list[Json]:
    found: list[Json] = await fake.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    return found


def offered(fake: FakeEditor) -> bool:
    return "codeLensProvider" in fake.initialize_result["capabilities"]


def registered(fake: FakeEditor) -> list[str]:
    rows = [row for sent in fake.received("client/registerCapability") for row in sent["registrations"]]
    return [row["method"] for row in rows if row["method"] == "textDocument/codeLens"]


async def test_lenses_stand_above_top_definitions_and_start_a_run(tmp_path: Path) -> None:
    """One for each action above each function and class at the top, with a command that works as it is."""
    async with editor(tmp_path, options=ON, profile="bare", encoding=None) as fake:
        assert offered(fake)
        uri = fake.open("orders.py", BUG + CLASS)
        found = await lenses(fake, uri)
        lines = [fake.text(uri).split("\n")[one["range"]["start"]["line"]] for one in found]
        assert [line.partition("(")[0] for line in lines[::2]] == [
            "def add_order",
            "def total",
            "class Cart:",
        ]
        assert [one["command"]["title"] for one in found[:2]] == [
            "Ponder (offline): Explain",
            "Ponder (offline): Write tests",
        ]
        command = found[0]["command"]
        assert command["command"] == "ponder.run"
        result = await fake.run(command["command"], {**command["arguments"][0], "wait": True}, limit=60)
        assert result["status"] == "done"
        assert result["action"] == "explain"


async def test_no_lenses_unless_asked_for(tmp_path: Path) -> None:
    """The setting is off by itself: nothing is offered, registered or answered."""
    async with editor(tmp_path, change=dynamic) as fake:
        uri = fake.open("orders.py", BUG)
        assert await lenses(fake, uri) == []
        assert not offered(fake)
        assert not registered(fake)


@pytest.mark.parametrize("where", ["workspace", "user", "environment"])
async def test_a_client_that_takes_no_registration_is_offered_lenses_from_the_start(
    tmp_path: Path, where: str
) -> None:
    """Whichever layer asks for them."""
    env, text = {"PONDER_API_OFFLINE_DELTA_MS": "0"}, "[codeLens]\nenable = true\n"
    if where == "workspace":
        (tmp_path / "ponder.toml").write_text(text)
    elif where == "user":
        (tmp_path / "home" / "ponder").mkdir(parents=True)
        (tmp_path / "home" / "ponder" / "config.toml").write_text(text)
        env["XDG_CONFIG_HOME"] = str(tmp_path / "home")
    else:
        env["PONDER_CODE_LENS_ENABLE"] = "true"
    async with editor(tmp_path, change=fixed, env=env) as fake:
        assert offered(fake)
        assert await lenses(fake, fake.open("orders.py", BUG))


async def test_lenses_come_and_go_with_the_setting(tmp_path: Path) -> None:
    """A client that takes registrations is told when the setting changes, and asked to look again."""
    async with editor(tmp_path, change=dynamic) as fake:
        uri = fake.open("orders.py", BUG)
        fake.settings = {"codeLens": {"enable": True}}
        fake.notify("workspace/didChangeConfiguration", {"settings": None})
        await fake.eventually(lambda: registered(fake) and fake.received("workspace/codeLens/refresh"))
        assert await lenses(fake, uri)
        fake.settings = {"codeLens": {"enable": False}}
        fake.notify("workspace/didChangeConfiguration", {"settings": None})
        await fake.eventually(lambda: fake.received("client/unregisterCapability"))
        assert await lenses(fake, uri) == []
