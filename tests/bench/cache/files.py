"""Reads and writes JSON lines, compressed where the name ends in `.xz`."""

import io
import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO


def opened(path: Path, mode: str) -> TextIO:
    """A text stream in UTF-8 without newline translation; a lone surrogate survives."""
    raw: Any
    if path.suffix == ".xz":
        # Each line of a log repeats the one before it: the window must hold several, the search need not try hard.
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 23, "nice_len": 273}]
        raw = lzma.open(path, mode + "b", filters=filters if mode == "w" else None)  # noqa: SIM115
    else:
        raw = path.open(mode + "b")
    return io.TextIOWrapper(raw, encoding="utf-8", errors="surrogatepass", newline="")


def events(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    with opened(path, "r") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines as they come."""
    with opened(path, "w") as out:
        for line in lines:
            out.write(line + "\n")
