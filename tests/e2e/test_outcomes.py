"""What reaches the wire, and how each way an answer can end reaches the user. The endpoint runs in the test's process."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_runs import BUG, joined, run
from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.faults import Faults
from ponder.offline.http import OfflineServer, serve

KEY = "sk-ant-canary-0123456789abcdefghij"


@asynccontextmanager
async def connected(
    tmp_path: Path,
    *faults: str,
    env: dict[str, str] | None = None,
    change: Callable[[dict[str, Any]], None] | None = None,
    **engine: Any,
) -> AsyncIterator[tuple[FakeEditor, OfflineEngine]]:
    """An editor whose server calls an engine that the test can look into; at the same address each time in one folder."""
    offline = OfflineEngine(faults=Faults(faults), **engine)
    async with await _served(offline, tmp_path) as server:
        settings = {
            "ANTHROPIC_BASE_URL": server.base_url,
            "ANTHROPIC_API_KEY": KEY,
            "PONDER_API_MAX_TRIES": "2",
        }
        async with FakeEditor(
            folder=tmp_path, command=PONDER, env=settings | (env or {}), change=change
        ) as editor:
            yield editor, offline


_ADDRESSES: dict[Path, int] = {}


async def _served(offline: OfflineEngine, folder: Path) -> OfflineServer:
    """What is remembered is remembered of one address: a restart must find the endpoint where it was."""
    try:
        server = await serve(offline, port=_ADDRESSES.get(folder, 0))
    except OSError:
        server = await serve(offline)
    _ADDRESSES[folder] = int(server.base_url.rsplit(":", 1)[1])
    return server


def bodies(offline: OfflineEngine) -> list[dict[str, Any]]:
    return [seen.body for seen in offline.requests if seen.path == "/v1/messages"]


def without_marks(value: Any) -> Any:
    """Moving a cache mark is allowed; everything else is not."""
    if isinstance(value, dict):
        return {key: without_marks(inner) for key, inner in value.items() if key != "cache_control"}
    return [without_marks(inner) for inner in value] if isinstance(value, list) else value


async def test_two_follow_ups_keep_every_byte_of_what_went_before(tmp_path: Path) -> None:
    """Thinking, signatures and all: each request is an extension of the one before it."""
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        last = await run(editor, "explain", uri, wait=True)
        for text in ("Why?", "And then?"):
            last = await editor.run("ponder.followUp", {"runId": last["runId"], "text": text, "wait": True})
            assert last["status"] == "done", last
        first, second, third = bodies(offline)
        for earlier, later in ((first, second), (second, third)):
            kept = len(earlier["messages"])
            assert json.dumps(later["system"]) == json.dumps(earlier["system"])
            before = json.dumps(without_marks(earlier["messages"]))
            assert json.dumps(without_marks(later["messages"][:kept])) == before
            assert later["messages"][kept]["role"] == "assistant"
            kinds = [block["type"] for block in later["messages"][kept]["content"]]
            assert kinds[0] == "thinking"
            assert later["messages"][kept]["content"][0]["signature"]
        assert [seen.status for seen in offline.requests if seen.path == "/v1/messages"] == [200, 200, 200]


async def test_redacted_thinking_survives_a_follow_up(tmp_path: Path) -> None:
    """A redacted block has no text for the user and goes back unchanged."""
    async with connected(tmp_path, "redacted") as (editor, offline):
        uri = editor.open("orders.py", BUG)
        first = await run(editor, "explain", uri, wait=True)
        assert first["status"] == "done", first
        kinds = {event["kind"] for event in editor.events() if event["type"] == "blockStarted"}
        assert "redactedThinking" in kinds
        assert joined(editor.events(), "redactedThinking") == ""
        second = await editor.run("ponder.followUp", {"runId": first["runId"], "text": "Go on", "wait": True})
        assert second["status"] == "done", second
        assert bodies(offline)[1]["messages"][1]["content"][0]["type"] == "redacted_thinking"


async def test_another_model_continues_without_the_thinking(tmp_path: Path) -> None:
    """What the other model may not read is left out as a whole, and a notice says so."""
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        first = await run(editor, "explain", uri, wait=True)
        (tmp_path / "ponder.toml").write_text('[actions.explain]\nmodel = "claude-opus-4-8"\n')
        editor.notify(
            "workspace/didChangeWatchedFiles",
            {"changes": [{"uri": (tmp_path / "ponder.toml").as_uri(), "type": 1}]},
        )
        second = await editor.run("ponder.followUp", {"runId": first["runId"], "text": "Go on", "wait": True})
        assert second["status"] == "done", second
        body = bodies(offline)[1]
        assert body["model"] == "claude-opus-4-8"
        assert all(b["type"] != "thinking" for m in body["messages"] for b in m["content"])
        told = [e["message"] for e in editor.events(second["runId"]) if e["type"] == "notice"]
        assert any("thinking was left out" in message for message in told), told


@pytest.mark.parametrize(
    ("fault", "status", "kind", "words"),
    [
        ("refusal", "refused", None, ""),
        ("empty-refusal", "refused", None, ""),
        ("max-tokens=30", "truncated", None, "budget|thinking|answerTokens"),
        ("context-window", "truncated", None, ""),
        ("status=400", "failed", "invalidRequest", ""),
        ("status=401", "failed", "authentication", "key"),
        ("credit", "failed", "billing", ""),
        ("spend-limit", "failed", "billing", ""),
        ("status=403", "failed", "permission", ""),
        ("status=404", "failed", "invalidRequest", ""),
        ("status=413", "failed", "tooLarge", ""),
        ("too-long", "failed", "tooLarge", ""),
        ("retry-after=86400", "failed", "rateLimit", ""),
        ("status=500", "failed", "internal", ""),
        ("status=504", "failed", "network", ""),
        ("status=529", "failed", "overloaded", ""),
        ("overloaded=3", "failed", "overloaded", ""),
        ("eof=5", "failed", "network", ""),
        ("reset=5", "failed", "network", ""),
        ("html", "failed", "malformed", ""),
        ("malformed", "failed", "malformed", ""),
    ],
)
async def test_how_a_review_can_end(
    tmp_path: Path, fault: str, status: str, kind: str | None, words: str
) -> None:
    """A result with its kind and one sentence; never taken for "no problems", never with the key in it."""
    async with connected(tmp_path, f"{fault};times=9") as (editor, _):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "review", uri, wait=True)
        assert result["status"] == status, result
        error = result["error"]
        assert kind is None or error["kind"] == kind, error
        assert error["message"]
        assert re.search(words, f"{error['message']} {error.get('hint')}", re.IGNORECASE), error
        last = editor.events(result["runId"])[-1]
        assert (last["type"], last["status"]) == ("finished", status)
        assert KEY not in json.dumps(editor.messages) + editor.stderr.decode()


async def test_a_pause_is_continued_and_counted(tmp_path: Path) -> None:
    """`pause_turn` costs another request; the user sees one answer."""
    async with connected(tmp_path, "pause-turn;times=1") as (editor, offline):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "explain", uri, wait=True)
        assert result["status"] == "done", result
        assert result["usage"]["requests"] == len(bodies(offline)) == 2


async def test_an_overloaded_endpoint_is_asked_again_and_the_wait_is_shown(tmp_path: Path) -> None:
    """Twice 529, then an answer: the user sees the wait, and one complete result."""
    async with connected(tmp_path, "status=529;times=2", env={"PONDER_API_MAX_TRIES": "4"}) as (editor, _):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "review", uri, wait=True)
        assert result["status"] == "done", result
        told = [event for event in editor.events(result["runId"]) if event["type"] == "retrying"]
        assert [event["attempt"] for event in told] == [1, 2] or len(told) == 2, told
        assert all(event["error"]["kind"] == "overloaded" for event in told)


async def test_thinking_appears_in_thinking_blocks_alone(tmp_path: Path) -> None:
    """A canary in the thinking is in no text, finding, edit, diagnostic, result, log or status."""
    canary = "canary-thought-7f3a"
    finding = {
        "path": "orders.py", "start_line": 4, "end_line": 4, "quote": "def add_order(order, orders=[]):",
        "severity": "warning", "rule": "mutable-default", "message": "Shared list.",
        "fix": [{"path": "orders.py", "old_text": "orders=[]", "new_text": "orders=None"}],
    }  # fmt: skip

    def answer(_body: dict[str, Any]) -> Answer:
        text = json.dumps({"summary": "One problem.", "findings": [finding]})
        return Answer(thinking=(f"I think {canary}.",), text=text)

    async with connected(tmp_path, answerer=answer) as (editor, _):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "review", uri, wait=True)
        assert result["text"] == "One problem."
        assert result["findings"][0]["fix"]["documentChanges"]
        leaks = [m for m in editor.messages if canary in json.dumps(m)]
        allowed = {"ponder/event", "$/progress"}
        assert {message.get("method") for message in leaks} <= allowed, leaks
        deltas = [m["params"] for m in leaks if m["method"] == "ponder/event"]
        assert {event["type"] for event in deltas} == {"blockDelta"}
        assert canary not in editor.stderr.decode()


async def test_a_run_that_may_cost_too_much_is_not_sent(tmp_path: Path) -> None:
    """`budget.runUsd` is held against an upper estimate, before the request."""
    async with connected(tmp_path, env={"PONDER_BUDGET_RUN_USD": "0.00001"}) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "review", uri, wait=True)
        assert result["status"] == "failed"
        assert result["error"]["kind"] == "budget"
        assert not bodies(offline)


SECRET = "AWS_SECRET_ACCESS_KEY = 'q8RzT4vKwN1xYb6mLc9HsJd3PfG7uAe2Z0oQiVtS'"


@pytest.mark.parametrize(
    ("name", "text", "sent"),
    [
        ("app.py", f"x = 1\n{SECRET}\n", True),
        (".env", f"{SECRET}\n", False),
        ("secret/ignored.py", "canary_ignored = 1\n", False),
        ("../outside.py", "canary_outside = 1\n", False),
    ],
)
async def test_secrets_and_ignored_files_stay(tmp_path: Path, name: str, text: str, sent: bool) -> None:
    """Neither a secret's text nor an ignored, secret or outside file reaches the wire; the user is told."""
    inside = tmp_path / "workspace"
    inside.mkdir()
    (inside / ".gitignore").write_text("secret/\n")
    async with connected(inside) as (editor, offline):
        uri = editor.open((inside / name).resolve().as_uri(), text)
        result = await run(editor, "review", uri, wait=True)
        wire = b"".join(seen.raw for seen in offline.requests)
        assert b"q8RzT4vKwN1x" not in wire
        assert b"canary_" not in wire
        assert (result["status"] == "done") is sent, result
        if not sent:
            assert "not sent" in result["error"]["message"]


def placed(findings: Iterable[dict[str, Any]]) -> list[int]:
    return [finding["range"]["start"]["line"] for finding in findings]


async def test_an_edit_made_while_the_model_thinks_moves_what_it_says(tmp_path: Path) -> None:
    """Findings and edits computed on an older version land on the right text, or nowhere."""
    from ponder.offline.pace import Pace

    async with connected(tmp_path, pace=Pace(delta_ms=40)) as (editor, _):
        uri = editor.open("orders.py", BUG)
        run_id = (await run(editor, "review", uri))["runId"]
        await editor.eventually(lambda: joined(editor.events(run_id), "thinking"))
        editor.edit(uri, (0, 0, "# typed meanwhile\n# and more\n"))
        result = await editor.run("ponder.result", {"runId": run_id, "wait": True}, limit=60)
        assert result["status"] == "done"
        await editor.eventually(lambda: editor.diagnostics(uri))
        line = editor.text(uri).split("\n").index("def add_order(order, orders=[]):")
        assert line in placed(editor.diagnostics(uri))

        run_id = (await run(editor, "fix", uri, apply=True))["runId"]
        await editor.eventually(lambda: joined(editor.events(run_id), "thinking"))
        start = editor.text(uri).index("orders=[]")
        editor.edit(uri, (start, start + 9, "orders=()"))
        result = await editor.run("ponder.result", {"runId": run_id, "wait": True}, limit=60)
        assert result["applied"] is False
        assert result["stale"] is True
        assert result["reason"]
        assert "orders=()" in editor.text(uri)


async def test_an_excluded_file_is_not_sent_though_it_is_open(tmp_path: Path) -> None:
    """`context.exclude` holds for the document at hand as for the rest of the workspace."""
    (tmp_path / "ponder.toml").write_text('[context]\nexclude = ["orders.py"]\n')
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("orders.py", BUG)
        result = await run(editor, "review", uri, wait=True)
        assert result["status"] == "failed"
        assert "context.exclude" in result["error"]["message"]
        assert not bodies(offline)
