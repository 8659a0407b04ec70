"""A short afternoon on a moved clock: what caching saves, that absences are bridged, and that a miss is told."""

from pathlib import Path
from typing import Any

import pytest

from bench.afternoon.play import Afternoon
from bench.afternoon.script import afternoon
from e2e.fake_editor import FakeEditor
from e2e.test_runs import run
from ponder.offline.cache import PrefixCache
from ponder.routing.prices import price_of

_SEED = 7
ROOM = {"PONDER_CONTEXT_BUDGET_TOKENS": "8000", "PONDER_CONTEXT_HOVER_BUDGET_TOKENS": "4000"}


def module(number: int, *, lines: int = 40) -> str:
    body = "".join(f"def step_{number}_{n}(value):\n    return value + {n}\n\n\n" for n in range(lines))
    return f'"""Part {number} of the shop."""\n\n\n{body}'


def project(folder: Path, parts: int = 12) -> dict[str, str]:
    texts = {f"shop/part_{n}.py": module(n) for n in range(parts)}
    (folder / "shop").mkdir(parents=True)
    for path, text in texts.items():
        (folder / path).write_text(text)
    return texts


def input_cost(usage: dict[str, Any], played: Afternoon) -> float:
    """Of all models, in USD, less the output."""
    cost = 0.0
    for model, sums in usage["byModel"].items():
        price = price_of(model, today=played.today)
        assert price is not None
        cost += sums["costUsd"] - (sums["outputTokens"] or 0) * price.rates.output / 1e6
    return cost


async def test_an_hour_costs_less_than_half_of_the_same_without_caching(tmp_path: Path) -> None:
    """Saves, hovers and actions with gaps, the first writes included; a miss that nobody expected would show."""
    folder = tmp_path / "work"
    texts = project(folder, 60)
    paths = sorted(texts)[:4]
    commits = [
        {path: texts[path].replace(f"+ {n}\n", f"+ {n} * 2\n")}
        for n in (3, 7, 11, 19, 23, 31)
        for path in paths[:2]
    ]
    steps = list(afternoon(texts, commits, saves=16, seed=_SEED))
    played = Afternoon(folder, cached=True)
    await played.play(steps)
    spent = input_cost(played.usage, played)
    ratio = spent / (spent + played.usage["totals"]["savedUsd"])
    assert played.usage["totals"]["requests"] >= 20, _SEED
    assert ratio <= 0.5, (ratio, _SEED)
    assert "server" not in played.usage.get("cacheMisses", {}), played.usage.get("cacheMisses", {})
    assert played.usage.get("cacheMisses", {})["first"] >= 2


async def test_an_absence_is_bridged_by_pings_and_a_night_is_not(tmp_path: Path) -> None:
    """After an hour away the prefix is still read; after a night nobody has paid for it."""
    played = Afternoon(tmp_path / "work", cached=True, env=ROOM)
    project(played.folder)
    pings: list[list[float]] = []

    async def work(editor: FakeEditor) -> None:
        uri = editor.open("shop/part_1.py", module(1))
        for gap in (0, 30, 30, 75 * 60, 30, 2 * 3600):
            await played.let_pass(gap)
            if gap > 3600 and len(reads) == 5:
                await played.let_pass(12 * 3600, leap=900)
            seen = len(played.offline.requests)
            pings.append([one.at for one in played.offline.requests if _is_ping(one.body)])
            result = await run(editor, "explain", uri, wait=True)
            assert result["status"] == "done", result
            assert len(played.offline.requests) > seen
            reads.append(result["usage"]["cacheReadTokens"])

    reads: list[int] = []
    await played.session(work)
    assert reads[3] > 8_000 * 0.5, "what was cached before the break is read after it"
    assert len(pings[3]) == 1, pings
    assert len(pings[5]) - len(pings[3]) <= 1, "a night is not bridged"
    assert reads[5] == 0
    assert played.usage["byAction"]["keepalive"]["requests"] == len(pings[5])
    assert played.usage.get("cacheMisses", {})["ttl1h"] == 1, played.usage.get("cacheMisses", {})
    assert all(one["trigger"] != "ping" for one in played.events if one["type"] == "started")


async def test_no_ping_without_an_open_text_or_beyond_the_budget(tmp_path: Path) -> None:
    """Nothing is spent for a user who has closed everything."""
    played = Afternoon(tmp_path / "work", cached=True, env=ROOM)
    project(played.folder)

    async def work(editor: FakeEditor) -> None:
        uri = editor.open("shop/part_1.py", module(1))
        await run(editor, "explain", uri, wait=True)
        editor.close(uri)
        await played.let_pass(75 * 60)

    await played.session(work)
    assert not [one for one in played.offline.requests if _is_ping(one.body)]


@pytest.mark.parametrize("asked", [True, False])
async def test_a_miss_that_nobody_expected_is_told(tmp_path: Path, *, asked: bool) -> None:
    """The endpoint lost the prefix: a notice in the run, a count in `usage`, a word in the status; none otherwise."""
    played = Afternoon(tmp_path / "work", cached=True, env=ROOM)
    project(played.folder)
    told: list[str] = []
    status: list[str] = []

    async def work(editor: FakeEditor) -> None:
        uri = editor.open("shop/part_1.py", module(1))
        for number in range(3):
            if number == 2 and asked:
                played.offline.messages.cache = PrefixCache()
            result = await run(editor, "explain", uri, wait=True)
        told.extend(one["message"] for one in editor.events(result["runId"]) if one["type"] == "notice")
        await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
        status.append(editor.received("ponder/status")[-1]["message"])

    await played.session(work)
    assert any("cache was missed" in message for message in told) is asked, told
    assert ("cache missed" in status[0]) is asked, status
    assert played.usage.get("cacheMisses", {}).get("server", 0) == int(asked)


def _is_ping(body: Any) -> bool:
    return isinstance(body, dict) and body.get("max_tokens") == 1
