"""Money, from the wire to `ponder usage`: figures computed by hand, limits that hold between requests and servers."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.message_server import MessageServer, ended, usage
from e2e.scripted_api import Step, block, error, event, head, start, stream, until_left
from e2e.test_review_cli import BUG, endpoint, write
from e2e.test_runs import run

KEY = "sk-ant-canary-0123456789abcdefghij"
FIRST = usage(1_000, short=2_000, long=3_000, output=500, thinking=200)
SECOND = usage(400, read=5_000, short=600, output=300)
LARGE = usage(20_000, read=90_000, short=600, output=300)


def editor(tmp_path: Path, api: MessageServer, **env: str) -> FakeEditor:
    settings = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY, "PONDER_API_MAX_TRIES": "2"}
    return FakeEditor(folder=tmp_path, command=PONDER, env=settings | env)


def answer(counts: tuple[dict[str, Any], dict[str, Any]], reason: str = "end_turn") -> list[Step]:
    """One answer that reports this usage."""
    text = block(1, "text", "It adds.")
    return stream(start(usage=counts[0]), *block(0, "thinking", "Hm."), *text, *ended(reason, counts[1]))


async def command(fake: FakeEditor, *arguments: str) -> Any:
    """A command's JSON, over the state that the server wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ponder", *arguments, "--json", env=fake.env, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


# (input 5 $, so: 1,000×5 + 2,000×6.25 + 3,000×10 + 500×25 = 60,000 and 400×5 + 5,000×0.5 + 600×6.25 + 300×25 =
# 15,750, in millionths of a dollar), and so on for each row.
@pytest.mark.parametrize(
    ("model", "second", "cost", "saved"),
    [
        ("claude-opus-4-8", SECOND, (60_000, 15_750), (-17_500, 21_750)),  # flat, reads at 0.1×
        ("claude-sonnet-4-6", SECOND, (36_000, 9_450), (-10_500, 13_050)),  # 0.1×
        ("claude-sonnet-5-5", SECOND, (24_000, 5_800), (-7_000, 9_200)),  # 0.05×
        ("claude-haiku-5-5", LARGE, (1_200, 15_625), (-350, 40_425)),  # dearer above 100,000 prompt tokens
    ],
)
async def test_a_session_costs_what_the_published_prices_say(
    tmp_path: Path, model: str, second: Any, cost: tuple[int, int], saved: tuple[int, int]
) -> None:
    """Two turns with known counts: each result, and the sums of `ponder usage`, are the figures computed by hand."""
    async with MessageServer(answer(FIRST), answer(second)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", "def add(a, b):\n    return a + b\n")
        one = await run(fake, "explain", uri, route={"model": model}, wait=True)
        two = await fake.run("ponder.followUp", {"runId": one["runId"], "text": "Why?", "wait": True})
        assert [one["status"], two["status"]] == ["done", "done"]
        assert [one["model"], two["model"]] == [model, model]
        for result, micros, kept in zip((one, two), cost, saved, strict=True):
            assert result["usage"]["costUsd"] == pytest.approx(micros / 1e6, abs=1e-9)
            assert result["usage"]["savedUsd"] == pytest.approx(kept / 1e6, abs=1e-9)
        asked = await fake.run("ponder.usage")
        await fake.stop()
        told = await command(fake, "usage")
    assert told == asked
    assert told["totals"]["costUsd"] == pytest.approx(sum(cost) / 1e6, abs=1e-9)
    assert told["totals"]["savedUsd"] == pytest.approx(sum(saved) / 1e6, abs=1e-9)
    assert told["byModel"][model] == told["totals"]
    assert told["totals"]["requests"] == 2
    assert told["totals"]["thinkingTokens"] == 200
    assert set(told["byAction"]) == {"explain"}
    assert len(told["byDay"]) == 1


async def test_a_batch_costs_half(tmp_path: Path) -> None:
    """What the batch reports, at the published price of its model, times one half."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": BUG, "b.py": BUG.replace("last", "final")})
        await cli.json("--batch", ".")
        batches = [seen for seen in offline.requests if seen.path == "/v1/messages/batches"]
        assert batches, [seen.path for seen in offline.requests]
        _, out, _ = await cli("usage", "--json")
    totals = json.loads(out)["totals"]
    (model,) = json.loads(out)["byModel"]
    assert model == "claude-sonnet-5-5"
    # 2 $ input, 10 $ output, 0.10 $ read; written for 5 minutes 2.50 $, and a batch marks nothing for longer.
    whole = (
        totals["inputTokens"] * 2
        + totals["cacheReadTokens"] * 0.10
        + totals["cacheWriteTokens"] * 2.50
        + totals["outputTokens"] * 10
    )
    assert totals["requests"] == 2
    assert whole > 0
    assert totals["costUsd"] == pytest.approx(whole / 2 / 1e6, abs=1e-9)


async def test_an_unknown_price_is_null_everywhere(tmp_path: Path) -> None:
    """A model without a price: null in events, result and sums, never 0."""
    async with MessageServer(answer(FIRST)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, route={"model": "acme-large"}, wait=True)
        assert result["status"] == "done"
        told = [one["usage"] for one in fake.events(result["runId"]) if "usage" in one]
        assert told
        await fake.stop()
        sums = await command(fake, "usage")
    for figures in (*told, result["usage"], sums["totals"], sums["byModel"]["acme-large"]):
        assert (figures["costUsd"], figures["savedUsd"]) == (None, None)
    assert sums["totals"]["inputTokens"] == 1_000


async def test_a_limit_with_an_unknown_price_sends_nothing(tmp_path: Path) -> None:
    """A cap that would have to guess refuses, and says how to give the price."""
    async with MessageServer() as api, editor(tmp_path, api, PONDER_BUDGET_RUN_USD="5") as fake:
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, route={"model": "acme-large"}, wait=True)
        assert result["error"]["kind"] == "budget"
        assert "inputUsd" in result["error"]["hint"]
        assert not api.bodies


async def test_a_pause_is_not_continued_beyond_the_limit_of_the_run(tmp_path: Path) -> None:
    """The first request was paid with nearly all the run may cost: the next is not sent, what arrived is kept."""
    # Estimated below 0.20 $ (6,048 tokens of 25 $), reported at 0.19 $ of input: no room for another.
    dear = usage(38_000, output=10)
    async with (
        MessageServer(answer(dear, "pause_turn")) as api,
        editor(tmp_path, api, PONDER_BUDGET_RUN_USD="0.25") as fake,
    ):
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, route={"model": "claude-opus-4-8"}, wait=True)
        assert result["status"] == "truncated", result
        assert result["error"]["kind"] == "budget"
        assert "budget.runUsd" in result["error"]["hint"]
        assert result["text"] == "It adds."
        assert result["usage"]["requests"] == len(api.bodies) == 1
        assert result["usage"]["costUsd"] == pytest.approx(0.19 + 10 * 25e-6)
        assert (await fake.run("ponder.usage"))["totals"]["requests"] == 1


async def test_a_retry_is_not_sent_beyond_the_limit_of_the_run(tmp_path: Path) -> None:
    """A request that failed after it was counted has been paid for: the next try counts it."""
    begun = start(usage=usage(38_000)[0])
    failed = stream(begun, event("error", error={"type": "overloaded_error", "message": "busy"}))
    async with (
        MessageServer(failed, answer(FIRST)) as api,
        editor(tmp_path, api, PONDER_BUDGET_RUN_USD="0.25") as fake,
    ):
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, route={"model": "claude-opus-4-8"}, wait=True)
        assert (result["status"], result["error"]["kind"]) == ("failed", "budget")
        assert len(api.bodies) == 1
        assert result["usage"]["inputTokens"] == 38_000


async def test_each_request_of_a_run_is_in_the_ledger_once(tmp_path: Path) -> None:
    """A pause, a failed try and an answer: as many rows as requests, and the sum of the costs that are known."""
    async with (
        MessageServer(answer(FIRST, "pause_turn"), error(529, "overloaded_error"), answer(SECOND)) as api,
        editor(tmp_path, api) as fake,
    ):
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, route={"model": "claude-opus-4-8"}, wait=True)
        assert result["status"] == "done", result
        totals = (await fake.run("ponder.usage"))["totals"]
    assert len(api.bodies) == 3
    assert result["usage"]["requests"] == totals["requests"] == 3
    assert totals["costUsd"] == result["usage"]["costUsd"] == pytest.approx(0.07575)


async def test_two_servers_share_the_limit_of_the_day(tmp_path: Path) -> None:
    """What one server spent counts in the other: the second run of the day is not sent."""
    dear = usage(38_000, output=10)
    async with MessageServer(answer(dear)) as api:
        first = editor(tmp_path, api, PONDER_BUDGET_DAILY_USD="0.25")
        second = editor(tmp_path, api, PONDER_BUDGET_DAILY_USD="0.25")
        async with first as one, second as other:
            for fake in (one, other):
                fake.open("sums.py", "x = 1\n")
            route = {"model": "claude-opus-4-8"}
            done = await run(one, "explain", one.uri("sums.py"), route=route, wait=True)
            assert done["status"] == "done", done
            refused = await run(other, "explain", other.uri("sums.py"), route=route, wait=True)
            assert refused["error"]["kind"] == "budget", refused
            assert "budget.dailyUsd" in refused["error"]["hint"]
            assert refused["usage"] == {**refused["usage"], "requests": 0, "costUsd": None}
        assert len(api.bodies) == 1


@pytest.mark.parametrize(
    ("status", "kind", "sent"),
    [
        (400, "invalid_request_error", 1),
        (401, "authentication_error", 1),
        (403, "permission_error", 1),
        (404, "not_found_error", 1),
        (413, "request_too_large", 1),
        (529, "overloaded_error", 2),
    ],
)
async def test_a_refused_request_was_sent(tmp_path: Path, status: int, kind: str, sent: int) -> None:
    """It counts as a request, at each try, in the account too; what it used is not known."""
    refused = [error(status, kind) for _ in range(sent)]
    async with MessageServer(*refused) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, wait=True)
        assert result["status"] == "failed", result
        assert result["usage"]["requests"] == len(api.bodies) == sent
        assert {figure for name, figure in result["usage"].items() if name != "requests"} == {None}
        assert fake.events(result["runId"])[-1]["usage"] == result["usage"]
        assert (await fake.run("ponder.usage"))["totals"] == {**result["usage"]}


async def test_a_request_that_found_nobody_was_not_sent(tmp_path: Path) -> None:
    """Nothing listens there: no request is counted."""
    env = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_API_KEY": KEY, "PONDER_API_MAX_TRIES": "1"}
    async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as fake:
        uri = fake.open("sums.py", "x = 1\n")
        result = await run(fake, "explain", uri, wait=True)
        assert result["error"]["kind"] == "network"
        assert result["usage"]["requests"] == (await fake.run("ponder.usage"))["totals"]["requests"] == 0


@pytest.mark.parametrize("how", ["silence", "silence cancelled", "headers cancelled", "reset"])
async def test_a_request_without_an_answer_was_sent(tmp_path: Path, how: str) -> None:
    """No first byte, a cancel before one or between headers and answer, a reset: sent once, counted once, cost unknown."""
    steps = {"reset": ["reset"], "headers cancelled": [head(), until_left]}.get(how, [until_left])
    limits = {"PONDER_API_MAX_TRIES": "1"} | ({"PONDER_API_FIRST_BYTE_MS": "300"} if how == "silence" else {})
    async with MessageServer(steps) as api, editor(tmp_path, api, **limits) as fake:
        uri = fake.open("sums.py", "x = 1\n")
        run_id = (await run(fake, "explain", uri))["runId"]
        if "cancelled" in how:
            await fake.eventually(lambda: api.bodies)
            await fake.run("ponder.cancel", {"runId": run_id})
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        assert result["status"] == ("cancelled" if "cancelled" in how else "failed")
        assert (result["usage"]["requests"], result["usage"]["costUsd"]) == (1, None)
        assert fake.events(run_id)[-1]["usage"] == result["usage"]
        assert (await fake.run("ponder.usage"))["totals"]["requests"] == len(api.bodies) == 1
