"""The index bench: a tree of 100,000 files against git and ripgrep in the same run, and what the loop feels.

.venv/bin/python tests/bench/run.py index [--files N] [--tree DIR] [--rounds N]
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from ponder.context.gather import Gatherer
from ponder.context.index import git, walk
from ponder.context.index.index import Environment, PathChange, WorkspaceIndex
from ponder.context.index.survey import Surveyor
from ponder.context.select import Selector
from ponder.files.ignore import IgnoreRules

ENDINGS = ("py", "py", "ts", "go", "rs", "java", "md", "json", "txt", "log", "pyc", "tmp")
RULES = "node_modules/\n*.pyc\nbuild/\n!keep.pyc\n/dist\n*.log\n.venv\n__pycache__/\n"


def main(arguments: list[str]) -> int:
    """Measure, print the figures beside their budgets; exit status 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="run.py index", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--tree", type=Path, help="use (or make) the tree there and keep it")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(arguments)
    folder = args.tree or Path(tempfile.mkdtemp(prefix="ponder-bench-"))
    try:
        if not (folder / "tree").exists():
            make_tree(folder / "tree", args.files)
        return measure(folder / "tree", args.rounds)
    finally:
        if args.tree is None:
            shutil.rmtree(folder, ignore_errors=True)


def make_tree(root: Path, count: int) -> None:
    """Files of several languages with imports, ignored ones among them, nested ignore files here and there."""
    chance = random.Random(1)
    root.mkdir(parents=True)
    (root / ".gitignore").write_text(RULES)
    made = number = 0
    while made < count:
        number += 1
        place = root / f"pkg{number % 40}" / f"mod{number % 211}" / f"d{number}"
        place = root / f"pkg{number % 40}" / "node_modules" / f"m{number}" if number % 9 == 0 else place
        place = place / "build" if number % 31 == 0 else place
        place.mkdir(parents=True)
        if number % 50 == 0:
            (place / ".gitignore").write_text("*.tmp\n/skip\n")
        for name in range(20):
            text = f"import mod{chance.randrange(200)}\n\ndef f{name}(a, b):\n    return a + {name}\n"
            ending = chance.choice(ENDINGS)
            (place / f"f{name}_{number}.{ending}").write_text(text * chance.randrange(1, 8))
            made += 1


def measure(root: Path, rounds: int) -> int:
    """All figures of one tree, without a repository first, then with one."""
    environ = dict(os.environ)
    folder = os.path.realpath(root)
    rows: list[tuple[str, float, float]] = []
    shutil.rmtree(root / ".git", ignore_errors=True)
    ripgrep = shutil.which("rg")
    pairs: list[tuple[str, list[str] | None, Callable[[], object], float]] = [
        (
            "list without git ÷ rg --files",
            [ripgrep, "--files", "--hidden", "--no-require-git"] if ripgrep else None,
            lambda: walk.files(folder, IgnoreRules(folder)),
            4.0,
        ),
    ]
    rows += compare(pairs, folder, rounds)
    program = git.program(environ)
    if program is None:
        return report(rows)
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run([program, *command], cwd=folder, check=True)
    listing = [program, "ls-files", "-co", "--exclude-standard"]
    pairs = [
        ("list in git ÷ git ls-files", listing, lambda: git.files(folder, program, environ), 1.5),
        ("cold index ÷ git ls-files", listing, lambda: cold(folder, environ), 10.0),
    ]
    rows += compare(pairs, folder, rounds)
    rows += [("memory a file, KiB", memory(folder, environ), 1.0)]
    rows += asyncio.run(felt(folder, environ))
    return report(rows)


def compare(
    pairs: list[tuple[str, list[str] | None, Callable[[], object], float]], folder: str, rounds: int
) -> list[tuple[str, float, float]]:
    """Ratios of medians, taken in turns so that both feel the same machine."""
    rows = []
    for name, command, ours, budget in pairs:
        if command is None:
            continue
        theirs_times, ours_times = [], []
        for _ in range(rounds):
            theirs_times.append(
                timed(lambda c=command: subprocess.run(c, cwd=folder, capture_output=True, check=True))
            )
            ours_times.append(timed(ours))
        theirs, mine = statistics.median(theirs_times), statistics.median(ours_times)
        print(f"{name}: {mine * 1000:.0f} ms ÷ {theirs * 1000:.0f} ms")
        rows.append((name, mine / theirs, budget))
    return rows


def timed(work: Callable[[], object]) -> float:
    """Seconds the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def index_of(folder: str, environ: dict[str, str]) -> WorkspaceIndex:
    """An index of one folder that says nothing."""
    return WorkspaceIndex([folder], Environment(environ), lambda _: None)


def cold(folder: str, environ: dict[str, str]) -> None:
    """List, rank, and read what enters a map and a context of 32,000 tokens."""

    async def everything() -> None:
        gatherer = Gatherer(index_of(folder, environ))
        await gatherer.gather(Selector(32_000), day=1, now=1.0, open_texts={})

    asyncio.run(everything())


def memory(folder: str, environ: dict[str, str]) -> float:
    """KiB a file that the index keeps."""
    tracemalloc.start()
    index = index_of(folder, environ)
    asyncio.run(index.scan())
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept / 1024 / sum(map(len, index.files.values()))


async def felt(folder: str, environ: dict[str, str]) -> list[tuple[str, float, float]]:
    """The longest the loop stood still beyond what it does on this machine with nothing to do, and one change's cost."""
    idle = await longest(asyncio.sleep(1.0))
    index = index_of(folder, environ)
    scan = await longest(index.scan())
    surveyor = Surveyor(index)
    survey = await longest(asyncio.to_thread(surveyor.survey))
    gatherer, selector = Gatherer(index), Selector(32_000)
    gather = await longest(gatherer.gather(selector, day=1, now=1.0, open_texts={}))
    path = Path(folder) / "changed.py"
    path.write_text("x = 1\n")
    changes = []
    for _ in range(50):
        start = time.perf_counter()
        await index.apply([PathChange("written", str(path))])
        changes.append((time.perf_counter() - start) * 1000)
    path.unlink()
    print(f"loop stood still, ms: idle {idle:.1f}, scan {scan:.1f}, survey {survey:.1f}, gather {gather:.1f}")
    return [
        ("one changed file, ms", statistics.median(changes), 5.0),
        ("longest stall of the loop, ms", max(scan, survey, gather), 20.0),
    ]


async def longest(work: object) -> float:
    """Milliseconds of the longest stretch in which the loop did not turn while the work ran.

    Of wall time and this process's own time the lesser counts: waiting for a busy machine is not the work's fault.
    """
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        while True:
            start, own = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.001)
            stood = min(time.perf_counter() - start - 0.001, time.process_time() - own)
            worst = max(worst, stood * 1000)

    ticking = asyncio.ensure_future(tick())
    await asyncio.ensure_future(work)  # type: ignore[call-overload]
    ticking.cancel()
    return worst


def report(rows: list[tuple[str, float, float]]) -> int:
    """Print each figure beside its budget, and all as one line of JSON."""
    for name, value, budget in rows:
        print(f"{'ok  ' if value <= budget else 'MISS'} {name:32} {value:8.2f}  (budget {budget:g})")
    print(json.dumps({name: round(value, 3) for name, value, _ in rows}), file=sys.stderr)
    return int(any(value > budget for _, value, budget in rows))
