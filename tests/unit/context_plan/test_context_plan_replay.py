"""The log of a replayed trace is the same in every process and looks at nothing ahead; its score is exact."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cache import files, strategies
from bench.cache.bound import bound
from bench.cache.request import Request
from bench.cache.score import score
from bench.cache.scorer import Cache, Price, tokens_of
from ponder.offline.cache import PrefixCache
from ponder.offline.prompt import Position

TESTS = Path(__file__).resolve().parents[2]
TRACE = TESTS / "data" / "traces" / "flask-8k.jsonl.xz"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 400 events of a trace."""
    path = tmp_path_factory.mktemp("trace") / "short.jsonl"
    with files.opened(TRACE, "r") as lines:
        path.write_text("".join(line for line, _ in zip(lines, range(400), strict=False)), encoding="utf-8")
    return path


def replayed(trace: Path, out: Path, seed: str) -> bytes:
    """The log of a trace, made in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, str(TESTS / "bench" / "cache_replay.py"), str(trace), str(out)]
    subprocess.run(command, check=True, env=environment, cwd=out.parent)
    return out.read_bytes()


def test_hash_seeds_do_not_matter(short: Path, tmp_path: Path) -> None:
    """Three processes with other hash seeds write the same log."""
    logs = {replayed(short, tmp_path / f"{seed}.jsonl", seed) for seed in ("0", "1", "4242")}
    assert len(logs) == 1
    assert logs.pop().count(b"\n") > 250


def test_a_line_depends_on_what_came_before_it(short: Path, tmp_path: Path) -> None:
    """The log of a trace that ends earlier is the beginning of the log of the whole."""
    whole = [request.as_json() for request in strategies.planned(files.events(short))]
    events = list(files.events(short))
    for count in (50, 200, 333):
        part = [request.as_json() for request in strategies.planned(events[:count])]
        assert part == whole[: len(part)]


def test_a_replay_passes_every_gate(short: Path) -> None:
    """No missing line, exact prediction, readable blocks, dearer than the bound and far cheaper than no cache."""
    events = list(files.events(short))
    found = score(events, strategies.planned(events), decode=True)
    assert (found.missing, found.undecodable, found.mispredicted) == (0, 0, 0)
    none = score(events, strategies.uncached(events))
    assert sum(bound(events).values()) < found.dollars < 0.5 * none.dollars


def test_a_log_read_back_scores_the_same(short: Path, tmp_path: Path) -> None:
    """What the replay writes is what the scorer of a log reads."""
    log = tmp_path / "log.jsonl.xz"
    replayed(short, log, "7")
    read = [Request.of(line) for line in files.events(log)]
    assert read[0].blocks[0] == "#1509:2400"
    events = list(files.events(short))
    assert score(events, read).dollars == score(events, strategies.planned(events)).dollars


A, B, C = "#a:1000", "#b:500", "#c:200"


@pytest.mark.parametrize(
    ("requests", "bills"),
    [
        ([(0, [A, B], {2: 300}), (299, [A, B], {2: 300})], [(0, 0, 1500, 0), (1500, 0, 0, 0)]),
        ([(0, [A, B], {2: 300}), (300, [A, B], {2: 300})], [(0, 0, 1500, 0), (0, 0, 1500, 0)]),
        ([(0, [A, B], {2: 300}), (9, [A, B, C], {})], [(0, 0, 1500, 0), (0, 0, 0, 1700)]),
        ([(0, [A, B], {1: 3600, 2: 300}), (9, [A, C], {2: 300})], [(0, 1000, 500, 0), (1000, 0, 200, 0)]),
        ([(0, [B, C], {2: 300}), (9, [B, C], {2: 300})], [(0, 0, 0, 700), (0, 0, 0, 700)]),
        (
            [(0, [A], {1: 300}), (9, [A, B], {2: 3600}), (400, [A, B], {2: 300})],
            [(0, 0, 1000, 0), (1000, 500, 0, 0), (0, 0, 1500, 0)],
        ),
        (
            [(0, [A], {1: 300}), (1, [A, *[C] * 19], {20: 300}), (2, [A, *[B] * 20], {21: 300})],
            [(0, 0, 1000, 0), (1000, 0, 3800, 0), (0, 0, 11000, 0)],
        ),
    ],
)
def test_bills_follow_the_published_rules(
    requests: list[tuple[float, list[str], dict[int, int]]], bills: list[tuple[int, int, int, int]]
) -> None:
    """(read, 1 h write, 5 min write, plain) of requests in turn: lives, minimum, look-back, mixed lives."""
    cache = Cache(Price(1.0, minimum=1000))
    found = [cache.ask(at, blocks, marks, 0) for at, blocks, marks in requests]
    assert bills == [(b.read, b.write_1h, b.write_5m, b.plain) for b in found]


@pytest.mark.parametrize("seed", range(40))
def test_two_accounts_agree(seed: int) -> None:
    """The bench's cache and the offline engine's bill the same random requests alike."""
    rng = random.Random(seed)
    price, ours, theirs = Price(1.0, minimum=600), Cache(Price(1.0, minimum=600)), PrefixCache()
    blocks, now = [A], 0.0
    for _ in range(60):
        now += rng.choice((1.0, 60.0, 299.0, 300.0, 2000.0, 3600.0))
        blocks = blocks[: rng.randint(1, len(blocks))] + [
            rng.choice((A, B, C)) for _ in range(rng.randrange(9))
        ]
        places = sorted(rng.sample(range(1, len(blocks) + 1), min(len(blocks), rng.randint(0, 4))))
        lives = sorted((rng.choice((300, 3600)) for _ in places), reverse=True)
        marks = dict(zip(places, lives, strict=True))
        bill = ours.ask(now, blocks, marks, 7)
        found = theirs.begin(positions(blocks, marks), price.minimum, now)
        theirs.commit(found)
        assert (bill.read, bill.write_1h, bill.write_5m) == (found.read, found.write_1h, found.write_5m), seed


def positions(blocks: list[str], marks: dict[int, int]) -> list[Position]:
    """The blocks as the offline engine sees them."""
    found, total, key = [], 0, ""
    for place, block in enumerate(blocks, 1):
        total += tokens_of(block)
        key += block
        found.append(Position("messages", key, tokens_of(block), total, place, marks.get(place)))
    return found


@pytest.mark.parametrize("marks", [{1: 300, 2: 3600}, {3: 300}, {1: 60}])
def test_what_the_api_refuses_is_refused(marks: dict[int, int]) -> None:
    """A 300 before a 3600, a mark past the end, another life: an error, not a bill."""
    with pytest.raises(ValueError):
        Cache(Price(1.0)).ask(0.0, [A, B], marks, 0)
