"""A save storm: 200 files saved five times in two seconds, and how long other requests wait meanwhile.

Prints requests to the endpoint, the most alive at once, how late a timer of the server's own loop was, and the times of
a light-bulb request asked every 10 ms, which the server answers from memory. The latter hold what the client and the
engine do in this process; on a busy machine both hold the wait for a processor, and only the loop's own work (its
thread's processor time from one look at the timers to the next) does not. Options: `--files N`, `--saves N`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_client import percentile

FILES, SAVES, SECONDS = 200, 5, 2.0
WATCHED = """
import asyncio, atexit, json, os, runpy, sys, time
late, busy = [], []

def look(loop, due, spent):
    now = time.thread_time()
    late.append((loop.time() - due) * 1000)
    busy.append((now - spent) * 1000)
    loop.call_later(0.005, look, loop, loop.time() + 0.005, time.thread_time())

def run_forever(loop, run=asyncio.BaseEventLoop.run_forever):
    loop.call_later(0.005, look, loop, loop.time() + 0.005, time.thread_time())
    run(loop)

asyncio.BaseEventLoop.run_forever = run_forever
# The server ends by `os._exit`.
def leave(code, exit=os._exit):
    with open(os.environ["PONDER_STATE_DIR"] + "/lag.json", "w") as file:
        json.dump([late, busy], file)
    exit(code)
os._exit = leave
atexit.register(lambda: leave(0))
sys.argv = ["ponder", "serve"]
runpy.run_module("ponder", run_name="__main__")
"""
"""The server with a watch on its loop: every 5 ms, how late the timer was and what the loop had worked since."""


async def _storm(folder: Path, files: int, saves: int) -> None:
    from e2e import test_outcomes
    from ponder.offline.answer import Answer

    engine: list[Any] = []
    alive: list[int] = []

    def answer(_body: dict[str, Any]) -> Answer:
        asked = [one for one in engine[0].requests if one.path == "/v1/messages"]
        alive.append(sum(not (one.finished or one.closed_by_client) for one in asked))
        return Answer(text=json.dumps({"summary": "Fine.", "findings": []}))

    test_outcomes.PONDER = (sys.executable, "-P", "-c", WATCHED)
    async with test_outcomes.connected(folder, answerer=answer, log_limit=100_000) as (editor, offline):
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
    watched = json.loads(Path(editor.env["PONDER_STATE_DIR"], "lag.json").read_text())
    for what, values in zip(("late", "busy in one piece"), watched, strict=True):
        figures = [round(percentile(values, share), 1) for share in (0.5, 0.99)]
        print(
            f"the server's loop was {what}, ms: p50 {figures[0]}, p99 {figures[1]}, worst {max(values):.1f} (n {len(values)})"
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
