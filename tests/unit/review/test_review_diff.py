"""Which lines count as changed."""

import random

import pytest

from ponder.documents import Document
from ponder.review.diff import changed_parts

OLD = "one\ntwo\nthree\nfour\nfive\n"


def check(before: str | None, after: str, lines: list[int]) -> None:
    """`lines` (from 1) are those that count."""
    document = Document("file:///a", after)
    parts = changed_parts(before, document)
    found: list[int] = []
    for part in parts:
        found += range(document.line_at(part.start) + 1, document.line_at(part.end) + 2)
    assert found == lines
    assert list(parts) == sorted(parts)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (OLD, OLD, []),
        (OLD, OLD.replace("\n", "\r\n"), []),
        (OLD, "one\nTWO\nthree\nfour\nfive\n", [2]),
        (OLD, "one\ntwo\nnew\nand newer\nthree\nfour\nfive\n", [3, 4]),
        (OLD, "zero\n" + OLD, [1]),
        (OLD, OLD + "six\n", [6]),
        (OLD, "one\ntwo\nfour\nfive\n", [2, 3]),
        (OLD, "ONE\ntwo\nthree\nfour\nFIVE\n", [1, 5]),
        (OLD, "x\none\ntwo\nfour\nFIVE\n", [1, 3, 4, 5]),
        (OLD, "one\r\ntwo\r\nTHREE\r\nfour\r\nfive\r\n", [3]),
        (None, "a\nb\n", [1, 2, 3]),
        (None, "", []),
        ("", "a\n", [1]),
    ],
)
def test_changed_lines(before: str | None, after: str, lines: list[int]) -> None:
    """Changed and new lines count; where lines only went, those beside; line ends do not."""
    check(before, after, lines)


def test_every_line_that_differs_is_among_them() -> None:
    """A line of the new text that the old one does not have always counts, wherever edits fall."""
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    for _ in range(300):
        old = [chance.choice("abcdef") for _ in range(chance.randint(0, 12))]
        new = list(old)
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(new))
            new[at : at + chance.randint(0, 2)] = [
                f"new{chance.random()}" for _ in range(chance.randint(0, 2))
            ]
        document = Document("file:///a", "".join(line + "\n" for line in new))
        parts = changed_parts("".join(line + "\n" for line in old), document)
        counted = {
            n for part in parts for n in range(document.line_at(part.start), document.line_at(part.end) + 1)
        }
        fresh = {n for n, line in enumerate(new) if line.startswith("new")}
        assert fresh <= counted, f"seed {seed}"
        assert bool(parts) == (old != new), f"seed {seed}"
