"""Runs tree-sitter within limits and turns its byte offsets into code points. Knows no language's node types."""

import bisect
import re
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Tree

MOST_BYTES = 4 * 1024 * 1024
"""Longer texts are not parsed: generated code and data."""
MOST_SECONDS = 0.5
"""After this a parse is given up; 10,000 lines of ordinary code take a tenth of it."""
_CHUNK = 65_536


class Parsed:
    """A syntax tree over one text."""

    def __init__(self, text: str, data: bytes, tree: "Tree", grammar: "Grammar") -> None:
        self.text = text
        self.data = data
        self.tree = tree
        self.grammar = grammar
        self._ascii = len(text) == len(data)
        self._lines: list[tuple[int, int]] | None = None

    @property
    def root(self) -> "Node":
        """The tree's root."""
        return self.tree.root_node

    def offset(self, byte: int) -> int:
        """Code points before this byte. Bytes inside a character count as its start."""
        if self._ascii:
            return byte
        if self._lines is None:
            self._lines = _line_table(self.data)
        at, points = self._lines[bisect.bisect_right(self._lines, (byte, len(self.data) + 1)) - 1]
        return points + len(self.data[at:byte].decode("utf-8", "ignore"))

    def byte(self, offset: int) -> int:
        """The byte at which this code point starts."""
        return offset if self._ascii else len(self.text[:offset].encode("utf-8", "replace"))

    def slice(self, node: "Node") -> str:
        """The text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def parse(text: str, grammar: str | None, *, clock: Callable[[], float] = time.monotonic) -> Parsed | None:
    """The tree of a text; None where there is no grammar, the text is too long, or time ran out.

    Errors in the text are no obstacle: the tree then has error nodes.
    """
    loaded = _grammar(grammar) if grammar else None
    # A lone surrogate has no UTF-8; one "?" keeps the number of code points.
    data = text.encode("utf-8", "replace")
    if loaded is None or len(data) > MOST_BYTES:
        return None
    from tree_sitter import Parser

    end = clock() + MOST_SECONDS
    parser = Parser(loaded)
    whole, given = memoryview(data), list[memoryview]()

    def read(byte: int, _point: object) -> bytes | memoryview:
        if byte >= len(data) - 1:
            # Of no byte, and of each one alone, there is only one object.
            return data[byte:]
        given.append(whole[byte : byte + _CHUNK])
        return given[-1]

    try:
        # The binding calls back with False to go on and stops at True.
        tree = parser.parse(read, progress_callback=lambda _byte, _error: clock() > end)
    except (ValueError, RuntimeError):
        return None
    finally:
        # It keeps what it was given for good (tree-sitter 0.26): a view that is released holds no text.
        for view in given:
            view.release()
    # Typed as certain, but there is none where time ran out.
    return Parsed(text, data, tree, loaded) if cast("Tree | None", tree) is not None else None


@cache
def _grammar(name: str) -> "Grammar | None":
    from tree_sitter_language_pack import SupportedLanguage, get_language

    try:
        return get_language(cast("SupportedLanguage", name))
    except (LookupError, ImportError, ValueError, OSError):
        return None


def _line_table(data: bytes) -> list[tuple[int, int]]:
    """For each line its first byte and the code points before it."""
    table = [(0, 0)]
    points = 0
    start = 0
    for end in re.finditer(rb"\n", data):
        points += len(data[start : end.end()].decode("utf-8", "replace"))
        start = end.end()
        table.append((start, points))
    return table
