"""Hover at the client: from the memory, and with a model that takes longer than `hover.waitMs`. Option: `--hovers N`."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_client import percentile

WAIT_MS = 300


async def _timed(editor: Any, uri: str, line: int) -> float:
    params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 5}}
    began = time.perf_counter()
    shown = await editor.request("textDocument/hover", params)
    assert shown is not None
    return (time.perf_counter() - began) * 1000


def _print(what: str, times: list[float]) -> None:
    figures = [percentile(times, share) for share in (0.5, 0.99)]
    print(f"{what}, ms: p50 {figures[0]:.1f}, p99 {figures[1]:.1f}, worst {max(times):.1f} (n {len(times)})")


async def _measure(folder: Path, hovers: int) -> None:
    from e2e.test_outcomes import connected
    from ponder.offline.answer import Answer
    from ponder.offline.pace import Pace

    text = "".join(
        f'def f{number}(x):\n    """Adds."""\n    return x + {number}\n\n' for number in range(250)
    )

    def answer(_body: dict[str, Any]) -> Answer:
        return Answer(text="It adds a number.")

    patient = {"PONDER_HOVER_WAIT_MS": "30000"}
    async with connected(folder, env=patient, answerer=answer) as (editor, _):
        uri = editor.open("a.py", text)
        asked = [await _timed(editor, uri, 4 * number) for number in range(100)]
        _print("a model that answers at once", asked[1:])
        known = [await _timed(editor, uri, 4 * (number % 100)) for number in range(hovers)]
        _print("from the memory", known)
    async with connected(folder, env=patient, answerer=answer) as (editor, _):
        uri = editor.open("a.py", text)
        await _timed(editor, uri, 0)
        known = [await _timed(editor, uri, 4 * (number % 100)) for number in range(hovers)]
        _print("from the memory, after a restart", known)
    env = {"PONDER_HOVER_WAIT_MS": str(WAIT_MS)}
    async with connected(folder, env=env, answerer=answer, pace=Pace(first_ms=5_000)) as (editor, _):
        uri = editor.open("b.py", text.replace("def f", "def g"))
        await editor.run("ponder.routes")
        await _timed(editor, uri, 0)
        waited = [await _timed(editor, uri, 4 * number) - WAIT_MS for number in range(1, 21)]
        _print(f"a slow model: time beyond `hover.waitMs` ({WAIT_MS})", waited)


def main(arguments: list[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="run.py hover")
    parser.add_argument("--hovers", type=int, default=1_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder, "workspace")
        workspace.mkdir()
        asyncio.run(_measure(workspace, asked.hovers))
    return 0
