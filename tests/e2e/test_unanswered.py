"""Questions about an edit that nobody answers: the run ends all the same, and a late answer still counts."""

import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import SILENCE, FakeEditor
from e2e.message_server import MessageServer
from e2e.test_elsewhere import THERE, answer, edit
from e2e.test_runs import actions, run

METHODS = {"full": "workspace/applyEdit", "neovim": "window/showMessageRequest"}
CHANGED = THERE.replace("count * 2", "count * 3")


def editor(folder: Path, api: MessageServer, profile: str, patience: float) -> FakeEditor:
    """An editor that never answers by itself; a run waits for so many seconds."""
    script = f"""
import sys
from ponder.session import answering
answering.PATIENCE_S = {patience}
from ponder.__main__ import main
sys.argv = ["ponder", "serve"]
sys.exit(main())
"""
    env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-canary-0123456789abcdefghij"}
    command = (sys.executable, "-P", "-c", script)
    fake = FakeEditor(folder=folder, command=command, env=env, profile=profile)
    fake.responders[METHODS[profile]] = lambda _message: SILENCE
    return fake


def question(fake: FakeEditor, profile: str) -> Any:
    return next((one for one in fake.messages if one.get("method") == METHODS[profile]), None)


def one_edit() -> MessageServer:
    return MessageServer(answer(edits=[edit("shop.py", "count * 2", "count * 3")]))


@pytest.mark.parametrize("profile", METHODS)
async def test_a_run_ends_and_a_late_answer_counts(tmp_path: Path, profile: str) -> None:
    """Not confirmed yet: the run is done, the change stays open; a yes that comes later applies it."""
    async with one_edit() as api, editor(tmp_path, api, profile, 0.05) as fake:
        uri = fake.open("shop.py", THERE)
        result = await run(fake, "refactor", uri, wait=True)
        assert (result["status"], result["applied"]) == ("done", False)
        assert result["reason"]
        asked = question(fake, profile)
        yes = fake._apply(asked["params"]["edit"]) if profile == "full" else asked["params"]["actions"][0]
        fake.send({"jsonrpc": "2.0", "id": asked["id"], "result": yes})

        async def settled() -> Any:
            return await fake.run("ponder.result", {"runId": result["runId"]})

        await fake.eventually(lambda: fake.text(uri) == CHANGED)
        # The answer to this comes after what the late one has caused.
        while not (now := await settled())["applied"]:
            pass
        assert "reason" not in now


@pytest.mark.parametrize("profile", METHODS)
async def test_applied_by_hand_while_it_is_asked(tmp_path: Path, profile: str) -> None:
    """Who takes the change out of the menu has answered: the run ends at once, done and applied."""
    async with one_edit() as api, editor(tmp_path, api, profile, 3_600) as fake:
        uri = fake.open("shop.py", THERE)
        run_id = (await run(fake, "refactor", uri))["runId"]
        await fake.eventually(lambda: question(fake, profile))
        fake.responders.clear()
        assert (await fake.run("ponder.apply", {"runId": run_id}))["applied"] is True
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        assert (result["status"], result["applied"], result.get("reason")) == ("done", True, None)
        told = [event for event in fake.events(run_id) if event["type"] == "edit"]
        assert [event["applied"] for event in told] in ([True], [])
        assert fake.text(uri) == CHANGED


async def test_a_text_that_moves_while_it_is_asked(tmp_path: Path) -> None:
    """What is typed while the question stands open stays: a yes places the change in the text of now."""
    async with one_edit() as api, editor(tmp_path, api, "neovim", 3_600) as fake:
        uri = fake.open("shop.py", THERE)
        run_id = (await run(fake, "refactor", uri))["runId"]
        asked = await fake.eventually(lambda: question(fake, "neovim"))
        fake.edit(uri, (0, 0, "# typed meanwhile\n"))
        fake.send({"jsonrpc": "2.0", "id": asked["id"], "result": asked["params"]["actions"][0]})
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        assert (result["status"], result["applied"]) == ("done", True)
        assert fake.text(uri) == f"# typed meanwhile\n{CHANGED}"


TWO = "def price(count):\n    return count * 2\n\n\ndef weight(count):\n    return count * 5\n"


@pytest.mark.parametrize("how", ["apply", "discard"])
@pytest.mark.parametrize("profile", METHODS)
async def test_one_change_is_decided_on_while_all_are_asked_about(
    tmp_path: Path, profile: str, how: str
) -> None:
    """The menu offers each change beside the question; taking or leaving one ends the run, and the rest stays open."""
    edits = [edit("shop.py", "count * 2", "count * 3"), edit("shop.py", "count * 5", "count * 6")]
    async with MessageServer(answer(edits=edits)) as api, editor(tmp_path, api, profile, 3_600) as fake:
        uri = fake.open("shop.py", TWO)
        run_id = (await run(fake, "refactor", uri))["runId"]
        asked = await fake.eventually(lambda: question(fake, profile))
        offered = [one for one in await actions(fake, uri) if one["data"]["action"] == how]
        chosen = next(one for one in offered if "change 1 of 2" in one["title"])
        assert [one for one in offered if "change 2 of 2" in one["title"]]
        fake.responders.clear()
        await fake.run(chosen["command"]["command"], chosen["command"]["arguments"][0])
        result = await fake.run("ponder.result", {"runId": run_id, "wait": True})
        assert (result["status"], result["applied"]) == ("done", False)
        assert "1 of 2" in result["reason"]
        assert ("count * 3" in fake.text(uri), "count * 6" in fake.text(uri)) == (how == "apply", False)
        left = [one["title"] for one in await actions(fake, uri) if one["data"]["action"] == "apply"]
        assert len([title for title in left if "change 2" in title]) == 1, left
        if profile == "neovim":
            fake.send({"jsonrpc": "2.0", "id": asked["id"], "result": asked["params"]["actions"][0]})
            await fake.eventually(lambda: "count * 6" in fake.text(uri))
            assert ("count * 3" in fake.text(uri)) is (how == "apply")
