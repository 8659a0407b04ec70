"""Edits while the user works (E-07), and edits of several files of which one fails (E-10), over the wire."""

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import FakeEditor
from e2e.test_load import fixing
from e2e.test_outcomes import connected
from e2e.test_runs import BUG, line_range, run
from ponder.offline.answer import Answer
from ponder.offline.pace import Pace

ROUNDS = 1_000 if os.environ.get("PONDER_LONG") else 150
FIXED = BUG.replace("orders=[]", "orders=None")


def formatted(text: str) -> str:
    """What format-on-save makes of a text: one blank line for several, none at the ends of lines, one last line end."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).rstrip() + "\n"


class Typist:
    """Types marks into one text, takes them back, and saves with a formatter, by the dice."""

    def __init__(self, editor: FakeEditor, chance: random.Random, number: int) -> None:
        self.editor = editor
        self.chance = chance
        self.number = number
        self.uri = editor.open(f"d{number}/orders.py", BUG)
        self.marks: list[str] = []
        self.formats = False

    def act(self) -> None:
        """One thing a user does while an edit is under way."""
        do = self.chance.choices([self.type, self.undo, self.save], [6, 2, 2])[0]
        do()

    def type(self) -> None:
        text = self.editor.text(self.uri)
        mark = f"#{self.number}.{len(self.marks)}.\n"
        places = [0, text.index("\n\ndef total"), len(text)]
        if self.chance.random() < 0.2 and "orders=[]" in text:
            places = [text.index("orders=[]") + 3]
        at = self.chance.choice(places)
        self.editor.edit(self.uri, (at, at, mark))
        self.marks.append(mark)

    def undo(self) -> None:
        """Takes the last mark back, wherever it stands by now."""
        if self.marks:
            mark = self.marks.pop()
            at = self.editor.text(self.uri).index(mark)
            self.editor.edit(self.uri, (at, at + len(mark), ""))

    def save(self) -> None:
        """As editors do it: the formatter's whole text, then the save."""
        self.formats = True
        self.editor.replace(self.uri, formatted(self.editor.text(self.uri)))
        self.editor.save(self.uri)

    def rest(self) -> str:
        """The text without what was typed. Fails where a mark is not there exactly once."""
        text = self.editor.text(self.uri)
        for mark in self.marks:
            assert text.count(mark) == 1, (mark, text)
            text = text.replace(mark, "")
        return text


@pytest.mark.timeout(900)
async def test_e07_typing_during_the_whole_of_an_edit(tmp_path: Path) -> None:
    """E-07: not a keystroke is lost, whatever is typed, undone or formatted; an edit lands on its own text or is refused.

    It comes as one `workspace/applyEdit`, so that one undo step of the editor takes it back. `PONDER_LONG=1`: 1,000.
    """
    seed = int(os.environ.get("PONDER_SEED", "7"))
    print("seed", seed)
    chance = random.Random(seed)
    outcomes = {True: 0, False: 0}
    quiet = {"PONDER_REVIEW_ON_SAVE": "off"}
    pace = Pace(first_ms=2, delta_ms=1)
    async with connected(tmp_path, answerer=fixing, pace=pace, env=quiet) as (editor, _):
        for number in range(ROUNDS):
            typist = Typist(editor, chance, number)
            uri = typist.uri
            when = chance.choice(["before", "during", "asked"])

            def asked(message: dict[str, Any], go: Typist = typist) -> dict[str, Any]:
                """The user does something between the question and the answer."""
                go.act()
                return editor._apply(message["params"]["edit"])

            editor.responders["workspace/applyEdit"] = asked if when == "asked" else editor._default
            edits = len(sent(editor))
            run_id = (await run(editor, "fix", uri, apply=True, range=line_range(3)))["runId"]
            for _ in range(chance.randint(0, 4) if when != "asked" else 0):
                typist.act()
                if when == "during":
                    await editor.run("ponder.usage")
            result = await editor.run("ponder.result", {"runId": run_id, "wait": True})
            applied = result["applied"]
            outcomes[applied] += 1
            expected, text = FIXED if applied else BUG, typist.rest()
            if typist.formats:
                expected, text = formatted(expected), formatted(text)
            assert text == expected, (when, applied)
            assert applied or result["reason"]
            assert len(sent(editor)) - edits <= 1
            editor.close(uri)
    assert min(outcomes.values()) > 5, outcomes


def sent(editor: FakeEditor) -> list[dict[str, Any]]:
    return [one for one in editor.messages if one.get("method") == "workspace/applyEdit"]


def several(body: dict[str, Any]) -> Answer:
    """An edit of the file at hand, and four new files."""
    known = json.loads(fixing(body).text)["edits"]
    new = [{"path": f"new{number}.py", "old_text": "", "new_text": f"n = {number}\n"} for number in range(4)]
    return Answer(text=json.dumps({"summary": "Fixed.", "edits": [*known, *new]}))


@pytest.mark.parametrize("handling", ["abort", "undo", "transactional", "textOnlyTransactional"])
@pytest.mark.parametrize("trouble", ["wrong version", "permission denied", "no such folder"])
async def test_e10_a_part_of_an_edit_fails(tmp_path: Path, handling: str, trouble: str) -> None:
    """E-10: five files, the third fails: reported as not applied with the editor's reason; what stands agrees with it.

    An editor that aborts leaves the first changes made: applying once more must not make them twice.
    """

    def handle(capabilities: dict[str, Any]) -> None:
        capabilities["workspace"]["workspaceEdit"]["failureHandling"] = handling

    def failing(message: dict[str, Any]) -> dict[str, Any]:
        if handling == "abort":
            changes = message["params"]["edit"]["documentChanges"]
            first = [one for one in changes if one.get("textDocument", {}).get("uri") == uri]
            assert editor._apply({"documentChanges": first})["applied"]
        return {"applied": False, "failureReason": trouble, "failedChange": 2}

    async with connected(tmp_path, answerer=several, change=handle) as (editor, _):
        uri = editor.open("orders.py", BUG)
        editor.responders["workspace/applyEdit"] = failing
        result = await run(editor, "fix", uri, apply=True, wait=True)
        assert result["status"] == "done"
        assert result["applied"] is False
        assert trouble in result["reason"]
        assert editor.text(uri) == (FIXED if handling == "abort" else BUG)
        assert len(sent(editor)) == 1, "not tried again without the user"
        assert [path.name for path in tmp_path.glob("*.py")] == [], "nothing is written to the disk"
        editor.responders.pop("workspace/applyEdit")
        again = await editor.run("ponder.apply", {"runId": result["runId"]})
        assert editor.text(uri) == FIXED or (again["applied"] is False and again["reason"]), again
        assert editor.text(uri).count("orders=None") <= 1
        assert await editor.run("ponder.usage")


@pytest.mark.parametrize(("old", "inside"), [("orders=[]", True), ("sum(prices)", False)])
async def test_e13_an_edit_beyond_the_selection_is_asked_about(
    tmp_path: Path, old: str, inside: bool
) -> None:
    """E-13: `apply: true` holds for what was selected; what reaches beyond it is marked as to be confirmed."""

    def answer(_body: dict[str, Any]) -> Answer:
        edit = {"path": "orders.py", "old_text": old, "new_text": f"{old[:-1]} {old[-1]}"}
        return Answer(text=json.dumps({"summary": "Simpler.", "edits": [edit]}))

    async with connected(tmp_path, answerer=answer) as (editor, _):
        uri = editor.open("orders.py", BUG)
        editor.responders["window/showMessageRequest"] = lambda _: None
        selected = {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}
        result = await run(editor, "simplify", uri, apply=True, range=selected, wait=True)
        asked = [one["message"] for one in editor.received("window/showMessageRequest")]
        assert ["outside the selection (line 10)" in one for one in asked] == ([] if inside else [True])
        assert (result["applied"], len(sent(editor))) == (inside, int(inside))
        assert (editor.text(uri) == BUG) is not inside
        assert inside or result["reason"]
