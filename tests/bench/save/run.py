"""From a save to the request of its review, and from a command to its own: what Ponder adds to the pause and to nothing.

    .venv/bin/python tests/bench/run.py save [--files 20 5000] [--saves 8]

The real server over stdio, the endpoint in this process. "Beyond the pause" is the time from `didSave` to the request
less `review.debounceMs`; "command" the time from `workspace/executeCommand` to the request. First ones are taken in a
new session each, without and with time to import the SDK before. "Floor" is the same body sent by the SDK's own
client in this process: what no editor's server can take less than.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

NOTHING = json.dumps({"summary": "Fine.", "findings": []})
PAUSE_MS = 1_500
SETTLED_S = 3.0
LARGE_LINES = 3_000


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0."""
    parser = argparse.ArgumentParser(prog="run.py save", description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, nargs="+", default=[20, 5_000])
    parser.add_argument("--saves", type=int, default=8)
    asked = parser.parse_args(arguments)
    print(f"pause {PAUSE_MS} ms; load {os.getloadavg()[0]:.1f}; all figures in ms")
    for count in asked.files:
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch).resolve() / "project"
            root.mkdir()
            make_project(root, count)
            for name, value in asyncio.run(measure(root, asked.saves)).items():
                print(f"{count:6} files  {name:<42} {value}")
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0


def make_project(root: Path, count: int) -> None:
    """Python files that import each other, and one of 3,000 lines."""
    chance = random.Random(1)
    for number in range(count):
        folder = root / f"pkg{number // 50}"
        folder.mkdir(exist_ok=True)
        other = chance.randrange(count)
        body = "".join(function(part) for part in range(chance.randrange(3, 25)))
        (folder / f"m{number}.py").write_text(f"import pkg{other // 50}.m{other}\n\n\n{body}")
    (root / "large.py").write_text("".join(function(part) for part in range(LARGE_LINES // 6)))


def function(number: int) -> str:
    """Six lines."""
    return f"def f{number}(a, b):\n    # Adds them.\n    total = a + b + {number}\n    return total\n\n\n"


class Bench:
    """One session of an editor, and when each request arrived."""

    def __init__(self, editor: Any, offline: Any, root: Path) -> None:
        self.editor = editor
        self.root = root
        self.arrived: list[float] = []
        self.bodies: list[bytes] = []
        self.closed = 0
        self._handle = offline.handle
        offline.handle = self._noting

    async def _noting(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        if target == "/v1/messages":
            self.arrived.append(time.perf_counter())
            self.bodies.append(body)
        return await self._handle(method, target, headers, body)

    def open(self, name: str) -> str:
        """Open a file of the project."""
        uri: str = self.editor.open(name, (self.root / name).read_text())
        return uri

    async def save(self, uri: str, number: int) -> float:
        """Change a function, save, and wait for the end of the review; ms from the save to the request, less the pause."""
        text = self.editor.text(uri)
        at = text.index("return total", len(text) // 2)
        self.editor.edit(uri, (at, at, f"total += {number + 1}\n    "))
        began = time.perf_counter()
        self.editor.save(uri)
        return await self._left(began) - PAUSE_MS

    async def command(self, uri: str, action: str) -> float:
        """Run an action to its end; ms from the command to the request."""
        argument = {"action": action, "textDocument": {"uri": uri}}
        began = time.perf_counter()
        await self.editor.run("ponder.run", argument)
        return await self._left(began)

    async def _left(self, began: float) -> float:
        self.closed += 1
        while len(self.arrived) < self.closed:
            await asyncio.sleep(0.001)
        await self.editor.eventually(
            lambda: sum(event["type"] == "finished" for event in self.editor.events()) >= self.closed,
            limit=60,
        )
        return (self.arrived[-1] - began) * 1000


@contextlib.asynccontextmanager
async def session(root: Path) -> AsyncIterator[Bench]:
    """A new server with an empty state."""
    from e2e.test_outcomes import connected
    from ponder.offline.answer import Answer

    with tempfile.TemporaryDirectory() as state:
        env = {"PONDER_REVIEW_DEBOUNCE_MS": str(PAUSE_MS), "PONDER_STATE_DIR": state}
        async with connected(root, env=env, answerer=lambda _: Answer(text=NOTHING)) as (editor, offline):
            yield Bench(editor, offline, root)


async def measure(root: Path, saves: int) -> dict[str, str]:
    """All figures of one project."""
    rows: dict[str, str] = {}
    first, second = "pkg0/m0.py", "pkg0/m1.py"
    for name, settled in (("at start", 0.0), ("settled", SETTLED_S)):
        async with session(root) as bench:
            uri = bench.open(first)
            await asyncio.sleep(settled)
            rows[f"first command, {name}"] = f"{await bench.command(uri, 'explain'):8.0f}"
        async with session(root) as bench:
            uri = bench.open(first)
            await asyncio.sleep(settled)
            rows[f"first save beyond the pause, {name}"] = f"{await bench.save(uri, 0):8.0f}"
            if not settled:
                continue
            uris = [uri, bench.open(second)]
            rows["later saves beyond the pause"] = spread(
                [await bench.save(uris[number % 2], number + 1) for number in range(saves)]
            )
            large = bench.open("large.py")
            await bench.save(large, 0)
            rows[f"saves of {LARGE_LINES:,} lines beyond the pause"] = spread(
                [await bench.save(large, number + 1) for number in range(saves)]
            )
            rows["later commands"] = spread(
                [await bench.command(uris[number % 2], "review") for number in range(saves)]
            )
            body = bench.bodies[-1]
    rows[f"floor: the SDK alone, {len(body) // 1000} kB"] = spread(await floor(body, saves))
    return rows


async def floor(body: bytes, times: int) -> list[float]:
    """The same body by a client of the SDK, to a server in this process that answers at once."""
    import anthropic
    import httpx2

    arrived: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            arrived.append(time.perf_counter())
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await answer(reader, writer)
        writer.close()

    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        taken = []
        async with anthropic.AsyncAnthropic(api_key="bench", base_url=url, max_retries=0) as client:
            for _ in range(times + 1):
                began = time.perf_counter()
                await client.post("/v1/messages", cast_to=httpx2.Response, content=body)
                taken.append((arrived[-1] - began) * 1000)
    return taken[1:]


def spread(values: list[float]) -> str:
    """The median, and the smallest and the largest."""
    return f"{statistics.median(values):8.0f}  ({min(values):.0f}-{max(values):.0f})"
