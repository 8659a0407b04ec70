"""Changes on their way to the disk, so that what was put can be read at once. Lives on the event loop, writes nothing."""

from collections.abc import Iterator

from msgspec import Struct

from ponder.store.rows import Row, Table


class Put(Struct):
    """A row to insert or replace. `row` None: given up before it was written, to save memory."""

    number: int
    row: Row | None


class Touch(Struct, frozen=True):
    """A result was used."""

    number: int
    key: str


class Remove(Struct, frozen=True):
    """A row to remove."""

    number: int
    table: Table
    key: str


Change = Put | Touch | Remove


class Pending:
    """The newest change of each row that is not on disk yet, oldest first.

    While the disk cannot be used this is the store. Results above `most_bytes` are then given up, the oldest
    first; everything else is small and stays.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._changes: dict[tuple[Table, str], Put | Remove] = {}
        self._result_bytes = 0.0

    def add(self, change: Put | Remove) -> None:
        """Take a change; it stands over an earlier one of the same row."""
        table, key = _place(change)
        self._drop(table, key)
        self._changes[table, key] = change
        self._result_bytes += _size(change)
        if self._result_bytes > self._most_bytes:
            self._give_up()

    def get(self, table: Table, key: str) -> Put | Remove | None:
        """The change of this row, where one is on its way."""
        return self._changes.get((table, key))

    def of(self, table: Table) -> Iterator[tuple[str, Put | Remove]]:
        """The changes of a table by key, oldest first."""
        return ((key, change) for (name, key), change in self._changes.items() if name == table)

    def written(self, number: int) -> None:
        """Forget changes up to this number: they are on disk."""
        done = []
        for place, change in self._changes.items():
            if change.number > number:
                break  # Numbers rise: a row that changed again was taken out and stands at the end.
            done.append(place)
        for table, key in done:
            self._drop(table, key)

    def _drop(self, table: Table, key: str) -> None:
        change = self._changes.pop((table, key), None)
        if change is not None:
            self._result_bytes -= _size(change)

    def _give_up(self) -> None:
        for key, change in list(self.of("results")):
            if self._result_bytes <= self._most_bytes:
                return
            self._drop("results", key)
            if isinstance(change, Put):
                change.row = None


def _place(change: Put | Remove) -> tuple[Table, str]:
    if isinstance(change, Remove):
        return change.table, change.key
    assert change.row is not None  # noqa: S101 -- only `_give_up` takes the row out, later
    return change.row.table, change.row.key


def _size(change: Put | Remove) -> float:
    if isinstance(change, Put) and change.row is not None and change.row.table == "results":
        return change.row.amount
    return 0.0
