"""A run that was cancelled or cut: the endpoint never said what it used in all, and neither does Ponder."""

from pathlib import Path

import pytest

from e2e.message_server import MessageServer, ended, usage
from e2e.scripted_api import Exchange, Step, block, start, stream
from e2e.test_decisions import TEXT, editor
from e2e.test_runs import run

FIRST, LAST = usage(1_000, output=70)


async def hold(exchange: Exchange) -> None:
    """Send nothing more until the client goes."""
    await exchange.client_left.wait()


def answer(*end: Step) -> list[Step]:
    said = stream(start(usage=FIRST), *block(0, "text", "It adds up the rows. " * 10))[:-1]
    return [*said, *end]


@pytest.mark.parametrize("how", ["cancelled", "cut", "complete"])
async def test_the_opening_count_is_a_lower_bound(tmp_path: Path, how: str) -> None:
    """`atLeast` stands in the result and in the last event, the transcript says it; a complete answer has neither."""
    ends: dict[str, list[Step]] = {
        "cancelled": [hold],
        "cut": ["cut"],
        "complete": stream(*ended("end_turn", LAST))[1:],
    }
    async with MessageServer(answer(*ends[how])) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        run_id = (await run(fake, "explain", uri))["runId"]
        if how == "cancelled":
            await fake.eventually(
                lambda: [one for one in fake.events(run_id) if one["type"] == "blockDelta"], limit=60
            )
            await fake.run("ponder.cancel", {"runId": run_id})
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        whole = how == "complete"
        assert result["status"] == {"cancelled": "cancelled", "cut": "failed", "complete": "done"}[how]
        spent = result["usage"]
        assert (spent["inputTokens"], spent["outputTokens"]) == (1_000, 70 if whole else 1)
        assert ("atLeast" in spent) != whole
        assert spent == fake.events(run_id)[-1]["usage"]
        path = (await fake.run("ponder.transcript", {"runId": run_id}))["uri"]
        assert ("at least" in Path(path.removeprefix("file://")).read_text("utf-8")) != whole
