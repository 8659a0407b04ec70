"""Review on save under load, with a budget, with an endpoint that fails, and besides what the user asks for."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import FakeEditor
from e2e.test_outcomes import bodies, connected
from e2e.test_review_on_save import SOON, about, codes
from e2e.test_runs import BUG, actions, run
from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.pace import Pace
from ponder.store.rows import UsageRow
from ponder.store.store import Store


def quoting(body: dict[str, Any]) -> Answer:
    """A finding on the first line that says `found`."""
    question = body["messages"][-1]["content"][-1]["text"]
    path = re.search(r'<document path="([^"]*)"', question)
    quote = re.search(r".*found.*", question)
    row = {
        "path": path[1] if path else "", "start_line": 1, "end_line": 1, "quote": quote[0] if quote else "",
        "severity": "warning", "rule": "planted", "message": quote[0] if quote else "", "fix": [],
    }  # fmt: skip
    return Answer(text=json.dumps({"summary": "Looked.", "findings": [row] if quote else []}))


def ended(editor: FakeEditor, count: int = 1, status: str | None = None) -> bool:
    ends = [one for one in editor.events() if one["type"] == "finished" and status in (None, one["status"])]
    return len(ends) >= count


def statuses(editor: FakeEditor) -> list[str]:
    return [one["message"] for one in editor.received("ponder/status")]


async def test_l04_two_hundred_files_saved_five_times(tmp_path: Path) -> None:
    """L-04: one request for each file at most, no more at once than allowed, and the last content wins."""
    engine: list[OfflineEngine] = []
    alive: list[int] = []

    def answer(body: dict[str, Any]) -> Answer:
        asked = [one for one in engine[0].requests if one.path == "/v1/messages"]
        alive.append(sum(not (one.finished or one.closed_by_client) for one in asked))
        return quoting(body)

    env = {"PONDER_REVIEW_DEBOUNCE_MS": "700"}
    async with connected(tmp_path, env=env, answerer=answer, log_limit=5_000) as (editor, offline):
        engine.append(offline)
        uris = [editor.open(f"f{number}.py", f"x{number} = 0\n") for number in range(200)]
        for turn in range(5):
            for number, uri in enumerate(uris):
                editor.replace(uri, f"x{number} = {turn}  # found\n")
                editor.save(uri)
            await editor.run("ponder.usage")
        await editor.eventually(lambda: ended(editor, 200), limit=60)
        await editor.eventually(lambda: all(codes(editor, uri) for uri in uris), limit=30)
        assert len(bodies(offline)) == 200
        assert 1 <= max(alive) <= 2
        for number, uri in enumerate(uris):
            (note,) = editor.diagnostics(uri)
            assert note["message"] == f"x{number} = 4  # found"
        assert any("reviews wait" in message for message in statuses(editor))
        assert "wait" not in statuses(editor)[-1]


async def test_saves_while_requests_run(tmp_path: Path) -> None:
    """L-04: files saved again while they are reviewed: never more requests alive than allowed; the last content wins."""
    engine: list[OfflineEngine] = []
    alive: list[int] = []

    def answer(body: dict[str, Any]) -> Answer:
        asked = [one for one in engine[0].requests if one.path == "/v1/messages"]
        alive.append(sum(not (one.finished or one.closed_by_client) for one in asked))
        return quoting(body)

    env = {"PONDER_REVIEW_DEBOUNCE_MS": "1", "PONDER_REVIEW_CONCURRENCY": "3"}
    pace = Pace(first_ms=200)
    async with connected(tmp_path, env=env, answerer=answer, pace=pace, log_limit=5_000) as (editor, offline):
        engine.append(offline)
        editor.save(editor.open("warm.py", "y = 0\n"))
        await editor.eventually(lambda: ended(editor))
        uris = [editor.open(f"f{number}.py", f"x{number} = 0\n") for number in range(20)]
        for turn in range(5):
            for number, uri in enumerate(uris):
                editor.replace(uri, f"x{number} = {turn}  # found\n")
                editor.save(uri)
                await editor.run("ponder.usage")
        wanted = [f"x{number} = 4  # found" for number in range(20)]
        await editor.eventually(
            lambda: (
                [[note["message"] for note in editor.diagnostics(uri)] for uri in uris]
                == [[message] for message in wanted]
            ),
            limit=60,
        )
        assert max(alive) <= 3
        asked = [one for one in offline.requests if one.path == "/v1/messages"]
        assert any(one.closed_by_client for one in asked), "older requests were closed, not left to run"


async def test_there_and_back_costs_nothing(tmp_path: Path) -> None:
    """A branch switch and back: what was reviewed before is known, also after a restart."""
    first, second = "a = 1  # found\n", "b = 2  # found\n"
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, offline):
        uri = editor.open("orders.py", first)
        for text in (first, second):
            editor.replace(uri, text)
            editor.save(uri)
            await editor.eventually(
                lambda text=text: [n["message"] for n in editor.diagnostics(uri)] == [text[:-1]]
            )
        assert len(bodies(offline)) == 2
        for text in (first, second, first):
            editor.replace(uri, text)
            editor.save(uri)
            await editor.eventually(
                lambda text=text: [n["message"] for n in editor.diagnostics(uri)] == [text[:-1]]
            )
        editor.save(editor.open("other.py", "c = 3  # found\n"))
        await editor.eventually(lambda: len(bodies(offline)) == 3)
        assert about(bodies(offline)[2], "other.py")
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, offline):
        uri = editor.open("orders.py", second)
        await editor.eventually(lambda: codes(editor, uri))
        editor.replace(uri, first)
        editor.save(uri)
        await editor.eventually(lambda: [n["message"] for n in editor.diagnostics(uri)] == [first[:-1]])
        editor.save(editor.open("third.py", "d = 4  # found\n"))
        await editor.eventually(lambda: bodies(offline))
        assert about(bodies(offline)[0], "third.py")


async def test_the_findings_of_a_text_reviewed_before_stand_after_a_restart(tmp_path: Path) -> None:
    """A file that changed meanwhile shows at once what still stands, and only the change is looked at."""
    text = "def a():\n    return 1  # found\n\n\ndef b():\n    return 2\n"
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, _):
        uri = editor.open("orders.py", text)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, offline):
        uri = editor.open("orders.py", "\n" + text.replace("return 2", "return 3"))
        await editor.eventually(lambda: codes(editor, uri))
        assert editor.diagnostics(uri)[0]["range"]["start"]["line"] == 2
        editor.save(uri)
        await editor.eventually(lambda: ended(editor))
        assert "<selection " in bodies(offline)[0]["messages"][-1]["content"][-1]["text"]
        assert len(codes(editor, uri)) == 1
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, offline):
        uri = editor.open("orders.py", "\n" + text.replace("return 2", "return 3"))
        await editor.eventually(lambda: codes(editor, uri))
        assert not bodies(offline)


async def test_what_the_user_asks_for_goes_first(tmp_path: Path) -> None:
    """While an action runs no background review begins; its end wakes what waits; the status says so."""
    async with connected(tmp_path, env=SOON, pace=Pace(first_ms=300)) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        started = await run(editor, "explain", uri)
        for number in range(5):
            editor.save(editor.open(f"f{number}.py", f"x{number} = None\n"))
        await editor.eventually(lambda: any("5 reviews wait" in message for message in statuses(editor)))
        result = await editor.run("ponder.result", {"runId": started["runId"], "wait": True})
        assert result["status"] == "done"
        assert about(bodies(offline)[0], "orders.py")
        await editor.eventually(lambda: ended(editor, 6))
        order = [
            (one["type"], one["runId"]) for one in editor.events() if one["type"] in {"started", "finished"}
        ]
        assert order[:2] == [("started", started["runId"]), ("finished", started["runId"])]


async def test_background_work_does_not_hold_up_an_action(tmp_path: Path) -> None:
    """An action asked for while reviews run and wait is sent at once, before any other review."""
    async with connected(tmp_path, env=SOON, pace=Pace(first_ms=60_000)) as (editor, offline):
        for number in range(6):
            editor.save(editor.open(f"f{number}.py", f"x{number} = None\n"))
        await editor.eventually(lambda: len([e for e in editor.events() if e["type"] == "started"]) == 2)
        uri = editor.open("orders.py", BUG)
        started = await run(editor, "explain", uri)
        await editor.eventually(
            lambda: [e for e in editor.events(started["runId"]) if e["type"] == "started"]
        )
        assert len([e for e in editor.events() if e["type"] == "started"]) == 3
        await editor.run("ponder.cancel", {})
        assert len(bodies(offline)) <= 3


@pytest.mark.parametrize("mode", ["manual", "off"])
async def test_modes_that_ask_nothing(tmp_path: Path, mode: str) -> None:
    """`manual` shows what is known and asks on command only; `off` shows nothing unasked."""
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
    async with connected(tmp_path, env=SOON | {"PONDER_REVIEW_ON_SAVE": mode}) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        editor.edit(uri, (0, 0, "import os\n"))
        editor.save(uri)
        await editor.run("ponder.usage")
        assert bool(codes(editor, uri)) == (mode == "manual")
        assert (await run(editor, "review", uri, wait=True))["status"] == "done"
        assert codes(editor, uri)
        assert len(bodies(offline)) == 1


async def test_most_of_the_daily_budget_spent_ends_reviews(tmp_path: Path) -> None:
    """L-08: background work stops first and says so once; what the user asks for still goes."""
    store = Store.open(tmp_path.parent / f"{tmp_path.name}-state", time.time, print)
    store.add_usage(
        UsageRow(
            at=time.time(), run_id="1", action="fix", model="m", provider="p", trigger="command", cost_usd=8.5
        )
    )
    assert store.close()
    async with connected(tmp_path, env=SOON | {"PONDER_BUDGET_DAILY_USD": "10"}) as (editor, offline):
        for number in range(8):
            editor.save(editor.open(f"f{number}.py", f"x{number} = None\n"))
        await editor.eventually(lambda: "rest for today" in (statuses(editor) or [""])[-1])
        await editor.run("ponder.usage")
        assert not bodies(offline)
        (told,) = editor.take("window/showMessage")
        assert "rest for today" in told["message"]
        result = await run(editor, "explain", editor.open("orders.py", BUG), wait=True)
        assert result["status"] == "done"


async def test_a_review_that_may_cost_more_than_is_left_is_not_sent(tmp_path: Path) -> None:
    """L-08: the limit holds before the next request; it is said once, whatever is saved afterwards."""
    env = SOON | {"PONDER_BUDGET_DAILY_USD": "6", "PONDER_REVIEW_CONCURRENCY": "1"}
    user = tmp_path.parent / f"{tmp_path.name}-state" / "ponder"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('[models."claude-sonnet-5-5"]\ninputUsd = 1000\noutputUsd = 0.1\n')
    async with connected(tmp_path, env=env) as (editor, offline):
        for number in range(8):
            editor.save(editor.open(f"f{number}.py", f"x{number} = None\n"))
        told = await editor.eventually(lambda: editor.received("window/showMessage"))
        assert "might cost more" in told[-1]["message"]
        sent = len(bodies(offline))
        assert 1 <= sent < 8
        for number in range(8):
            editor.save(editor.open(f"g{number}.py", f"y{number} = None\n"))
        await editor.eventually(lambda: ended(editor, 16))
        await editor.eventually(lambda: "might cost more" in statuses(editor)[-1])
        assert len(bodies(offline)) == sent
        assert len(editor.take("window/showMessage")) == 1


async def test_an_endpoint_that_fails_gives_reviews_a_rest(tmp_path: Path) -> None:
    """After five failures in a row no review is sent; it is said once; an action of the user's is still sent."""
    env = SOON | {"PONDER_API_MAX_TRIES": "1", "PONDER_REVIEW_CONCURRENCY": "1"}
    async with connected(tmp_path, "status=500", env=env) as (editor, offline):
        for number in range(9):
            editor.save(editor.open(f"f{number}.py", f"x{number} = None\n"))
        told = await editor.eventually(lambda: editor.received("window/showMessage"))
        assert "has been failing" in told[-1]["message"]
        assert len(bodies(offline)) == 5
        await editor.eventually(lambda: "has been failing" in statuses(editor)[-1])
        result = await run(editor, "explain", editor.open("orders.py", BUG), wait=True)
        assert result["status"] == "failed"
        assert len(bodies(offline)) == 6
        assert len(editor.take("window/showMessage")) == 1


async def test_floor_limit_and_baseline_count_in_the_editor(tmp_path: Path) -> None:
    """The gravest first, at most `maxFindings`; what the committed baseline holds is not shown, whenever it changes."""
    grave = ["hint", "information", "error", "warning", "warning"]

    def answer(_body: dict[str, Any]) -> Answer:
        rows = [
            {
                "path": "orders.py", "start_line": number + 1, "end_line": number + 1, "quote": f"line{number} = {number}",
                "severity": severity, "rule": f"rule-{number}", "message": "m", "fix": [],
            }
            for number, severity in enumerate(grave)
        ]  # fmt: skip
        return Answer(text=json.dumps({"summary": "s", "findings": rows}))

    text = "".join(f"line{number} = {number}\n" for number in range(5))
    env = SOON | {"PONDER_REVIEW_MAX_FINDINGS": "3", "PONDER_REVIEW_SEVERITY_FLOOR": "information"}
    async with connected(tmp_path, env=env, answerer=answer) as (editor, _):
        uri = editor.open("orders.py", text)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        assert codes(editor, uri) == ["review/rule-2", "review/rule-3", "review/rule-4"]
        known = editor.diagnostics(uri)[0]["data"]["findingId"]
        file = tmp_path / "ponder-baseline.json"
        entry = {"id": known, "path": "orders.py", "rule": "review/rule-2"}
        for held, expected in (([entry], [1, 3, 4]), ([], [2, 3, 4])):
            file.write_text(json.dumps({"version": 1, "findings": held}))
            editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
            await editor.eventually(
                lambda expected=expected: (
                    codes(editor, uri) == [f"review/rule-{number}" for number in expected]
                )
            )
        file.write_text("{}")
        editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
        await editor.eventually(lambda: "no baseline" in str(editor.received("window/showMessage")))
        editor.take("window/showMessage")


@pytest.mark.parametrize("scope", ["finding", "rule", "file"])
async def test_what_is_dismissed_stays_away_after_a_restart(tmp_path: Path, scope: str) -> None:
    """By its light bulb, in each scope; reviewing again after a change brings nothing of it back."""
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, _):
        uri = editor.open("orders.py", "a = 1  # found\n")
        editor.save(uri)
        (note,) = await editor.eventually(lambda: editor.diagnostics(uri))
        offered = await actions(editor, uri, diagnostics=[note])
        arguments = [
            offer["command"]["arguments"][0] for offer in offered if offer["data"]["action"] == "dismiss"
        ]
        chosen = next(argument for argument in arguments if argument["scope"] == scope)
        await editor.run("ponder.dismiss", chosen)
        await editor.eventually(lambda: not editor.diagnostics(uri))
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, offline):
        uri = editor.open("orders.py", "a = 1  # found\n")
        editor.edit(uri, (len(editor.text(uri)), len(editor.text(uri)), "b = 2\n"))
        editor.save(uri)
        if scope == "file":
            # Nothing would be shown, so nothing is paid; who asks for it is answered.
            other = editor.open("other.py", "c = 3\n")
            editor.save(other)
            await editor.eventually(lambda: ended(editor))
            assert [about(body, "orders.py") for body in bodies(offline)] == [False]
            assert (await run(editor, "review", uri, wait=True))["status"] == "done"
        else:
            await editor.eventually(lambda: ended(editor))
        assert bodies(offline)
        assert not editor.diagnostics(uri)


async def test_a_comment_silences_on_the_next_publish(tmp_path: Path) -> None:
    """`ponder: ignore[rule]` typed above a finding hides it at once; taken out again, it is back."""
    async with connected(tmp_path, env=SOON, answerer=quoting) as (editor, _):
        uri = editor.open("orders.py", "a = 1  # found\n")
        editor.save(uri)
        await editor.eventually(lambda: editor.diagnostics(uri))
        comment = "# ponder: ignore[planted]\n"
        editor.edit(uri, (0, 0, comment))
        await editor.eventually(lambda: not editor.diagnostics(uri))
        editor.edit(uri, (0, len(comment), ""))
        await editor.eventually(lambda: editor.diagnostics(uri))


async def test_the_light_bulb_of_a_finding(tmp_path: Path) -> None:
    """Fix, explain and dismiss stand on each finding; the fix still fits after lines above it changed."""
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        editor.edit(uri, (0, 0, "# one more line\n\n"))
        await editor.run("ponder.usage")
        note = next(one for one in editor.diagnostics(uri) if "mutable" in one["code"])
        offered = await actions(editor, uri, diagnostics=[note])
        titles = [offer["title"] for offer in offered]
        assert any("Explain" in title and "“" in title for title in titles), titles
        assert any("Dismiss this finding" in title for title in titles)
        fix = next(offer for offer in offered if offer.get("edit"))
        assert editor._apply(fix["edit"]) == {"applied": True}
        assert "orders=None" in editor.text(uri)
        assert editor.text(uri).startswith("# one more line\n\n")


@pytest.mark.parametrize("profile", ["vscode", "neovim", "emacs", "full", "pull"])
async def test_diagnostics_are_pushed_or_pulled(tmp_path: Path, profile: str) -> None:
    """Exactly one of the two: a client that knows publishing gets it and is not offered to pull."""

    def pull_only(capabilities: dict[str, Any]) -> None:
        if profile == "pull":
            capabilities["textDocument"].pop("publishDiagnostics")
            capabilities["textDocument"]["diagnostic"] = {"dynamicRegistration": False}

    from e2e.fake_editor import PONDER

    kind = "full" if profile == "pull" else profile
    async with FakeEditor(folder=tmp_path, command=PONDER, profile=kind, change=pull_only) as editor:
        uri = editor.open("orders.py", BUG)
        await run(editor, "review", uri, wait=True)
        pulls = "diagnosticProvider" in editor.initialize_result["capabilities"]
        pushed = editor.received("textDocument/publishDiagnostics")
        assert pulls != bool(pushed)
        assert pulls == (profile == "pull")
        if pulls:
            report = await editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            assert report["items"]
