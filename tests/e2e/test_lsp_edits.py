"""Edits through the client: applied exactly, or not at all and with a reason (E-01, E-08)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import SILENCE, FakeEditor


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as started:
        yield started


@pytest.mark.parametrize("profile", ["full", "neovim", "emacs", "vscode"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_e01_applied_exactly(tmp_path: Path, profile: str, eol: str, encoding: str) -> None:
    """E-01: what the user sees is what was meant, in every encoding, line end and form of edit; the mirror follows."""
    async with FakeEditor(folder=tmp_path, profile=profile, eol=eol, encoding=encoding) as editor:
        uri = editor.open("a.py", "é😀 = 1\nb = 2\n")
        text = editor.text(uri)
        place = text.index("b = 2")
        outcome = await editor.run(
            "test.apply", {"uri": uri, "changes": [[1, 2, "中𝔸"], [place, place + 1, "c"]]}
        )
        assert outcome == {"applied": True, "reason": None}
        assert editor.text(uri) == text.replace("😀", "中𝔸").replace("b = 2", "c = 2")
        state = await editor.run("test.text", {"uri": uri})
        assert state["text"] == editor.text(uri)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"applied": False}, "did not apply"),
        ({"applied": False, "failureReason": "read-only"}, "read-only"),
        ({"applied": True, "failedChange": 0}, "did not apply"),
        ({"applied": "yes"}, "did not apply"),
        ({}, "did not apply"),
        (None, "made no sense"),
        ([], "made no sense"),
        (5, "made no sense"),
    ],
)
async def test_e08_no_clear_yes(editor: FakeEditor, answer: Any, reason: str) -> None:
    """E-08: anything but a clear yes counts as not applied, and says why."""
    editor.responders["workspace/applyEdit"] = lambda _: answer
    uri = editor.open("a.py", "abc")
    outcome = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "x"]]})
    assert outcome["applied"] is False
    assert reason in outcome["reason"]
    assert len(editor.received("workspace/applyEdit")) == 1


@pytest.mark.long
async def test_e08_no_answer(editor: FakeEditor) -> None:
    """E-08: a client that never answers (ALE) does not hold a run for ever; a late answer changes nothing."""
    editor.responders["workspace/applyEdit"] = lambda _: SILENCE
    uri = editor.open("a.py", "abc")
    outcome = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "x"]]}, limit=14)
    assert outcome["applied"] is False
    asked = next(message for message in editor.messages if message.get("method") == "workspace/applyEdit")
    editor.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"applied": True}})
    assert (await editor.run("test.state"))["asking"] == 0


async def test_typed_meanwhile(editor: FakeEditor) -> None:
    """An edit for an older version is refused by the client, and the user's keystroke stays."""
    uri = editor.open("a.py", "abc")

    def type_first(message: Any) -> Any:
        editor.edit(uri, (3, 3, "typed"))
        return editor._default(message)

    editor.responders["workspace/applyEdit"] = type_first
    outcome = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "x"]]})
    assert outcome == {"applied": False, "reason": "wrong version"}
    assert editor.text(uri) == "abctyped"


@pytest.mark.parametrize("says", [True, False])
async def test_confirmation(editor: FakeEditor, says: bool) -> None:
    """An edit that needs confirmation is marked so, and the user's no is a no."""
    editor.confirm = says
    uri = editor.open("a.py", "abc")
    outcome = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "x"]], "confirm": True})
    assert outcome["applied"] is says
    assert editor.text(uri) == ("xbc" if says else "abc")


async def test_nothing_to_change(editor: FakeEditor) -> None:
    """An empty edit is not sent."""
    uri = editor.open("a.py", "abc")
    outcome = await editor.run("test.apply", {"uri": uri, "changes": []})
    assert outcome["applied"] is False
    assert editor.received("workspace/applyEdit") == []
