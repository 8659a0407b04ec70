"""What clients answer, offer and set, in sense and nonsense: the server asks for no more and survives it all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import SILENCE, FakeEditor
from e2e.test_lsp_protocol import POSITION, alive


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as editor:
        yield editor


@pytest.mark.parametrize(
    ("name", "respond"),
    [
        ("late", None),
        ("wrong type", lambda _: 5),
        ("list", lambda _: ["One"]),
        ("null", lambda _: None),
        ("no choice of ours", lambda _: {"title": "Three"}),
    ],
)
async def test_p17_answers_of_the_client(editor: FakeEditor, name: str, respond: Any) -> None:
    """P-17: whatever the client answers, the wait ends and nothing breaks."""
    editor.responders["window/showMessageRequest"] = respond or (lambda _: SILENCE)
    if respond is not None:
        assert await editor.run("test.ask") is None
        return
    assert (
        await editor.run("test.request", {"method": "window/showMessageRequest", "limit": 0.2, "params": {}})
        is None
    )
    ours = next(
        message for message in editor.messages if message.get("method") == "window/showMessageRequest"
    )
    for _ in range(2):
        editor.send({"jsonrpc": "2.0", "id": ours["id"], "result": {"title": "One"}})
    await alive(editor)
    assert (await editor.run("test.state"))["asking"] == 0


async def test_p17_strange_answers(editor: FakeEditor) -> None:
    """P-17: answers to unknown ids, to the client's own ids, twice, and errors are no trouble."""
    request_id, sleeping = editor.ask(
        "workspace/executeCommand", {"command": "test.sleep", "arguments": [{"seconds": 0.3}]}
    )
    for answer_id in (request_id, "unknown", 5, -1):
        editor.send({"jsonrpc": "2.0", "id": answer_id, "result": None})
        editor.send({"jsonrpc": "2.0", "id": answer_id, "error": {"code": 1, "message": "no"}})
    editor.send({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "no"}})
    assert await sleeping == "slept"

    def twice(message: Any) -> Any:
        editor.send({"jsonrpc": "2.0", "id": message["id"], "result": {"title": "Two"}})
        return {"title": "One"}

    editor.responders["window/showMessageRequest"] = twice
    assert await editor.run("test.ask") == "Two"

    def error(message: Any) -> Any:
        editor.send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": 1, "message": "no"}})
        return SILENCE

    editor.responders["window/showMessageRequest"] = error
    assert await editor.run("test.ask") is None


@pytest.mark.parametrize("profile", ["bare", "vscode", "neovim", "emacs", "full"])
async def test_p18_nothing_beyond_what_is_offered(tmp_path: Path, profile: str) -> None:
    """P-18: every ability is used where it is offered and left out where it is not (the fake editor checks)."""
    async with FakeEditor(folder=tmp_path, profile=profile) as editor:
        has = editor.capabilities
        uri = editor.open("a.py", "abc\n")
        edited = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "X"]]})
        assert edited["applied"] is bool(has.get("workspace", {}).get("applyEdit"))
        assert (edited["reason"] is None) is edited["applied"]
        assert editor.text(uri) == ("Xbc\n" if edited["applied"] else "abc\n")
        await editor.run("test.progress", {"reports": 3})
        assert await editor.run("test.ask"), "asking needs no capability"
        assert await editor.run("test.show", {"uri": uri}) is bool(has.get("window", {}).get("showDocument"))
        await editor.run("test.events", {"deltas": 2, "text": "t"})
        assert bool(editor.events()) is (profile == "full")
        created = await editor.run("test.create", {"uri": editor.uri("new.py"), "text": "new"})
        assert created["applied"] is (
            "create" in has.get("workspace", {}).get("workspaceEdit", {}).get("resourceOperations", [])
        )
        assert await editor.run("test.publish", {"uri": uri, "spans": [[0, 3]]})
        shown = await editor.request(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": POSITION}
        )
        markdown = "markdown" in has.get("textDocument", {}).get("hover", {}).get("contentFormat", [])
        assert shown["contents"]["kind"] == ("markdown" if markdown else "plaintext")


@pytest.mark.parametrize(
    "sent",
    [None, {}, 5, "text", [1], {"ponder": 5}, {"ponder": None}, {"ponder": ["x"]}, {"a": "x" * 10_000_000}],
)
async def test_p22_settings_that_are_none(tmp_path: Path, sent: Any) -> None:
    """P-22: settings that are no object never reach the session, pushed or pulled."""
    async with FakeEditor(folder=tmp_path, profile="bare") as editor:
        editor.notify("workspace/didChangeConfiguration", {"settings": sent})
        assert (await editor.run("test.state"))["settings"] == []
    async with FakeEditor(folder=tmp_path, settings=5) as editor:
        await editor.eventually(lambda: editor.received("workspace/configuration"))
        assert (await editor.run("test.state"))["settings"] == []


async def test_p22_settings(tmp_path: Path) -> None:
    """P-22: settings arrive from initializationOptions, from a push, and by asking."""
    async with FakeEditor(folder=tmp_path, profile="bare", options={"ponder": {"a": 1}}) as editor:
        editor.notify("workspace/didChangeConfiguration", {"settings": {"ponder": {"b": 2}}})
        assert (await editor.run("test.state"))["settings"] == [{"a": 1}, {"b": 2}]
    async with FakeEditor(folder=tmp_path, settings={"c": 3}) as editor:
        await editor.eventually(lambda: editor.received("workspace/configuration"))
        assert (await editor.run("test.state"))["settings"] == [{"c": 3}]


async def test_p23_folders(editor: FakeEditor) -> None:
    """P-23: folders added twice, nested and removed; a document's path follows."""
    top = editor.folder.as_uri()
    uri = editor.open("sub/a.py", "text")
    assert (await editor.run("test.text", {"uri": uri}))["path"] == "sub/a.py"

    async def folders(added: list[str], removed: list[str]) -> list[str]:
        event = {
            "added": [{"uri": uri, "name": "n"} for uri in added],
            "removed": [{"uri": uri, "name": "n"} for uri in removed],
        }
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        return (await editor.run("test.state"))["folders"]

    assert await folders([top, f"{top}/sub"], []) == [top, f"{top}/sub"]
    assert (await editor.run("test.text", {"uri": uri}))["path"] == "a.py"
    assert await folders([], [top, top, "file:///never"]) == [f"{top}/sub"]
    assert await folders([top], [f"{top}/sub"]) == [top]
    assert await folders([], [top]) == []
    assert (await editor.run("test.text", {"uri": uri}))["path"] == "a.py"


async def test_capability_answer(tmp_path: Path) -> None:
    """What is advertised: narrow kinds, incremental sync, saves with text; pull diagnostics only to those who only pull."""
    async with FakeEditor(folder=tmp_path) as editor:
        offered = editor.initialize_result["capabilities"]
        assert editor.initialize_result["serverInfo"]["name"] == "ponder"
        assert offered["textDocumentSync"] == {"openClose": True, "change": 2, "save": {"includeText": True}}
        assert offered["codeActionProvider"] == {
            "codeActionKinds": ["quickfix", "refactor.rewrite.ponder", "source.ponder"]
        }
        assert offered["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}
        assert offered["experimental"] == {"ponder": {"events": 1}}
        assert "diagnosticProvider" not in offered

    def only_pull(capabilities: Any) -> None:
        capabilities["textDocument"] = {"diagnostic": {}}

    async with FakeEditor(folder=tmp_path, profile="bare", change=only_pull) as editor:
        assert "diagnosticProvider" in editor.initialize_result["capabilities"]
        uri = editor.open("a.py", "abc\n")
        await editor.run("test.publish", {"uri": uri, "spans": [[0, 3]]})
        report = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert (report["kind"], len(report["items"])) == ("full", 1)
        same = {"textDocument": {"uri": uri}, "previousResultId": report["resultId"]}
        assert (await editor.request("textDocument/diagnostic", same))["kind"] == "unchanged"
        assert editor.received("textDocument/publishDiagnostics") == []
