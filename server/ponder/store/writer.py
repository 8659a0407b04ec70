"""The thread that writes: takes changes in order, keeps them until they are on disk. Never touches the event loop."""

import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ponder.store import database
from ponder.store.pending import Change, Put, Remove, Touch
from ponder.store.place import UnsafePlaceError
from ponder.store.rows import Row
from ponder.store.schema import NewerSchemaError, refuse_newer

log = logging.getLogger(__name__)

_BATCH = 500
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_LOCK_PATIENCE_SECONDS = 2.0
_MOST_ROWS = {"usage": 500_000, "runs": 5_000}


class _Stop:
    """Asks the thread to write what is left and end."""


class _Check:
    """Asks the thread to see whether the file is damaged."""


class Writer:
    """Owns the writing connection. `written` is the number of the last change on disk; it only grows.

    `on_notice` is called in this thread, once for each time that the disk is lost.
    """

    def __init__(
        self,
        directory: Path,
        on_notice: Callable[[str], None],
        budget_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._on_notice = on_notice
        self._budget = budget_bytes
        self._clock = clock
        self._queue: queue.SimpleQueue[Change | _Stop | _Check] = queue.SimpleQueue()
        self._backlog: deque[Change] = deque()
        self._connection: sqlite3.Connection | None = None
        self._told = False
        self._failing_since: float | None = None
        self._failures = 0
        self._results_bytes: float | None = None
        self._stopping = False
        self._check_wanted = False
        self._opened: tuple[int, int] | None = None
        self.written = 0
        self.generation = 0
        """Grows each time that another file stands at the place: readers open it anew."""
        self.tried = threading.Event()
        """Set once the file is open or could not be opened."""
        self._thread = threading.Thread(target=self._run, name="ponder-store", daemon=True)
        self._thread.start()

    @property
    def on_disk(self) -> bool:
        """Whether the last attempt to write succeeded."""
        return self.generation > 0 and self._failing_since is None

    def send(self, change: Change) -> None:
        """Hand over a change; returns at once."""
        self._queue.put(change)

    def suspect(self) -> None:
        """A reader met damage: look, and rebuild the file where it is so."""
        self._queue.put(_Check())

    def stop(self, wait_seconds: float) -> bool:
        """Write what is left and end. False where that took too long; the rest is lost."""
        self._queue.put(_Stop())
        self._thread.join(wait_seconds)
        return not self._thread.is_alive() and not self._backlog

    def _run(self) -> None:
        try:
            self._attempt(self._open)
            self.tried.set()
            while not self._stopping:
                self._receive()
                if self._check_wanted:
                    self._check_wanted = False
                    self._attempt(self._examine)
                if self._backlog or self._connection is None:
                    self._attempt(self._write)
        except Exception:
            # The thread must not vanish silently: the store then lives in memory, and the log says why.
            log.exception("The store's writer ended.")
            self._failing_since = time.monotonic()
        finally:
            self.tried.set()
            if self._connection is not None:
                self._connection.close()

    def _receive(self) -> None:
        """Wait for changes, or for the time of the next attempt while there is something left over."""
        wait = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS)) - 1] if self._failures else None
        try:
            item = self._queue.get(timeout=wait)
            while True:
                if isinstance(item, _Stop):
                    self._stopping = True
                elif isinstance(item, _Check):
                    self._check_wanted = True
                else:
                    self._backlog.append(item)
                item = self._queue.get_nowait()
        except queue.Empty:
            return

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            try:
                work()
            except database.DamagedError as error:
                self._rebuild(error)
            except sqlite3.DatabaseError as error:
                if not database.is_damage(error):
                    raise
                self._rebuild(database.DamagedError("was damaged"))
        except (sqlite3.Error, OSError, UnsafePlaceError, NewerSchemaError) as error:
            self._failed(error)
        else:
            self._failing_since, self._failures, self._told = None, 0, False

    def _open(self) -> None:
        # Another server may have moved a damaged file aside, or a user may have removed it.
        if self._connection is not None and database.identity(self._directory) != self._opened:
            self._disconnect()
        if self._connection is not None:
            # A later version of Ponder may have taken the file over meanwhile.
            refuse_newer(self._connection)
        else:
            self._connection = database.open_for_writing(self._directory)
            self._opened = database.identity(self._directory)
            self._results_bytes = None
            self.generation += 1

    def _rebuild(self, error: database.DamagedError) -> None:
        seen = database.identity(self._directory)
        self._disconnect()
        database.move_aside(self._directory, seen, self._clock())
        try:
            self._open()
        except database.DamagedError as again:
            raise OSError(str(again)) from again
        self._on_notice(f"Ponder's saved state {error}; it was moved aside and started anew.")

    def _examine(self) -> None:
        self._open()
        if self._connection is not None:
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if found is None or found[0] != "ok":
                raise database.DamagedError("was damaged")

    def _write(self) -> None:
        """Put the backlog on disk, a batch to a transaction, always in the order of the changes."""
        self._open()
        while self._backlog and self._connection is not None:
            batch = [self._backlog[n] for n in range(min(_BATCH, len(self._backlog)))]
            self._transact(self._connection, batch)
            for _ in batch:
                self._backlog.popleft()
            self.written = batch[-1].number

    def _transact(self, connection: sqlite3.Connection, batch: list[Change]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # The row of a change may be given up by the other thread at any time: look at it once.
            rows = [row for change in batch if (row := _apply(connection, change)) is not None]
            self._evict(connection, rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _evict(self, connection: sqlite3.Connection, rows: list[Row]) -> None:
        added = sum(row.amount for row in rows if row.table == "results")
        if self._results_bytes is None or self._results_bytes + added > self._budget:
            self._results_bytes = database.shrink(connection, "results", self._budget)
        else:
            self._results_bytes += added
        for table in {row.table for row in rows} & {"usage", "runs"}:
            database.shrink(connection, table, _MOST_ROWS[table], by_rows=True)

    def _failed(self, error: Exception) -> None:
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        self._failures += 1
        self._disconnect()
        # Another server's write is no trouble; a lock that stays is.
        if self._told or (database.is_lock(error) and now - self._failing_since < _LOCK_PATIENCE_SECONDS):
            return
        self._told = True
        log.warning("State is kept in memory: %s", type(error).__name__)
        self._on_notice(_sentence(error))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _apply(connection: sqlite3.Connection, change: Change) -> Row | None:
    """Carry out a change; returns the row that was put."""
    row = change.row if isinstance(change, Put) else None
    if row is not None:
        database.put(connection, row)
    elif isinstance(change, Touch):
        database.touch(connection, change.key)
    elif isinstance(change, Remove):
        database.remove(connection, change.table, change.key)
    return row


def _sentence(error: Exception) -> str:
    if isinstance(error, NewerSchemaError):
        return (
            "Ponder's state was written by a newer version of Ponder and is left to it: this one keeps results, dismissals"
            " and usage in memory. Update it to use them."
        )
    reason = "could not be written"
    if isinstance(error, UnsafePlaceError):
        reason = f"is not safe to use ({error})"
    elif database.is_lock(error):
        reason = "is locked by another program"
    return f"Ponder's state {reason}; results and usage are kept in memory until that is mended."
