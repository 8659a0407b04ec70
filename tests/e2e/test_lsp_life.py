"""Beginning, end and cancellation, over the wire: the process ends when it should, as it should (P-03 … P-09)."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from e2e.fake_editor import TEST_SERVER, ErrorAnswer, FakeEditor


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as started:
        yield started


def sleep(seconds: float = 60, name: str = "sleep") -> dict:
    return {"command": "test.sleep", "arguments": [{"seconds": seconds, "name": name}]}


ENDS = {
    "shutdown and exit": 0,
    "shutdown and exit at once": 0,
    "exit": 1,
    "end of stream": 1,
    "end in a body": 1,
    "end in a header": 1,
    "SIGTERM": 143,
    "SIGHUP": 129,
}
SAID = {"shutdown and exit", "shutdown and exit at once", "exit"}
"""Ends by a message: a blocked loop reads none, only the end of the stream and signals reach it."""


@pytest.mark.parametrize(
    ("how", "code", "busy"),
    [
        (how, code, busy)
        for busy in ("idle", "running", "blocked thread", "blocked loop")
        for how, code in ENDS.items()
        if busy != "blocked loop" or how not in SAID
    ],
)
async def test_p03_exit(editor: FakeEditor, how: str, code: int, busy: str) -> None:
    """P-03: each way to end gives its exit code within 3 s, whatever the server is doing."""
    if busy == "running":
        editor.ask("workspace/executeCommand", sleep())
    elif busy == "blocked thread":
        editor.ask(
            "workspace/executeCommand", {"command": "test.block_thread", "arguments": [{"seconds": 20}]}
        )
    await editor.run("test.echo")
    if busy == "blocked loop":
        editor.ask("workspace/executeCommand", {"command": "test.block_loop", "arguments": [{"seconds": 20}]})
    if how == "shutdown and exit":
        assert await editor.request("shutdown") is None
        editor.notify("exit")
    elif how == "shutdown and exit at once":
        editor.ask("shutdown")
        editor.notify("exit")
        editor.close_stdin()
    elif how == "exit":
        editor.notify("exit")
    elif how.startswith("end"):
        begun = {"body": b"Content-Length: 9\r\n\r\n{", "header": b"Content-"}
        editor.send_bytes(begun.get(how.rpartition(" ")[2], b""))
        editor.close_stdin()
    else:
        os.kill(editor.pid, getattr(signal, how))
    assert await editor.wait_exit(3) == code


async def test_p04_shutdown_with_running_work(editor: FakeEditor) -> None:
    """P-04: shutdown answers null, every request in flight gets -32800, and exit follows at once."""
    commands = [
        sleep(),
        sleep(),
        sleep(),
        *[{"command": "test.stubborn", "arguments": [{"seconds": 60}]}] * 2,
    ]
    commands += [{"command": "test.block_thread", "arguments": [{"seconds": 20}]}]
    answers = [editor.ask("workspace/executeCommand", command)[1] for command in commands]
    slow = editor.open("slow.py", "x")
    at = {"textDocument": {"uri": slow}, "position": {"line": 0, "character": 0}}
    answers.append(editor.ask("textDocument/hover", at)[1])
    await editor.run("test.set", {"closingTakes": 60})
    began = time.monotonic()
    assert await editor.request("shutdown", limit=2) is None
    for answer in answers:
        with pytest.raises(ErrorAnswer) as caught:
            await answer
        assert caught.value.code == -32800
    editor.notify("exit")
    assert await editor.wait_exit(2) == 0
    assert time.monotonic() - began < 3


async def test_p05_parent_killed(tmp_path: Path) -> None:
    """P-05: when the client's process is killed while another process holds the pipe open, the server ends."""
    parent = subprocess.Popen(["sleep", "100"])
    async with FakeEditor(folder=tmp_path, process_id=parent.pid) as editor:
        await editor.run("test.echo")
        parent.kill()
        assert await editor.wait_exit(3) == 1
    parent.wait()


async def test_p06_process_ids(tmp_path: Path) -> None:
    """P-06: no process to watch is fine; one that is dead at the start ends the server with 1."""
    async with FakeEditor(folder=tmp_path, handshake=False) as editor:
        await editor.request("initialize", editor.initialize_params() | {"processId": None})
        await editor.run("test.echo")
    dead = subprocess.Popen(["true"])
    dead.wait()
    async with FakeEditor(folder=tmp_path, process_id=dead.pid) as editor:
        assert await editor.wait_exit(3) == 1


async def test_p07_cancel(editor: FakeEditor) -> None:
    """P-07: a cancelled command answers -32800 once, and its coroutine is really cancelled."""
    slow = editor.open("slow.py", "x")
    at = {"textDocument": {"uri": slow}, "position": {"line": 0, "character": 0}}
    asked = [
        editor.ask("workspace/executeCommand", sleep(name="a")),
        editor.ask("workspace/executeCommand", {"command": "test.stubborn", "arguments": [{"seconds": 60}]}),
        editor.ask("textDocument/hover", at),
    ]
    await editor.run("test.echo")
    for request_id, answer in asked:
        editor.notify("$/cancelRequest", {"id": request_id})
        with pytest.raises(ErrorAnswer) as caught:
            await answer
        assert caught.value.code == -32800
    state = await editor.run("test.state")
    assert sorted(state["cancelled"]) == ["a", "hover", "stubborn"]
    assert state["inFlight"] == 1


async def test_p07_cancel_at_any_time(editor: FakeEditor) -> None:
    """P-07: at 200 random moments around its end, a request is answered once: with its result or with -32800."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    ends = {"slept": 0, "cancelled": 0}
    for _ in range(200):
        request_id, answer = editor.ask("workspace/executeCommand", sleep(chance.choice([0, 0.001, 0.003])))
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(chance.random() * 0.003)
        editor.notify("$/cancelRequest", {"id": request_id})
        await asyncio.wait([answer])
        error = answer.exception()
        if error is None:
            assert answer.result() == "slept"
        else:
            assert isinstance(error, ErrorAnswer)
            assert error.code == -32800
        ends["slept" if error is None else "cancelled"] += 1
    state = await editor.run("test.state")
    assert state["inFlight"] == 1
    assert ends["slept"]
    assert ends["cancelled"]


@pytest.mark.parametrize(
    "params", [{"id": 987}, {"id": None}, {"id": 1.5}, {"id": {}}, {}, None, [], {"id": "x"}]
)
async def test_p08_cancel_of_nothing(editor: FakeEditor, params: object) -> None:
    """P-08: cancelling what is not there, twice, or after the answer, does nothing."""
    request_id, answer = editor.ask("workspace/executeCommand", {"command": "test.echo"})
    await answer
    editor.notify("$/cancelRequest", params)
    editor.notify("$/cancelRequest", {"id": request_id})
    editor.notify("$/cancelRequest", {"id": request_id})
    assert (await editor.run("test.state"))["inFlight"] == 1


async def test_p09_progress_cancelled(editor: FakeEditor) -> None:
    """P-09: cancel reaches the owner of a progress that has not ended; unknown and ended tokens mean nothing."""
    token = await editor.run("test.progress", {"keep": True})
    ended = await editor.run("test.progress", {"reports": 5})
    await editor.eventually(lambda: any(shown["token"] == token for shown in editor.received("$/progress")))
    for cancelled in (ended, "unknown", 5, token, token):
        editor.notify("window/workDoneProgress/cancel", {"token": cancelled})
    editor.notify("window/workDoneProgress/cancel", {"token": None})
    state = await editor.run("test.state")
    assert (state["cancelled"], state["progress"]) == ([token], 0)
    shown = [news["value"]["kind"] for news in editor.received("$/progress") if news["token"] == token]
    assert shown == ["begin", "end"]


async def test_progress_that_is_refused(tmp_path: Path) -> None:
    """A client that refuses a token is shown nothing, and nothing is kept."""
    async with FakeEditor(folder=tmp_path) as editor:

        def refuse(message: dict) -> object:
            editor.send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": 1, "message": "no"}})
            from e2e.fake_editor import SILENCE

            return SILENCE

        editor.responders["window/workDoneProgress/create"] = refuse
        await editor.run("test.progress", {"keep": True})
        await editor.eventually(lambda: editor.received("window/workDoneProgress/create"))
        await editor.run("test.echo")
        assert (await editor.run("test.state"))["progress"] == 0
        assert editor.received("$/progress") == []


async def test_first_requests_do_not_wait_for_pygls(tmp_path: Path) -> None:
    """What comes right behind `initialize` is served before the LSP libraries are loaded, and after."""
    async with FakeEditor(folder=tmp_path) as editor:
        early = await editor.run("test.state")
        async with asyncio.timeout(20):
            while not (await editor.run("test.state"))["framework"]:
                await asyncio.sleep(0.05)
        assert await editor.run("test.echo", {"a": 1}) == {"a": 1}
        assert early["framework"] is False


async def test_tcp(tmp_path: Path) -> None:
    """`--tcp` serves one client on loopback and ends with it."""
    from e2e.fake_environment import environment

    server = await asyncio.create_subprocess_exec(
        *TEST_SERVER, "--tcp", "0", stderr=-1, env=environment(tmp_path)
    )
    host, _, port = (await server.stderr.readline()).decode().strip().rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (await reader.readline()).startswith(b"Content-Length: ")
    writer.close()
    async with asyncio.timeout(3):
        assert await server.wait() == 1


async def test_standard_input_from_a_file(tmp_path: Path) -> None:
    """A recorded session in a file can be piped in; the answers come out, then it ends."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    recorded = tmp_path / "session"
    recorded.write_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    from e2e.fake_environment import environment

    answers = tmp_path / "answers"
    with recorded.open("rb") as source, answers.open("wb") as sink:
        code = subprocess.run(
            TEST_SERVER, stdin=source, stdout=sink, env=environment(tmp_path), timeout=10, check=False
        ).returncode
    assert code == 1
    assert b'"id":1,"result"' in answers.read_bytes()


async def test_terminal_as_output(tmp_path: Path) -> None:
    """A terminal's flags belong to the shell too: answers go there through a thread, and its flags stay as they were."""
    os_pty = pytest.importorskip("pty", reason="no terminals here")
    import fcntl
    import tty

    from e2e.fake_environment import environment

    ours, theirs = os_pty.openpty()
    tty.setraw(theirs)
    server = subprocess.Popen(TEST_SERVER, stdin=-1, stdout=theirs, stderr=-1, env=environment(tmp_path))
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    server.stdin.flush()
    read = b""
    while not read.endswith(b"}}"):
        read += await asyncio.get_running_loop().run_in_executor(None, os.read, ours, 65536)
    assert b'"id":1,"result"' in read
    assert not fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK
    server.stdin.close()
    assert server.wait(3) == 1
    server.stderr.close()
    os.close(ours)
    os.close(theirs)
