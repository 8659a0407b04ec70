"""Conversations that cannot go on as they were: what is left out, what is refused, and that the user is told."""

import json
from pathlib import Path
from typing import Any

from e2e.fake_editor import PONDER, FakeEditor
from e2e.message_server import MessageServer
from e2e.scripted_api import error, good, stream
from e2e.test_outcomes import bodies, connected
from e2e.test_runs import BUG, run

CANARY = "canary_of_another_file_7f3a"
REJECTED = error(
    400, "invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"
)


def kinds(body: dict[str, Any]) -> set[str]:
    """The kinds of blocks of all earlier answers in a request."""
    return {b["type"] for m in body["messages"] if m["role"] == "assistant" for b in m["content"]}


def notices(fake: FakeEditor, result: Any) -> list[str]:
    return [one["message"] for one in fake.events(result["runId"]) if one["type"] == "notice"]


def changed(fake: FakeEditor, path: Path, kind: int = 1) -> None:
    change = {"uri": path.as_uri(), "type": kind}
    fake.notify("workspace/didChangeWatchedFiles", {"changes": [change]})


async def follow(fake: FakeEditor, before: Any, text: str = "Go on") -> Any:
    argument = {"runId": before["runId"], "text": text, "wait": True}
    return await fake.run("ponder.followUp", argument, limit=60)


async def test_a_file_that_must_no_longer_be_sent_ends_the_conversation(tmp_path: Path) -> None:
    """Its text stood in the first question: the next turn would send it again, so nothing is sent."""
    async with connected(tmp_path) as (fake, offline):
        uri = fake.open("orders.py", BUG)
        first = await run(fake, "explain", uri, wait=True)
        (tmp_path / ".ponderignore").write_text("orders.py\n")
        changed(fake, tmp_path / ".ponderignore")
        second = await follow(fake, first)
        assert (second["status"], second["error"]["kind"]) == ("failed", "invalidRequest")
        assert "orders.py was not sent" in second["error"]["message"]
        assert ".ponderignore" in second["error"]["message"]
        assert len(bodies(offline)) == 1

        (tmp_path / ".ponderignore").unlink()
        changed(fake, tmp_path / ".ponderignore", 3)
        third = await follow(fake, first)
        assert third["status"] == "done", third


async def test_other_files_that_must_no_longer_be_sent_are_left_out(tmp_path: Path) -> None:
    """The workspace's part of the first question goes, the thinking that followed on it goes, the talk goes on."""
    (tmp_path / "prices.py").write_text(f"def {CANARY}():\n    return 1\n" * 40)
    async with connected(tmp_path) as (fake, offline):
        uri = fake.open("orders.py", BUG)
        first = await run(fake, "explain", uri, wait=True)
        while CANARY not in json.dumps(bodies(offline)[-1]):
            # The workspace may still be read; a later request tells of it.
            first = await run(fake, "explain", uri, wait=True)
        asked = len(bodies(offline))
        (tmp_path / ".gitignore").write_text("prices.py\n")
        changed(fake, tmp_path / ".gitignore")
        second = await follow(fake, first)
        third = await follow(fake, second, "And then?")
        assert [second["status"], third["status"]] == ["done", "done"], (second, third)
        later, last = bodies(offline)[asked:]
        assert CANARY not in json.dumps(later) + json.dumps(last)
        assert "def add_order" in json.dumps(later)
        assert "thinking" not in kinds(later)
        assert len([n for n in notices(fake, second) if "may be sent" in n and "thinking" in n]) == 1
        # The new turn's own thinking goes back, and nothing is said a second time.
        assert "thinking" in kinds(last)
        assert not [n for n in notices(fake, third) if "may be sent" in n]
        assert all(seen.status == 200 for seen in offline.requests if seen.path == "/v1/messages")


async def test_a_rejected_signature_is_left_out_once_and_for_all(tmp_path: Path) -> None:
    """The endpoint refuses the thinking: sent again without it, one notice; later turns do not offer it again."""
    answers = (stream(*good("One")), REJECTED, stream(*good("Two")), stream(*good("Three")))
    async with MessageServer(*answers) as api:
        env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-test", "PONDER_API_MAX_TRIES": "1"}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as fake:
            first = await run(fake, "explain", fake.open("orders.py", BUG), wait=True)
            second = await follow(fake, first)
            third = await follow(fake, second)
            assert [one["text"] for one in (first, second, third)] == ["One", "Two", "Three"]
            assert len([n for n in notices(fake, second) if "did not accept the thinking" in n]) == 1
            assert not [n for n in notices(fake, third) if "did not accept" in n]
        refused, repaired, last = api.bodies[1:]
        assert "thinking" in kinds(refused)
        assert "thinking" not in kinds(repaired)
        assert "thinking" not in {b["type"] for b in last["messages"][1]["content"]}
        assert "thinking" in {b["type"] for b in last["messages"][3]["content"]}
        assert second["usage"]["requests"] == 2, "the refused one was sent as well"


async def test_a_signature_that_is_rejected_without_thinking_is_told(tmp_path: Path) -> None:
    """The repair is tried once: a second refusal is the user's to read."""
    async with MessageServer(stream(*good("One")), REJECTED, REJECTED) as api:
        env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-test"}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as fake:
            first = await run(fake, "explain", fake.open("orders.py", BUG), wait=True)
            second = await follow(fake, first)
            assert (second["status"], second["error"]["kind"]) == ("failed", "invalidRequest")
            assert second["error"]["hint"]
        assert len(api.bodies) == 3


async def test_a_follow_up_says_what_it_continues_and_what_was_asked(tmp_path: Path) -> None:
    """`started` names the run before and the user's words, without what looks like a key; a first run names no parent."""
    key = "sk-ant-api03-" + "a1B2c3D4" * 10
    async with connected(tmp_path) as (fake, _):
        uri = fake.open("orders.py", BUG)
        first = await run(fake, "explain", uri, wait=True)
        asked = await run(fake, "ask", uri, instruction="Is it safe?", wait=True)
        second = await follow(fake, first, f"Why is {key} there?")
        third = await follow(fake, second)
        started = [fake.events(result["runId"])[0] for result in (first, asked, second, third)]
    assert [(one.get("parentRunId"), one.get("instruction")) for one in started[:2]] == [
        (None, None),
        (None, "Is it safe?"),
    ]
    assert "parentRunId" not in started[0]
    assert "instruction" not in started[0]
    assert [one["parentRunId"] for one in started[2:]] == [first["runId"], second["runId"]]
    assert started[3]["instruction"] == "Go on"
    assert started[2]["instruction"].startswith("Why is ")
    assert key not in started[2]["instruction"]
