"""What the demo shows, as a protocol, and its plainest form: lines on a stream. Decides no order and asks no server."""

from typing import Protocol, TextIO

from msgspec import Struct

from ponder.demo.tally import Tally


class Shown(Struct, frozen=True):
    """A finding as it is shown: where, how bad, what, and the source around it (numbered lines, marked)."""

    place: str
    severity: str
    code: str
    message: str
    excerpt: tuple[tuple[int, str, bool], ...]


class Screen(Protocol):
    """Where the demo appears. Text arrives in pieces exactly as the server sent it."""

    def heading(self, title: str, detail: str) -> None:
        """A new part begins."""

    def thinking(self, text: str) -> None:
        """More thinking."""

    def thought(self, milliseconds: int) -> None:
        """A block of thinking is complete."""

    def answer(self, text: str) -> None:
        """More of the answer (Markdown)."""

    def finding(self, shown: Shown) -> None:
        """One finding."""

    def diff(self, text: str) -> None:
        """The edit as a unified diff."""

    def note(self, text: str) -> None:
        """A sentence in passing."""

    def totals(self, rows: list[Tally]) -> None:
        """What it took: a row a run."""

    def close(self) -> None:
        """Nothing more comes."""


class PlainScreen:
    """Plain lines, for pipes, logs and screen readers."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._open = False

    def heading(self, title: str, detail: str) -> None:
        """See `Screen`."""
        self._line(f"\n== {title}")
        self._line(f"   {detail}")

    def thinking(self, text: str) -> None:
        """See `Screen`."""
        self._piece("[thinking] ", text)

    def thought(self, milliseconds: int) -> None:
        """See `Screen`."""
        self._line(f"[thought for {milliseconds / 1000:.1f} s]")

    def answer(self, text: str) -> None:
        """See `Screen`."""
        self._piece("", text)

    def finding(self, shown: Shown) -> None:
        """See `Screen`."""
        self._line(f"\n{shown.place}: {shown.severity}: {shown.message} [{shown.code}]")
        for number, source, marked in shown.excerpt:
            self._line(f"  {'>' if marked else ' '} {number:>5} | {source}")

    def diff(self, text: str) -> None:
        """See `Screen`."""
        self._line("")
        for line in text.splitlines():
            self._line(line)

    def note(self, text: str) -> None:
        """See `Screen`."""
        self._line(f"note: {text}")

    def totals(self, rows: list[Tally]) -> None:
        """See `Screen`."""
        self._line("")
        for row in [Tally.heads(), *[row.cells() for row in rows]]:
            self._line("  ".join(f"{cell:>{width}}" for cell, width in zip(row, Tally.WIDTHS, strict=True)))

    def close(self) -> None:
        """See `Screen`."""
        self._end()
        self._out.flush()

    def _piece(self, mark: str, text: str) -> None:
        if not self._open and mark:
            self._out.write(mark)
        self._open = True
        self._out.write(text)
        self._out.flush()

    def _line(self, text: str) -> None:
        self._end()
        self._out.write(f"{text}\n")

    def _end(self) -> None:
        if self._open:
            self._out.write("\n")
            self._open = False
