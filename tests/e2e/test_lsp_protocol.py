"""Abuse of the protocol, over the wire: each request has one answer and the server lives on (P-01 … P-24)."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import SILENCE, ErrorAnswer, FakeEditor


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as started:
        yield started


@pytest.fixture
async def cold(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    """A server that was not initialized."""
    async with FakeEditor(folder=tmp_path, handshake=False) as started:
        yield started


async def code_of(answer: Any) -> int:
    """The code of the error that a request is answered with."""
    with pytest.raises(ErrorAnswer) as caught:
        async with asyncio.timeout(10):
            await answer
    return caught.value.code


async def alive(editor: FakeEditor) -> None:
    """The server answers, and nothing is in flight but this."""
    assert await editor.run("test.echo", {"ping": 1}) == {"ping": 1}


async def test_p01_before_initialize(cold: FakeEditor) -> None:
    """P-01: requests are refused with -32002, notifications dropped, and initialize still works."""
    at = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}
    assert await code_of(cold.request("textDocument/hover", at)) == -32002
    assert await code_of(cold.request("workspace/executeCommand", {"command": "test.echo"})) == -32002
    assert await code_of(cold.request("shutdown")) == -32002
    cold.open("dropped.py", "text")
    await cold.request("initialize", cold.initialize_params())
    state = await cold.run("test.state")
    assert state["documents"] == 0


async def test_p02_twice_and_after(editor: FakeEditor) -> None:
    """P-02: a second initialize, and any request after shutdown, is refused with -32600."""
    assert await code_of(editor.request("initialize", editor.initialize_params())) == -32600
    await editor.request("shutdown")
    for method in ("textDocument/hover", "shutdown", "initialize", "unknown/method"):
        assert await code_of(editor.request(method, {})) == -32600
    editor.notify("exit")
    assert await editor.wait_exit(2) == 0


@pytest.mark.parametrize("kind", ["null id", "invalid"])
async def test_p02_initialize_with_bad_parameters(cold: FakeEditor, kind: str) -> None:
    """P-02: an initialize that cannot be read is refused and leaves the server waiting for a good one."""
    if kind == "invalid":
        assert await code_of(cold.request("initialize", {"capabilities": 5})) == -32602
    else:
        cold.send({"jsonrpc": "2.0", "id": None, "method": "initialize", "params": {}})
        await cold.eventually(lambda: cold.messages and cold.messages[-1]["error"]["code"] == -32600)
    await cold.request("initialize", cold.initialize_params())
    await alive(cold)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b'{"jsonrpc": "2.0", "id": 90, "method": "test/x", "params"', -32700),
        (b"", -32700),
        (b"[]", -32600),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', -32600),
        (b"5", -32600),
        (b"null", -32600),
        (b'"text"', -32600),
        (b"{}", -32600),
        (b'{"jsonrpc": "2.0"}', -32600),
        (b'{"jsonrpc": "2.0", "method": 5}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1e308, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', -32600),
        (b"[" * 100_000 + b"]" * 100_000, -32700),
        (b"\xff\xfe\x00", -32700),
        (b'{"jsonrpc": "2.0", "id": "\xff", "method": "shutdown"}', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown"} trailing', -32700),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_p13_p15_unreadable(editor: FakeEditor, sent: bytes, expected: int) -> None:
    """P-13, P-15: what is no message gets an error with a null id, once, and the server lives on."""
    editor.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(sent), sent))
    await alive(editor)
    errors = [message for message in editor.messages if message.get("id", 0) is None]
    assert [error["error"]["code"] for error in errors] == [expected]


@pytest.mark.parametrize(
    "sent",
    [
        b'\xef\xbb\xbf{"jsonrpc": "2.0", "id": 77, "method": "workspace/executeCommand", "params": %b}',
        b'{"extra": NaN, "jsonrpc": "2.0", "id": 77, "method": "workspace/executeCommand", "params": %b}',
        b'{"extra": "\\ud83d", "jsonrpc": "2.0", "id": 77, "method": "workspace/executeCommand", "params": %b}',
    ],
)
async def test_p13_tolerated(editor: FakeEditor, sent: bytes) -> None:
    """P-13: a byte-order mark, NaN and half pairs are read all the same."""
    body = sent % b'{"command": "test.echo", "arguments": [{"a": "\\udc00"}]}'
    answer = editor._answers[77] = asyncio.get_running_loop().create_future()
    editor.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert await answer == {"a": "\udc00"}


async def test_p13_long_string_and_deep_parameters(editor: FakeEditor) -> None:
    """P-13: a string of 50 MB passes; parameters 100,000 deep are refused; the server lives on."""
    assert len((await editor.run("test.echo", {"text": "x" * 50_000_000}))["text"]) == 50_000_000
    deep = b"[" * 100_000 + b"]" * 100_000
    body = b'{"jsonrpc": "2.0", "id": "deep", "method": "test/raise", "params": %b}' % deep
    editor.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    await alive(editor)
    assert [message["error"]["code"] for message in editor.messages if message.get("id", 0) is None] == [
        -32700
    ]


POSITION = {"line": 0, "character": 0}
DOCUMENT = {"uri": "file:///a.py"}
BAD_PARAMETERS = [
    ("textDocument/hover", None, "object"),
    ("textDocument/hover", [], "object"),
    ("textDocument/hover", {"textDocument": DOCUMENT}, "position"),
    ("textDocument/hover", {"textDocument": {"uri": 5}, "position": POSITION}, "textDocument.uri"),
    ("textDocument/hover", {"textDocument": DOCUMENT, "position": {"line": 0, "character": 1e308}}, "position.character"),
    ("textDocument/hover", {"textDocument": DOCUMENT, "position": {"line": "0", "character": 0}}, "position.line"),
    ("textDocument/codeAction", {"textDocument": DOCUMENT, "range": {"start": POSITION}}, "range"),
    (
        "textDocument/codeAction",
        {"textDocument": DOCUMENT, "range": {"start": POSITION, "end": POSITION}, "context": {"diagnostics": 1}},
        "context.diagnostics",
    ),
    ("workspace/executeCommand", {"command": None}, "command"),
    ("workspace/executeCommand", {"command": "test.echo", "arguments": {}}, "arguments"),
    ("workspace/executeCommand", {"command": "test.echo", "arguments": [5]}, "arguments"),
    ("workspace/executeCommand", {"command": "no.such"}, "no.such"),
    ("textDocument/diagnostic", {"textDocument": None}, "textDocument"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "named"), BAD_PARAMETERS)
async def test_p14_bad_parameters(editor: FakeEditor, method: str, params: Any, named: str) -> None:
    """P-14: parameters of the wrong type get -32602, which names the field."""
    with pytest.raises(ErrorAnswer, match=named.replace(".", r"\.")) as caught:
        await editor.request(method, params)
    assert caught.value.code == -32602
    await alive(editor)


@pytest.mark.parametrize("request_id", [0, -1, "", "text", 2**53, -(2**63), 10**30, "\ud83d", "1"])
async def test_p15_ids(editor: FakeEditor, request_id: Any) -> None:
    """P-15: every whole number and string is an id, and comes back as it was."""
    _, answer = editor.ask("workspace/executeCommand", {"command": "test.echo"}, number=request_id)
    assert await answer == {}


async def test_p15_same_id_in_flight(editor: FakeEditor) -> None:
    """P-15: a second request with an id in flight is refused; 1 and "1" are two ids."""
    sleep = {"command": "test.sleep", "arguments": [{"seconds": 30}]}
    _, number = editor.ask("workspace/executeCommand", sleep, number=1000)
    _, text = editor.ask("workspace/executeCommand", sleep, number="1000")
    editor.send({"jsonrpc": "2.0", "id": 1000, "method": "shutdown"})
    assert await code_of(number) == -32600
    editor._answers[1000] = first = asyncio.get_running_loop().create_future()
    editor.notify("$/cancelRequest", {"id": 1000})
    editor.notify("$/cancelRequest", {"id": "1000"})
    assert await code_of(first) == -32800
    assert await code_of(text) == -32800
    _, again = editor.ask("workspace/executeCommand", {"command": "test.echo"}, number=1000)
    assert await again == {}


async def test_p16_nested_protocol_words(editor: FakeEditor) -> None:
    """P-16: objects that look like messages are delivered as they are."""
    inner = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "shutdown",
        "params": {"jsonrpc": None},
        "type_name": "x",
        "a.b": [1],
    }
    assert await editor.run("test.echo", {"deep": [inner], "jsonrpc": "1", "id": None}) == {
        "deep": [inner], "jsonrpc": "1", "id": None
    }  # fmt: skip
    editor.settings = {"jsonrpc": "2.0", "id": 5}
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.eventually(lambda: len(editor.received("workspace/configuration")) >= 2)
    state = await editor.run("test.state")
    assert state["settings"][-1] == {"jsonrpc": "2.0", "id": 5}


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


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("Exception", -32603),
        ("KeyboardInterrupt", -32603),
        ("SystemExit", -32603),
        ("CancelledError", -32603),
        ("MemoryError", -32603),
        ("RecursionError", -32603),
        ("GeneratorExit", -32603),
        ("PonderError", -32803),
        ("BadArgument", -32602),
    ],
)
async def test_p19_raising_handlers(editor: FakeEditor, kind: str, code: int, later: bool) -> None:
    """P-19: what a handler raises becomes one error without text, path or secret; expected trouble keeps its sentence."""
    for request in (
        editor.run("test.raise", {"kind": kind, "later": later}),
        editor.request("test/raise", {"kind": kind}),
    ):
        with pytest.raises(ErrorAnswer) as caught:
            await request
        assert caught.value.code == code
        assert "canary" not in caught.value.message
        assert "/" not in caught.value.message
    await alive(editor)
    assert b"canary" not in editor.stderr


async def test_p19_result_that_cannot_be_sent(editor: FakeEditor) -> None:
    """P-19: a result that is no JSON is the handler's failure, answered once."""
    assert await code_of(editor.run("test.unencodable")) == -32603
    await alive(editor)


async def test_p20_pure_stdout(editor: FakeEditor) -> None:
    """P-20: prints, C output and children reach stderr, never the protocol (the fake editor checks)."""
    await editor.run("test.print")
    await alive(editor)
    for stray in (b"a stray print", b"stray bytes", b"stray from C", b"a stray warning", b"stray child"):
        await editor.eventually(lambda stray=stray: stray in editor.stderr)


async def test_p21_unknown_methods(editor: FakeEditor) -> None:
    """P-21: unknown requests get -32601, unknown notifications nothing."""
    editor.notify("$/unknown", {"a": 1})
    editor.notify("$/setTrace", {"value": "verbose"})
    editor.notify("unknown/notification")
    assert await code_of(editor.request("$/unknown", {})) == -32601
    assert await code_of(editor.request("unknown/method")) == -32601
    assert await code_of(editor.request("exit")) == -32601
    with pytest.raises(ErrorAnswer) as caught:
        await editor.request("x" * 1_000_000)
    assert caught.value.code == -32601
    assert len(caught.value.message) < 1000
    await alive(editor)


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


async def test_p24_quarantine(editor: FakeEditor) -> None:
    """P-24: a document that crashed twice is left alone with one message, until it is opened again."""
    uri = editor.open("crash.py", "secret-canary\n")
    at = {"textDocument": {"uri": uri}, "position": POSITION}
    for _ in range(2):
        assert await code_of(editor.request("textDocument/hover", at)) == -32603
    for _ in range(3):
        assert await editor.request("textDocument/hover", at) is None
    command = {"textDocument": {"uri": uri}}
    assert await code_of(editor.run("test.echo", command)) == -32803
    assert len(editor.take("window/showMessage")) == 1
    editor.edit(uri, (0, 1, "S"))
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == editor.text(uri)
    editor.close(uri)
    uri = editor.open("crash.py", "again")
    assert await code_of(editor.request("textDocument/hover", at)) == -32603
    assert b"canary" not in editor.stderr


async def test_p24_crash_in_a_notification(editor: FakeEditor) -> None:
    """P-24: a session that fails on a change does not cost the mirror its text."""
    uri = editor.open("a.py", "abc\n")
    await editor.run("test.crash_on", {"uri": uri})
    for _ in range(5):
        editor.edit(uri, (0, 0, "x"))
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == editor.text(uri)
    assert len(editor.take("window/showMessage")) == 1


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


async def test_logs_hold_no_content(tmp_path: Path) -> None:
    """At the most talkative level no text, key, path or setting is logged."""
    env = {"PONDER_LOG": "DEBUG"}
    options = {"ponder": {"key": "sk-ant-canary-0123456789"}}
    async with FakeEditor(folder=tmp_path, env=env, options=options) as editor:
        uri = editor.open("canary.py", "canary = 'canary'\n")
        editor.edit(uri, (0, 0, "canary"), (0, 0, "more canary"))
        editor.notify("canary/unknown", {"canary": 1})
        await editor.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": POSITION})
        with pytest.raises(ErrorAnswer):
            await editor.run("canary.unknown", {"canary": 1})
        with pytest.raises(ErrorAnswer):
            await editor.request("canary/unknown", {"canary": 1})
        editor.send_bytes(b"Content-Length: 8\r\n\r\n{canary}")
        editor.edit(uri, (0, 1, "x"))
        editor.save(uri)
        await alive(editor)
    assert b"canary" not in editor.stderr, editor.stderr.decode()
    assert "canary" in json.dumps(editor.messages)
