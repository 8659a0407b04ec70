"""What is said of troubles that are none: a review cut off, a cache that never hits, a command line without a command."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from e2e.fake_editor import PONDER, FakeEditor
from e2e.fake_environment import environment
from e2e.message_server import MessageServer, ended, usage
from e2e.scripted_api import block, start, stream
from e2e.test_elsewhere import HERE, answer, editor
from e2e.test_runs import run


def notices(fake: FakeEditor, words: str) -> list[str]:
    return [one["message"] for one in fake.events() if one["type"] == "notice" and words in one["message"]]


async def test_a_review_that_is_cut_off_is_no_matter_of_money(tmp_path: Path) -> None:
    """Out of tokens on a save: nothing is said of a budget, nothing waits, and the text is not paid for again."""
    cut = stream(
        start(), *block(0, "text", json.dumps({"summary": "s", "findings": []})), *ended("max_tokens")
    )
    options = {"ponder": {"review": {"debounceMs": 1}}}
    async with MessageServer(cut, repeat=True) as api, editor(tmp_path, api, options=options) as fake:
        uri = fake.open("app.py", HERE)
        fake.save(uri)
        await fake.eventually(lambda: [e for e in fake.events() if e["type"] == "finished"])
        fake.save(uri)
        assert (await run(fake, "explain", uri, wait=True))["status"] == "truncated"
        saves = [e for e in fake.events() if e["type"] == "started" and e["trigger"] == "save"]
        assert len(saves) == 1
        assert not [one for one in fake.received("window/showMessage") if "budget" in one["message"]]
        await fake.eventually(lambda: not fake.received("ponder/status")[-1]["busy"])
        assert "rest" not in fake.received("ponder/status")[-1]["message"]


def told(fresh: int, *, read: int = 0, written: int = 0) -> list[Any]:
    first, last = usage(fresh, read=read, short=written, output=3)
    return stream(start(usage=first), *block(0, "text", "Fine."), *ended("end_turn", last))


async def test_a_cache_that_never_hits_is_told_of_once(tmp_path: Path) -> None:
    """After one notice the runs are quiet, while the usage counts on; a hit makes the next miss news."""
    (tmp_path / "shop.py").write_text("def price(count):\n    return count * 2\n" * 400)
    miss, hit = told(9_000, written=9_000), told(50, read=9_000)
    options = {"ponder": {"review": {"onSave": "off"}}}
    async with (
        MessageServer(*[miss] * 4, hit, miss, repeat=True) as api,
        editor(tmp_path, api, options=options) as fake,
    ):
        uri = fake.open("app.py", HERE)
        counts = []
        for _ in range(6):
            assert (await run(fake, "explain", uri, wait=True))["status"] == "done"
            counts.append(len(notices(fake, "cache was missed")))
        assert counts == [0, 1, 1, 1, 1, 2]
        assert (await fake.run("ponder.usage", {}))["cacheMisses"]["server"] == 4


async def test_without_a_command_an_editor_is_served(tmp_path: Path) -> None:
    """`ponder` whose input is no terminal speaks the protocol."""
    server = (sys.executable, "-P", "-m", "ponder")
    async with FakeEditor(folder=tmp_path, command=server) as fake:
        assert fake.initialize_result["serverInfo"]["name"] == "ponder"


async def test_without_a_command_a_person_is_helped(tmp_path: Path) -> None:
    """At a terminal `ponder` tells what it can do."""
    leader, terminal = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "ponder", stdin=terminal, stdout=asyncio.subprocess.PIPE,
            env=environment(tmp_path),
        )  # fmt: skip
        said, _ = await process.communicate()
    finally:
        os.close(leader)
        os.close(terminal)
    assert process.returncode == 0
    assert said.startswith(b"usage: ponder COMMAND")


async def test_a_usage_without_misses_does_not_speak_of_them(tmp_path: Path) -> None:
    """The object has the keys that the page of the protocol names, and no other."""
    async with MessageServer(answer(findings=[])) as api, editor(tmp_path, api) as fake:
        assert set(await fake.run("ponder.usage", {})) == {"totals", "byAction", "byModel", "byDay"}


async def test_what_the_list_of_models_lacks_is_told_once(tmp_path: Path) -> None:
    """An endpoint without a list: the first run says so, the next ones do not."""
    text = stream(start(), *block(0, "text", "Fine."), *ended("end_turn"))
    env = {"ANTHROPIC_API_KEY": "sk-ant-canary-0123456789abcdefghij"}
    async with MessageServer(text, repeat=True) as api:
        env["ANTHROPIC_BASE_URL"] = api.url
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as fake:
            uri = fake.open("a.py", "x = 1\n")
            told = []
            for _ in range(2):
                result = await run(fake, "explain", uri, wait=True)
                notices = [one["message"] for one in fake.events(result["runId"]) if one["type"] == "notice"]
                told.append([one for one in notices if "no list of models" in one])
            assert [len(one) for one in told] == [1, 0]
