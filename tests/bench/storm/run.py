"""A save storm: 200 files saved five times in two seconds, and how long other requests wait meanwhile.

Prints requests to the endpoint, the most alive at once, and the times of a light-bulb request asked every 10 ms, which
the server answers from memory: it waits for the loop and for nothing else. Options: `--files N`, `--saves N`.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_client import percentile

FILES, SAVES, SECONDS = 200, 5, 2.0


async def _storm(folder: Path, files: int, saves: int) -> None:
    from e2e.test_outcomes import connected
    from ponder.offline.answer import Answer

    engine: list[Any] = []
    alive: list[int] = []

    def answer(_body: dict[str, Any]) -> Answer:
        asked = [one for one in engine[0].requests if one.path == "/v1/messages"]
        alive.append(sum(not (one.finished or one.closed_by_client) for one in asked))
        return Answer(text=json.dumps({"summary": "Fine.", "findings": []}))

    async with connected(folder, answerer=answer, log_limit=100_000) as (editor, offline):
        engine.append(offline)
        texts = "".join(f"def f{number}(x):\n    return x + {number}\n\n\n" for number in range(50))
        uris = [editor.open(f"f{number}.py", texts) for number in range(files)]
        editor.save(editor.open("warm.py", texts))
        await editor.eventually(lambda: any(one["type"] == "finished" for one in editor.events()), limit=60)
        times: list[float] = []
        probe = asyncio.create_task(_probe(editor, uris[0], times))
        began = time.perf_counter()
        for turn in range(saves):
            for number, uri in enumerate(uris):
                editor.edit(uri, (0, 0, f"# {turn}\n"))
                editor.save(uri)
                due = began + SECONDS * (turn * files + number) / (files * saves)
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        stormed = time.perf_counter() - began
        await editor.eventually(
            lambda: sum(one["type"] == "finished" for one in editor.events()) > files, limit=300
        )
        whole = time.perf_counter() - began
        probe.cancel()
        requests = sum(one.path == "/v1/messages" for one in offline.requests) - 1
        print(f"{files} files × {saves} saves in {stormed:.1f} s; reviewed after {whole:.1f} s")
        print(f"requests {requests} (files changed: {files}), most alive at once {max(alive)}")
        during = [round(value, 1) for value in (percentile(times, 0.5), percentile(times, 0.99), max(times))]
        print(
            f"a light-bulb request meanwhile, ms: p50 {during[0]}, p99 {during[1]}, worst {during[2]} (n {len(times)})"
        )


async def _probe(editor: Any, uri: str, times: list[float]) -> None:
    place = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": uri},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], "triggerKind": 2},
    }
    while True:
        began = time.perf_counter()
        await editor.request("textDocument/codeAction", params)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)


def main(arguments: list[str]) -> int:
    """Run one storm and print its figures."""
    parser = argparse.ArgumentParser(prog="run.py storm")
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--saves", type=int, default=SAVES)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder, "workspace")
        workspace.mkdir()
        asyncio.run(_storm(workspace, asked.files, asked.saves))
    return 0
