"""Abuse of the protocol, over the wire: each request has one answer and the server lives on (P-01 … P-24)."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import ErrorAnswer, FakeEditor


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
