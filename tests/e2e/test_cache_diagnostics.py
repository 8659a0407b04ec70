"""The endpoint's own word on a missed cache, over the wire: what it is told, and where its reason is shown."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from msgspec import structs

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_outcomes import KEY
from e2e.test_prefix import SHOP, workspace
from e2e.test_runs import run
from ponder.offline.cache import PrefixCache
from ponder.offline.diagnostics import Diagnostics
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve

# Only the Messages API itself is asked to diagnose: here this address passes for it.
SCRIPT = """
import os, sys
from ponder.engine import endpoint
endpoint.DEFAULT_BASE_URL = os.environ["ANTHROPIC_BASE_URL"]
from ponder.__main__ import main
sys.argv = ["ponder", "serve"]
sys.exit(main())
"""


def forgotten(offline: OfflineEngine) -> None:
    """The endpoint remembers neither the prefix nor the request before."""
    offline.messages.cache = PrefixCache()
    offline.messages._diagnostics = Diagnostics()


def moved(offline: OfflineEngine) -> None:
    """The request before is said to have gone to another model."""
    offline.messages.cache = PrefixCache()
    prompts = offline.messages._diagnostics._prompts
    prompts.update({key: structs.replace(prompt, model="another") for key, prompt in prompts.items()})


def evicted(offline: OfflineEngine) -> None:
    """The prefix is gone and nothing differs: the endpoint has no reason to give."""
    offline.messages.cache = PrefixCache()


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (forgotten, "it does not remember the request before"),
        (moved, "it says that the model is another one"),
        (evicted, None),
        (None, None),
    ],
)
async def test_the_reason_of_a_miss_comes_from_the_endpoint(
    tmp_path: Path, trouble: Any, reason: str | None
) -> None:
    """Each request names the message before it; a miss shows in the run, in the status and in `ponder usage`."""
    workspace(tmp_path)
    offline = OfflineEngine()
    async with await serve(offline) as server:
        settings = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        command = (sys.executable, "-P", "-c", SCRIPT)
        async with FakeEditor(folder=tmp_path, command=command, env=settings) as editor:
            uri = editor.open("shop.py", SHOP)
            for number in range(3):
                if number == 2 and trouble is not None:
                    trouble(offline)
                result = await run(editor, "explain", uri, wait=True)
                assert result["status"] == "done", result
            told = [one["message"] for one in editor.events(result["runId"]) if one["type"] == "notice"]
            await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
            status = editor.received("ponder/status")[-1]["message"]
            usage = await editor.run("ponder.usage", {})
            uri = (await editor.run("ponder.transcript", {"runId": result["runId"]}))["uri"]
            transcript = Path(url2pathname(urlsplit(uri).path)).read_text("utf-8")
    asked = [one for one in offline.requests if one.path == "/v1/messages"]
    named = [one.body["diagnostics"]["previous_message_id"] for one in asked]
    assert named == [None, asked[0].message_id, asked[1].message_id]
    missed = [message for message in told if "cache was missed" in message]
    assert len(missed) == (trouble is not None), told
    for message in missed:
        assert reason in message if reason else "; it " not in message
    assert ("cache missed" in status) is (trouble is not None), status
    assert ("The cache was not read" in transcript) is (trouble is not None)
    assert usage.get("cacheMisses", {}).get("server", 0) == (trouble is not None)


async def test_what_only_speaks_the_same_protocol_is_not_asked(tmp_path: Path) -> None:
    """Another address gets no `diagnostics`: it might refuse the field."""
    workspace(tmp_path)
    offline = OfflineEngine()
    async with await serve(offline) as server:
        settings = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=settings) as editor:
            await run(editor, "explain", editor.open("shop.py", SHOP), wait=True)
    assert all("diagnostics" not in one.body for one in offline.requests if one.path == "/v1/messages")
