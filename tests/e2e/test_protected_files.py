"""An edit that reaches into files which are never edited, or only after a question: they stand in nobody else's way."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.message_server import MessageServer, ended
from e2e.scripted_api import Step, block, start, stream
from e2e.test_decisions import EDITS, TEXT, editor
from e2e.test_runs import run

TASKS = ".vscode/tasks.json"
HOOK = ".git/hooks/pre-commit"


def answer(*new: str) -> list[Step]:
    """An answer that changes `sums.py` and creates these files."""
    old, text = EDITS[2]
    items = [{"path": "sums.py", "old_text": old, "new_text": text}]
    items += [{"path": path, "old_text": "", "new_text": "{}\n"} for path in new]
    told = json.dumps({"summary": "Safer.", "edits": items})
    return stream(start(), *block(0, "text", told), *ended("end_turn"))


async def test_a_new_file_that_is_never_edited_is_left_out_at_once(tmp_path: Path) -> None:
    """It is no change that could be taken, a notice names it, and all the others apply."""
    (tmp_path / ".git").mkdir()
    async with MessageServer(answer(HOOK)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "refactor", uri, apply=False, wait=True)
        assert ".git" not in json.dumps(result["edit"])
        notices = [one["message"] for one in fake.events(result["runId"]) if one["type"] == "notice"]
        assert [one for one in notices if HOOK in one and "left out" in one]
        assert await fake.run("ponder.apply", {"runId": result["runId"]}) == {"applied": True}
        await fake.eventually(lambda: fake.text(uri) == TEXT.replace(*EDITS[2]))
        assert not (tmp_path / HOOK).exists()


@pytest.mark.parametrize("yes", [True, False])
async def test_all_others_apply_without_the_one_that_is_asked_about(tmp_path: Path, *, yes: bool) -> None:
    """ "All" applies what is free first; the question is about the protected file alone and says what it can do."""
    asked: list[str] = []
    before: list[str] = []

    def take(message: Any) -> object:
        asked.append(message["params"]["message"])
        before.append(fake.text(uri))
        return {"title": "Apply" if yes else "Not now"}

    async with MessageServer(answer(TASKS)) as api, editor(tmp_path, api) as fake:
        fake.responders["window/showMessageRequest"] = take
        uri = fake.open("sums.py", TEXT)
        run_id = (await run(fake, "refactor", uri, apply=False, wait=True))["runId"]
        answered = await fake.run("ponder.apply", {"runId": run_id})
        assert before == [TEXT.replace(*EDITS[2])]
        assert len(asked) == 1
        assert TASKS in asked[0]
        assert "run commands" in asked[0]
        assert "`" not in asked[0]
        if yes:
            assert answered == {"applied": True}
            return
        assert answered["applied"] is False
        assert answered["hunks"] == [0] or answered["hunks"] == [1]
        assert answered["reason"].startswith("1 of 2 changes is in the text; the rest waits for you.")
        assert (await fake.run("ponder.result", {"runId": run_id}))["applied"] is False
