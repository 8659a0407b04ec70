"""Editors that know LSP and nothing of Ponder: answers are shown, changes are taken, findings are dismissed."""

from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import ErrorAnswer, FakeEditor
from e2e.test_runs import BUG, SLOW, actions, editor, line_range, place, run

Json = dict[str, Any]


def plain(capabilities: Json) -> None:
    """A client without events."""
    capabilities.pop("experimental", None)


def without_documents(capabilities: Json) -> None:
    """A client without events that opens no document for a server."""
    plain(capabilities)
    capabilities["window"].pop("showDocument")


def ale(capabilities: Json) -> None:
    """What ALE 3.3 declares as far as it matters here: literals, no edit for a server, no `documentChanges`."""
    capabilities.clear()
    literals = {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}}
    capabilities["textDocument"] = {"codeAction": {"codeActionLiteralSupport": literals}}
    capabilities["workspace"] = {"applyEdit": False}


def as_ale_sends_it(note: Json) -> Json:
    """A diagnostic without `source` and `data`, which ALE does not keep."""
    return {key: note[key] for key in ("range", "message", "code")}


def transcript_of(words: str) -> str:
    """The text of the transcript that a message names last."""
    return Path(words.rpartition(" ")[2]).read_text("utf-8")


async def test_an_answer_opens_by_itself_once(tmp_path: Path) -> None:
    """Explain ends in an open transcript; a review and what a script waits for open nothing."""
    async with editor(tmp_path, change=plain) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "explain", uri, wait=True)
        await run(fake, "review", uri)
        await fake.eventually(lambda: fake.diagnostics(uri), limit=60)
        await run(fake, "explain", uri)
        shown = await fake.eventually(lambda: fake.received("window/showDocument"), limit=60)
        await fake.run("ponder.run", {"action": "ask", "textDocument": {"uri": uri}, "wait": True})
        assert len(fake.received("window/showDocument")) == 1
        assert "Explain" in Path(shown[0]["uri"].removeprefix("file://")).read_text("utf-8")


async def test_an_answer_is_told_by_its_path_where_no_document_can_be_opened(tmp_path: Path) -> None:
    """One line that it is ready and where; the light bulb's entry tells it again."""
    async with editor(tmp_path, change=without_documents) as fake:
        uri = fake.open("orders.py", BUG)
        assert "transcript" not in [one["data"]["action"] for one in await actions(fake, uri)]
        await run(fake, "explain", uri)
        await fake.eventually(lambda: fake.received("window/showMessage"), limit=60)
        (told,) = fake.take("window/showMessage")
        assert told["type"] == 3
        assert "Explain `orders.py` is ready" in told["message"]
        assert "## Answer" in transcript_of(told["message"])

        (again,) = [one for one in await actions(fake, uri) if one["data"]["action"] == "transcript"]
        assert again["title"] == "Ponder (offline): Show the answer of Explain"
        await fake.run(again["command"]["command"], again["command"]["arguments"][0])
        (told,) = fake.take("window/showMessage")
        assert "## Answer" in transcript_of(told["message"])


async def test_a_plugin_is_not_shown_what_its_panel_shows(tmp_path: Path) -> None:
    """With events nothing opens by itself, and the menu has the entry all the same."""
    async with editor(tmp_path) as fake:
        uri = fake.open("orders.py", BUG)
        run_id = (await run(fake, "explain", uri))["runId"]
        await fake.eventually(lambda: [e for e in fake.events(run_id) if e["type"] == "finished"], limit=60)
        assert "transcript" in [one["data"]["action"] for one in await actions(fake, uri)]
        assert not fake.received("window/showDocument")


async def test_a_run_that_failed_says_so_without_a_plugin(tmp_path: Path) -> None:
    """An error is told in one message, not in silence."""
    env = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_API_KEY": "k", "PONDER_API_MAX_TRIES": "1"}
    async with editor(tmp_path, change=plain, env=env) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "review", uri)
        await fake.eventually(lambda: fake.received("window/showMessage"), limit=60)
        (told,) = fake.take("window/showMessage")
        assert told["type"] == 2
        assert "Review `orders.py`: " in told["message"]


@pytest.mark.parametrize("versioned", [True, False])
async def test_an_editor_that_applies_nothing_takes_changes_from_its_menu(
    tmp_path: Path, versioned: bool
) -> None:
    """Each change is an edit without a command; the server sees in the text what was taken, and offers the rest."""

    def change(capabilities: Json) -> None:
        ale(capabilities)
        capabilities["workspace"]["workspaceEdit"] = {"documentChanges": versioned}

    async with editor(tmp_path, change=change) as fake:
        uri = fake.open("orders.py", BUG + BUG.replace("add_order", "add_other"))
        run_id = (await run(fake, "fix", uri))["runId"]
        await fake.eventually(lambda: fake.received("window/showMessage"), limit=60)
        (told,) = fake.take("window/showMessage")
        assert "light bulb" in told["message"]
        assert "```diff" in transcript_of(told["message"])

        offered = [one for one in await actions(fake, uri) if one["data"]["action"] == "apply"]
        assert not [one for one in offered if "command" in one], "ALE ignores an edit beside a command"
        assert ("documentChanges" in offered[0]["edit"]) is versioned
        take(fake, offered[0])
        left = [one for one in await actions(fake, uri) if one["data"]["action"] == "apply"]
        assert len(left) < len(offered)
        assert "1 of 2" in (await fake.run("ponder.result", {"runId": run_id}))["reason"]
        take(fake, left[0])
        assert (await fake.run("ponder.result", {"runId": run_id}))["applied"] is True
        assert not [one for one in await actions(fake, uri) if one["data"]["action"] == "apply"]
        assert fake.text(uri).count("=None") == 2


def take(fake: FakeEditor, action: Json) -> None:
    """Apply an action's edit as an editor does that was not asked by the server."""
    assert fake._apply(action["edit"]) == {"applied": True}


async def test_findings_are_known_by_their_place(tmp_path: Path) -> None:
    """A client that keeps no `data` is offered the fix, an explanation and the dismissals of a finding."""
    async with editor(tmp_path, change=ale) as fake:
        uri = fake.open("orders.py", BUG)
        await run(fake, "review", uri, wait=True)
        notes = await fake.eventually(lambda: fake.diagnostics(uri), limit=60)
        note = next(one for one in notes if "mutable" in one["code"])
        found = await actions(fake, uri, diagnostics=[as_ale_sends_it(note)])
        assert {"fix", "explain", "dismiss"} <= {
            one["data"]["action"] for one in found if one["kind"] == "quickfix"
        }
        ready = next(one for one in found if "edit" in one)
        dismiss = next(one for one in found if one["data"]["action"] == "dismiss")
        await fake.run(dismiss["command"]["command"], dismiss["command"]["arguments"][0])
        await fake.eventually(lambda: note["code"] not in [one["code"] for one in fake.diagnostics(uri)])
        take(fake, ready)
        assert "orders=None" in fake.text(uri)

        other = {"range": line_range(0), "message": note["message"], "code": note["code"], "source": "ruff"}
        found = await actions(fake, uri, diagnostics=[other])
        assert "dismiss" not in [one["data"]["action"] for one in found]


async def test_the_barest_client_does_everything(tmp_path: Path) -> None:
    """No optional capability, no `data` sent back: review, fix (by its own hand), dismiss, transcript."""
    async with editor(tmp_path, profile="bare", encoding=None) as fake:
        uri = fake.open("orders.py", BUG)
        menu = await fake.request("textDocument/codeAction", place(uri))
        assert all(isinstance(action["command"], str) for action in menu), "plain commands"
        assert (await run(fake, "review", uri, wait=True))["findings"]
        note = next(n for n in await fake.eventually(lambda: fake.diagnostics(uri)) if "mutable" in n["code"])

        run_id = (await run(fake, "fix", uri, range=line_range(3)))["runId"]
        fixed = await fake.run("ponder.result", {"runId": run_id, "wait": True}, limit=60)
        assert fixed["applied"] is False
        assert "does not apply edits" in fixed["reason"]
        menu = await fake.request("textDocument/codeAction", place(uri))
        assert not [one for one in menu if "Apply" in one["title"]], "nothing that could never work"

        context = {"diagnostics": [as_ale_sends_it(note)]}
        menu = await fake.request("textDocument/codeAction", place(uri, **context))
        dismiss = next(one for one in menu if "Dismiss this finding" in one["title"])
        await fake.run(dismiss["command"], dismiss["arguments"][0])
        await fake.eventually(lambda: note["code"] not in [n["code"] for n in fake.diagnostics(uri)])

        take(fake, fixed)
        assert "orders=None" in fake.text(uri)

        await fake.run("ponder.transcript", {})
        told = fake.take("window/showMessage")[-1]
        assert "```diff" in transcript_of(told["message"])


async def test_the_barest_client_is_told_why_nothing_changed(tmp_path: Path) -> None:
    """A fix started by its menu ends in words: why it cannot be applied, and where it can be read."""
    async with editor(tmp_path, profile="bare", encoding=None) as fake:
        uri = fake.open("orders.py", BUG)
        menu = await fake.request("textDocument/codeAction", place(uri))
        fix = next(one for one in menu if one["title"].endswith(": Simplify"))
        fix["arguments"][0]["action"] = "fix"
        await fake.run(fix["command"], fix["arguments"][0])
        await fake.eventually(lambda: fake.received("window/showMessage"), limit=60)
        (told,) = fake.take("window/showMessage")
        assert "does not apply edits" in told["message"]
        assert "```diff" in transcript_of(told["message"])


async def test_the_barest_client_cancels_by_its_menu(tmp_path: Path) -> None:
    """With plain commands alone "Cancel" ends what runs, and goes."""
    async with editor(tmp_path, profile="bare", encoding=None, env=SLOW) as fake:
        uri = fake.open("orders.py", BUG)
        run_id = (await run(fake, "review", uri))["runId"]
        menu = await fake.request("textDocument/codeAction", place(uri))
        stop = next(command for command in menu if command["title"].endswith(": Cancel"))
        assert await fake.run(stop["command"], stop["arguments"][0]) == {"cancelled": 1}
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        assert result["status"] == "cancelled"
        menu = await fake.request("textDocument/codeAction", place(uri))
        assert not [command for command in menu if command["title"].endswith(": Cancel")]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("untitled:Untitled-1", "Save this buffer to a file first"),
        ("file:///", "Save this buffer to a file first"),
        ("", "Save this buffer to a file first"),
        ("file:///etc/hostname", "Open it first"),
    ],
)
async def test_a_text_that_is_not_there_is_told_in_words(tmp_path: Path, uri: str, words: str) -> None:
    """An unnamed buffer, and a file of others: the field, and what to do."""
    async with editor(tmp_path, profile="bare", encoding=None) as fake:
        with pytest.raises(ErrorAnswer) as caught:
            await run(fake, "explain", uri)
        assert caught.value.code == -32602
        assert "textDocument.uri" in caught.value.message
        assert words in caught.value.message


async def test_without_a_key_the_status_rests_on_no_cache(tmp_path: Path) -> None:
    """The offline engine costs nothing, so nobody is told how its cache did."""
    async with editor(tmp_path) as fake:
        for number in range(3):
            uri = fake.open(f"orders_{number}.py", BUG + f"\n\nx = {number}\n" * 200)
            await run(fake, "explain", uri, wait=True)
            fake.close(uri)
        assert not [one["message"] for one in fake.received("ponder/status") if "cache" in one["message"]]
