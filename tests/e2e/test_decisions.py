"""A proposed edit, decided piece by piece in the editor's menu: taken, left, and what the result says of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, ErrorAnswer, FakeEditor
from e2e.message_server import MessageServer, ended
from e2e.scripted_api import Step, block, start, stream
from e2e.test_runs import line_range, place, run

TEXT = '''"""Sums."""

import os


def mean(rows):
    return sum(rows) / len(rows)


def least(rows):
    return min(rows)


def most(rows):
    return max(rows)
'''
EDITS = (
    ("import os\n", "import math\nimport os\n"),
    ("return sum(rows) / len(rows)", "return math.fsum(rows) / len(rows)"),
    ("return min(rows)", "return min(rows, default=None)"),
    ("return max(rows)", "return max(rows, default=None)"),
)


def answer(*edits: tuple[str, str]) -> list[Step]:
    """An answer that proposes these edits of `sums.py`."""
    items = [{"path": "sums.py", "old_text": old, "new_text": new} for old, new in edits]
    text = json.dumps({"summary": "Safer.", "edits": items})
    return stream(start(), *block(0, "text", text), *ended("end_turn"))


def editor(tmp_path: Path, api: MessageServer, **options: Any) -> FakeEditor:
    env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-canary-0123456789abcdefghij"}
    return FakeEditor(folder=tmp_path, command=PONDER, env=env, **options)


def applies(capabilities: dict[str, Any]) -> None:
    """The editor applies edits for a server: those that do not have no entry to apply one."""
    capabilities.setdefault("workspace", {})["applyEdit"] = True


async def menu(fake: FakeEditor, uri: str) -> dict[str, dict[str, Any]]:
    """What the menu offers for the edit: title → command, as the barest client has it."""
    offered = await fake.request("textDocument/codeAction", place(uri))
    commands = [one if isinstance(one["command"], str) else one["command"] for one in offered]
    return {
        one["title"].removeprefix("Ponder: "): one
        for one in commands
        if one["command"] in {"ponder.apply", "ponder.discard"}
    }


async def press(fake: FakeEditor, uri: str, words: str) -> Any:
    """Choose the entry of the menu that begins with these words."""
    entry = next(one for title, one in (await menu(fake, uri)).items() if title.startswith(words))
    return await fake.run(entry["command"], entry["arguments"][0])


@pytest.mark.parametrize("profile", ["bare", "full"])
async def test_changes_that_need_each_other_are_one_entry(tmp_path: Path, profile: str) -> None:
    """An import and its use are taken by one press; each other change has an entry of its own, to take and to leave."""
    async with (
        MessageServer(answer(*EDITS)) as api,
        editor(tmp_path, api, profile=profile, change=applies) as fake,
    ):
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=False, wait=True)
        assert len(result["edit"]["documentChanges"][0]["edits"]) == 4
        places = ["change 1 of 3", "change 2 of 3", "change 3 of 3"]
        assert list(await menu(fake, uri)) == [
            *(f"Apply {one}" for one in places),
            "Apply all 3 changes",
            *(f"Discard {one}" for one in places),
            "Discard all 3 changes",
        ]
        if profile == "bare":
            return  # It cannot apply edits at all.
        assert await press(fake, uri, "Apply change 1") == {"applied": True, "hunks": [0, 1]}
        expected = TEXT.replace(*EDITS[0]).replace(*EDITS[1])
        await fake.eventually(lambda: fake.text(uri) == expected)
        told = await fake.run("ponder.result", {"runId": result["runId"]})
        assert told["applied"] is False
        assert told["reason"] == "2 of 4 changes are in the text; the rest waits for you."


async def test_a_change_is_left_by_the_barest_client(tmp_path: Path) -> None:
    """What was discarded is offered no more, is no part of "all", and the result says that it was."""
    async with (
        MessageServer(answer(*EDITS)) as api,
        editor(tmp_path, api, profile="bare", encoding=None, change=applies) as fake,
    ):
        uri = fake.open("sums.py", TEXT)
        run_id = (await run(fake, "refactor", uri, apply=False, wait=True))["runId"]
        assert await press(fake, uri, "Discard change 1") == {"discarded": 2, "hunks": [0, 1]}
        assert await press(fake, uri, "Discard change 3") == {"discarded": 1}
        assert list(await menu(fake, uri)) == [
            "Apply change 2 of 3",
            "Discard change 2 of 3",
        ]
        assert await fake.run("ponder.discard", {"runId": run_id}) == {"discarded": 1}
        assert await fake.run("ponder.discard", {"runId": run_id}) == {"discarded": 0}
        assert await menu(fake, uri) == {}
        told = await fake.run("ponder.result", {"runId": run_id})
        assert (told["applied"], told["reason"]) == (False, "4 of 4 were discarded.")
        assert await fake.run("ponder.apply", {"runId": run_id}) == {
            "applied": False,
            "reason": told["reason"],
        }


async def test_all_means_what_is_open(tmp_path: Path) -> None:
    """After one change was left, "all" applies the others; the left one can still be taken by its number."""
    async with MessageServer(answer(*EDITS)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        run_id = (await run(fake, "refactor", uri, apply=False, wait=True))["runId"]
        await press(fake, uri, "Discard change 2")
        assert await press(fake, uri, "Apply all 2 changes") == {"applied": True}
        expected = TEXT.replace(*EDITS[0]).replace(*EDITS[1]).replace(*EDITS[3])
        await fake.eventually(lambda: fake.text(uri) == expected)
        assert await menu(fake, uri) == {}
        assert await fake.run("ponder.apply", {"runId": run_id, "hunk": 2}) == {"applied": True}
        await fake.eventually(lambda: fake.text(uri) == expected.replace(*EDITS[2]))
        assert (await fake.run("ponder.result", {"runId": run_id}))["applied"] is True


async def test_an_edit_that_was_applied_is_no_longer_offered(tmp_path: Path) -> None:
    """`apply: true` leaves nothing to decide on."""
    async with MessageServer(answer(*EDITS)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=True, wait=True)
        assert result["applied"] is True
        assert await menu(fake, uri) == {}
        again = await fake.run("ponder.apply", {"runId": result["runId"]})
        assert again["applied"] is False
        assert again["reason"]


async def test_neighbouring_changes_of_one_function_are_one(tmp_path: Path) -> None:
    """A head and the line below it come as two edits and are one change, in the edit and in the menu."""
    pairs = (("def mean(rows):", "def mean(rows=()):"), (EDITS[1][0], "return sum(rows) / max(1, len(rows))"))
    async with MessageServer(answer(*pairs)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=False, wait=True)
        assert len(result["edit"]["documentChanges"][0]["edits"]) == 1
        assert list(await menu(fake, uri)) == [
            "Apply change 1 of 1",
            "Discard change 1 of 1",
        ]
        assert await press(fake, uri, "Apply change 1") == {"applied": True}
        await fake.eventually(lambda: fake.text(uri) == TEXT.replace(*pairs[0]).replace(*pairs[1]))


@pytest.mark.parametrize(
    ("command", "argument", "words"),
    [
        ("ponder.discard", {"runId": "none"}, "runId: "),
        ("ponder.discard", {}, "`runId` is missing"),
        ("ponder.discard", {"runId": "x", "hunk": -1}, "`hunk` must not be negative"),
        ("ponder.apply", {"runId": "x", "hunk": "1"}, "`hunk` must be a whole number, not a string"),
        ("ponder.run", {"textDocument": {"uri": "file:///x.py"}}, "`action` is missing"),
        ("ponder.run", {"action": 3, "textDocument": {"uri": "x"}}, "`action` must be a string, not a whole number"),
        ("ponder.run", {"action": "fix", "textDocument": {}}, "`textDocument.uri` is missing"),
        ("ponder.run", {"action": "fix", "textDocument": {"uri": "x"}, "route": {"efort": 1}}, "`route.efort` is unknown"),
        ("ponder.followUp", {"runId": "x", "text": ""}, "`text` must not be empty"),
    ],
)  # fmt: skip
async def test_a_wrong_argument_is_said_in_words(
    tmp_path: Path, command: str, argument: object, words: str
) -> None:
    """-32602 and a sentence that names the field; nothing of the library that found it."""
    async with FakeEditor(folder=tmp_path, command=PONDER) as fake:
        with pytest.raises(ErrorAnswer) as caught:
            await fake.run(command, argument)
        assert caught.value.code == -32602
        assert caught.value.message.startswith(words), caught.value.message


@pytest.mark.parametrize(
    ("start", "end", "fine"),
    [
        ((0, 0), (0, 4), True),
        ((2, 9_999), (9_999, 9_999), True),
        ((0, 0), (0, 0), True),
        ((-1, 0), (0, 4), False),
        ((0, -1), (0, 4), False),
        ((3, 0), (2, 9), False),
        ((2, 4), (2, 3), False),
    ],
)
async def test_a_range_is_clamped_or_wrong(
    tmp_path: Path, start: tuple[int, int], end: tuple[int, int], *, fine: bool
) -> None:
    """Beyond the text it ends where the text does (LSP 3.17, Position); negative or reversed it is -32602."""
    sent = {key: {"line": at[0], "character": at[1]} for key, at in (("start", start), ("end", end))}
    async with FakeEditor(folder=tmp_path, command=PONDER, env={"PONDER_API_OFFLINE_DELTA_MS": "0"}) as fake:
        uri = fake.open("sums.py", TEXT)
        if fine:
            result = await run(fake, "explain", uri, range=sent, wait=True)
            assert result["status"] == "done"
            return
        with pytest.raises(ErrorAnswer) as caught:
            await run(fake, "explain", uri, range=sent)
        assert caught.value.code == -32602
        assert caught.value.message.startswith("`range` must not ")
        assert "runId" in await run(fake, "explain", uri, range=line_range(0))
        await fake.run("ponder.cancel", {})


async def test_what_was_undone_is_open_again(tmp_path: Path) -> None:
    """The editor's undo takes a change out of what is applied, its redo brings it back, and "all" then leaves no half of it."""
    async with MessageServer(answer(*EDITS)) as api, editor(tmp_path, api, profile="full") as fake:
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=False, wait=True)
        own = TEXT.replace('"""Sums."""', '"""My sums."""')
        fake.replace(uri, own)
        assert await press(fake, uri, "Apply change 1") == {"applied": True, "hunks": [0, 1]}
        first = fake.text(uri)
        assert await press(fake, uri, "Apply change 3") == {"applied": True}
        both = fake.text(uri)

        async def said() -> str | None:
            told = await fake.run("ponder.result", {"runId": result["runId"]})
            reason: str | None = told.get("reason")
            return reason

        rest = "of 4 changes are in the text; the rest waits for you."
        assert await said() == f"3 {rest}"
        for text, words in (
            (first, f"2 {rest}"),
            (own, "It was taken back; it waits for you."),
            (first, f"2 {rest}"),
            (both, f"3 {rest}"),
            (own, "It was taken back; it waits for you."),
        ):
            fake.replace(uri, text)
            assert await said() == words
        assert "Apply change 1 of 3" in await menu(fake, uri)
        assert await press(fake, uri, "Apply all") == {"applied": True}
        wanted = own
        for old, new in EDITS:
            wanted = wanted.replace(old, new)
        assert fake.text(uri) == wanted
        assert await said() is None
        # The text was known before the editor answered; its undo counts all the same.
        fake.replace(uri, own)
        assert await said() == "It was taken back; it waits for you."


async def test_the_same_change_is_offered_once(tmp_path: Path) -> None:
    """Two runs that propose the same leave one entry for each change in the menu."""
    async with MessageServer(answer(*EDITS), answer(*EDITS)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        await run(fake, "refactor", uri, apply=False, wait=True)
        once = [one["title"] for one in await fake.request("textDocument/codeAction", place(uri))]
        await run(fake, "refactor", uri, apply=False, wait=True)
        assert [one["title"] for one in await fake.request("textDocument/codeAction", place(uri))] == once
