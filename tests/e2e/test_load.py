"""Much at once, with the real server: streams, blocking work, few file descriptors (groups E, L and S of the checklist)."""

import json
import os
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from e2e.fake_editor import PONDER, SILENCE, FakeEditor
from e2e.test_outcomes import bodies, connected
from e2e.test_review_on_save import SOON, codes
from e2e.test_runs import BUG, joined, run
from ponder.offline.answer import Answer
from ponder.offline.pace import Pace

LONG = bool(os.environ.get("PONDER_LONG"))


@pytest.mark.timeout(1_800)
async def test_l01_fifty_streams_at_once(tmp_path: Path) -> None:
    """L-01: all complete, each in order and whole, while other requests are answered in between.

    `PONDER_LONG=1`: again and again for about five minutes; how long the answers took is printed.
    """
    words = " ".join(f"word{number}" for number in range(1_600 if LONG else 200))

    def answer(_body: dict[str, Any]) -> Answer:
        return Answer(thinking=("Thinking. " * 30,), text=words)

    async with connected(tmp_path, answerer=answer, pace=Pace(delta_ms=5), log_limit=10_000) as (
        editor,
        offline,
    ):
        uri = editor.open("orders.py", BUG)
        times: list[float] = []
        for turn in range(1, 61 if LONG else 2):
            started = [(await run(editor, "explain", uri))["runId"] for _ in range(50)]
            while len(finished(editor)) < 50:
                asked = time.perf_counter()
                await editor.run("ponder.usage")
                times.append(time.perf_counter() - asked)
            for run_id in started:
                events = editor.events(run_id)
                assert [event["seq"] for event in events] == list(range(len(events)))
                assert joined(events, "text") == words
                assert events[-1]["status"] == "done"
            assert len(bodies(offline)) == 50 * turn
            # Half a million events are too many to be searched again and again.
            editor.messages.clear()
            editor.unread.clear()
        times.sort()
        at = [times[len(times) * share // 100] for share in (50, 99)]
        print(f"{len(times)} answers, p50 {at[0]:.4f} s, p99 {at[1]:.4f} s, load {os.getloadavg()[0]:.1f}")
        assert len(times) > 20


async def test_l06_typing_and_cancelling_while_threads_are_busy(tmp_path: Path) -> None:
    """L-06: eight long texts are compared with those reviewed before (in threads): all else is answered meanwhile.

    How long a comparison takes is not measured: many answers come while the first two are made, where a loop that
    makes them itself gives none.
    """
    large = "".join(f"def f{number}(x):\n    return x + {number}\n\n\n" for number in range(4_000))
    soon = {"PONDER_REVIEW_DEBOUNCE_MS": "1"}
    nothing = json.dumps({"summary": "Fine.", "findings": []})
    async with connected(tmp_path, env=soon, answerer=lambda _body: Answer(text=nothing)) as (editor, _):
        for number in range(8):
            editor.save(editor.open(f"f{number}.py", large))
        await editor.eventually(lambda: len(finished(editor)) == 8, limit=60)
    async with connected(tmp_path, env=soon, pace=Pace(first_ms=60_000)) as (editor, _):
        uri = editor.open("orders.py", BUG)
        run_id = (await run(editor, "explain", uri))["runId"]
        await editor.eventually(lambda: editor.events(run_id))
        await editor.run("ponder.cancel", {})
        for number in range(8):
            large_uri = editor.open(f"f{number}.py", large)
            at = large.index(f"x + {17 * number}\n")
            editor.edit(large_uri, (at, at, "1 + "))
            editor.save(large_uri)
        answered = 0
        while not any(event["type"] == "started" and event["trigger"] == "save" for event in editor.events()):
            editor.edit(uri, (0, 0, "# typed\n"))
            await editor.run("ponder.usage")
            answered += 1
        assert answered > 20
        run_id = (await run(editor, "explain", uri))["runId"]
        assert await editor.run("ponder.cancel", {"runId": run_id}) == {"cancelled": 1}
        result = await editor.run("ponder.result", {"runId": run_id, "wait": True})
        assert result["status"] == "cancelled"


async def test_l02_five_hundred_open_documents(tmp_path: Path) -> None:
    """L-02: edits all over 500 open texts, findings in some of them, leave memory where it was.

    `PONDER_LONG=1`: the 12,000 edits of ten minutes; how long a request behind an edit took is printed.
    """
    chance = random.Random(2)
    text = "".join(f"def f{number}(x):\n    return x + {number}\n\n\n" for number in range(100))
    quiet = {"PONDER_REVIEW_ON_SAVE": "manual"}
    async with connected(tmp_path, env=quiet) as (editor, _):
        uris = [editor.open(f"f{number}.py", text) for number in range(500)]
        for number in range(10):
            uris[number] = editor.open(f"bug{number}.py", BUG)
            await run(editor, "review", uris[number], wait=True)
        process, times = psutil.Process(editor.pid), []

        async def work(edits: int) -> int:
            for number in range(edits):
                uri = uris[chance.randrange(10) if number % 3 == 0 else chance.randrange(500)]
                at = chance.randrange(len(editor.text(uri)))
                typed = chance.random() < 0.5
                editor.edit(uri, (at, at, "x\n") if typed else (at, at + 1, ""))
                if number % 20 == 0:
                    asked = time.perf_counter()
                    await editor.run("ponder.routes")
                    times.append(time.perf_counter() - asked)
            return process.memory_info().rss

        before = await work(500)
        after = await work(12_000 if LONG else 2_000)
        times.sort()
        print(
            f"{(after - before) / 1e6:.1f} MB more; p99 {times[len(times) * 99 // 100]:.4f} s, load {os.getloadavg()[0]:.1f}"
        )
        assert after - before < 20_000_000


LIMITED = """
import resource, runpy, sys
resource.setrlimit(getattr(resource, LIMIT), (SIZE, SIZE))
sys.argv = ["ponder", "serve"]
runpy.run_module("ponder", run_name="__main__")
"""


@pytest.mark.parametrize(("limit", "size"), [("RLIMIT_NOFILE", 64), ("RLIMIT_AS", 512 << 20)])
async def test_l10_few_descriptors_or_little_memory(tmp_path: Path, limit: str, size: int) -> None:
    """L-10: with 64 file descriptors, or 512 MB of addresses, 60 actions at once end one way or another, and the server goes on."""
    highest = resource.getrlimit(getattr(resource, limit))[1]
    assert highest == resource.RLIM_INFINITY or highest > size
    (tmp_path / "inner").mkdir()
    code = LIMITED.replace("LIMIT)", f"{limit!r})").replace("SIZE", str(size))
    async with (
        connected(tmp_path, pace=Pace(first_ms=200)) as (full, _),
        FakeEditor(
            folder=tmp_path / "inner", command=(sys.executable, "-P", "-c", code), env=dict(full.env)
        ) as editor,
    ):
        uris = [editor.open(f"f{number}.py", BUG) for number in range(60)]
        for uri in uris:
            await run(editor, "explain", uri)
        await editor.eventually(lambda: len(finished(editor)) >= 60, limit=90)
        assert {one["status"] for one in finished(editor)} <= {"done", "failed"}
        result = await run(editor, "review", uris[0], wait=True)
        assert result["status"] == "done", result
        if limit == "RLIMIT_NOFILE":
            assert psutil.Process(editor.pid).num_fds() <= 64


def finished(editor: FakeEditor) -> list[dict[str, Any]]:
    return [event for event in editor.events() if event["type"] == "finished"]


async def test_nothing_grows_with_the_number_of_runs(tmp_path: Path) -> None:
    """L-11: sixty runs, saves and hovers more, and no more threads, descriptors or children than before."""
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("orders.py", BUG)

        async def use(times: int) -> tuple[int, int, int]:
            for number in range(times):
                editor.edit(uri, (0, 0, f"# {number}\n"))
                editor.save(uri)
                await run(editor, "explain", uri, wait=True)
            process = psutil.Process(editor.pid)
            return process.num_threads(), process.num_fds(), len(process.children())

        before = await use(15)
        after = await use(60)
        assert all(now <= earlier + 4 for earlier, now in zip(before, after, strict=True)), (before, after)


def fixing(body: dict[str, Any]) -> Answer:
    """The edit that repairs `BUG`, in whatever file it stands."""
    question = body["messages"][-1]["content"][-1]["text"]
    path = question.split('<document path="')[1].split('"')[0]
    old = "def add_order(order, orders=[]):"
    edit = {"path": path, "old_text": old, "new_text": old.replace("[]", "None")}
    return Answer(text=json.dumps({"summary": "Fixed.", "edits": [edit]}))


@pytest.mark.parametrize(
    "answer", [{"applied": False}, {"applied": False, "failureReason": "read-only"}, None, SILENCE]
)
async def test_e08_an_edit_the_editor_does_not_make(tmp_path: Path, answer: Any) -> None:
    """E-08, E-09: the state is `not applied`, with a reason; it is not tried again, and no file is written."""
    (tmp_path / "orders.py").write_text(BUG)
    async with connected(tmp_path, answerer=fixing) as (editor, _):
        editor.responders["workspace/applyEdit"] = lambda _: answer
        uri = editor.open("orders.py", "# dirty\n" + BUG)
        result = await run(editor, "fix", uri, apply=True, wait=True)
        assert result["status"] == "done"
        assert result["applied"] is False
        assert result["reason"]
        assert len([one for one in editor.messages if one.get("method") == "workspace/applyEdit"]) == 1
        assert editor.text(uri) == "# dirty\n" + BUG
        assert (tmp_path / "orders.py").read_text() == BUG


async def test_e12_the_same_edit_twice(tmp_path: Path) -> None:
    """E-12: a second click on what was applied changes nothing and says so."""
    async with connected(tmp_path, answerer=fixing) as (editor, _):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "fix", uri, apply=False, wait=True)
        first, second = [
            await editor.run("ponder.apply", {"runId": result["runId"], "hunk": 0}) for _ in range(2)
        ]
        assert first == {"applied": True}
        assert second["applied"] is False
        assert second["reason"]
        assert editor.text(uri) == BUG.replace("orders=[]", "orders=None")


async def test_s05_two_editors_on_one_folder(tmp_path: Path) -> None:
    """S-05: what one server reviewed the other knows; what one user dismissed is gone in the other on the next open."""
    async with (
        connected(tmp_path, env=SOON) as (one, _),
        FakeEditor(folder=tmp_path, command=PONDER, env=dict(one.env)) as other,
    ):
        uri = one.open("orders.py", BUG)
        one.save(uri)
        note = (await one.eventually(lambda: one.diagnostics(uri)))[0]
        for _ in range(100):
            # What one has shown it writes down a moment later.
            other.open("orders.py", BUG)
            await other.run("ponder.usage")
            if codes(other, uri):
                break
            other.close(uri)
        assert codes(other, uri)
        await one.run("ponder.dismiss", {"findingId": note["data"]["findingId"], "scope": "rule"})
        await one.eventually(lambda: note["code"] not in codes(one, uri))
        other.close(uri)
        other.open("orders.py", BUG)
        await other.run("ponder.usage")
        assert note["code"] not in codes(other, uri)
