"""Files of which nothing may be sent: the menu offers nothing that would be refused, and asks no disk to know it."""

from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_runs import line_range

NOTE = {"range": line_range(0), "severity": 2, "source": "ruff", "code": "F401", "message": "`os` is unused"}
REFUSED = {
    "ignored.py": ("x = 1\n", "ignored by .gitignore"),
    ".env": ("KEY=1\n", "a secret file"),
    "binary.py": ("x = 1\0\n", "binary"),
    "large.py": ("x = 1\n" * 400_000, "larger than"),
    "../outside.py": ("x = 1\n", "outside the workspace folders"),
}


def shows_disabled(capabilities: dict[str, Any]) -> None:
    capabilities["textDocument"]["codeAction"]["disabledSupport"] = True


def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".gitignore").write_text("ignored.py\n")
    (folder / ".git").mkdir()
    return folder


async def menu(fake: FakeEditor, uri: str, **context: Any) -> list[dict[str, Any]]:
    params = {
        "textDocument": {"uri": uri},
        "range": line_range(0),
        "context": {"diagnostics": [NOTE], **context},
    }
    found: list[dict[str, Any]] = await fake.request("textDocument/codeAction", params)
    return found


@pytest.mark.parametrize("name", REFUSED)
async def test_nothing_is_offered_that_would_be_refused(tmp_path: Path, name: str) -> None:
    """By none of the menu's ways, also on a diagnostic; and what a run would say is what the menu knew."""
    text, why = REFUSED[name]
    folder = workspace(tmp_path)
    for profile in ("full", "bare"):
        async with FakeEditor(folder=folder, command=PONDER, profile=profile) as fake:
            uri = fake.open((folder / name).resolve().as_uri(), text)
            assert await menu(fake, uri) == []
            assert await menu(fake, uri, triggerKind=2) == []
            argument = {"action": "explain", "textDocument": {"uri": uri}, "wait": True}
            result = await fake.run("ponder.run", argument)
            assert result["status"] == "failed"
            assert why in result["error"]["message"]


@pytest.mark.parametrize("name", REFUSED)
async def test_a_menu_that_shows_disabled_entries_has_the_reason(tmp_path: Path, name: str) -> None:
    """With `disabledSupport` each entry stands there with its reason, but not where the editor asks on its own."""
    text, why = REFUSED[name]
    folder = workspace(tmp_path)
    async with FakeEditor(folder=folder, command=PONDER, change=shows_disabled) as fake:
        uri = fake.open((folder / name).resolve().as_uri(), text)
        found = await menu(fake, uri)
        assert {"review", "fix"} <= {action["data"]["action"] for action in found}
        for action in found:
            assert why in action["disabled"]["reason"]
            assert action["command"]["command"] == "ponder.run"
        assert await menu(fake, uri, triggerKind=2) == []
        fine = fake.open("fine.py", "x = 1\n")
        assert all("disabled" not in action for action in await menu(fake, fine))


async def test_the_menu_follows_the_rules(tmp_path: Path) -> None:
    """When an ignore file or the settings change, an open file is offered anew, or no more."""
    folder = workspace(tmp_path)
    async with FakeEditor(folder=folder, command=PONDER) as fake:
        uri = fake.open("ignored.py", "x = 1\n")
        assert await menu(fake, uri) == []
        (folder / ".gitignore").write_text("")
        change = {"uri": (folder / ".gitignore").as_uri(), "type": 2}
        fake.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        assert await menu(fake, uri)
        settings = {"ponder": {"context": {"exclude": ["ignored.py"]}}}
        fake.settings = settings["ponder"]
        fake.notify("workspace/didChangeConfiguration", {"settings": settings})
        await menu(fake, uri)  # looks it up, once this is answered
        assert await menu(fake, uri) == []


async def test_what_waits_stays_in_the_menu(tmp_path: Path) -> None:
    """A file that came under a rule after a run: what that run proposed is the user's to take or leave."""
    folder = workspace(tmp_path)
    env = {"PONDER_API_OFFLINE_DELTA_MS": "0"}
    async with FakeEditor(folder=folder, command=PONDER, env=env) as fake:
        uri = fake.open("orders.py", "def f(x=[]):\n    x.append(1)\n    return x\n")
        argument = {"action": "fix", "textDocument": {"uri": uri}, "apply": False, "wait": True}
        assert (await fake.run("ponder.run", argument, limit=60))["edit"]
        (folder / ".gitignore").write_text("orders.py\n")
        change = {"uri": (folder / ".gitignore").as_uri(), "type": 2}
        fake.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        await menu(fake, uri)
        left = {action["data"]["action"] for action in await menu(fake, uri)}
        assert {"apply", "discard"} <= left
        assert not left & {"review", "explain", "refactor", "fix", "debug"}
