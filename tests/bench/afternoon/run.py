"""An afternoon of saves, hovers and actions in a real repository: input cost with caching and without.

    .venv/bin/python tests/bench/run.py afternoon [--saves 60] [--seed 1] [--repository .] [--until HEAD]

Real edits: the repository is put back by some commits, then saves bring it forward stretch by stretch. The server is the
real one over stdio, the endpoint the offline engine over HTTP with its exact accounting of the cache; both clocks are
moved, so that hours take a minute. Figures are those of `ponder usage`; "without" is the same afternoon with every
cache mark taken away.
"""

import argparse
import asyncio
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from bench.afternoon.play import Afternoon
from bench.afternoon.script import Step, afternoon
from ponder.routing.prices import price_of

_MOST_COMMITS = 30


def main(arguments: list[str]) -> int:
    """Play both and print."""
    parser = argparse.ArgumentParser(prog="afternoon", description=__doc__.splitlines()[0])
    parser.add_argument("--repository", type=Path, default=Path(__file__).resolve().parents[3])
    parser.add_argument(
        "--until", default="HEAD", help="the commit at which the afternoon ends at the latest"
    )
    parser.add_argument("--saves", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    before, commits, start = history(options.repository, options.until)
    with tempfile.TemporaryDirectory() as scratch:
        steps = list(afternoon(before, commits, saves=options.saves, seed=options.seed))
        with_cache = asyncio.run(
            play(options.repository, start, Path(scratch) / "cached", steps, cached=True)
        )
        without = asyncio.run(
            play(options.repository, start, Path(scratch) / "uncached", steps, cached=False)
        )
    hours = sum(step.gap for step in steps) / 3600
    print(
        f"{with_cache.saves} saves, {with_cache.hovers} hovers, {with_cache.actions} actions in {hours:.1f} h;"
        f" {with_cache.usage['totals']['requests']} requests, seed {options.seed}"
    )
    return show(with_cache.usage, without.usage, with_cache)


def history(repository: Path, until: str = "HEAD") -> tuple[dict[str, str], list[dict[str, str]], str]:
    """Python files before the last commits that change some of them in place, what each made of them, and the start."""
    names = git(repository, "rev-list", "--first-parent", f"--max-count={_MOST_COMMITS + 1}", until).split()
    start = names[-1]
    commits = []
    for name in reversed(names[:-1]):
        changed = git(repository, "diff", "--name-only", "--diff-filter=M", f"{name}^", name, "--", "*.py")
        commits.append({path: git(repository, "show", f"{name}:{path}") for path in changed.splitlines()})
    touched = {path for commit in commits for path in commit}
    listed = set(git(repository, "ls-tree", "-r", "--name-only", start).splitlines())
    return {path: git(repository, "show", f"{start}:{path}") for path in touched & listed}, commits, start


async def play(repository: Path, start: str, folder: Path, steps: list[Step], *, cached: bool) -> Afternoon:
    """One session on a copy of the repository as it was at the start."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(repository), "archive", start], capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    session = Afternoon(folder, cached=cached)
    await session.play(steps)
    return session


def show(cached: dict[str, Any], uncached: dict[str, Any], session: Afternoon) -> int:
    """Print the figures by model; 0 where the whole input cost at most 0.3 of the same without caching."""
    print(f"{'':22}{'requests':>9}{'input $':>9}{'by usage':>9}{'without $':>10}{'ratio':>7}")
    sums = [0.0, 0.0, 0.0]
    for model, usage in cached["byModel"].items():
        spent, plain = input_cost(model, usage), input_cost(model, usage) + usage["savedUsd"]
        other = uncached["byModel"].get(model)
        without = input_cost(model, other) if other else float("nan")
        sums = [sums[0] + spent, sums[1] + plain, sums[2] + without]
        print(
            f"{model:22}{usage['requests']:9}{spent:9.4f}{spent / plain:9.3f}{without:10.4f}{spent / without:7.3f}"
        )
    print(f"{'all':31}{sums[0]:9.4f}{sums[0] / sums[1]:9.3f}{sums[2]:10.4f}{sums[0] / sums[2]:7.3f}")
    print(
        "by usage: cost less output, over the same with `savedUsd` added; without: the session with no cache marks"
    )
    return 0 if max(sums[0] / sums[1], sums[0] / sums[2]) <= 0.3 else 1


def input_cost(model: str, usage: dict[str, Any]) -> float:
    """The cost in USD less that of the output."""
    price = price_of(model, today=date.today())
    assert price is not None, model
    cost: float = usage["costUsd"] - (usage["outputTokens"] or 0) * price.rates.output / 1e6
    return cost


def git(repository: Path, *arguments: str) -> str:
    """What git says."""
    done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")
