"""What becomes of a file that cannot be used: kept under its date, or left to the later version it belongs to."""

import re
import sqlite3
import threading
import time
from pathlib import Path

from ponder.store.database import FILE_NAME
from ponder.store.schema import MIGRATIONS
from ponder.store.store import Store


class Notices(list[str]):
    """Notices come from the writer's thread; a test waits for a state, not for a time."""

    def eventually(self, count: int) -> bool:
        end = time.monotonic() + 20
        while len(self) < count and time.monotonic() < end:
            threading.Event().wait(0.005)
        return len(self) >= count


def opened(directory: Path, notices: list[str]) -> Store:
    return Store.open(directory, time.time, notices.append)


def aside(directory: Path) -> list[Path]:
    """The files that were moved aside, without their logs."""
    names = (path for path in directory.iterdir() if re.fullmatch(r".*\.old-\d{8}T\d{6}Z(-\d+)?", path.name))
    return sorted(names)


def future_schema(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()


def test_the_newest_three_damaged_files_are_kept(tmp_path: Path) -> None:
    """Each under its date, so that one accident after another leaves something to look at."""
    moments = [1_000_000_000.0 + 86_400 * number for number in (0, 1, 1, 2)]
    for moment in moments:
        (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
        store = Store.open(tmp_path, lambda moment=moment: moment, [].append)
        store.put_result("k", "w", b"v")
        assert store.flush()
        assert store.close()
    assert [path.name for path in aside(tmp_path)] == [
        f"{FILE_NAME}.old-20010910T014640Z",
        f"{FILE_NAME}.old-20010910T014640Z-2",
        f"{FILE_NAME}.old-20010911T014640Z",
    ]


def test_the_file_of_a_newer_version_is_left_to_it(tmp_path: Path) -> None:
    """Two versions side by side: nothing is moved, read or written, one notice says so, and memory serves."""
    first = opened(tmp_path, [])
    first.put_result("k1", "w", b"v")
    assert first.flush()
    assert first.close()
    future_schema(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    notices = Notices()
    store = opened(tmp_path, notices)
    assert store.get_result("k1", "w") is None
    store.put_result("new", "w", b"v")
    store.dismiss("w", "rule", "review/x")
    assert not store.flush(0.3)
    assert store.get_result("new", "w") == b"v"
    assert store.dismissed("w") == {("rule", "review/x")}
    assert not store.on_disk
    store.close(0.3)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert aside(tmp_path) == []
    assert len(notices) == 1
    assert "newer version of Ponder" in notices[0]


def test_a_newer_version_may_take_the_file_over(tmp_path: Path) -> None:
    """From then on the older one writes nothing into it, and says so once."""
    notices = Notices()
    store = opened(tmp_path, notices)
    store.put_result("old", "w", b"v")
    assert store.flush()
    future_schema(tmp_path / FILE_NAME)
    store.put_result("late", "w", b"v")
    assert notices.eventually(1)
    assert store.get_result("late", "w") == b"v"
    store.close(0.3)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("SELECT key FROM results").fetchall() == [("old",)]
    connection.close()
    assert len(notices) == 1
