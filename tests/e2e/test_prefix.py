"""The workspace prefix on the wire: what it holds, that it repeats byte for byte, what never enters it."""

import json
from pathlib import Path
from typing import Any

from e2e.test_outcomes import bodies, connected, without_marks
from e2e.test_runs import run

SHOP = "from orders import total\n\n\ndef bill(prices):\n    return total(prices)\n"
ORDERS = '"""Orders of the shop."""\n\n\ndef total(prices):\n    return sum(prices)\n'
BULK = "".join(f"def helper_{n}(value):\n    return value + {n}\n\n\n" for n in range(200))


def workspace(folder: Path) -> None:
    (folder / "AGENTS.md").write_text("Use metric units everywhere.\n")
    (folder / "orders.py").write_text(ORDERS)
    (folder / "shop.py").write_text(SHOP)
    (folder / "bulk.py").write_text(BULK)
    (folder / ".env").write_text("API_KEY=q8RzT4vKwN1xYb6mLc9HsJd3\n")
    (folder / ".gitignore").write_text("build/\n")
    (folder / "build").mkdir()
    (folder / "build" / "out.py").write_text("canary_ignored = 1\n")
    (folder / "keys.py").write_text("TOKEN = 'ghp_q8RzT4vKwN1xYb6mLc9HsJd3PfG7uAe2Z0oQ'\n")
    (folder / "link.py").symlink_to("/etc/passwd")


def prefix(body: dict[str, Any]) -> list[str]:
    """The texts before the task: system, then the workspace blocks."""
    content = body["messages"][0]["content"]
    return [block["text"] for block in (*body["system"], *content[:-2])]


async def test_what_is_told_of_a_workspace(tmp_path: Path) -> None:
    """Project instructions, a map, files; nothing ignored, secret or outside; no path of this machine."""
    workspace(tmp_path)
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("shop.py", SHOP)
        result = await run(editor, "explain", uri, wait=True)
        assert result["status"] == "done", result
        text = "\n".join(prefix(bodies(offline)[0]))
        assert "Use metric units" in text
        assert "def total(prices):" in text
        wire = json.dumps(bodies(offline))
        for canary in ("q8RzT4vKwN1x", "canary_ignored", "root:", str(tmp_path)):
            assert canary not in wire, canary


async def test_the_prefix_repeats_byte_for_byte_and_is_read_from_the_cache(tmp_path: Path) -> None:
    """Actions that share a route share a prefix; an edit is appended, not woven in; the usage says what was read."""
    workspace(tmp_path)
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("shop.py", SHOP)
        for action in ("explain", "ask"):
            await run(editor, action, uri, wait=True)
        editor.edit(uri, (len(SHOP), len(SHOP), "\n\nLIMIT = 3\n"))
        third = await run(editor, "explain", uri, wait=True)
        first, second, last = bodies(offline)
        assert prefix(first) == prefix(second)
        assert prefix(last)[: len(prefix(first))] == prefix(first)
        assert any("LIMIT = 3" in text for text in prefix(last)[len(prefix(first)) :])
        assert third["usage"]["cacheReadTokens"] > 0
        assert third["usage"]["savedUsd"] is not None
        marks = [b for b in last["messages"][0]["content"] if "cache_control" in b]
        assert 1 <= len(marks) + len([b for b in last["system"] if "cache_control" in b]) <= 4


async def test_a_restart_gives_the_same_bytes(tmp_path: Path) -> None:
    """The same workspace and model give the same request up to what belongs to this request alone."""
    workspace(tmp_path)
    seen = []
    for _ in range(2):
        async with connected(tmp_path) as (editor, offline):
            uri = editor.open("shop.py", SHOP)
            await run(editor, "explain", uri, wait=True)
            seen.append(without_marks(bodies(offline)[0]))
    assert json.dumps(seen[0]) == json.dumps(seen[1])


async def test_a_follow_up_carries_the_workspace_unchanged(tmp_path: Path) -> None:
    """The conversation's prefix stays as it was, also when a file changes meanwhile."""
    workspace(tmp_path)
    async with connected(tmp_path) as (editor, offline):
        uri = editor.open("shop.py", SHOP)
        first = await run(editor, "explain", uri, wait=True)
        editor.edit(uri, (0, 0, "# changed\n"))
        second = await editor.run("ponder.followUp", {"runId": first["runId"], "text": "Why?", "wait": True})
        assert second["status"] == "done", second
        before, after = bodies(offline)
        assert without_marks(after["messages"][0]) == without_marks(before["messages"][0])
        assert second["usage"]["cacheReadTokens"] > 0


async def test_no_workspace_is_told_where_the_budget_is_nothing(tmp_path: Path) -> None:
    """`context.budgetTokens = 0` sends the document alone."""
    workspace(tmp_path)
    async with connected(tmp_path, env={"PONDER_CONTEXT_BUDGET_TOKENS": "0"}) as (editor, offline):
        uri = editor.open("orders.py", ORDERS)
        await run(editor, "explain", uri, wait=True)
        assert len(prefix(bodies(offline)[0])) == 1


async def test_a_file_changed_outside_the_editor_is_told_anew(tmp_path: Path) -> None:
    """Where the editor does not watch files, Ponder does."""
    workspace(tmp_path)

    def blind(capabilities: dict[str, Any]) -> None:
        capabilities["workspace"].pop("didChangeWatchedFiles")

    async with connected(tmp_path, change=blind) as (editor, offline):
        uri = editor.open("shop.py", SHOP)
        await run(editor, "explain", uri, wait=True)
        (tmp_path / "orders.py").write_text(ORDERS.replace("sum(prices)", "sum(prices) * 2"))
        for _ in range(40):
            await run(editor, "explain", uri, wait=True)
            if "sum(prices) * 2" in json.dumps(bodies(offline)[-1]):
                break
        else:
            raise AssertionError("the change was never told")


async def test_the_command_shows_what_would_be_told(tmp_path: Path) -> None:
    """`ponder.context`: folders, segments with sizes and files, what was left out and why."""
    workspace(tmp_path)
    async with connected(tmp_path) as (editor, _):
        uri = editor.open("shop.py", SHOP)
        found = await editor.run("ponder.context", {"uri": uri})
        assert found["folders"] == [str(tmp_path.resolve())]
        files = {name for segment in found["segments"] for name in segment["files"]}
        assert {"shop.py", "orders.py", "AGENTS.md"} <= files
        assert all(segment["tokens"] > 0 and segment["bytes"] > 0 for segment in found["segments"])
        reasons = {one["path"]: one["reason"] for one in found["leftOut"]}
        assert reasons[".env"] == "secret file"
