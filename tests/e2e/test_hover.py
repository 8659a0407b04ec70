"""Hover as editors ask for it: facts at once, explanations from the memory, nothing left running."""

import asyncio
from pathlib import Path
from typing import Any

from e2e.fake_editor import PONDER, ErrorAnswer, FakeEditor
from e2e.test_outcomes import bodies, connected
from ponder.offline.answer import Answer
from ponder.offline.pace import Pace

PATIENT = {"PONDER_HOVER_WAIT_MS": "30000"}
"""On a cold start the SDK is still being imported when the first hover comes."""
CODE = '''def area(width, height):
    """The area of a rectangle, in square metres."""
    return width * height


print(area(2, 3))
'''


async def hover(editor: FakeEditor, uri: str, line: int = 5, character: int = 7) -> Any:
    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
    return await editor.request("textDocument/hover", place)


def explain(_body: dict[str, Any]) -> Answer:
    return Answer(text="It multiplies. [evil](command:x) ![p](http://canary.invalid/x)")


async def test_an_explanation_is_asked_once_and_kept(tmp_path: Path) -> None:
    """Signature, docstring and explanation; the second hover and the one after a restart cost nothing."""
    async with connected(tmp_path, env=PATIENT, answerer=explain) as (editor, offline):
        uri = editor.open("area.py", CODE)
        shown = await hover(editor, uri)
        value = shown["contents"]["value"]
        assert shown["contents"]["kind"] == "markdown"
        assert "def area(width, height)" in value
        assert "square metres" in value
        assert "It multiplies." in value
        assert "](command:" not in value
        assert "![p]" not in value.replace("\\![p]", "").replace("!\\[p]", "")
        assert shown["range"]["start"] == {"line": 5, "character": 6}
        again = await hover(editor, uri, 0, 5)
        assert "It multiplies." in again["contents"]["value"]
        assert len(bodies(offline)) == 1
        body = bodies(offline)[0]
        assert body["model"] == "claude-haiku-5-5"
        assert body.get("thinking") in (None, {"type": "disabled"})
    async with connected(tmp_path, env=PATIENT, answerer=explain) as (editor, offline):
        uri = editor.open("area.py", CODE)
        assert "It multiplies." in (await hover(editor, uri))["contents"]["value"]
        assert not bodies(offline)


async def test_a_slow_model_does_not_hold_the_hover(tmp_path: Path) -> None:
    """After `hover.waitMs` the facts are shown; the explanation is completed into the memory."""
    settings = {"PONDER_HOVER_WAIT_MS": "100"}
    async with connected(tmp_path, env=settings, answerer=explain, pace=Pace(first_ms=600)) as (
        editor,
        offline,
    ):
        uri = editor.open("area.py", CODE)
        await editor.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": uri},
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
                "context": {"diagnostics": []},
            },
        )
        first = (await hover(editor, uri))["contents"]["value"]
        assert "def area" in first
        assert "It multiplies." not in first
        await editor.eventually(lambda: [e for e in editor.events() if e["type"] == "finished"])
        assert "It multiplies." in (await hover(editor, uri))["contents"]["value"]
        assert len(bodies(offline)) == 1


async def test_l05_cancelled_hovers_leave_nothing_running(tmp_path: Path) -> None:
    """L-05: 300 hovers taken back, some at once and some in flight: every request is closed, the last one is answered."""
    slow = Pace(first_ms=60_000)
    env = {"PONDER_HOVER_WAIT_MS": "60000"}
    async with connected(tmp_path, env=env, answerer=explain, pace=slow, log_limit=1_000) as (
        editor,
        offline,
    ):
        names = [f"f{number}" for number in range(300)]
        uri = editor.open("many.py", "".join(f"def {name}():\n    return {name!r}\n\n\n" for name in names))
        answers = []
        waiting = []
        for number in range(300):
            params = {"textDocument": {"uri": uri}, "position": {"line": 4 * number, "character": 5}}
            request, answer = editor.ask("textDocument/hover", params)
            answers.append(answer)
            waiting.append(request)
            if number % 3 == 0:
                await editor.run("ponder.usage")
            # On a cold start the SDK is still being imported: the first request is to be in flight.
            while not bodies(offline):
                await editor.run("ponder.usage")
            if number % 2 or len(waiting) > 8:
                editor.notify("$/cancelRequest", {"id": waiting.pop(0)})
        for request in waiting:
            editor.notify("$/cancelRequest", {"id": request})
        for result in await asyncio.gather(*answers, return_exceptions=True):
            assert isinstance(result, ErrorAnswer)
            assert result.code == -32800
        await editor.eventually(lambda: len(ends(editor)) >= len(starts(editor)))
        asked = [seen for seen in offline.requests if seen.path == "/v1/messages"]
        assert asked, "some were in flight"
        assert all(seen.closed_by_client for seen in asked)
        assert await editor.run("ponder.cancel", {}) == {"cancelled": 0}


def ends(editor: FakeEditor) -> list[dict[str, Any]]:
    return [event for event in editor.events() if event["type"] == "finished"]


def starts(editor: FakeEditor) -> list[dict[str, Any]]:
    return [event for event in editor.events() if event["type"] == "started"]


async def test_a_hover_after_a_cancelled_one_asks_anew(tmp_path: Path) -> None:
    """The request that is being closed is not waited for: the next hover has its explanation."""
    async with connected(tmp_path, env=PATIENT, answerer=explain, pace=Pace(first_ms=300)) as (
        editor,
        offline,
    ):
        uri = editor.open("area.py", CODE)
        place = {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 7}}
        request, answer = editor.ask("textDocument/hover", place)
        await editor.eventually(lambda: starts(editor))
        editor.notify("$/cancelRequest", {"id": request})
        shown = await hover(editor, uri)
        assert "It multiplies." in shown["contents"]["value"]
        assert isinstance((await asyncio.gather(answer, return_exceptions=True))[0], ErrorAnswer)
        assert len(bodies(offline)) <= 2


async def test_local_facts_alone(tmp_path: Path) -> None:
    """`onDemand` asks nobody; `off` says nothing; nothing to say is null; plain text where no Markdown is taken."""
    async with connected(tmp_path, env={"PONDER_HOVER_MODE": "onDemand"}) as (editor, offline):
        uri = editor.open("area.py", CODE)
        value = (await hover(editor, uri))["contents"]["value"]
        assert "def area" in value
        assert "[Explain `area`](command:ponder.run?" in value
        assert await hover(editor, uri, 3, 0) is None
        assert not bodies(offline)
    async with connected(tmp_path, env={"PONDER_HOVER_MODE": "off"}) as (editor, _):
        uri = editor.open("area.py", CODE)
        assert await hover(editor, uri) is None


async def test_a_budget_that_is_spent_is_said_at_once(tmp_path: Path) -> None:
    """Facts and the reason, without a run and without a promise."""
    env = PATIENT | {"PONDER_BUDGET_DAILY_USD": "0.000001"}
    async with connected(tmp_path, env=env, answerer=explain) as (editor, offline):
        uri = editor.open("area.py", CODE)
        value = (await hover(editor, uri))["contents"]["value"]
        assert "def area" in value
        assert "explaining" not in value
        assert "does not explain `area` now: This request may cost up to" in value
        assert not bodies(offline)
        assert not starts(editor)


async def test_a_client_without_markdown_is_shown_no_link(tmp_path: Path) -> None:
    """A command link is nothing to read."""

    def plain(capabilities: dict[str, Any]) -> None:
        capabilities["textDocument"]["hover"] = {"contentFormat": ["plaintext"]}

    async with connected(tmp_path, env={"PONDER_HOVER_MODE": "onDemand"}, change=plain) as (editor, _):
        contents = (await hover(editor, editor.open("area.py", CODE)))["contents"]
        assert contents["kind"] == "plaintext"
        assert "command:" not in contents["value"]
        assert "Ponder can explain area: take “Explain”" in contents["value"]


async def test_an_explanation_is_signed_by_who_gave_it(tmp_path: Path) -> None:
    """What the offline engine said is not shown as a model's word once there is a key."""
    async with FakeEditor(folder=tmp_path, command=PONDER, env=PATIENT) as editor:
        value = (await hover(editor, editor.open("area.py", CODE)))["contents"]["value"]
        assert value.endswith("*Ponder (offline)*")
    async with connected(tmp_path, env=PATIENT, answerer=explain) as (editor, offline):
        value = (await hover(editor, editor.open("area.py", CODE)))["contents"]["value"]
        assert "It multiplies." in value
        assert value.endswith("*Ponder*")
        assert len(bodies(offline)) == 1
