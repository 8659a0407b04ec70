"""An answer that is not what was asked for: what can be read of it is shown, and no sentence promises more."""

import json
from pathlib import Path

import pytest

from e2e.message_server import MessageServer, ended
from e2e.scripted_api import block, start, stream
from e2e.test_decisions import TEXT, editor
from e2e.test_runs import run

WORDS = "I would rather leave `mean` as it is.\n\n- It is right."
DATA = '{"summary": 3, "edits": ['


@pytest.mark.parametrize(
    ("said", "reason", "text"),
    [
        (WORDS, "end_turn", WORDS),
        (WORDS, "max_tokens", WORDS),
        (DATA, "end_turn", ""),
        (DATA, "max_tokens", ""),
        (json.dumps({"summary": "Fine.", "edits": 3}), "end_turn", "Fine."),
    ],
)
async def test_what_can_be_read_is_shown(tmp_path: Path, said: str, reason: str, text: str) -> None:
    """In the result, in the events and in the transcript; a promise that something is kept is made only where it is."""
    status = {"end_turn": "failed", "max_tokens": "truncated"}[reason]
    parts = [said[:5], said[5:9], said[9:]]
    async with (
        MessageServer(stream(start(), *block(0, "text", *parts), *ended(reason))) as api,
        editor(tmp_path, api) as fake,
    ):
        uri = fake.open("sums.py", TEXT)
        result = await run(fake, "fix", uri, wait=True)
        assert (result["status"], result["text"]) == (status, text)
        shown = "".join(one["text"] for one in fake.events(result["runId"]) if one["type"] == "blockDelta")
        assert shown == text
        error = result["error"]
        if status == "failed":
            assert ("what could be read of it is shown" in error["hint"]) == bool(text)
        assert ("is kept" in error["message"]) == (status == "truncated" and bool(text))
        path = (await fake.run("ponder.transcript", {"runId": result["runId"]}))["uri"]
        written = Path(path.removeprefix("file://")).read_text("utf-8")
        assert ("## Answer" in written) == bool(text)
        assert '"edits"' not in written
