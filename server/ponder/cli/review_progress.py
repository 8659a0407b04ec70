"""How far a review is, on stderr: one line that changes on a terminal, a few lines elsewhere. Counts nothing itself."""

import shutil
from typing import TextIO

from ponder.ledger.budget import usd
from ponder.ledger.report import compact
from ponder.usage import Usage

_STEPS = 10
"""Lines for a whole review where there is no terminal."""


class Lines:
    """Implements `Watcher` on a stream. Each notice is shown once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._open = False
        self._told: set[str] = set()
        self._step = 0

    def told(self, notice: str) -> None:
        """Show a sentence on a line of its own."""
        if notice not in self._told:
            self._told.add(notice)
            self.close()
            print(f"note: {notice}", file=self._stream, flush=True)

    def moved(self, done: int, total: int, usage: Usage) -> None:
        """Show how far it is."""
        line = f"{done}/{total} files"
        if usage.requests:
            tokens = f"{compact(usage.input_tokens)} tokens in, {compact(usage.output_tokens)} out"
            line += f" · {tokens} · {usd(usage.cost_usd)}"
        if self._live:
            # A line that wraps cannot be taken back.
            line = line[: shutil.get_terminal_size().columns - 1]
            print(f"\r\x1b[K{line}", end="", file=self._stream, flush=True)
            self._open = True
            return
        step = done * _STEPS // max(total, 1)
        if step != self._step:
            self._step = step
            print(line, file=self._stream, flush=True)

    def close(self) -> None:
        """Take the changing line away."""
        if self._open:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
            self._open = False
