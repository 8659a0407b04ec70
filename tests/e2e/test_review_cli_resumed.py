"""`ponder review` by batches, and after any end of the process: matched by name, resumed, never paid for twice."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from e2e.test_review_cli import BUG, Clock, asked, batched, check_sarif, endpoint, repository, write
from ponder.offline.engine import OfflineEngine
from ponder.offline.exchange import Broken, Response


async def test_a_batch_finds_the_same_at_half_the_price(tmp_path: Path) -> None:
    """Same findings as file by file; the ledger has half the price; all in one batch."""
    async with endpoint(tmp_path) as (cli, offline):
        repository(cli.folder, 12)
        _, plain = await cli.json(".")
        plain_requests = len(asked(offline))
        cli.env["PONDER_STATE_DIR"] += "-of-another-user"
        _, batch = await cli.json(".", "--batch")
        assert len(asked(offline)) == plain_requests
        assert [len(ids) for ids in batched(offline)] == [12]
        assert batch["findings"] == plain["findings"]
        assert batch["usage"]["costUsd"] == pytest.approx(plain["usage"]["costUsd"] / 2)
        _, out, _ = await cli("usage", "--json")
        assert json.loads(out)["totals"]["costUsd"] == pytest.approx(plain["usage"]["costUsd"] / 2)


@pytest.mark.parametrize(
    ("fault", "missing"),
    [("batch-missing=2", 2), ("batch-errored=2", 2), ("batch-expired=3", 3), ("batch-duplicate=2", 0)],
)
async def test_results_of_a_batch_are_matched_by_name(tmp_path: Path, fault: str, missing: int) -> None:
    """Out of order, twice, failed or not there: what is missing is incomplete, the rest stands and is paid once."""
    async with endpoint(tmp_path, f"{fault};times=1") as (cli, offline):
        repository(cli.folder, 8)
        code, review = await cli.json(".", "--batch")
        undone = [file for file in review["files"] if file["status"] != "done"]
        assert len(undone) == missing
        assert code == (3 if missing else 1)
        assert review["usage"]["requests"] == 8 - missing
        code, review = await cli.json(".", "--batch")
        assert (code, review["status"]) == (1, "done")
        assert [len(ids) for ids in batched(offline)] == ([8, missing] if missing else [8])


async def test_an_endpoint_without_batches_is_asked_file_by_file(tmp_path: Path) -> None:
    """A notice, and a whole review at the full price."""
    async with endpoint(tmp_path, "status=404;path=/v1/messages/batches;times=9") as (cli, offline):
        write(cli.folder, {"a.py": BUG})
        code, _, err = await cli("review", ".", "--batch")
        assert code == 1
        assert "no batches" in err
        assert asked(offline) == ["a.py"]


class Deadly(OfflineEngine):
    """Kills the process it serves when its nth request arrives, or when it has been carried out but not answered."""

    victim: asyncio.subprocess.Process | None = None
    count = 0
    deadly: tuple[int, str] = (-1, "")

    async def handle(self, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        self.count += 1
        if (self.count, "before") == self.deadly:
            await self.kill()
            raise Broken("reset")
        answer = await super().handle(method, path, headers, body)
        if (self.count, "after") == self.deadly:
            await self.kill()
        return answer

    async def kill(self) -> None:
        if self.victim is not None:
            self.victim.kill()
            await self.victim.wait()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [2, 3, 4])
async def test_a_killed_batch_goes_on_and_is_not_paid_twice(tmp_path: Path, number: int, when: str) -> None:
    """kill -9 around each request (create, look, results): the next run ends the review, no item is sent twice."""
    clock = Clock()
    async with endpoint(tmp_path, engine=Deadly, clock=clock) as (cli, offline):
        repository(cli.folder, 6)
        offline.deadly = (number, when)
        offline.victim = await cli.start("review", ".", "--batch")
        await offline.victim.communicate()
        assert offline.victim.returncode == -9
        offline.deadly = (-1, "")
        clock.now += 60
        code, review = await cli.json(".", "--batch")
        assert (code, review["status"], len(review["files"])) == (1, "done", 6)
        sent = [name for ids in batched(offline) for name in ids]
        assert len(sent) == len(set(sent)) == 6
        assert asked(offline) == []
        _, out, _ = await cli("usage", "--json")
        assert json.loads(out)["totals"]["requests"] == 6


async def test_a_batch_for_more_files_keeps_the_rest(tmp_path: Path) -> None:
    """A review of some files takes their results and leaves those of the others for later."""
    clock = Clock()
    async with endpoint(tmp_path, engine=Deadly, clock=clock, batch_delay_s=30) as (cli, offline):
        repository(cli.folder, 6)
        offline.deadly = (4, "before")
        offline.victim = await cli.start("review", ".", "--batch")
        await offline.victim.communicate()
        clock.now += 60
        _, some = await cli.json("pkg0", "pkg1", "--batch")
        assert [file["status"] for file in some["files"]] == ["done", "done"]
        _, everything = await cli.json(".", "--batch")
        assert (everything["status"], len(everything["files"])) == ("done", 6)
        assert [len(ids) for ids in batched(offline)] == [6]
        _, out, _ = await cli("usage", "--json")
        assert json.loads(out)["totals"]["requests"] == 6


async def test_a_killed_plain_review_goes_on(tmp_path: Path) -> None:
    """What was reviewed before the kill is not asked again, but for the one request that was under way."""
    async with endpoint(tmp_path, engine=Deadly) as (cli, offline):
        repository(cli.folder, 8)
        offline.deadly = (6, "before")
        offline.victim = await cli.start("review", ".", "--concurrency", "1")
        await offline.victim.communicate()
        code, review = await cli.json(".")
        assert (code, review["status"]) == (1, "done")
        # The last answer may have been on its way to the disk.
        assert len(asked(offline)) <= 8 + 2


@pytest.mark.long
async def test_a_repository_of_five_hundred_files(tmp_path: Path) -> None:
    """Plain and by batch: the same findings; killed while the batch is under way it goes on without paying again."""
    clock = Clock()
    async with endpoint(tmp_path, engine=Deadly, clock=clock, batch_delay_s=30) as (cli, offline):
        repository(cli.folder, 500)
        _, plain = await cli.json(".", "--concurrency", "4")
        assert len(asked(offline)) == 500
        cli.env["PONDER_STATE_DIR"] += "-of-another-user"
        offline.deadly = (offline.count + 4, "before")
        offline.victim = await cli.start("review", ".", "--batch")
        await offline.victim.communicate()
        assert offline.victim.returncode == -9
        clock.now += 60
        code, batch = await cli.json(".", "--batch")
        assert (code, batch["status"]) == (1, "done")
        assert batch["findings"] == plain["findings"]
        assert len(batch["findings"]) > 500
        assert [len(ids) for ids in batched(offline)] == [500]
        assert len(asked(offline)) == 500
        assert batch["usage"]["costUsd"] == pytest.approx(plain["usage"]["costUsd"] / 2)
        _, out, _ = await cli("review", ".", "--format", "sarif")
        check_sarif(json.loads(out), 500, len(plain["findings"]))
