"""Places where nothing can be kept, and disks that fill up: results stay in memory, and one notice says so."""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_store_faults import Notices, opened

from ponder.store.database import FILE_NAME
from ponder.store.rows import UsageRow
from ponder.store.store import Store


def not_a_directory(path: Path) -> Path:
    (path / "file").touch()
    return path / "file" / "state"


def a_link(path: Path) -> Path:
    (path / "real").mkdir()
    (path / "state").symlink_to(path / "real")
    return path / "state"


def planted_database(path: Path) -> Path:
    (path / "state").mkdir(mode=0o700)
    (path / "victim").write_text("do not touch")
    (path / "state" / FILE_NAME).symlink_to(path / "victim")
    return path / "state"


def second_name(path: Path) -> Path:
    (path / "state").mkdir(mode=0o700)
    (path / "victim").write_text("do not touch")
    os.link(path / "victim", path / "state" / FILE_NAME)
    return path / "state"


def fifo(path: Path) -> Path:
    (path / "state").mkdir(mode=0o700)
    os.mkfifo(path / "state" / FILE_NAME)
    return path / "state"


def another_owner(path: Path) -> Path:
    (path / "state").mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    os.chown(path / "state", 12345, 12345)
    return path / "state"


def read_only(_path: Path) -> Path:
    return Path("/proc/ponder-state")


@pytest.mark.parametrize(
    "place", [not_a_directory, a_link, planted_database, second_name, fifo, another_owner, read_only]
)
def test_a_place_that_cannot_be_used_means_memory(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    """S-06, S-13: one notice, everything works in memory, and nothing planted is followed."""
    directory = place(tmp_path)
    notices = Notices()
    store = opened(directory, notices)
    store.put_result("k", "w", b"v")
    store.dismiss("w", "rule", "r")
    assert notices.eventually(1)
    assert store.get_result("k", "w") == b"v"
    assert store.dismissed("w") == {("rule", "r")}
    assert not store.on_disk
    assert not store.close()
    assert len(notices) == 1
    if (tmp_path / "victim").exists():
        assert (tmp_path / "victim").read_text() == "do not touch"


def test_no_place_at_all_means_memory() -> None:
    """S-06: no home directory."""
    notices = Notices()
    store = Store.open(None, time.time, notices.append)
    store.put_result("k", "w", b"v")
    assert store.get_result("k", "w") == b"v"
    assert len(notices) == 1
    assert store.close()


FULL_DISK = """
import resource, sys, time
from pathlib import Path
from ponder.store.store import Store
notices = []
store = Store.open(Path(sys.argv[1]), time.time, notices.append)
store.put_result("before", "w", b"v")
assert store.flush()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
for n in range(100):
    store.put_result(f"k{n}", "w", bytes(20_000))
    assert store.get_result(f"k{n}", "w") == bytes(20_000)
end = time.monotonic() + 20
while not notices and time.monotonic() < end:
    time.sleep(0.01)
assert len(notices) == 1, notices
assert store.get_result("k99", "w") == bytes(20_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert store.flush(20)
assert store.on_disk
assert store.get_result("before", "w") == b"v"
assert all(store.get_result(f"k{n}", "w") == bytes(20_000) for n in range(100))
assert store.close()
assert len(notices) == 1, notices
print("fine")
"""


def test_a_full_disk_stops_nothing_and_is_forgotten_when_there_is_room(tmp_path: Path) -> None:
    """S-07: memory takes over with one notice; with space everything is written, nothing is lost."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-P", "-c", FULL_DISK, tmp_path],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout == "fine\n", done.stderr


def test_memory_alone_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a disk, results above the limit are given up, the oldest first; money never is."""
    monkeypatch.setattr("ponder.store.store._MEMORY_BYTES", 100_000)
    store = Store.open(None, time.time, lambda _: None)
    for number in range(500):
        store.put_result(f"k{number}", "w", bytes(1_000))
        store.add_usage(
            UsageRow(at=1.0, run_id=f"r{number}", action="a", model="m", provider="p", cost_usd=0.25)
        )
    kept = [n for n in range(500) if store.get_result(f"k{n}", "w") is not None]
    assert kept == list(range(500 - len(kept), 500))
    assert 70 <= len(kept) <= 84
    assert store.spent_since(0) == 125.0


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """S-13: 0700 and 0600 even with an umask of 0 or one that takes everything, and an older, open mode is tightened."""
    for umask in (0o000, 0o777):
        place = tmp_path / f"{umask:o}" / "state"
        place.parent.mkdir()
        before = os.umask(umask)
        try:
            store = opened(place, [])
            store.put_result("k", "w", b"v")
            assert store.flush()
            modes = {path.name: path.stat().st_mode & 0o777 for path in place.iterdir()}
        finally:
            os.umask(before)
        assert place.stat().st_mode & 0o777 == 0o700
        assert modes
        assert set(modes.values()) == {0o600}, modes
        place.chmod(0o755)
        (place / FILE_NAME).chmod(0o644)
        assert store.close()
        assert opened(place, []).close()
        assert place.stat().st_mode & 0o777 == 0o700
        assert (place / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_vanishes_is_made_again(tmp_path: Path) -> None:
    """S-12: someone cleans up the state directory under a running server."""
    notices = Notices()
    store = opened(tmp_path / "state", notices)
    store.put_result("a", "w", b"1")
    assert store.flush()
    shutil.rmtree(tmp_path / "state")
    store.put_result("b", "w", b"2")
    assert store.flush()
    assert store.get_result("b", "w") == b"2"
    assert (tmp_path / "state" / FILE_NAME).exists()
    assert store.close()
    assert notices == []
