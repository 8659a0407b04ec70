"""Code actions as editors ask for them: kinds, filters, triggers, plain commands. No model is asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_runs import line_range

REPORTS = {"review", "explain", "security", "architecture", "ask"}
REWRITES = {"refactor", "simplify", "tests", "document", "migrate"}
NOTE = {"range": line_range(0), "severity": 2, "source": "ruff", "code": "F401", "message": "`os` is unused"}


async def offered(fake: FakeEditor, **context: Any) -> list[dict[str, Any]]:
    uri = fake.open("a.py", "import os\n") if "a.py" not in str(fake.buffers) else next(iter(fake.buffers))
    params = {"textDocument": {"uri": uri}, "range": line_range(0), "context": {"diagnostics": [], **context}}
    answer: list[dict[str, Any]] = await fake.request("textDocument/codeAction", params)
    return answer


def ids(found: list[dict[str, Any]]) -> set[str]:
    return {action["data"]["action"] for action in found}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, REPORTS | REWRITES),
        ({"triggerKind": 1}, REPORTS | REWRITES),
        ({"triggerKind": 2}, set()),
        ({"triggerKind": 2, "diagnostics": [NOTE]}, {"fix", "debug"}),
        ({"diagnostics": [NOTE]}, REPORTS | REWRITES | {"fix", "debug"}),
        ({"only": ["quickfix"], "diagnostics": [NOTE]}, {"fix", "debug"}),
        ({"only": ["refactor"]}, REWRITES),
        ({"only": ["refactor.rewrite"]}, REWRITES),
        ({"only": ["refactor.rewrite.ponder.tests"]}, {"tests"}),
        ({"only": ["source"]}, set()),
        ({"only": ["source.fixAll"], "triggerKind": 1}, set()),
        ({"only": ["source.organizeImports"]}, set()),
        ({"only": ["source.ponder"]}, REPORTS),
        ({"only": ["source.ponder.review"]}, {"review"}),
        ({"only": []}, REPORTS | REWRITES),
        ({"only": [], "triggerKind": 2}, set()),
    ],
)
async def test_what_is_offered_where(tmp_path: Path, context: dict[str, Any], expected: set[str]) -> None:
    """Filters and triggers are honoured; an action on save never starts a model."""
    async with FakeEditor(folder=tmp_path, command=PONDER) as fake:
        found = await offered(fake, **context)
        assert ids(found) == expected
        for action in found:
            assert action["title"].startswith("Ponder (offline): ")
            assert action["command"]["command"] == "ponder.run"
            assert action["tags"] == [1]
            kind = action["kind"]
            assert kind == "quickfix" or kind.startswith(("source.ponder.", "refactor.rewrite.ponder."))


async def test_an_offered_command_runs_as_it_is(tmp_path: Path) -> None:
    """What the editor sends back unchanged starts a run on the diagnostic it was offered for."""
    async with FakeEditor(folder=tmp_path, command=PONDER, env={"PONDER_API_OFFLINE_DELTA_MS": "0"}) as fake:
        found = await offered(fake, diagnostics=[NOTE])
        fix = next(action for action in found if action["data"]["action"] == "fix")
        assert fix["diagnostics"] == [NOTE]
        command = fix["command"]
        started = await fake.request(
            "workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]}
        )
        result = await fake.run("ponder.result", {"runId": started["runId"], "wait": True}, limit=60)
        assert result["status"] == "done", result
        assert result["applied"], result
        assert "import os" not in fake.text(next(iter(fake.buffers)))


async def test_a_finding_offers_its_fix_and_its_dismissals(tmp_path: Path) -> None:
    """On Ponder's own diagnostic: the ready edit without a command, and three ways to dismiss it."""
    async with FakeEditor(folder=tmp_path, command=PONDER, env={"PONDER_API_OFFLINE_DELTA_MS": "0"}) as fake:
        uri = fake.open("b.py", "def f(x=[]):\n    x.append(1)\n    return x\n")
        argument = {"action": "review", "textDocument": {"uri": uri}, "wait": True}
        await fake.run("ponder.run", argument, limit=60)
        note = (await fake.eventually(lambda: fake.diagnostics(uri)))[0]
        params = {
            "textDocument": {"uri": uri},
            "range": note["range"],
            "context": {"diagnostics": [note], "triggerKind": 2},
        }
        found = await fake.request("textDocument/codeAction", params)
        ready = next(action for action in found if "edit" in action)
        assert "command" not in ready
        assert ready["isPreferred"]
        assert ready["edit"]["documentChanges"][0]["textDocument"]["version"] == 1
        scopes = [
            action["command"]["arguments"][0]["scope"]
            for action in found
            if action["data"]["action"] == "dismiss"
        ]
        assert scopes == ["finding", "rule", "file"]


async def test_while_a_run_lives_cancel_is_offered(tmp_path: Path) -> None:
    """Editors that cannot cancel a request can still end a run from the menu."""
    async with FakeEditor(
        folder=tmp_path, command=PONDER, env={"PONDER_API_OFFLINE_DELTA_MS": "1000"}
    ) as fake:
        assert "cancel" not in ids(await offered(fake))
        uri = next(iter(fake.buffers))
        run = await fake.run("ponder.run", {"action": "explain", "textDocument": {"uri": uri}})
        cancel = next(a for a in await offered(fake) if a["data"]["action"] == "cancel")
        assert cancel["command"]["command"] == "ponder.cancel"
        await fake.run("ponder.cancel", {})
        result = await fake.run("ponder.result", {"runId": run["runId"], "wait": True})
        assert result["status"] == "cancelled"


async def test_actions_come_from_the_configuration_too(tmp_path: Path) -> None:
    """`[actions.NAME]` adds an action with its own words; `enabled = false` takes one away."""
    (tmp_path / "ponder.toml").write_text(
        '[actions.haiku]\ntitle = "Write a haiku"\nprompt = "A haiku about this code."\n'
        "[actions.security]\nenabled = false\n"
    )
    async with FakeEditor(folder=tmp_path, command=PONDER, env={"PONDER_API_OFFLINE_DELTA_MS": "0"}) as fake:
        found = await offered(fake)
        assert "security" not in ids(found)
        own = next(action for action in found if action["data"]["action"] == "haiku")
        assert own["title"] == "Ponder (offline): Write a haiku"
        assert own["kind"] == "source.ponder.haiku"
        uri = next(iter(fake.buffers))
        result = await fake.run(
            "ponder.run", {"action": "haiku", "textDocument": {"uri": uri}, "wait": True}, limit=60
        )
        assert result["status"] == "done", result


@pytest.mark.parametrize("action", ["reveiw", "own"])
async def test_an_action_without_words_is_said(tmp_path: Path, action: str) -> None:
    """An added action with no `prompt` is not offered; the editor, `doctor` and `routes` say so."""
    (tmp_path / "ponder.toml").write_text(
        f'[actions.{action}]\nmodel = "opus"\n[actions.hover]\neffort = "low"\n'
    )
    sentence = (
        f"`actions.{action}` is not offered: Ponder has no such action, and an added one needs a `prompt`."
    )
    async with FakeEditor(folder=tmp_path, command=PONDER) as fake:
        assert action not in ids(await offered(fake))
        await fake.eventually(lambda: "window/showMessage" in [one["method"] for one in fake.unread])
        (told,) = fake.take("window/showMessage")
        assert told == {"type": 2, "message": f"Ponder's settings: {sentence}"}
    for command in ("doctor", "routes"):
        process = await asyncio.create_subprocess_exec(
            *PONDER[:-1], command, env=fake.env, cwd=tmp_path, stdout=-1, stderr=-1
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        assert sentence in " ".join(out.decode().split()), command
