"""Line differences of two texts as hunks, by trimming and unique anchors. Writes nothing and times nothing.

Patience differencing: common ends are cut off, lines that are unique on both sides and in the same order become
anchors, and the stretches between them are treated in the same way. Linear in practice, and the same for the
same input on every machine.
"""

import bisect
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct


class Hunk(Struct, frozen=True):
    """Lines `old_start:old_end` of the old text become lines `new_start:new_end` of the new one (from 0)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


_Window = tuple[int, int, int, int]
"""Lines a:b of the old text against c:d of the new one."""


def hunks(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks that turn `old` into `new`, in order, none empty, none touching the next."""
    found: list[Hunk] = []
    stack: list[_Window] = [(0, len(old), 0, len(new))]
    while stack:
        window = _trimmed(old, new, stack.pop())
        a, b, c, d = window
        if a == b and c == d:
            continue
        anchors = _anchors(old, new, window) if a < b and c < d else []
        if not anchors:
            found.append(Hunk(a, b, c, d))
            continue
        between: list[_Window] = []
        for i, j in anchors:
            between.append((a, i, c, j))
            a, c = i + 1, j + 1
        between.append((a, b, c, d))
        stack.extend(reversed(between))
    return tuple(found)


def _trimmed(old: Sequence[str], new: Sequence[str], window: _Window) -> _Window:
    a, b, c, d = window
    while a < b and c < d and old[a] == new[c]:
        a += 1
        c += 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b -= 1
        d -= 1
    return a, b, c, d


def _anchors(old: Sequence[str], new: Sequence[str], window: _Window) -> list[tuple[int, int]]:
    """Pairs of equal lines, each unique on its side of the window, in an order that rises on both sides."""
    a, b, c, d = window
    places: dict[str, int] = {}
    for i in range(a, b):
        places[old[i]] = -1 if old[i] in places else i
    counts = Counter(new[c:d])
    pairs = [(places[new[j]], j) for j in range(c, d) if counts[new[j]] == 1 and places.get(new[j], -1) >= 0]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose first members rise (the second ones rise already)."""
    tops: list[int] = []
    rows: list[int] = []
    before: list[int] = []
    for row, (i, _) in enumerate(pairs):
        pile = bisect.bisect_left(tops, i)
        before.append(rows[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(i)
            rows.append(row)
        else:
            tops[pile] = i
            rows[pile] = row
    chosen = []
    row = rows[-1] if rows else -1
    while row >= 0:
        chosen.append(pairs[row])
        row = before[row]
    return chosen[::-1]
