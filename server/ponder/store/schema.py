"""The tables and how an older file becomes a current one, step by step. Opens nothing."""

import sqlite3
from collections.abc import Sequence

from ponder.store.rows import TABLES

# Every table has the same columns, so one piece of code writes, checks and reads all of them. Wide values stand
# last: SQLite then sums and sorts without reading their overflow pages.
_FIRST = tuple(
    statement
    for table in TABLES
    for statement in (
        (
            f"CREATE TABLE {table} (key TEXT PRIMARY KEY, workspace TEXT NOT NULL, sequence REAL NOT NULL,"
            " amount REAL NOT NULL, digest BLOB NOT NULL, value BLOB NOT NULL)"
        ),
        f"CREATE INDEX {table}_in_order ON {table} (sequence, amount)",
        f"CREATE INDEX {table}_of_workspace ON {table} (workspace)",
    )
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""Row n turns schema version n into n + 1. Rows are only ever added."""


class NewerSchemaError(Exception):
    """The file was written by a later version."""


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the file to the newest version, all or nothing. Another process may do the same at the same time.

    Raises NewerSchemaError, or sqlite3.Error where the file is damaged or locked.
    """
    refuse_newer(connection, steps)
    if version(connection) == len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        refuse_newer(connection, steps)
        found = version(connection)
        for step in steps[found:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def refuse_newer(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Raise NewerSchemaError for a file of a later version; touches nothing of it."""
    found = version(connection)
    if found > len(steps):
        raise NewerSchemaError(str(found))


def version(connection: sqlite3.Connection) -> int:
    """The schema version of the file; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables_present(connection: sqlite3.Connection) -> bool:
    """Whether the file has the tables its version promises."""
    names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = ("key", "workspace", "sequence", "amount", "digest", "value")
    return all(
        table in names
        and tuple(str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")) == columns
        for table in TABLES
    )
