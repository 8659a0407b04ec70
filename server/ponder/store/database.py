"""The database file: opened, checked, moved aside when it cannot be used. Knows nothing of what the rows mean."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ponder.store.place import private_directory, private_file
from ponder.store.rows import Row, Table
from ponder.store.schema import migrate, refuse_newer, tables_present

FILE_NAME = "ponder.db"
_LOCK_WAIT_SECONDS = 0.25
_SIDES = ("", "-wal", "-shm", "-journal")
_KEPT_ASIDE = 3
_ASIDE = re.compile(re.escape(FILE_NAME) + r"\.old-\d{8}T\d{6}Z(?:-\d+)?")
_COLUMNS = "key, workspace, sequence, amount, digest, value"


class DamagedError(Exception):
    """The file is no usable database; the text says in what way, for the notice."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file is broken (not merely locked, full or read-only)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_lock(error: BaseException) -> bool:
    """Whether another process holds the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def open_for_writing(directory: Path) -> sqlite3.Connection:
    """The writer's connection, with the newest schema.

    Raises DamagedError where the file has to be moved aside; NewerSchemaError where it is of a later version, which is
    left exactly as it is; sqlite3.Error, OSError or UnsafePlaceError where the place cannot be used (now).
    """
    path = private_directory(directory) / FILE_NAME
    private_file(path)
    connection = sqlite3.connect(
        path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if is_damage(error) or (
            isinstance(error, sqlite3.OperationalError) and "already exists" in str(error)
        ):
            raise DamagedError("was damaged") from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    refuse_newer(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    migrate(connection)
    if not tables_present(connection):
        raise DamagedError("has another layout")
    pages, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size")
    )
    wal = path.with_name(f"{path.name}-wal")
    unsaved = wal.exists() and wal.stat().st_size > 0
    # Pages still in the log are not in the file yet; then a short file is no sign of damage.
    if not unsaved and path.stat().st_size < pages * size:
        raise DamagedError("was cut short")


def open_for_reading(directory: Path) -> sqlite3.Connection:
    """A connection that never writes and never waits, for the event loop."""
    connection = sqlite3.connect(
        directory / FILE_NAME, timeout=0, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def identity(directory: Path) -> tuple[int, int] | None:
    """Which file has the name now; None for none."""
    try:
        found = (directory / FILE_NAME).lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def move_aside(directory: Path, seen: tuple[int, int] | None, now: float) -> None:
    """Rename the file `seen` was taken of (and its log) to `ponder.db.old-20261122T153000Z`; the newest three are kept.

    Does nothing where another process has been quicker. The log moves first: a new file must never meet it.
    `now` is in seconds since the epoch.
    """
    if seen is None or identity(directory) != seen:
        return
    stamp = f"{FILE_NAME}.old-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    taken = {path.name for path in directory.iterdir()}
    numbered = (f"{stamp}-{number}" for number in range(2, len(taken) + 3))
    name = next(one for one in (stamp, *numbered) if one not in taken)
    for side in reversed(_SIDES):
        with suppress(FileNotFoundError):
            (directory / f"{FILE_NAME}{side}").replace(directory / f"{name}{side}")
    kept = sorted((path for path in directory.iterdir() if _ASIDE.fullmatch(path.name)), key=_age)
    for path in kept[:-_KEPT_ASIDE]:
        for side in _SIDES:
            with suppress(OSError):
                path.with_name(f"{path.name}{side}").unlink()


def _age(path: Path) -> tuple[str, int]:
    """By the time in the name, then by the number after it."""
    stamp, _, number = path.name.partition("Z")
    return stamp, int(number.lstrip("-") or 1)


def put(connection: sqlite3.Connection, row: Row) -> None:
    """Insert or replace one row. A result takes the next use number, so that no clock decides what is old."""
    place = "(SELECT coalesce(max(sequence), 0) + 1 FROM results)" if row.table == "results" else "?"
    order = () if row.table == "results" else (row.order,)
    connection.execute(
        f"INSERT OR REPLACE INTO {row.table} ({_COLUMNS}) VALUES (?, ?, {place}, ?, ?, ?)",  # noqa: S608 -- table names are ours
        (row.key, row.workspace, *order, row.amount, row.digest(), row.value),
    )


def touch(connection: sqlite3.Connection, key: str) -> None:
    """Note that a result was used."""
    connection.execute(
        "UPDATE results SET sequence = (SELECT max(sequence) + 1 FROM results) WHERE key = ?", (key,)
    )


def remove(connection: sqlite3.Connection, table: Table, key: str) -> None:
    """Remove one row, where it is."""
    connection.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # noqa: S608 -- table names are ours


def select(
    connection: sqlite3.Connection, table: Table, where: str, arguments: Iterable[object]
) -> list[tuple[Row, bytes]]:
    """Rows with the digest stored beside them; `where` is SQL of ours, never of a user."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM {table} WHERE {where}",  # noqa: S608 -- table names are ours
        tuple(arguments),
    )
    return [
        (Row(table, key, workspace, order, amount, value), stored)
        for key, workspace, order, amount, stored, value in found.fetchall()
        if isinstance(value, bytes)
    ]


def shrink(connection: sqlite3.Connection, table: Table, budget: float, *, by_rows: bool = False) -> float:
    """Remove the rows that come first in order until the rest fits 9/10 of the budget. Returns what is left."""
    measure = "count(*)" if by_rows else "coalesce(sum(amount), 0)"
    total = float(connection.execute(f"SELECT {measure} FROM {table}").fetchone()[0])  # noqa: S608
    if total <= budget:
        return total
    doomed = []
    for key, amount in connection.execute(f"SELECT key, amount FROM {table} ORDER BY sequence"):  # noqa: S608
        if total <= budget * 0.9:
            break
        total -= 1 if by_rows else float(amount)
        doomed.append((key,))
    connection.executemany(f"DELETE FROM {table} WHERE key = ?", doomed)  # noqa: S608
    return total
