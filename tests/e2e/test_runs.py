"""Runs through the real server with the offline engine: events, results, findings, edits, cancel, follow-up."""

from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, ErrorAnswer, FakeEditor

BUG = '''"""Orders."""


def add_order(order, orders=[]):
    orders.append(order)
    return orders


def total(prices):
    return sum(prices) / len(prices)
'''
QUICK = {"PONDER_API_OFFLINE_DELTA_MS": "0"}
SLOW = {"PONDER_API_OFFLINE_DELTA_MS": "1000"}


def editor(folder: Path, *, env: dict[str, str] = QUICK, **options: Any) -> FakeEditor:
    return FakeEditor(folder=folder, command=PONDER, env=env, **options)


async def run(fake: FakeEditor, action: str, uri: str, **more: Any) -> Any:
    argument = {"action": action, "textDocument": {"uri": uri}, **more}
    return await fake.run("ponder.run", argument, limit=60)


def joined(events: list[dict[str, Any]], kind: str) -> str:
    """The deltas of all blocks of a kind."""
    blocks = {event["index"] for event in events if event["type"] == "blockStarted" and event["kind"] == kind}
    return "".join(e["text"] for e in events if e["type"] == "blockDelta" and e["index"] in blocks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_a_review_streams_and_ends_in_diagnostics(tmp_path: Path, encoding: str) -> None:
    """Events count from 0 without a gap, `finished` is last, findings arrive live and as diagnostics."""
    async with editor(tmp_path, encoding=encoding) as fake:
        uri = fake.open("orders.py", BUG)
        run_id = (await run(fake, "review", uri))["runId"]
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True}, limit=60)
        await fake.eventually(lambda: fake.diagnostics(uri))
        events = fake.events(run_id)

        assert [event["seq"] for event in events] == list(range(len(events)))
        assert events[0]["type"] == "started"
        assert events[-1]["type"] == "finished"
        assert events[-1]["status"] == result["status"] == "done"
        assert joined(events, "thinking")
        assert joined(events, "text") == result["text"]
        found = [event["finding"] for event in events if event["type"] == "finding"]
        assert found == result["findings"]
        mutable = next(one for one in found if "mutable" in one["code"])
        assert mutable["range"]["start"]["line"] == 3
        assert {note["data"]["findingId"] for note in fake.diagnostics(uri)} == {one["id"] for one in found}
        assert result["provider"] == "offline"
        assert result["usage"]["thinkingTokens"] > 0


async def test_a_fix_is_applied_as_the_user_would_see_it(tmp_path: Path) -> None:
    """`apply: true` changes the buffer through the editor, and the result says so."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "fix", uri, apply=True, wait=True, range=line_range(3))

        assert result["status"] == "done"
        assert result["applied"] is True
        assert "orders=[]" not in fake.text(uri)
        assert "orders=None" in fake.text(uri)


async def test_a_pending_edit_is_taken_hunk_by_hunk(tmp_path: Path) -> None:
    """With `apply: false` nothing changes; the light bulb then offers each change, and applying one leaves the rest."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG + BUG.replace("add_order", "add_other"))
        before = fake.text(uri)
        result = await run(fake, "fix", uri, apply=False, wait=True)
        assert result["applied"] is False
        assert result["reason"]
        assert fake.text(uri) == before

        offered = [action for action in await actions(fake, uri) if action["data"]["action"] == "apply"]
        first = offered[0]["command"]
        answer = await fake.request(
            "workspace/executeCommand", {"command": first["command"], "arguments": first["arguments"]}
        )
        assert answer == {"applied": True}
        assert fake.text(uri) != before
        left = [action for action in await actions(fake, uri) if action["data"]["action"] == "apply"]
        assert len(left) < len(offered)


async def test_cancel_ends_a_run_within_a_second_and_says_what_was_spent(tmp_path: Path) -> None:
    """A cancelled run is a result with status `cancelled`; nothing follows its last event."""
    async with editor(tmp_path, env=SLOW) as fake:
        uri = fake.open("orders.py", BUG)
        run_id = (await run(fake, "review", uri))["runId"]
        await fake.eventually(lambda: joined(fake.events(run_id), "thinking"))
        assert await fake.run("ponder.cancel", {"runId": run_id}) == {"cancelled": 1}
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})

        assert result["status"] == "cancelled"
        assert result["usage"]["inputTokens"] > 0
        assert fake.events(run_id)[-1]["type"] == "finished"
        assert await fake.run("ponder.cancel", {}) == {"cancelled": 0}


async def test_giving_up_a_waiting_request_ends_its_run(tmp_path: Path) -> None:
    """`$/cancelRequest` of a run with `wait` closes the run, and the request is answered once."""
    async with editor(tmp_path, env=SLOW) as fake:
        uri = fake.open("orders.py", BUG)
        argument = {"action": "review", "textDocument": {"uri": uri}, "wait": True}
        number, answer = fake.ask(
            "workspace/executeCommand", {"command": "ponder.run", "arguments": [argument]}
        )
        await fake.eventually(lambda: any(event["type"] == "blockDelta" for event in fake.events()))
        fake.notify("$/cancelRequest", {"id": number})
        with pytest.raises(ErrorAnswer) as caught:
            await answer
        assert caught.value.code == -32800
        await fake.eventually(lambda: fake.events()[-1]["type"] == "finished")
        assert fake.events()[-1]["status"] == "cancelled"


async def test_a_follow_up_continues_the_conversation(tmp_path: Path) -> None:
    """The next turn is a run of its own; it answers in Markdown."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        first = await run(fake, "review", uri, wait=True)
        second = await fake.run(
            "ponder.followUp", {"runId": first["runId"], "text": "Which of these matters most?", "wait": True}
        )
        assert second["status"] == "done", second
        assert second["runId"] != first["runId"]
        assert second["text"]


async def test_findings_follow_the_text_and_go_with_it(tmp_path: Path) -> None:
    """A line above shifts a finding; editing its own line removes it; dismissing hides it for good."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "review", uri, wait=True)
        await fake.eventually(lambda: fake.diagnostics(uri))
        line = fake.diagnostics(uri)[0]["range"]["start"]["line"]
        fake.edit(uri, (0, 0, "# one more line\n"))
        await fake.eventually(lambda: fake.diagnostics(uri)[0]["range"]["start"]["line"] == line + 1)

        start = fake.text(uri).index("orders=[]")
        fake.edit(uri, (start, start + 9, "orders=()"))
        await fake.eventually(lambda: not [n for n in fake.diagnostics(uri) if "mutable" in n["code"]])


async def test_a_dismissed_finding_stays_away(tmp_path: Path) -> None:
    """Also after another review, and after a restart of the server."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "review", uri, wait=True)
        note = (await fake.eventually(lambda: fake.diagnostics(uri)))[0]
        await fake.run("ponder.dismiss", {"findingId": note["data"]["findingId"], "scope": "finding"})
        await fake.eventually(lambda: note["code"] not in [n["code"] for n in fake.diagnostics(uri)])
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "review", uri, wait=True)
        assert note["data"]["findingId"] not in [n["data"]["findingId"] for n in fake.diagnostics(uri)]


@pytest.mark.parametrize(
    ("command", "argument", "field"),
    [
        ("ponder.run", {"action": "dance", "textDocument": {"uri": "file:///x.py"}}, "textDocument.uri"),
        ("ponder.run", {"textDocument": {"uri": "file:///x.py"}}, "action"),
        ("ponder.run", {"action": "review", "textDocument": {"uri": 3}}, "textDocument.uri"),
        ("ponder.run", {"action": "review", "textDocument": {"uri": "x"}, "range": 1}, "range"),
        ("ponder.result", {"runId": "none"}, "runId"),
        ("ponder.result", {}, "runId"),
        ("ponder.apply", {"runId": "none", "hunk": -1}, "hunk"),
        ("ponder.dismiss", {"findingId": "x", "scope": "world"}, "scope"),
        ("ponder.unknown", {}, "command"),
    ],
)
async def test_a_wrong_argument_is_named(tmp_path: Path, command: str, argument: object, field: str) -> None:
    """-32602 with the name of the field, and the server lives on."""
    async with editor(tmp_path) as fake:
        with pytest.raises(ErrorAnswer) as caught:
            await fake.run(command, argument)
        assert caught.value.code == -32602
        assert field in caught.value.message
        assert "routes" in await fake.run("ponder.routes", {})


def place(uri: str, line: int = 0, **context: Any) -> dict[str, Any]:
    return {
        "textDocument": {"uri": uri},
        "range": line_range(line),
        "context": {"diagnostics": [], **context},
    }


def line_range(line: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}


async def actions(fake: FakeEditor, uri: str, **context: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await fake.request("textDocument/codeAction", place(uri, **context))
    return found
