"""Makes an edit trace from the history of any git repository: real changes, seeded timing. Writes one file.

    .venv/bin/python tests/bench/cache/make_trace.py REPOSITORY OUT.jsonl.xz [--size 32] [--window 0] [--seed 1]

A window is 60 qualifying first-parent commits (1-12 Python files, 3-400 lines). Their hunks become saves; every
other commit between them is one `git pull`. Rates: a save each 40 s (median), a break of 5-60 min after every second
commit, a night after six hours; a save brings one review, three hovers and 0.3 actions.
"""

import argparse
import difflib
import json
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.cache import files
from bench.cache.history import Commit, window
from bench.cache.selector import Selector

MORNING = 9 * 3600.0
WORKDAY = 6 * 3600.0


def main() -> int:
    """Write one trace."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=32, help="size of the context in thousands of tokens")
    parser.add_argument("--window", type=int, default=0, help="0 is the newest window, 1 the one before it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=40.0, help="median seconds between saves")
    args = parser.parse_args()
    start, commits = window(args.repository, args.window)
    typist = Typist(start, args.size * 1024, random.Random(args.seed), args.pause)
    files.write_lines(args.out, (json.dumps(event) for event in typist.work(commits)))
    return 0


class Typist:
    """Plays commits as saves and requests; `texts` is the working tree."""

    def __init__(self, texts: dict[str, str], size: int, rng: random.Random, pause: float) -> None:
        self.texts = dict(texts)
        self.selector = Selector(size)
        self.rng = rng
        self.pause = pause
        self.now = MORNING
        self.day_start = MORNING

    def work(self, commits: list[Commit]) -> Iterator[dict[str, Any]]:
        """All events, oldest first."""
        yield from self._new_day()
        for commit in commits:
            if not commit.qualifies:
                self.texts.update(commit.after)
                for path in commit.removed:
                    self.texts.pop(path, None)
                yield self.selector.pulled(self.now, self.texts)
                continue
            yield from self._commit(commit)
            if self.now - self.day_start > WORKDAY:
                self.now += self.rng.uniform(14, 16) * 3600
                yield from self._new_day()
            elif self.rng.random() < 0.5:
                self.now += self._break()

    def _new_day(self) -> Iterator[dict[str, Any]]:
        self.day_start = self.now
        yield {"e": "day", "t": self.now}
        yield self.selector.day(self.now, self.texts)

    def _break(self) -> float:
        return math.exp(self.rng.uniform(math.log(300), math.log(3600)))

    def _commit(self, commit: Commit) -> Iterator[dict[str, Any]]:
        steps = [
            (path, text) for path in sorted(commit.after) for text in self._steps(path, commit.after[path])
        ]
        scratch: str | None = None
        row = 0
        while row < len(steps):
            count = 1
            while self.rng.random() < 0.4:
                count += 1
            changed = dict(steps[row : row + count])
            row += count
            if self.rng.random() < 0.25 and row < len(steps):
                path = min(changed)
                scratch = f"    print({self.rng.randrange(10**6)})"
                lines = changed[path].split("\n")
                lines.insert(self.rng.randrange(len(lines)), scratch)
                changed[path] = "\n".join(lines)
            yield from self._save(changed)
        self.texts.update(commit.after)
        yield self.selector.pulled(self.now, self.texts)

    def _steps(self, path: str, after: str) -> Iterator[str]:
        """The texts on the way from the working tree's to `after`, a hunk (or part of a long one) at a time."""
        old, new = self.texts.get(path, "").split("\n"), after.split("\n")
        done: list[str] = []
        for tag, _a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                done += new[c:d]
                continue
            while c < d:
                cut = min(d, c + self.rng.randint(8, 14))
                done += new[c:cut]
                c = cut
                if c < d:
                    yield "\n".join(done + old[b:])
            yield "\n".join(done + old[b:])

    def _save(self, changed: dict[str, str]) -> Iterator[dict[str, Any]]:
        gap = self.rng.lognormvariate(math.log(self.pause), 1.0)
        if self.rng.random() < 0.02:
            gap += self._break()
        self.now += gap
        self.texts.update(changed)
        yield self.selector.edited(self.now, self.texts, sorted(changed))
        times = [(self.now + 1.5, "review", "mid")]
        times += [(self.now + self.rng.uniform(2, 40), "hover", "small") for _ in range(self._poisson(3.0))]
        times += [(self.now + self.rng.uniform(5, 40), "action", "large") for _ in range(self._poisson(0.3))]
        for at, kind, model in sorted(times):
            self.now = at
            tail = int(
                self.rng.lognormvariate(math.log({"hover": 170, "review": 320, "action": 480}[kind]), 0.5)
            )
            yield {"e": "request", "t": at, "kind": kind, "model": model, "tail": tail, "output": 300}
        if self.rng.random() < 0.15:
            yield self.selector.opened(self.now, self.texts, self.rng.choice(sorted(self.texts)))

    def _poisson(self, mean: float) -> int:
        limit, count, product = math.exp(-mean), 0, self.rng.random()
        while product > limit:
            product *= self.rng.random()
            count += 1
        return count


if __name__ == "__main__":
    sys.exit(main())
