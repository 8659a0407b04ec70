"""A review that came to nothing is never taken for a clean one: what is said of it, where, how often, until when."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import FakeEditor
from e2e.message_server import MessageServer, ended
from e2e.scripted_api import Step, block, error, start, stream
from e2e.test_elsewhere import HERE, answer, editor
from e2e.test_review_on_save import about
from e2e.test_runs import run
from e2e.test_without_a_plugin import plain

SOON = {"ponder": {"review": {"debounceMs": 1}}}
REFUSED: list[Step] = stream(start(), *ended("refusal"))
CUT: list[Step] = stream(start(), *block(0, "text", json.dumps({"summary": "s"})[:-4]), *ended("max_tokens"))
WRONG_KEY: list[Step] = error(401, "authentication_error")
CAUSES = {
    "refused": (REFUSED, "the model declined"),
    "truncated": (CUT, "the answer was cut short"),
    "failed": (WRONG_KEY, "does not accept the credential"),
}


def status(fake: FakeEditor) -> dict[str, Any]:
    return fake.received("ponder/status")[-1]


async def saved(fake: FakeEditor, uri: str, api: MessageServer, text: str) -> None:
    """Type, save, and wait until the review has been sent."""
    before = len(api.bodies)
    fake.edit(uri, (0, 0, text))
    fake.save(uri)
    await sent(api, before + 1)


async def sent(api: MessageServer, number: int) -> None:
    """Wait for the request with this number."""
    async with asyncio.timeout(10):
        while len(api.bodies) < number:
            api.arrived.clear()
            await api.arrived.wait()
    assert len(api.bodies) == number


@pytest.mark.parametrize("how", CAUSES)
async def test_a_client_without_events_is_told_once(tmp_path: Path, how: str) -> None:
    """Four saves that come to nothing are one message: the file, the cause, what to do."""
    steps, words = CAUSES[how]
    async with (
        MessageServer(steps, repeat=True) as api,
        editor(tmp_path, api, options=SOON, change=plain) as fake,
    ):
        uri, other = fake.open("app.py", HERE), fake.open("other.py", HERE)
        for number in range(4):
            await saved(fake, uri if number % 2 else other, api, f"x{number} = 1\n")
        await fake.eventually(lambda: fake.received("window/showMessage"))
        await fake.run("ponder.usage")
        (told,) = fake.take("window/showMessage")
        assert "is not reviewed" in told["message"]
        assert words in told["message"]
        assert told["type"] == 2


@pytest.mark.parametrize("how", CAUSES)
async def test_the_status_warns_until_the_file_is_reviewed(tmp_path: Path, how: str) -> None:
    """The file and the cause, through its closing and opening; a review of another file changes nothing of it."""
    steps, words = CAUSES[how]
    clean = answer(findings=[])
    async with (
        MessageServer(steps, clean, clean) as api,
        editor(tmp_path, api, options=SOON) as fake,
    ):
        uri = fake.open("app.py", HERE)
        await saved(fake, uri, api, "x = 1\n")
        await fake.eventually(lambda: not status(fake)["busy"] and words in status(fake)["message"])
        assert (status(fake)["kind"], "app.py" in status(fake)["message"]) == ("Warning", True)
        assert not fake.received("window/showMessage")
        await saved(fake, fake.open("other.py", HERE), api, "y = 1\n")
        await fake.eventually(lambda: not status(fake)["busy"])
        assert words in status(fake)["message"]
        text = fake.text(uri)
        fake.close(uri)
        await fake.eventually(lambda: status(fake)["kind"] == "Normal")
        fake.open("app.py", text)
        await fake.eventually(lambda: status(fake)["kind"] == "Warning")
        await saved(fake, uri, api, "z = 1\n")
        await fake.eventually(lambda: status(fake) == {**status(fake), "busy": False, "kind": "Normal"})


@pytest.mark.parametrize("how", CAUSES)
async def test_a_review_that_was_asked_for_leaves_its_mark_as_well(tmp_path: Path, how: str) -> None:
    """The status after it is not that of a clean file; a complete one takes the mark away, one of a part does not."""
    steps, words = CAUSES[how]
    clean = answer(findings=[])
    async with MessageServer(steps, clean, clean) as api, editor(tmp_path, api) as fake:
        uri = fake.open("app.py", HERE)
        assert (await run(fake, "review", uri, wait=True))["status"] == how
        part = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
        for more, kind in (({}, "Warning"), ({"range": part}, "Warning"), ({"range": None}, "Normal")):
            if more:
                given = {key: value for key, value in more.items() if value}
                assert (await run(fake, "review", uri, wait=True, **given))["status"] == "done"
            await fake.eventually(
                lambda kind=kind: (status(fake)["busy"], status(fake)["kind"]) == (False, kind)
            )
            assert (words in status(fake)["message"]) is (kind == "Warning")


@pytest.mark.parametrize("how", ["refused", "truncated"])
async def test_a_text_that_was_declined_is_not_paid_for_again(tmp_path: Path, how: str) -> None:
    """Saved again it is left alone and the warning stays; a request of the user's, another text and other settings ask."""
    steps, words = CAUSES[how]
    async with MessageServer(steps, repeat=True) as api, editor(tmp_path, api, options=SOON) as fake:
        uri = fake.open("app.py", HERE)
        await saved(fake, uri, api, "x = 1\n")
        await fake.eventually(lambda: words in status(fake)["message"] and not status(fake)["busy"])
        for _ in range(3):
            fake.save(uri)
            await fake.run("ponder.usage")
        await saved(fake, fake.open("other.py", HERE), api, "y = 1\n")
        assert [about(body, "app.py") for body in api.bodies] == [True, False]
        assert status(fake)["kind"] == "Warning"
        assert (await run(fake, "review", uri, wait=True))["status"] == how
        assert len(api.bodies) == 3
        (tmp_path / "ponder.toml").write_text("[actions.review]\nanswerTokens = 9000\n")
        changed = {"uri": (tmp_path / "ponder.toml").as_uri(), "type": 1}
        fake.notify("workspace/didChangeWatchedFiles", {"changes": [changed]})
        fake.save(uri)
        await sent(api, 4)
