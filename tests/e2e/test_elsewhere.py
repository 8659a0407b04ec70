"""Edits, findings and fixes in other files than the one at hand: placed in the workspace, refused with a reason outside of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.message_server import MessageServer, ended
from e2e.scripted_api import Step, block, start, stream
from e2e.test_runs import run
from e2e.test_without_a_plugin import plain

HERE = "import shop\n\nprint(shop.price(3))\n"
THERE = "def price(count):\n    return count * 2\n"


def answer(**fields: Any) -> list[Step]:
    """A structured answer."""
    text = json.dumps({"summary": "Done.", **fields})
    return stream(start(), *block(0, "text", text), *ended("end_turn"))


def edit(path: str, old: str, new: str) -> dict[str, str]:
    return {"path": path, "old_text": old, "new_text": new}


def finding(path: str, quote: str, *fix: dict[str, str], line: int = 1) -> dict[str, Any]:
    return {
        "path": path, "start_line": line, "end_line": line, "quote": quote, "severity": "warning", "rule": "logic",
        "message": f"{quote.strip()} is wrong.", "fix": list(fix),
    }  # fmt: skip


def editor(tmp_path: Path, api: MessageServer, **options: Any) -> FakeEditor:
    env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-canary-0123456789abcdefghij"}
    return FakeEditor(folder=tmp_path, command=PONDER, env=env, **options)


def put(folder: Path, path: str, text: str) -> str:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file.as_uri()


async def test_an_edit_of_several_files(tmp_path: Path) -> None:
    """One edit over the file at hand, an unsaved buffer and a file that nobody opened; versions are those of buffers."""
    closed, dirty = put(tmp_path, "lib/rates.py", "RATE = 2\n"), put(tmp_path, "shop.py", "on disk\n")
    edits = [
        edit("app.py", "price(3)", "price(4)"),
        edit("shop.py", "count * 2", "count * RATE"),
        edit("lib/rates.py", "RATE = 2", "RATE = 3"),
    ]
    async with MessageServer(answer(edits=edits)) as api, editor(tmp_path, api) as fake:
        here = fake.open("app.py", HERE)
        fake.open("shop.py", THERE)
        asked: list[Any] = []
        fake.responders["workspace/applyEdit"] = lambda params: (
            asked.append(params["params"]) or {"applied": True}
        )
        result = await run(fake, "refactor", here, apply=True, wait=True)
        assert (result["applied"], result.get("reason")) == (True, None)
        versions = {
            c["textDocument"]["uri"]: c["textDocument"]["version"]
            for c in asked[0]["edit"]["documentChanges"]
        }
        assert versions == {here: 1, dirty: 1, closed: None}
        assert result["edit"] == asked[0]["edit"]
        change = next(c for c in asked[0]["edit"]["documentChanges"] if c["textDocument"]["uri"] == dirty)
        assert change["edits"][0]["range"]["start"]["line"] == 1


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../out.py", "not a path inside"),
        ("/etc/hostname", "not a path inside"),
        ("link.py", "outside the workspace"),
        (".git/config", "the repository itself"),
        (".env", "a secret file"),
        ("kept/out.py", "ignored by .gitignore"),
        ("none.py", "no such file"),
    ],
)
async def test_what_may_not_be_read_is_not_edited(tmp_path: Path, path: str, why: str) -> None:
    """Each is left out with its reason; as the only change, the result says that nothing could be placed, and why."""
    folder = tmp_path / "w"
    put(tmp_path, "out.py", "x = 1\n")
    for name in (".git/config", ".env", "kept/out.py"):
        put(folder, name, "x = 1\n")
    put(folder, ".gitignore", "kept/\n")
    (folder / "link.py").symlink_to(tmp_path / "out.py")
    async with (
        MessageServer(answer(edits=[edit(path, "x = 1", "x = 2")])) as api,
        editor(folder, api) as fake,
    ):
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=True, wait=True)
        assert (result["status"], result["applied"]) == ("done", False)
        assert why in result["reason"]
        assert why in next(
            e["message"] for e in fake.events() if e["type"] == "notice" and path in e["message"]
        )
        assert not fake.received("workspace/applyEdit")


async def test_a_protected_file_is_named_in_a_question(tmp_path: Path) -> None:
    """Editor settings are changed from a run on other code only after a question that names them, also with `apply: true`."""
    put(tmp_path, ".vscode/settings.json", '{"a": 1}\n')
    edits = [edit(".vscode/settings.json", '"a": 1', '"a": 2')]
    async with MessageServer(answer(edits=edits)) as api, editor(tmp_path, api) as fake:
        fake.responders["window/showMessageRequest"] = lambda _params: None
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=True, wait=True)
        assert ".vscode/settings.json" in fake.received("window/showMessageRequest")[0]["message"]
        assert result["applied"] is False
        assert result["reason"]
        assert not fake.received("workspace/applyEdit")


async def test_a_finding_in_another_file_and_its_fix(tmp_path: Path) -> None:
    """It is published for the file it is in, and goes when the next review of the file at hand does not repeat it."""
    there = put(tmp_path, "shop.py", THERE)
    found = finding("shop.py", "    return count * 2", edit("app.py", "price(3)", "price(4)"), line=2)
    async with (
        MessageServer(answer(findings=[found]), answer(findings=[found]), answer(findings=[])) as api,
        editor(tmp_path, api, options={"ponder": {"review": {"onSave": "off"}}}) as fake,
    ):
        here = fake.open("app.py", HERE)
        for _ in range(2):
            result = await run(fake, "review", here, wait=True)
            (one,) = result["findings"]
            assert (one["uri"], one["range"]["start"]["line"]) == (there, 1)
            assert one["fix"]["documentChanges"][0]["textDocument"] == {"uri": here, "version": 1}
            assert [note["range"] for note in fake.diagnostics(there)] == [one["range"]]
            assert fake.diagnostics(here) == []
        await run(fake, "review", here, wait=True)
        await fake.eventually(lambda: not fake.diagnostics(there))


async def test_a_review_of_the_other_file_speaks_for_it(tmp_path: Path) -> None:
    """What both reviews say stands once, and what the file's own review does not say is gone."""
    both, only = finding("shop.py", "    return count * 2", line=2), finding("shop.py", "def price(count):")
    async with (
        MessageServer(answer(findings=[both, only]), answer(findings=[both]), answer(findings=[])) as api,
        editor(tmp_path, api, options={"ponder": {"review": {"onSave": "off"}}}) as fake,
    ):
        here, there = fake.open("app.py", HERE), fake.open("shop.py", THERE)
        await run(fake, "review", here, wait=True)
        assert len(fake.diagnostics(there)) == 2
        await run(fake, "review", there, wait=True)
        assert [note["range"]["start"]["line"] for note in fake.diagnostics(there)] == [1]
        await run(fake, "review", here, wait=True)
        assert [note["range"]["start"]["line"] for note in fake.diagnostics(there)] == [1]


async def test_the_folder_of_the_file_at_hand_comes_first(tmp_path: Path) -> None:
    """A path that two folders have means the one beside the file at hand; one that only the other has is found there."""
    one, two = tmp_path / "one", tmp_path / "two"
    beside, _ = put(one, "lib.py", "x = 1\n"), put(two, "lib.py", "x = 1\n")
    other = put(two, "far.py", "x = 1\n")
    edits = [edit("lib.py", "x = 1", "x = 2"), edit("far.py", "x = 1", "x = 3")]
    async with (
        MessageServer(answer(edits=edits)) as api,
        editor(one, api, folders=[one, two]) as fake,
    ):
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=False, wait=True)
        changed = {change["textDocument"]["uri"] for change in result["edit"]["documentChanges"]}
        assert changed == {beside, other}


async def test_a_name_that_begins_with_its_folder(tmp_path: Path) -> None:
    """Of several folders the model reads names with the folder before them: that is where they are looked up."""
    one, two = tmp_path / "one", tmp_path / "two"
    put(one, "lib.py", "x = 1\n")
    other = put(two, "lib.py", "x = 1\n")
    edits = [edit("two/lib.py", "x = 1", "x = 2")]
    async with MessageServer(answer(edits=edits)) as api, editor(one, api, folders=[one, two]) as fake:
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=False, wait=True)
        assert [change["textDocument"]["uri"] for change in result["edit"]["documentChanges"]] == [other]


async def test_a_change_that_changes_nothing(tmp_path: Path) -> None:
    """It is not applied, and says so: in the result and in the `edit` event."""
    edits = [edit("app.py", "price(3)", "price(3)")]
    async with MessageServer(answer(edits=edits)) as api, editor(tmp_path, api) as fake:
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=True, wait=True)
        (told,) = [event for event in fake.events() if event["type"] == "edit"]
        assert (result["applied"], told["applied"], told["edit"]) == (False, False, {"documentChanges": []})
        assert told["reason"] == result["reason"]
        assert "already reads" in result["reason"]


async def test_the_accepted_findings_are_protected_under_any_name(tmp_path: Path) -> None:
    """The baseline that the settings name decides what reviews tell: it is changed only after a question."""
    put(tmp_path, "known.json", '{"a": 1}\n')
    options = {"ponder": {"review": {"baseline": "known.json", "onSave": "off"}}}
    edits = [edit("known.json", '"a": 1', '"a": 2')]
    async with MessageServer(answer(edits=edits)) as api, editor(tmp_path, api, options=options) as fake:
        fake.responders["window/showMessageRequest"] = lambda _params: None
        result = await run(fake, "refactor", fake.open("app.py", HERE), apply=True, wait=True)
        assert "known.json" in fake.received("window/showMessageRequest")[0]["message"]
        assert result["applied"] is False


@pytest.mark.parametrize("change", [None, plain])
async def test_an_answer_without_a_change_says_so(tmp_path: Path, change: Any) -> None:
    """Nothing was proposed: the result has that as its reason, and a client without events is told."""
    async with (
        MessageServer(answer(edits=[]), repeat=True) as api,
        editor(tmp_path, api, change=change) as fake,
    ):
        uri = fake.open("app.py", HERE)
        result = await run(fake, "fix", uri, wait=True)
        assert (result["status"], result["applied"]) == ("done", False)
        assert result["reason"] == "No change was proposed."
        if change is plain:
            await run(fake, "fix", uri)
            await fake.eventually(lambda: fake.received("window/showMessage"))
            (told,) = fake.take("window/showMessage")
            assert "`app.py`: No change was proposed." in told["message"]
