"""A text kept as blocks of lines, so that one edit of a huge document costs microseconds. Knows no columns and no LSP.

Blocks are replaced, never changed: a `Snapshot` shares them and stays what it was.
"""

import bisect
import itertools
import re
from collections.abc import Sequence

BLOCK = 256
"""Lines in a block. An edit copies one block and adds up one number for each block before it."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def split_lines(text: str) -> list[str]:
    """Lines with their ends; the last has none and may be empty. Only LF, CRLF and CR end a line (LSP 3.17)."""
    if "\r" not in text:
        *ended, last = text.split("\n")
        return [*[f"{line}\n" for line in ended], last]
    lines = _LINE.findall(text)
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def join_surrogates(text: str) -> str:
    """The text with halves of a pair that stand side by side made into the one character they are."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class Lines:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        lines = split_lines(join_surrogates(text))
        self._blocks = [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]
        self._sizes = [sum(map(len, block)) for block in self._blocks]
        self._firsts: list[int] | None = None

    def __len__(self) -> int:
        return self._first_lines()[-1]

    @property
    def size(self) -> int:
        """Code points in all."""
        return sum(self._sizes)

    def __getitem__(self, line: int) -> str:
        block, index = self._place(line)
        return self._blocks[block][index]

    def start_of(self, line: int) -> int:
        """Code points before a line."""
        block, index = self._place(line)
        return sum(self._sizes[:block]) + sum(map(len, self._blocks[block][:index]))

    def replace(self, first: int, last: int, lines: Sequence[str]) -> None:
        """Put `lines` in the place of lines `first` to `last`, both included."""
        block, start = self._place(first)
        end_block, end = (block, start) if last == first else self._place(last)
        if block == end_block and len(lines) == last - first + 1:
            changed = self._blocks[block].copy()
            self._sizes[block] += sum(map(len, lines)) - sum(map(len, changed[start : end + 1]))
            changed[start : end + 1] = lines
            self._blocks[block] = changed
            return
        merged = [*self._blocks[block][:start], *lines, *self._blocks[end_block][end + 1 :]]
        if not merged:
            parts = []
        elif len(merged) <= 2 * BLOCK:
            parts = [merged]
        else:
            parts = [merged[at : at + BLOCK] for at in range(0, len(merged), BLOCK)]
        self._blocks[block : end_block + 1] = parts
        self._sizes[block : end_block + 1] = [sum(map(len, part)) for part in parts]
        self._firsts = None

    def snapshot(self) -> "Snapshot":
        """This text for good, at the price of one pointer for each block."""
        return Snapshot(self._blocks.copy())

    def _first_lines(self) -> list[int]:
        """The number of lines before each block, then the number of all lines."""
        if self._firsts is None:
            self._firsts = [0, *itertools.accumulate(map(len, self._blocks))]
        return self._firsts

    def _place(self, line: int) -> tuple[int, int]:
        firsts = self._first_lines()
        block = min(bisect.bisect_right(firsts, line), len(self._blocks)) - 1
        return block, line - firsts[block]


class Snapshot:
    """A text that no longer changes; joined when it is asked for."""

    def __init__(self, blocks: list[list[str]]) -> None:
        self._blocks = blocks

    def text(self) -> str:
        """The whole text."""
        return "".join(itertools.chain.from_iterable(self._blocks))

    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line."""
        lengths = map(len, itertools.chain.from_iterable(self._blocks))
        starts = list(itertools.accumulate(lengths, initial=0))
        starts.pop()  # the end of the last line begins no other
        return starts
