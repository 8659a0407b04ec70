"""Review on save, as editors cause it: debounced, the latest text wins, nothing is paid for twice."""

import json
from pathlib import Path
from typing import Any

from e2e.fake_editor import FakeEditor
from e2e.test_outcomes import bodies, connected
from e2e.test_runs import BUG
from ponder.offline.answer import Answer
from ponder.offline.pace import Pace

SOON = {"PONDER_REVIEW_DEBOUNCE_MS": "50"}
OTHER = "\n\ndef price(items):\n    return sum(items)\n"


def about(body: dict[str, Any], name: str) -> bool:
    """Whether a request's question is about this file, whatever its prefix tells of others."""
    return f'path="{name}"' in body["messages"][-1]["content"][-1]["text"]


def codes(editor: FakeEditor, uri: str) -> list[str]:
    return [note["code"] for note in editor.diagnostics(uri)]


async def test_a_save_ends_in_diagnostics_and_is_never_paid_for_twice(tmp_path: Path) -> None:
    """One request for one text; saving, reopening or restarting with the same text costs nothing."""
    async with connected(tmp_path, env=SOON) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        assert len(bodies(offline)) == 1
        started = next(event for event in editor.events() if event["type"] == "started")
        assert started["trigger"] == "save"
        assert started["action"] == "review"
        assert all(note["severity"] >= 2 for note in editor.diagnostics(uri)), "never an error of ours"
        editor.save(uri)
        other = editor.open("other.py", "x = None\nif x == None:\n    pass\n")
        editor.save(other)
        await editor.eventually(lambda: len(bodies(offline)) == 2)

    async with connected(tmp_path, env=SOON) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        await editor.eventually(lambda: codes(editor, uri))
        editor.save(uri)
        other = editor.open("third.py", "y = 1\n")
        editor.save(other)
        await editor.eventually(lambda: bodies(offline))
        assert [body for body in bodies(offline) if about(body, "orders.py")] == []


async def test_a_newer_save_closes_the_older_request(tmp_path: Path) -> None:
    """Only the newest text's findings are shown; the older request is closed, not left to run."""
    async with connected(tmp_path, env=SOON, pace=Pace(delta_ms=30)) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: any(event["type"] == "blockDelta" for event in editor.events()))
        editor.edit(uri, (len(BUG), len(BUG), OTHER))
        editor.save(uri)
        await editor.eventually(
            lambda: any(e["type"] == "finished" and e["status"] == "done" for e in editor.events())
        )
        await editor.eventually(lambda: codes(editor, uri))
        first, second = (seen for seen in offline.requests if seen.path == "/v1/messages")
        assert first.closed_by_client
        assert second.finished


async def test_only_what_changed_is_looked_at(tmp_path: Path) -> None:
    """The second request points at the changed definition; findings elsewhere stand."""
    async with connected(tmp_path, env=SOON) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        before = set(codes(editor, uri))
        editor.edit(uri, (len(BUG), len(BUG), OTHER))
        editor.save(uri)
        await editor.eventually(lambda: len(bodies(offline)) == 2)
        await editor.eventually(lambda: [e for e in editor.events() if e["type"] == "finished"][1:])
        assert "<selection " in bodies(offline)[1]["messages"][-1]["content"][-1]["text"]
        assert before <= set(codes(editor, uri))


async def test_blank_lines_cost_nothing(tmp_path: Path) -> None:
    """A save that changes no definition is not sent."""
    async with connected(tmp_path, env=SOON) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        editor.edit(uri, (len(BUG), len(BUG), "\n\n"))
        editor.save(uri)
        other = editor.open("other.py", "x = 1\n")
        editor.save(other)
        await editor.eventually(lambda: len(bodies(offline)) == 2)
        assert about(bodies(offline)[1], "other.py")


async def test_a_file_outside_or_ignored_is_left_alone(tmp_path: Path) -> None:
    """Only files of the workspace that may be read are reviewed on their own."""
    (tmp_path / ".gitignore").write_text("build/\n")
    async with connected(tmp_path, env=SOON) as (editor, offline):
        for name in ("build/x.py", "../y.py", ".env", "untitled:1"):
            uri = editor.open(name if ":" in name else (tmp_path / name).resolve().as_uri(), BUG)
            editor.save(uri)
        last = editor.open("z.py", BUG)
        editor.save(last)
        await editor.eventually(lambda: codes(editor, last))
        assert len(bodies(offline)) == 1


async def test_a_text_that_fails_twice_is_left_alone(tmp_path: Path) -> None:
    """Two failures of the same text end its reviews until it changes."""

    def answer(body: dict[str, Any]) -> Answer:
        broken = about(body, "orders.py")
        return Answer(text="no json" if broken else json.dumps({"summary": "Fine.", "findings": []}))

    async with connected(tmp_path, env=SOON, answerer=answer) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        for count in (1, 2):
            editor.save(uri)
            await editor.eventually(
                lambda count=count: len([e for e in editor.events() if e["type"] == "finished"]) == count
            )
        editor.save(uri)
        other = editor.open("other.py", "x = 1\n")
        editor.save(other)
        await editor.eventually(lambda: len([e for e in editor.events() if e["type"] == "finished"]) == 3)
        assert len([body for body in bodies(offline) if about(body, "orders.py")]) == 2
        alone = "orders.py is left alone until it changes"
        await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
        shown = editor.received("ponder/status")[-1]
        assert alone in shown["message"]
        assert shown["kind"] == "Warning"
        editor.edit(uri, (0, 0, "import os\n"))
        editor.save(uri)
        await editor.eventually(lambda: alone not in editor.received("ponder/status")[-1]["message"])
        await editor.eventually(
            lambda: len([body for body in bodies(offline) if about(body, "orders.py")]) == 3
        )


async def test_the_status_says_what_a_review_waits_for(tmp_path: Path) -> None:
    """The pause after the save, then the pause in typing; turned off, nothing waits any more."""

    def message() -> str:
        return (editor.received("ponder/status") or [{"message": ""}])[-1]["message"]

    async with connected(tmp_path, env={"PONDER_REVIEW_DEBOUNCE_MS": "600000"}) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: "1 review waits for a quiet moment after the save" in message())
        editor.edit(uri, (0, 0, "#"))
        await editor.eventually(lambda: "1 review waits for a pause in your typing" in message())
        settings = {"ponder": {"review": {"onSave": "manual"}}}
        editor.notify("workspace/didChangeConfiguration", {"settings": settings})
        await editor.eventually(lambda: "wait" not in message())
        assert not bodies(offline)


async def test_a_range_follows_a_line_end_that_changes_places(tmp_path: Path) -> None:
    """Columns are told anew also where an edit before a finding moves neither its offset nor its line."""
    before, after = "def f(v):\n  \n    return v[len(v)]\n", "def f(v):\n      \nreturn v[len(v)]\n"
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("last.py", before)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        assert [note["range"]["start"] for note in editor.diagnostics(uri)] == [{"line": 2, "character": 4}]
        start = before.index("  \n    return")
        editor.edit(uri, (start, start + 7, "      \n"))
        assert editor.text(uri) == after
        await editor.run("ponder.usage")
        assert [note["range"]["start"] for note in editor.diagnostics(uri)] == [{"line": 2, "character": 0}]


async def test_background_reviews_are_booked_apart(tmp_path: Path) -> None:
    """What a save costs stands under the name of its route, beside the reviews that somebody asked for."""
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri), limit=60)
        argument = {"action": "review", "textDocument": {"uri": uri}, "wait": True}
        await editor.run("ponder.run", argument, limit=60)
        told = (await editor.run("ponder.usage", {}))["byAction"]
        assert {name: sums["requests"] for name, sums in told.items()} == {"review": 1, "reviewOnSave": 1}
