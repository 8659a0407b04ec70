"""Much traffic, and a client that stops reading: the loop stays live, memory bounded, nothing lost (P-12, L-03, L-07)."""

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from e2e.damaged_sessions import mutated, recorded_session
from e2e.fake_editor import TEST_SERVER, FakeEditor
from e2e.fake_environment import environment


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as started:
        yield started


def check_events(editor: FakeEditor, runs: int, text: str) -> int:
    """Each run's events are gapless, in order, and its text is whole; the number of deltas."""
    deltas = 0
    for number in range(runs):
        events = editor.events(f"run-{number}")
        assert [event["seq"] for event in events] == list(range(len(events)))
        kinds = [event["type"] for event in events]
        assert kinds[:2] == ["started", "blockStarted"]
        assert kinds[-2:] == ["blockFinished", "finished"]
        assert set(kinds[2:-2]) == {"blockDelta"}
        assert "".join(event["text"] for event in events[2:-2]) == text
        deltas += len(events) - 4
    return deltas


async def test_events_while_the_client_reads(editor: FakeEditor) -> None:
    """What is sent in one tick may be merged; the text is exact, `seq` gapless, and nothing follows `finished`."""
    await editor.run("test.events", {"runs": 3, "deltas": 200, "text": "é😀", "pause": 3})
    text = "".join(f"é😀{number}" for number in range(200))
    assert check_events(editor, 3, text) >= 3 * 60


async def test_l03_client_that_stops_reading(editor: FakeEditor) -> None:
    """L-03: 50 runs write 20 MB while nobody reads: the loop lives, cancel works, memory is the text; then all arrives."""
    before = (await editor.run("test.state"))["rss"]
    asleep, _ = editor.ask(
        "workspace/executeCommand", {"command": "test.sleep", "arguments": [{"seconds": 60}]}
    )
    await editor.run("test.echo")
    # The pipe to us fills up: stop taking bytes out of it.
    editor._process._transport.get_pipe_transport(1).pause_reading()
    stdout = editor._process.stdout
    stdout._paused = True
    word = "x" * 1000
    _, big = editor.ask(
        "workspace/executeCommand", {"command": "test.noisy", "arguments": [{"size": 3_000_000}]}
    )
    _, events = editor.ask(
        "workspace/executeCommand",
        {"command": "test.events", "arguments": [{"runs": 50, "deltas": 400, "text": word, "pause": 1}]},
    )
    _, status = editor.ask(
        "workspace/executeCommand", {"command": "test.status", "arguments": [{"count": 5000}]}
    )
    editor.notify("$/cancelRequest", {"id": asleep})
    _, state = editor.ask("workspace/executeCommand", {"command": "test.state"})
    uri = editor.open("a.py", "typed while blocked")
    _, seen = editor.ask("workspace/executeCommand", {"command": "test.text", "arguments": [{"uri": uri}]})
    # The server goes on reading: all our bytes leave, although nothing of its comes back.
    async with asyncio.timeout(20):
        await editor._process.stdin.drain()
    # What the server is asked last it answers last; only then is the pipe opened again.
    await asyncio.sleep(1)
    stdout._paused = False
    editor._process._transport.get_pipe_transport(1).resume_reading()
    async with asyncio.timeout(60):
        assert len(await big) == 3_000_000
        await status
        assert (await seen)["text"] == "typed while blocked"
        assert await events == "done"
        stalled = await state
    assert stalled["cancelled"] == ["sleep"]
    text = "".join(f"{word}{number}" for number in range(400))
    deltas = check_events(editor, 50, text)
    assert deltas < 50 * 400 / 4
    assert len(editor.received("ponder/status")) < 100
    after = await editor.run("test.state")
    assert after["rss"] - before < 150_000_000
    assert (after["waiting"], after["queued"]) == (0, 0)


async def test_l07_nothing_is_kept(editor: FakeEditor) -> None:
    """L-07: 20,000 changes, 2,000 progresses and 1,000 cancelled requests leave tables, tasks and memory flat."""
    uri = editor.open("a.py", "text\n" * 20)

    async def round_(size: int) -> dict:
        for number in range(size):
            editor.edit(uri, (0, 0 if number % 2 else 1, "x" if number % 2 else ""))
            if number % 20 == 0:
                request_id, answer = editor.ask(
                    "workspace/executeCommand", {"command": "test.sleep", "arguments": [{"seconds": 60}]}
                )
                editor.notify("$/cancelRequest", {"id": request_id})
                answer.add_done_callback(lambda done: done.exception())
            if number % 100 == 0:
                await editor.run("test.progress")
        return await editor.run("test.state")

    while not (await editor.run("test.state"))["framework"]:
        await asyncio.sleep(0.05)
    first = await round_(4000)
    second = await round_(16000)
    for table in ("inFlight", "asking", "progress", "documents", "tasks", "background", "waiting", "queued"):
        assert second[table] == first[table] or second[table] <= 2, table
    assert second["rss"] - first["rss"] < 5_000_000
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == state["shadow"] == editor.text(uri)


HEADERS = {
    "any case": b"content-LENGTH: %d\r\n\r\n",
    "no space": b"Content-Length:%d\r\n\r\n",
    "more space": b"Content-Length:   %d \r\n\r\n",
    "line feeds": b"Content-Length: %d\n\n",
    "content type first": b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
    "content type last": b"Content-Length: %d\r\nContent-Type: x\r\nX-Other: y\r\n\r\n",
    "the same twice": b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
async def test_p10_legal_headers(editor: FakeEditor, header: bytes) -> None:
    """P-10: what can be understood is accepted, in whatever pieces it arrives."""
    body = b'{"jsonrpc":"2.0","method":"workspace/executeCommand","id":"h","params":{"command":"test.echo"}}'
    for cut in (0, 1, 5, len(body)):
        answer = editor._answers["h"] = asyncio.get_running_loop().create_future()
        data = header.replace(b"%d", str(len(body)).encode()) + body
        editor.send_bytes(data[:cut])
        await editor._process.stdin.drain()
        await asyncio.sleep(0.01)
        editor.send_bytes(data[cut:])
        assert await answer == {}


ILLEGAL = [
    b"junk\r\n\r\n",
    b"\r\n\r\n",
    b"Content-Length: -5\r\n\r\n",
    b"Content-Length: +5\r\n\r\n{}   ",
    b"Content-Length: 0x10\r\n\r\n",
    b"Content-Length: 5.0\r\n\r\n",
    b"Content-Length: \r\n\r\n",
    b"Content-Length: \xd9\xa3\r\n\r\n",
    b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    b"Content-Length: 67108865\r\n\r\n",
    b"Content-Length: 2147483648\r\n\r\n",
    b"Content-Length: 999999999999\r\n\r\n",
    b"Content-Length: 99999999999999999999999\r\n\r\n",
    b"Content-Type: x\r\n\r\n{}",
    b"X: " + b"x" * 20_000,
    b"Content-Length: 2\r\n\r\n{}trailing junk\n\n",
]


@pytest.mark.parametrize("sent", ILLEGAL, ids=lambda sent: repr(sent)[:40])
async def test_p10_p11_illegal_headers(editor: FakeEditor, sent: bytes) -> None:
    """P-10, P-11: what cannot be told apart ends the server with 1 and a line in the log, without reading memory full."""
    await editor.run("test.echo")
    editor.send_bytes(sent)
    assert await editor.wait_exit(3) == 1
    assert b"cannot be told apart" in editor.stderr
    assert b"Traceback" not in editor.stderr


async def test_p11_body_shorter_and_empty(editor: FakeEditor) -> None:
    """P-11: an empty body is answered as no JSON; one that never comes whole is waited for."""
    editor.send_bytes(b"Content-Length: 0\r\n\r\n")
    await editor.run("test.echo")
    errors = [message["error"]["code"] for message in editor.messages if message.get("id", 0) is None]
    assert errors == [-32700]
    editor.send_bytes(b"Content-Length: 500\r\n\r\n{")
    editor.close_stdin()
    assert await editor.wait_exit(3) == 1


@pytest.mark.long
def test_p12_damaged_sessions(tmp_path: Path) -> None:
    """P-12: damaged sessions end the server with 0 or 1 in time, with framed output only, and no traceback."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    session = recorded_session()
    for _ in range(80):
        sent = mutated(session, chance)
        done = subprocess.run(
            TEST_SERVER, input=sent, capture_output=True, timeout=10, env=environment(tmp_path), check=False
        )
        assert done.returncode in (0, 1), sent
        assert b"Traceback" not in done.stdout + done.stderr, (sent, done.stderr)
        rest = done.stdout
        while rest:
            header, _, rest = rest.partition(b"\r\n\r\n")
            assert header.startswith(b"Content-Length: "), (sent, done.stdout)
            rest = rest[int(header[16:]) :]
