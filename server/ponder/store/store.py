"""Everything Ponder remembers, behind typed methods for the event loop. Decides nothing about what a value means.

Reads take microseconds and never wait; a write is handed to one thread and can be read at once. Where the disk
cannot be used, memory serves and one notice says so; nothing here raises because of the disk.
"""

import math
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from ponder.store import database
from ponder.store.pending import Pending, Put, Remove, Touch
from ponder.store.reader import Reader
from ponder.store.rows import (
    BatchRow,
    DismissScope,
    ModelsRow,
    Row,
    RunRow,
    Table,
    UsageRow,
    decode,
    encode,
    sql_text,
    towards_limits,
)
from ponder.store.writer import Writer

T = TypeVar("T")
DEFAULT_BUDGET_BYTES = 256 * 1024 * 1024
_MEMORY_BYTES = 64 * 1024 * 1024
_OPEN_WAIT_SECONDS = 0.2
_MOST_NAMED = 500


class Store:
    """The state of one user. Use `open`; one owner, one thread (the event loop's), `close` at the end."""

    def __init__(
        self, directory: Path | None, clock: Callable[[], float], writer: Writer | None, first_number: int = 0
    ) -> None:
        self.directory = directory
        self._clock = clock
        self._writer = writer
        self._pending = Pending(_MEMORY_BYTES)
        self._number = first_number
        self._reader = Reader(directory, writer)
        self._touched: set[str] = set()

    @staticmethod
    def open(
        directory: Path | None,
        clock: Callable[[], float],
        on_notice: Callable[[str], None],
        *,
        budget_bytes: int = DEFAULT_BUDGET_BYTES,
    ) -> "Store":
        """The store in this directory, or in memory where there is none. Returns within about 0.2 s whatever happens.

        `clock` gives seconds since the epoch. `on_notice` gets sentences for the user, FROM THE WRITER'S THREAD.
        `budget_bytes` bounds the results; the least recently used go first.
        """
        if directory is None:
            on_notice("Ponder found no place for its state; results and usage are kept in memory.")
            return Store(None, clock, None)
        writer = Writer(directory, on_notice, budget_bytes, clock)
        writer.tried.wait(_OPEN_WAIT_SECONDS)
        return Store(directory, clock, writer)

    @property
    def on_disk(self) -> bool:
        """Whether what is put survives the process."""
        return self._writer is not None and self._writer.on_disk

    def flush(self, wait_seconds: float = 5.0) -> bool:
        """Wait until everything is on disk (not on the event loop). False where that did not come about."""
        end = time.monotonic() + wait_seconds
        while self._writer is not None and self._writer.written < self._number:
            if time.monotonic() > end:
                return False
            time.sleep(0.001)
        return self._writer is not None

    def close(self, wait_seconds: float = 2.0) -> bool:
        """Write what is left and let go of the files. False where something could not be written in time."""
        self._reader.close()
        return self._writer is None or self._writer.stop(wait_seconds)

    # Results ---------------------------------------------------------------------------------------------------

    def get_result(self, key: str, workspace: str) -> bytes | None:
        """A cached result; None where there is none, or it is damaged or of another workspace."""
        key = sql_text(key)
        row = self._get("results", key)
        if row is None or row.workspace != sql_text(workspace):
            return None
        if key not in self._touched:
            self._touched.add(key)
            self._send_touch(key)
        return row.value

    def put_result(self, key: str, workspace: str, value: bytes) -> None:
        """Cache a result under a key of `result_key`. Only complete outcomes belong here."""
        self._put(Row("results", sql_text(key), sql_text(workspace), 0.0, float(len(value) + 200), value))

    # Usage -----------------------------------------------------------------------------------------------------

    def add_usage(self, row: UsageRow) -> None:
        """Add one request to the ledger."""
        # Not one process's counter alone: two servers write the same table.
        key = f"{row.at:.6f}:{row.run_id}:{self._number}"
        self._put(
            Row("usage", sql_text(key), sql_text(row.workspace), row.at, towards_limits(row), encode(row))
        )

    def usage_rows(self, since: float = 0.0) -> tuple[UsageRow, ...]:
        """Rows from this moment on (seconds since the epoch), oldest first."""
        return self._all("usage", UsageRow, "sequence >= ? ORDER BY sequence, rowid", (since,), since)

    def spent_since(self, since: float) -> float:
        """USD spent from this moment on, by every server of this user; unknown costs count nothing."""
        pending = [change.row for _, change in self._changes("usage") if isinstance(change, Put)]
        fresh = {row.key: row.amount for row in pending if row is not None and row.order >= since}
        total = math.fsum(fresh.values())
        if len(fresh) <= _MOST_NAMED:
            # What is on its way may have arrived by now: it is counted here and left out there.
            marks = ",".join("?" * len(fresh))
            statement = f"SELECT total(amount) FROM usage WHERE sequence >= ? AND key NOT IN ({marks})"  # noqa: S608
            if not fresh:
                statement = (
                    "SELECT total(amount) FROM usage WHERE sequence >= ?"  # Answered by the index alone.
                )
            sums = self._reader.ask(lambda reader: reader.execute(statement, (since, *fresh)).fetchall())
            return total + math.fsum(float(usd) for (usd,) in sums)
        stored: list[tuple[str, float]] = self._reader.ask(
            lambda reader: reader.execute(
                "SELECT key, amount FROM usage WHERE sequence >= ?", (since,)
            ).fetchall()
        )
        return total + math.fsum(usd for key, usd in stored if key not in fresh)

    def spent_today(self) -> float:
        """USD spent since midnight, local time."""
        now = datetime.fromtimestamp(self._clock()).astimezone()
        return self.spent_since(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())

    # Dismissals ------------------------------------------------------------------------------------------------

    def dismiss(self, workspace: str, scope: DismissScope, key: str) -> None:
        """Hide a finding, a rule or a file in this workspace for good."""
        workspace = sql_text(workspace)
        place = sql_text(f"{workspace}\n{scope}:{key}")
        value = encode({"scope": scope, "key": key})
        self._put(Row("dismissals", place, workspace, self._clock(), 0.0, value))

    def dismissed(self, workspace: str) -> frozenset[tuple[str, str]]:
        """What is hidden in this workspace, as (scope, key)."""
        workspace = sql_text(workspace)
        rows = self._rows("dismissals", "workspace = ?", (workspace,))
        found = (decode(row.value, dict[str, str]) for row in rows if row.workspace == workspace)
        return frozenset((entry["scope"], entry["key"]) for entry in found if entry)

    # Runs, models, batches -------------------------------------------------------------------------------------

    def put_run(self, row: RunRow) -> None:
        """Add a run to the index, or bring its entry up to date."""
        self._put(Row("runs", sql_text(row.id), "", row.started, 0.0, encode(row)))

    def runs(self, limit: int = 100) -> tuple[RunRow, ...]:
        """The latest runs, newest first."""
        found = self._all("runs", RunRow, "1 ORDER BY sequence DESC LIMIT ?", (limit,), None)
        return tuple(sorted(found, key=lambda row: row.started, reverse=True)[:limit])

    def run(self, run_id: str) -> RunRow | None:
        """One run's entry."""
        row = self._get("runs", sql_text(run_id))
        return decode(row.value, RunRow) if row else None

    def put_models(self, row: ModelsRow) -> None:
        """Keep an endpoint's model list."""
        self._put(Row("models", sql_text(row.endpoint), "", row.fetched_at, 0.0, encode(row)))

    def models(self, endpoint: str) -> ModelsRow | None:
        """The list fetched last from this endpoint, however old; see `ModelsRow.age`."""
        row = self._get("models", sql_text(endpoint))
        return decode(row.value, ModelsRow) if row else None

    def put_batch(self, row: BatchRow) -> None:
        """Remember a batch until it is collected."""
        self._put(Row("batches", sql_text(row.id), "", row.created, 0.0, encode(row)))

    def batches(self) -> tuple[BatchRow, ...]:
        """Batches that were sent and not collected, oldest first."""
        return self._all("batches", BatchRow, "1 ORDER BY sequence", (), None)

    def remove_batch(self, batch_id: str) -> None:
        """Forget a batch."""
        self._change(Remove(self._next(), "batches", sql_text(batch_id)))

    # Inside ----------------------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, row: Row) -> None:
        self._change(Put(self._next(), row))

    def _change(self, change: Put | Remove) -> None:
        self._forget_written()
        self._pending.add(change)
        if self._writer is not None:
            self._writer.send(change)

    def _send_touch(self, key: str) -> None:
        if self._writer is not None:
            self._writer.send(Touch(self._next(), key))

    def _forget_written(self) -> None:
        if self._writer is not None:
            self._pending.written(self._writer.written)

    def _changes(self, table: Table) -> list[tuple[str, Put | Remove]]:
        self._forget_written()
        return list(self._pending.of(table))

    def _get(self, table: Table, key: str) -> Row | None:
        self._forget_written()
        change = self._pending.get(table, key)
        if change is not None:
            return change.row if isinstance(change, Put) else None
        found = self._reader.ask(lambda reader: database.select(reader, table, "key = ?", (key,)))
        return next((row for row, stored in found if row.digest() == stored), None)

    def _rows(self, table: Table, where: str, arguments: tuple[object, ...]) -> list[Row]:
        """Stored rows, then those on their way; the latter stand over the former."""
        changes = dict(self._changes(table))
        found = self._reader.ask(lambda reader: database.select(reader, table, where, arguments))
        kept = [row for row, stored in found if row.key not in changes and row.digest() == stored]
        fresh = (change.row for change in changes.values() if isinstance(change, Put))
        return [*kept, *(row for row in fresh if row is not None)]

    def _all(
        self, table: Table, kind: type[T], where: str, arguments: tuple[object, ...], since: float | None
    ) -> tuple[T, ...]:
        rows = [row for row in self._rows(table, where, arguments) if since is None or row.order >= since]
        decoded = (decode(row.value, kind) for row in sorted(rows, key=lambda row: row.order))
        return tuple(value for value in decoded if value is not None)
