"""`ponder.reviewWorkspace` through the real server: findings in every file, progress, cancel, batches."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import ErrorAnswer, FakeEditor
from e2e.test_outcomes import connected
from e2e.test_review_cli import BUG, CLEAN, asked, batched, repository, write
from ponder.offline.pace import Pace


async def review(editor: FakeEditor, **more: Any) -> dict[str, Any]:
    return await editor.run("ponder.reviewWorkspace", {"wait": True, **more}, limit=60)


@pytest.mark.parametrize("batch", [False, True])
async def test_findings_show_in_files_that_nobody_opened(tmp_path: Path, batch: bool) -> None:
    """The run id at once; diagnostics for every file, without a version where it is not open; one result for all."""
    async with connected(tmp_path, log_limit=1000) as (editor, offline):
        repository(tmp_path, 12)
        write(tmp_path, {".gitignore": "pkg3/\n"})
        open_uri = editor.open("pkg0/mod0.py", BUG)
        answer = await editor.run("ponder.reviewWorkspace", {"batch": batch})
        assert set(answer) == {"runId"}
        result = await editor.run("ponder.result", {"runId": answer["runId"], "wait": True}, limit=60)
        assert result["status"] == "done", result
        assert result["findings"]
        await editor.eventually(lambda: shown(editor) == of_result(result))
        assert editor.uri("pkg1/mod1.py") in shown(editor)
        assert editor.uri("pkg3/mod3.py") not in shown(editor)
        published = {
            message["uri"]: message for message in editor.received("textDocument/publishDiagnostics")
        }
        assert "version" not in published[editor.uri("pkg1/mod1.py")]
        assert published[open_uri]["version"] == 1
        assert any("index" in note["code"] for note in editor.diagnostics(open_uri)), (
            "the buffer counts, not the disk"
        )
        events = editor.events(answer["runId"])
        assert [event["seq"] for event in events] == list(range(len(events)))
        assert (events[0]["type"], events[-1]["type"], events[-1]["status"]) == (
            "started",
            "finished",
            "done",
        )
        assert events[0]["trigger"] == ("batch" if batch else "command")
        live = [event["finding"] for event in events if event["type"] == "finding"]
        assert sorted(map(str, live)) == sorted(map(str, result["findings"]))
        assert result["usage"]["requests"] == 11
        assert (len(asked(offline)), [len(ids) for ids in batched(offline)]) == (
            (0, [11]) if batch else (11, [])
        )
        await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
        status = editor.received("ponder/status")
        assert any(one["busy"] and "of 11 files" in one["message"] for one in status)


def shown(editor: FakeEditor) -> dict[str, int]:
    """How many diagnostics stand in each file."""
    newest = {message["uri"]: message for message in editor.received("textDocument/publishDiagnostics")}
    return {uri: len(one["diagnostics"]) for uri, one in newest.items() if one["diagnostics"]}


def of_result(result: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in result["findings"]:
        counts[finding["uri"]] = counts.get(finding["uri"], 0) + 1
    return counts


async def test_a_second_review_costs_nothing_and_a_dismissal_shows_everywhere(tmp_path: Path) -> None:
    """What is known is shown without a request; a rule dismissed goes from files that are not open, too."""
    async with connected(tmp_path) as (editor, offline):
        write(tmp_path, {"a.py": BUG, "b.py": BUG, "c.py": CLEAN})
        first = await review(editor)
        second = await review(editor)
        assert len(asked(offline)) == 3
        assert second["usage"]["requests"] == 0
        assert second["findings"] == first["findings"]
        finding = next(one for one in first["findings"] if "index" in one["code"])
        await editor.run("ponder.dismiss", {"findingId": finding["id"], "scope": "rule"})
        await editor.eventually(
            lambda: all(finding["code"] not in codes(editor, name) for name in ("a.py", "b.py"))
        )
        third = await review(editor)
        assert finding["code"] not in {one["code"] for one in third["findings"]}


def codes(editor: FakeEditor, name: str) -> list[str]:
    return [note["code"] for note in editor.diagnostics(editor.uri(name))]


async def test_a_cancel_closes_every_request(tmp_path: Path) -> None:
    """The requests under way are closed; the run ends as cancelled and nothing is busy any more."""
    begun, closed = asyncio.Event(), asyncio.Event()

    async def hold(_seconds: float) -> None:
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            closed.set()

    async with connected(tmp_path, sleep=hold) as (editor, _):
        repository(tmp_path, 6)
        run_id = (await editor.run("ponder.reviewWorkspace", {}))["runId"]
        async with asyncio.timeout(20):
            await begun.wait()
        result = await cancelled(editor, run_id)
        assert result["status"] == "cancelled"
        async with asyncio.timeout(20):
            await closed.wait()


async def test_a_cancel_takes_the_batch_back(tmp_path: Path) -> None:
    """The endpoint is told, so that nothing more is spent."""
    async with connected(tmp_path, batch_delay_s=3600.0) as (editor, offline):
        repository(tmp_path, 6)
        run_id = (await editor.run("ponder.reviewWorkspace", {"batch": True}))["runId"]
        # Each look at the batch is followed by a word on progress.
        await editor.eventually(lambda: [one for one in offline.requests if "/batches/" in one.path][2:])
        assert (await cancelled(editor, run_id))["status"] == "cancelled"
        assert [one.path.endswith("/cancel") for one in offline.requests].count(True) == 1
        told = [event["message"] for event in editor.events(run_id) if event["type"] == "notice"]
        assert any("batch was cancelled" in message for message in told), told


async def cancelled(editor: FakeEditor, run_id: str) -> dict[str, Any]:
    assert await editor.run("ponder.cancel", {"runId": run_id}) == {"cancelled": 1}
    result = await editor.run("ponder.result", {"runId": run_id, "wait": True})
    assert editor.events(run_id)[-1]["status"] == result["status"]
    await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
    return result


async def test_parts_that_failed_make_it_incomplete(tmp_path: Path) -> None:
    """Not `done`, the number of files in the error, the findings of the others shown."""
    async with connected(tmp_path, "refusal;times=1") as (editor, _):
        write(tmp_path, {"a.py": BUG, "b.py": BUG})
        result = await review(editor)
        assert result["status"] == "failed"
        assert "1 of 2 files" in result["error"]["message"]
        assert len({one["uri"] for one in result["findings"]}) == 1


async def test_there_must_be_a_folder(tmp_path: Path) -> None:
    """-32602 that says so, and for a wrong argument too."""
    async with connected(tmp_path) as (editor, _):
        with pytest.raises(ErrorAnswer) as caught:
            await editor.run("ponder.reviewWorkspace", {"batch": "yes"})
        assert (caught.value.code, "batch" in caught.value.message) == (-32602, True)


async def test_a_save_during_a_review_of_the_workspace_is_reviewed_after_it(tmp_path: Path) -> None:
    """What the user asked for goes first, and its end wakes what waits: also the end of this, also by cancelling."""
    env = {"PONDER_REVIEW_DEBOUNCE_MS": "1"}

    def waits() -> bool:
        newest = editor.received("ponder/status")[said:]
        return any("1 review waits for what you asked for" in one["message"] for one in newest)

    def started(uri: str) -> bool:
        begun = [event for event in editor.events() if event["type"] == "started"]
        return any(event["trigger"] == "save" and event["uri"] == uri for event in begun)

    async with connected(tmp_path, env=env, pace=Pace(first_ms=500)) as (editor, _):
        for number, end in enumerate(("ponder.result", "ponder.cancel")):
            write(tmp_path, {"a.py": f"# {number}\n{BUG}"})
            said = len(editor.received("ponder/status"))
            run = await editor.run("ponder.reviewWorkspace", {})
            uri = editor.open(f"saved{number}.py", f"x{number} = None\n")
            editor.save(uri)
            await editor.eventually(waits)
            assert not started(uri)
            await editor.run(end, run | ({"wait": True} if end == "ponder.result" else {}))
            await editor.eventually(lambda uri=uri: started(uri))
        await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])


async def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    """Code that is too large or binary stands in the sum of the review: nobody takes it for looked at."""
    async with connected(tmp_path) as (editor, _):
        write(tmp_path, {"a.py": CLEAN, "big.py": "x = 1\n" * 200_000})
        (tmp_path / "bin.py").write_bytes(b"x\0" * 50)
        result = await review(editor)
        assert "1 file reviewed; no findings; 2 left out" in result["text"]
