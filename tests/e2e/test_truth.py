"""The workspace as it is now, over the wire: after branch switches, deleted roots, swapped links, other folders; never waited for."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_outcomes import bodies, connected
from e2e.test_runs import run
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve
from ponder.session.prefix import WorkspaceContext

HANGS_S = 60
"""A bound for what never comes, not a measurement."""
AT_HAND = "import facts\n\n\ndef use():\n    return facts.fact()\n"


def blind(capabilities: dict[str, Any]) -> None:
    """The editor does not watch files: Ponder does."""
    capabilities["workspace"].pop("didChangeWatchedFiles")


def last(offline: OfflineEngine) -> str:
    return json.dumps(bodies(offline)[-1])


def write(folder: Path, fact: str) -> None:
    (folder / "facts.py").write_text(f"def fact():\n    return '{fact}'\n")
    (folder / "app.py").write_text(AT_HAND)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-C", str(folder), *arguments],
        check=True, capture_output=True,
    )  # fmt: skip


async def told_until(
    editor: FakeEditor, offline: OfflineEngine, uri: str, holds: Callable[[str], bool]
) -> int:
    """Ask until what is told is as it should be; the number of requests it took."""
    number = 0
    async with asyncio.timeout(HANGS_S):
        while True:
            number += 1
            result = await run(editor, "explain", uri, wait=True)
            assert result["status"] == "done", result
            if holds(last(offline)):
                return number


@pytest.mark.parametrize("watches", [True, False], ids=["editor watches", "ponder watches"])
@pytest.mark.parametrize("files", [100, pytest.param(5_000, marks=pytest.mark.long)])
async def test_a_branch_switch(tmp_path: Path, files: int, *, watches: bool) -> None:
    """What is told next is of the new branch: changed files new, deleted files not any more, new files there."""
    folder = tmp_path / "repository"
    (folder / "many").mkdir(parents=True)
    write(folder, "of the first branch")
    for number in range(files):
        (folder / "many" / f"m{number:04}.py").write_text(f"first_{number} = 1\n")
    (folder / "gone.py").write_text("only_on_the_first = 1\n")
    git(folder, "init", "-q", "-b", "one")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-qb", "two")
    for number in range(files):
        (folder / "many" / f"m{number:04}.py").write_text(f"second_{number} = 1\n")
    write(folder, "of the second branch")
    (folder / "gone.py").unlink()
    (folder / "came.py").write_text("only_on_the_second = 1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "two")
    git(folder, "checkout", "-q", "one")
    async with connected(folder, change=None if watches else blind) as (editor, offline):
        uri = editor.open("app.py", AT_HAND)
        await told_until(editor, offline, uri, lambda told: "of the first branch" in told)
        git(folder, "checkout", "-q", "two")
        if watches:
            paths = [
                folder / "facts.py",
                folder / "gone.py",
                folder / "came.py",
                *(folder / "many").iterdir(),
            ]
            kinds = {folder / "gone.py": 3, folder / "came.py": 1}
            changes = [{"uri": path.as_uri(), "type": kinds.get(path, 2)} for path in paths]
            editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        asked = await told_until(editor, offline, uri, lambda told: "of the second branch" in told)
        assert asked == 1, "files that are told are looked at for each request"
        editor.open("came.py", "only_on_the_second = 1\n")
        context = await editor.run("ponder.context", {"uri": uri})
        named = json.dumps(context)
        assert "gone.py" not in named or _left(context, "gone.py")
        await told_until(editor, offline, uri, lambda told: "only_on_the_second" in told)


def _left(context: dict[str, Any], path: str) -> bool:
    told = [file for segment in context["segments"] for file in segment["files"]]
    return path not in told


async def test_a_deleted_and_recreated_root(tmp_path: Path) -> None:
    """Back within ten seconds, with what stands there now and nothing of what stood there before."""
    folder = tmp_path / "shop"
    folder.mkdir()
    write(folder, "before the flood")
    async with connected(folder, change=blind) as (editor, offline):
        uri = editor.open("app.py", AT_HAND)
        await told_until(editor, offline, uri, lambda told: "before the flood" in told)
        shutil.rmtree(folder)
        await told_until(editor, offline, uri, lambda told: "after the flood" not in told)
        folder.mkdir()
        write(folder, "after the flood")
        (folder / "later.py").write_text("written_later = 1\n")
        await told_until(editor, offline, uri, lambda told: "after the flood" in told)
        async with asyncio.timeout(HANGS_S):
            while "later.py" not in json.dumps(await editor.run("ponder.context", {"uri": uri})):
                pass


async def test_a_link_that_is_swapped(tmp_path: Path) -> None:
    """A link inside is followed as long as it leads inside; swapped to lead outside, its text is not told any more."""
    folder = tmp_path / "shop"
    folder.mkdir()
    write(folder, "plain")
    (folder / "inside.py").write_text("def fact():\n    return 'from inside'\n")
    (tmp_path / "outside.py").write_text("def fact():\n    return 'canary outside'\n")
    (folder / "facts.py").unlink()
    async with connected(folder) as (editor, offline):
        uri = editor.open("app.py", AT_HAND)
        for target in (
            folder / "inside.py",
            tmp_path / "outside.py",
            folder / "inside.py",
            tmp_path / "outside.py",
        ):
            (folder / "facts.new").symlink_to(target)
            (folder / "facts.new").rename(folder / "facts.py")
            changes = [{"uri": (folder / "facts.py").as_uri(), "type": 2}]
            editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
            assert (await run(editor, "explain", uri, wait=True))["status"] == "done"
            assert "canary outside" not in last(offline)
        assert "from inside" in last(offline), "the file itself is still told, under its own name"


async def test_folders_come_and_go(tmp_path: Path) -> None:
    """P-23: what is told is of the folders of now, nested and repeated ones too, also while it is being gathered."""
    first, second = tmp_path / "first", tmp_path / "second"
    nested = first / "nested"
    for folder, fact in (
        (first, "fact of the first"),
        (second, "fact of the second"),
        (nested, "nested fact"),
    ):
        folder.mkdir()
        write(folder, fact)
    offline = OfflineEngine()

    def change(*, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()) -> None:
        def named(folders: tuple[Path, ...]) -> list[dict[str, str]]:
            return [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]

        event = {"added": named(added), "removed": named(removed)}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    async with await serve(offline) as server:
        env = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": "sk-ant-nothing"}
        async with FakeEditor(folder=first, folders=[first, second], command=PONDER, env=env) as editor:
            uri = editor.open("app.py", AT_HAND)

            async def told() -> str:
                assert (await run(editor, "explain", uri, wait=True))["status"] == "done"
                return last(offline)

            both = await told()
            assert "fact of the first" in both
            assert "fact of the second" in both
            change(removed=(second,))
            alone = await told()
            assert "fact of the first" in alone
            assert "fact of the second" not in alone
            change(added=(second,))
            assert "fact of the second" in await told()
            change(added=(nested, nested))
            assert "fact of the first" in await told()
            change(removed=(nested,))
            assert "fact of the second" in await told()
            # While a request gathers.
            for _ in range(5):
                started = asyncio.ensure_future(run(editor, "explain", uri, wait=True))
                change(removed=(second,))
                change(added=(second,))
                change(removed=(second,))
                assert (await started)["status"] == "done"
                assert "fact of the second" not in await told()
                change(added=(second,))
            context = await editor.run("ponder.context", {"uri": uri})
            assert sorted(context["folders"]) == sorted(str(folder.resolve()) for folder in (first, second))
    assert len(bodies(offline)) >= 15


async def test_a_first_look_that_takes_long_is_not_waited_for(tmp_path: Path) -> None:
    """A run goes without the prefix and says so; once the folder has been looked through, the next one has it."""
    folder, programs = tmp_path / "shop", tmp_path / "programs"
    folder.mkdir()
    programs.mkdir()
    write(folder, "a fact at last")
    git(folder, "init", "-q")
    waiting = tmp_path / "waiting"
    waiting.touch()
    (programs / "git").write_text(f"#!/bin/sh\nwhile [ -e '{waiting}' ]; do sleep 0.1; done\nexit 1\n")
    (programs / "git").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    async with connected(folder, env={"PATH": path}) as (editor, offline):
        uri = editor.open("app.py", AT_HAND)
        result = await run(editor, "explain", uri, wait=True)
        assert result["status"] == "done", result
        shown = [one["message"] for one in editor.events(result["runId"]) if one["type"] == "notice"]
        assert any("still being read" in message for message in shown), shown
        assert "a fact at last" not in last(offline)
        waiting.unlink()
        await told_until(editor, offline, uri, lambda told: "a fact at last" in told)


async def test_looking_through_10_000_files_leaves_the_loop_free(tmp_path: Path) -> None:
    """Others get their turn all the while; run with `-s` it prints the longest time they did not."""
    for number in range(10_000):
        folder = tmp_path / f"d{number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"m{number}.py").write_text(f"def f{number}():\n    return {number}\n")
    context = WorkspaceContext(
        (str(tmp_path.resolve()),), os.environ, home=None, on_notice=pytest.fail, max_file_bytes=262_144
    )
    looking = asyncio.ensure_future(context.prepare(1))
    turns, longest, before = 0, 0.0, time.perf_counter()
    while not looking.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        turns, longest, before = turns + 1, max(longest, now - before), now
    print(f"\n10,000 files: ready {await looking}, {turns} turns, longest lag {longest * 1000:.0f} ms")
    assert turns >= 20
    assert context.index.ready or not looking.result()
