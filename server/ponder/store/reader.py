"""Reads the file from the event loop: never waits, never raises, follows the writer to another file. Writes nothing."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ponder.store import database
from ponder.store.writer import Writer

T = TypeVar("T")


class Reader:
    """A connection of its own, opened on first use and again whenever the writer has another file."""

    def __init__(self, directory: Path | None, writer: Writer | None) -> None:
        self._directory = directory
        self._writer = writer
        self._connection: sqlite3.Connection | None = None
        self._generation = 0

    def ask(self, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """The answer; nothing where the file cannot be read now. Damage is reported to the writer."""
        writer = self._writer
        if writer is None or self._directory is None or not writer.generation:
            return []
        try:
            if self._connection is None or self._generation != writer.generation:
                self.close()
                self._generation = writer.generation
                self._connection = database.open_for_reading(self._directory)
            return question(self._connection)
        except sqlite3.Error as error:
            if database.is_damage(error):
                writer.suspect()
            return []

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
