"""What becomes of an edit after its run has ended is told to editors that take events: `ponder/edit`."""

from pathlib import Path

from e2e.message_server import MessageServer
from e2e.test_decisions import EDITS, TEXT, answer, editor
from e2e.test_runs import run


async def test_taken_left_undone_and_redone(tmp_path: Path) -> None:
    """Each step is told once, with the state of every change, under the numbers of `ponder.apply`."""
    async with MessageServer(answer(*EDITS)) as api, editor(tmp_path, api, profile="full") as fake:
        uri = fake.open("sums.py", TEXT)
        run_id = (await run(fake, "refactor", uri, apply=False, wait=True))["runId"]

        steps: list[int] = []

        async def told(applied: list[int], discarded: list[int], rest: list[int]) -> None:
            steps.append(1)
            await fake.eventually(lambda: len(fake.received("ponder/edit")) >= len(steps))
            assert len(fake.received("ponder/edit")) == len(steps)
            news = fake.received("ponder/edit")[-1]
            assert (news["runId"], news["applied"], news["discarded"], news["open"]) == (
                run_id,
                applied,
                discarded,
                rest,
            )
            assert bool(news.get("reason")) == (not applied or bool(rest or discarded))

        assert not fake.received("ponder/edit")
        await fake.run("ponder.apply", {"runId": run_id, "hunk": 0})
        await told([0, 1], [], [2, 3])
        first = fake.text(uri)
        await fake.run("ponder.discard", {"runId": run_id, "hunk": 2})
        await told([0, 1], [2], [3])
        fake.replace(uri, TEXT)
        await told([], [2], [0, 1, 3])
        fake.replace(uri, first)
        await told([0, 1], [2], [3])
        assert fake.events(run_id)[-1]["type"] == "finished"


async def test_one_press_is_told_as_one(tmp_path: Path) -> None:
    """All that is open, applied at once, and the undo of it."""
    async with MessageServer(answer(*EDITS)) as api, editor(tmp_path, api, profile="full") as fake:
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=True, wait=True)
        assert result["applied"] is True
        assert not fake.received("ponder/edit"), "the event `edit` has said so"
        fake.replace(uri, TEXT)
        await fake.eventually(lambda: fake.received("ponder/edit"))
        (news,) = fake.received("ponder/edit")
        assert (news["applied"], news["open"]) == ([], [0, 1, 2, 3])
