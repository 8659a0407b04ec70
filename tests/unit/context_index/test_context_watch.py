"""The watch stays alive, whatever happens to its folders and its process."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ponder.context import watch_child
from ponder.context.index.index import Environment, PathChange, WorkspaceIndex
from ponder.context.watch import Watcher

QUIET = {"PATH": os.environ["PATH"]}


class Watched:
    """An index kept up to date by a watcher, as a session does it."""

    def __init__(self, root: Path, **options: object) -> None:
        self.root = root
        self.notices: list[str] = []
        self.index = WorkspaceIndex([str(root)], Environment(QUIET), self.notices.append)
        self.changes: list[PathChange] = []
        self.watcher = Watcher([str(root)], self._changed, self.notices.append, environ=QUIET, **options)
        self.tasks: set[asyncio.Task] = set()
        self.running = asyncio.ensure_future(self.watcher.run())

    def _changed(self, changes: list[PathChange]) -> None:
        self.changes += changes
        task = asyncio.ensure_future(self.index.apply(changes))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def until(self, state: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not state():
                await asyncio.sleep(0.01)

    async def holds(self, *names: str) -> None:
        await self.until(lambda: self.index.files[str(self.root)] == set(names))

    async def close(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, *self.tasks, return_exceptions=True)


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "root").mkdir()
    found = Watched(tmp_path / "root")
    await found.watcher.armed.wait()
    yield found
    await found.close()


async def test_changes_reach_the_index(watched: Watched) -> None:
    """Files written, removed, moved in as a directory, and removed as one."""
    root = watched.root
    (root / "a.py").write_text("1")
    await watched.holds("a.py")
    (root / "b").mkdir()
    (root / "b" / "c.py").write_text("1")
    await watched.holds("a.py", "b/c.py")
    outside = root.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "d.py").write_text("1")
    outside.rename(root / "in")
    await watched.holds("a.py", "b/c.py", "in/deep/d.py")
    (root / "a.py").unlink()
    shutil.rmtree(root / "in")
    await watched.holds("b/c.py")
    assert watched.notices == []


async def test_a_root_deleted_and_made_again_is_watched_again(watched: Watched) -> None:
    """F-06: the new directory is seen, and what happens in it later too."""
    root = watched.root
    (root / "a.py").touch()
    await watched.holds("a.py")
    shutil.rmtree(root)
    await watched.holds()
    root.mkdir()
    (root / "b.py").touch()
    await watched.holds("b.py")
    await watched.watcher.armed.wait()
    (root / "c.py").touch()
    await watched.holds("b.py", "c.py")


async def test_a_root_replaced_at_once_is_watched_again(watched: Watched) -> None:
    """F-06: moved away with another directory in its place, faster than anybody looks."""
    root = watched.root
    (root / "a.py").touch()
    await watched.holds("a.py")
    other = root.parent / "other"
    other.mkdir()
    (other / "b.py").touch()
    root.rename(root.parent / "away")
    other.rename(root)
    await watched.holds("b.py")
    (root / "c.py").touch()
    await watched.holds("b.py", "c.py")


async def test_a_root_replaced_by_a_link_shows_nothing_from_outside(watched: Watched) -> None:
    """F-06: the folder now leads elsewhere; what is there is not in the workspace."""
    root = watched.root
    (root / "a.py").touch()
    await watched.holds("a.py")
    outside = root.parent / "outside"
    outside.mkdir()
    root.rename(root.parent / "away")
    root.symlink_to(outside)
    (outside / "secret.py").touch()
    await watched.until(lambda: not any(n == "a.py" for n in watched.index.files[str(root)]))
    place = watched.index.jail.place(root / "secret.py")
    assert place is None


async def test_a_name_that_is_not_utf8_does_not_end_the_watch(watched: Watched) -> None:
    """F-06: the file itself is found, and later changes are seen."""
    root = watched.root
    with open(os.path.join(os.fsencode(root), b"caf\xe9.py"), "wb"):
        pass
    await watched.holds("caf\udce9.py")
    (root / "b.py").touch()
    await watched.holds("caf\udce9.py", "b.py")


async def test_a_killed_watch_is_replaced(watched: Watched) -> None:
    """F-06: the process dies; another takes over, and what happened meanwhile is found."""
    import psutil

    root = watched.root
    children = [p for p in psutil.Process().children() if str(root) in p.cmdline()]
    assert len(children) == 1
    children[0].kill()
    (root / "a.py").touch()
    await watched.holds("a.py")
    await watched.until(watched.watcher.armed.is_set)
    (root / "b.py").touch()
    await watched.holds("a.py", "b.py")


async def test_a_branch_switch_of_thousands_of_files_ends_right(watched: Watched) -> None:
    """F-06: 5,000 files at once: whatever is told one by one or as a whole, the end state is the truth."""
    root = watched.root
    names = {f"d{n % 50}/f{n}.py" for n in range(5_000)}
    for name in names:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    await watched.holds(*names)
    shutil.rmtree(root / "d7")
    names = {name for name in names if not name.startswith("d7/")}
    await watched.holds(*names)


async def test_the_watch_ends_with_its_owner(tmp_path: Path) -> None:
    """Cancelled, it leaves no process behind."""
    import psutil

    found = Watched(tmp_path)
    await found.watcher.armed.wait()
    children = [p for p in psutil.Process().children() if str(tmp_path) in p.cmdline()]
    assert len(children) == 1
    await found.close()
    assert not children[0].is_running()


async def test_the_child_ends_when_the_server_dies(tmp_path: Path) -> None:
    """End of its standard input is the end of the watching process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", watch_child.__file__, str(tmp_path), stdin=-1, stdout=-1, env=QUIET
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline()
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0
    await process.stdout.read()


async def test_a_child_that_cannot_start_falls_back_with_one_notice(tmp_path: Path, monkeypatch) -> None:
    """Looking again from time to time takes over; the notice comes once."""
    monkeypatch.setattr("ponder.context.watch._BACK_OFF_SECONDS", (0.01,))
    monkeypatch.setattr(watch_child, "POLL_SECONDS", 0.05)
    (tmp_path / "a.py").touch()
    found = Watched(tmp_path, command=("/nonexistent/python",))
    await found.holds("a.py")
    (tmp_path / "b.py").touch()
    await found.holds("a.py", "b.py")
    assert len(found.notices) == 1
    await found.close()


async def test_a_silent_child_is_replaced(tmp_path: Path, monkeypatch) -> None:
    """A stuck process does not make the index deaf."""
    monkeypatch.setattr("ponder.context.watch.SILENCE_SECONDS", 0.2)
    stuck = tmp_path / "stuck.py"
    stuck.write_text(
        "import os, sys, time\n"
        f"first = not os.path.exists({str(tmp_path / 'mark')!r})\n"
        f"open({str(tmp_path / 'mark')!r}, 'a').write('x')\n"
        "print('{\"armed\": true}', flush=True)\n"
        "if first: time.sleep(600)\n"
        "print('{\"rescan\": true}', flush=True)\n"
        "time.sleep(600)\n"
    )
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").touch()
    found = Watched(root, command=(sys.executable, str(stuck)))
    await found.holds("a.py")
    assert len((tmp_path / "mark").read_text()) >= 2
    await found.close()


class FakeNotify:
    """A watch whose answers are scripted; what it is told to raise, it raises."""

    def __init__(self, script: list[object]) -> None:
        self.script = script
        self.closed = False

    def watch(self, *_arguments: object) -> object:
        answer = self.script.pop(0) if self.script else "timeout"
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


def served(root: Path, watches: list[object], turns: int) -> tuple[list[dict], list[float]]:
    """What the child says, and how long it pauses, when setting up gives these watches in turn."""
    lines: list[dict] = []
    pauses: list[float] = []
    left = [turns]

    def set_up(_roots: list[str]) -> object:
        found = watches.pop(0) if watches else FakeNotify([])
        if isinstance(found, Exception):
            raise found
        return found

    def going() -> bool:
        left[0] -= 1
        return left[0] > 0

    watch_child.serve([str(root)], lines.append, set_up=set_up, pause=pauses.append, going=going)
    return lines, pauses


def test_the_limit_of_watches_means_looking_again(tmp_path: Path) -> None:
    """F-06: the system refuses a watch; rescans come every few seconds instead, with signs of life between."""
    lines, pauses = served(tmp_path, [OSError("OS file watch limit reached")], 40)
    assert lines[0] == {"limit": True}
    assert lines.count({"rescan": True}) >= 3
    assert lines.count({"limit": True}) == 1
    assert set(pauses) == {watch_child.HEARTBEAT_SECONDS}
    assert watch_child.POLL_SECONDS <= 10


def test_a_broken_watch_is_set_up_again_ever_more_slowly(tmp_path: Path) -> None:
    """An error in the watch leads to a new one and a rescan each time, with growing pauses up to five seconds."""
    watches = [
        FakeNotify([{(1, str(tmp_path / "a"))}, RuntimeError("Unable to decode path")]) for _ in range(8)
    ]
    kept = list(watches)
    lines, pauses = served(tmp_path, list(watches), 100)
    assert lines[:3] == [{"armed": True}, {"rescan": True}, {"changes": [["written", str(tmp_path / "a")]]}]
    assert sum(line == {"rescan": True} for line in lines) >= 8
    assert pauses[:8] == sorted(pauses[:8])
    assert pauses[7] == 5.0
    assert all(watch.closed for watch in kept)


def test_what_nobody_asks_for_is_not_told(tmp_path: Path) -> None:
    """Git's own files (but for its excludes and branch), packages and caches make no noise; thousands are one line."""
    (tmp_path / "dir").mkdir()
    names = [
        "a.py",
        ".git/index",
        ".git/HEAD",
        ".git/info/exclude",
        "node_modules/x/y.js",
        "b/__pycache__/c.pyc",
    ]
    raw = {(1, str(tmp_path / name)) for name in names} | {
        (2, str(tmp_path / "dir")),
        (3, str(tmp_path / "gone")),
    }
    told = watch_child._told(raw)
    assert told == {
        "changes": [
            ["written", str(tmp_path / ".git/HEAD")],
            ["written", str(tmp_path / ".git/info/exclude")],
            ["written", str(tmp_path / "a.py")],
            ["removed", str(tmp_path / "gone")],
        ]
    }
    assert watch_child._told({(1, f"/x/{n}") for n in range(3_000)}) == {"rescan": True}
    assert watch_child._told({(1, str(tmp_path / "dir"))}) == {
        "changes": [["directory", str(tmp_path / "dir")]]
    }
