"""The store's promises when the disk, the file or another process misbehaves."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ponder.store.database import FILE_NAME
from ponder.store.rows import UsageRow
from ponder.store.schema import NewerSchemaError, migrate, version
from ponder.store.store import Store


class Notices(list[str]):
    """Notices come from the writer's thread; a test waits for a state, not for a time."""

    def eventually(self, count: int) -> bool:
        return eventually(lambda: len(self) >= count)


def eventually(state: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not state():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.005)
    return True


def opened(directory: Path, notices: list[str]) -> Store:
    return Store.open(directory, time.time, notices.append)


def filled(directory: Path, rows: int = 50) -> None:
    store = opened(directory, [])
    for number in range(rows):
        store.put_result(f"k{number}", "w", f"value {number}".encode() * 200)
    assert store.flush()
    assert store.close()


def zeroed_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(100))


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(50_000))


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_by_a_page(path: Path) -> None:
    """SQLite itself would only notice when it needs the page."""
    os.truncate(path, path.stat().st_size - 4096)


def another_layout(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE usage; CREATE TABLE usage (wrong INTEGER)")
    connection.close()


def tables_without_version(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 0")
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        zeroed_header,
        random_bytes,
        cut_in_half,
        cut_by_a_page,
        another_layout,
        tables_without_version,
    ],
)
def test_a_file_that_cannot_be_used_is_moved_aside(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """S-01: rebuilt with one notice, the old file kept, the store in use at once."""
    filled(tmp_path)
    damage(tmp_path / FILE_NAME)
    notices = Notices()
    store = opened(tmp_path, notices)
    assert store.get_result("k1", "w") is None
    store.put_result("new", "w", b"v")
    assert store.flush()
    assert store.get_result("new", "w") == b"v"
    assert store.close()
    assert len(notices) == 1
    assert "moved aside" in notices[0]
    assert [path.stat().st_size > 0 for path in tmp_path.glob(f"{FILE_NAME}.old-*Z")] == [True]
    again = opened(tmp_path, notices)
    assert again.get_result("new", "w") == b"v"
    again.close()
    assert len(notices) == 1


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """S-01: 0 bytes are what a crash before the first write leaves; no notice."""
    (tmp_path / FILE_NAME).touch()
    notices = Notices()
    store = opened(tmp_path, notices)
    store.put_result("k", "w", b"v")
    assert store.flush()
    assert store.close()
    assert notices == []


def test_damage_met_while_reading_is_mended(tmp_path: Path) -> None:
    """S-01: pages that went bad while the store is open are a miss, then a rebuilt file."""
    filled(tmp_path, rows=400)
    notices = Notices()
    store = opened(tmp_path, notices)
    size = (tmp_path / FILE_NAME).stat().st_size
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    seen = [store.get_result(f"k{n}", "w") for n in range(400)]
    assert all(value is None or value.startswith(b"value") for value in seen)
    assert notices.eventually(1)
    store.put_result("new", "w", b"v")
    assert store.flush()
    assert store.get_result("new", "w") == b"v"
    assert store.close()
    assert len(notices) == 1


def test_one_flipped_bit_in_a_value_is_a_miss(tmp_path: Path) -> None:
    """S-02: each bit of key, workspace, value and digest is covered."""
    filled(tmp_path, rows=1)
    connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    key, workspace, value, seal = connection.execute(
        "SELECT key, workspace, value, digest FROM results"
    ).fetchone()
    store = opened(tmp_path, [])
    assert store.get_result("k0", "w") is not None
    for bit in range(0, len(value) * 8, 97):
        flipped = bytearray(value)
        flipped[bit // 8] ^= 1 << bit % 8
        connection.execute("UPDATE results SET value = ?", (bytes(flipped),))
        assert store.get_result("k0", "w") is None, bit
    connection.execute("UPDATE results SET value = ?, digest = ?", (value, bytes(len(seal))))
    assert store.get_result("k0", "w") is None
    connection.execute("UPDATE results SET digest = ?, workspace = 'x'", (seal,))
    assert store.get_result("k0", "x") is None
    connection.execute("UPDATE results SET workspace = ?, key = 'other'", (workspace,))
    assert store.get_result("other", "w") is None
    connection.execute("UPDATE results SET key = ?", (key,))
    assert store.get_result("k0", "w") == value
    connection.close()
    store.close()


WRITER = """
import sys, time
from pathlib import Path
from ponder.store.rows import UsageRow
from ponder.store.store import Store
directory, name, vacuum, run = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "1", sys.argv[4]
store = Store.open(directory, time.time, lambda text: print("notice", text, flush=True), budget_bytes=300_000)
print("open", flush=True)
n = 0
while True:
    n += 1
    store.put_result(f"{name}:{n % 500}", "w", f"{name} {n} ".encode() * (n % 300))
    store.add_usage(UsageRow(at=time.time(), run_id=run, action="a", model="m", provider="p", cost_usd=1.0))
    if n % 20 == 0:
        store.flush()
        print(n, flush=True)
    if vacuum and n % 200 == 0:
        import sqlite3
        other = sqlite3.connect(directory / "ponder.db", timeout=5)
        try:
            other.execute("VACUUM")
        except sqlite3.OperationalError:
            pass
        other.close()
"""


def kill_rounds(tmp_path: Path, rounds: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    script = tmp_path / "writer.py"
    script.write_text(WRITER)
    directory = tmp_path / "state"
    for round_ in range(rounds):
        began = time.time()
        processes = [
            subprocess.Popen(
                [sys.executable, "-P", script, directory, name, vacuum, f"{name}{round_}"],
                stdout=subprocess.PIPE,
                text=True,
            )
            for name, vacuum in (("a", "0"), ("b", str(round_ % 2)))
        ]
        progress = [process.stdout.readline() for process in processes]
        # Rounds end at an open, in the first writes or amid many: a pause, not a wait for a state.
        threading.Event().wait(chance.random() * 0.12)
        for process in processes:
            process.kill()
        output = [line + process.communicate()[0] for line, process in zip(progress, processes, strict=True)]
        assert not any("notice" in text for text in output), output
        connection = sqlite3.connect(directory / FILE_NAME)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        written = [[int(line) for line in text.split() if line.isdigit()] for text in output]
        store = Store.open(directory, time.time, pytest.fail)
        rows = [row.run_id for row in store.usage_rows(began)]
        for name, lines in zip("ab", written, strict=True):
            assert rows.count(f"{name}{round_}") >= (lines or [0])[-1]
        keys = [f"{name}:{n}" for name in "ab" for n in range(500)]
        for key in keys:
            value = store.get_result(key, "w")
            assert value is None or not value or value.startswith(key[:1].encode() + b" ")
        reader = sqlite3.connect(directory / FILE_NAME)
        held = reader.execute("SELECT count(*) FROM results").fetchone()[0]
        reader.close()
        assert held == sum(store.get_result(key, "w") is not None for key in keys)
        assert store.close()


@pytest.mark.timeout(300)
def test_killed_writers_leave_a_sound_file(tmp_path: Path) -> None:
    """S-03: two writers killed at random points, 20 rounds: sound, every digest right, nothing flushed is lost."""
    kill_rounds(tmp_path, 20)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not os.environ.get("PONDER_LONG"), reason="takes minutes; PONDER_LONG=1 runs it")
def test_killed_writers_leave_a_sound_file_300_rounds(tmp_path: Path) -> None:
    """S-03 at full length."""
    kill_rounds(tmp_path, 300)


def test_a_foreign_lock_stops_nothing(tmp_path: Path) -> None:
    """S-04: reads and writes return at once, one notice, and what was put reaches the disk afterwards."""
    filled(tmp_path)
    foreign = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    foreign.execute("PRAGMA locking_mode = EXCLUSIVE")
    foreign.execute("BEGIN EXCLUSIVE")
    foreign.execute("UPDATE results SET amount = amount")
    notices = Notices()
    start = time.thread_time()
    store = opened(tmp_path, notices)
    for number in range(100):
        store.put_result(f"new{number}", "w", b"v")
        assert store.get_result(f"new{number}", "w") == b"v"
        assert store.get_result(f"k{number}", "w") is None
    assert time.thread_time() - start < 5
    assert not store.on_disk
    assert notices.eventually(1)
    foreign.execute("ROLLBACK")
    foreign.close()
    assert store.flush(20)
    assert store.get_result("k1", "w") is not None
    assert store.on_disk
    assert store.close()
    assert len(notices) == 1
    assert "locked" in notices[0]


def test_two_servers_share_one_file(tmp_path: Path) -> None:
    """S-05: each sees what the other wrote; costs add up; neither gets a notice."""
    notices = Notices()
    one, two = opened(tmp_path, notices), opened(tmp_path, notices)
    for number in range(300):
        (one if number % 2 else two).put_result(f"k{number}", "w", str(number).encode())
        (one if number % 3 else two).add_usage(
            UsageRow(at=time.time(), run_id=f"r{number}", action="a", model="m", provider="p", cost_usd=0.5)
        )
    one.dismiss("w", "file", "a.py")
    assert one.flush()
    assert two.flush()
    for store in (one, two):
        assert [store.get_result(f"k{n}", "w") for n in range(300)] == [str(n).encode() for n in range(300)]
        assert store.spent_since(0) == 150.0
        assert store.dismissed("w") == {("file", "a.py")}
        assert store.close()
    assert notices == []


def test_a_file_replaced_under_an_open_store_is_taken_up(tmp_path: Path) -> None:
    """S-05: another server rebuilt the file; writes go to the new one, not to the one that was moved away."""
    notices = Notices()
    one = opened(tmp_path, notices)
    one.put_result("a", "w", b"1")
    assert one.flush()
    for path in tmp_path.glob(f"{FILE_NAME}*"):
        path.rename(path.with_name(f"old-{path.name}"))
    two = opened(tmp_path, notices)
    one.put_result("b", "w", b"2")
    assert one.flush()
    assert two.get_result("b", "w") == b"2"
    assert one.get_result("b", "w") == b"2"
    assert one.close()
    assert two.get_result("b", "w") == b"2"
    assert two.close()
    assert notices == []


STEPS = (
    ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)"),
    ("ALTER TABLE a ADD COLUMN y", "UPDATE a SET y = x + 1"),
    ("CREATE TABLE b AS SELECT x + y AS z FROM a",),
)


def test_files_of_three_schema_versions_are_brought_up(tmp_path: Path) -> None:
    """S-14: from every older version, in one transaction, with the data; a newer one is refused untouched."""
    for start in range(4):
        connection = sqlite3.connect(tmp_path / f"{start}.db", isolation_level=None)
        migrate(connection, STEPS[:start])
        migrate(connection, STEPS)
        assert version(connection) == 3
        assert connection.execute("SELECT z FROM b").fetchone() == (3,)
        with pytest.raises(NewerSchemaError):
            migrate(connection, STEPS[:2])
        assert connection.execute("SELECT z FROM b").fetchone() == (3,)
        assert not connection.in_transaction
        connection.close()
    broken = (*STEPS[:1], ("CREATE TABLE c (x)", "NONSENSE"))
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, broken)
    assert version(connection) == 0
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_values_of_another_version_are_misses(tmp_path: Path) -> None:
    """S-14: a row that decodes to nothing known is skipped, the others are not."""
    from ponder.store.rows import Row

    store = opened(tmp_path, [])
    store._put(Row("usage", "k", "", 1.0, 0.0, b'{"another": "shape"}'))
    store._put(Row("runs", "r", "", 1.0, 0.0, b"\xff\x00"))
    store.add_usage(UsageRow(at=2.0, run_id="r", action="a", model="m", provider="p"))
    assert [row.at for row in store.usage_rows()] == [2.0]
    assert store.run("r") is None
    assert store.runs() == ()
    store.close()
