"""The mirror against an independent reference: random edits, every encoding, every kind of line end and character.

The reference works on one whole string, one character at a time, and shares no code with the mirror.
"""

import random
from itertools import pairwise

import pytest

from e2e.fake_buffers import line_table, to_position, width
from ponder.lsp import wire
from ponder.lsp.columns import ENCODINGS, Encoding
from ponder.lsp.lines import BLOCK
from ponder.lsp.mirror import Mirror

ALPHABET = [
    *"abc (){}",
    "\n", "\n", "\r\n", "\r\n", "\r",
    "\t", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029",
    "é", "e\u0301", "中", "\ufeff", "\x00", "😀", "👩\u200d👩\u200d👧", "𝔸",
]  # fmt: skip


def scribble(chance: random.Random, most: int) -> str:
    return "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(most)))


class Reference:
    """One string, changed by slow and plain arithmetic."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.encoding = encoding

    def offset(self, line: int, units: int) -> int:
        start, end = line_table(self.text)[line]
        for offset in range(start, end):
            units -= width(self.text[offset], self.encoding)
            if units < 0:
                return offset
        return end

    def random_change(self, chance: random.Random) -> wire.ContentChange:
        """A change as a client may send it: columns beyond the end and inside characters included."""
        if chance.random() < 0.02:
            self.text = scribble(chance, 80)
            return wire.ContentChange(text=self.text)
        count = len(line_table(self.text))
        places = []
        for _ in range(2):
            line = chance.randrange(count)
            start, end = line_table(self.text)[line]
            length = sum(width(character, self.encoding) for character in self.text[start:end])
            beyond = chance.choice([0, 0, 0, 0, 1, 7, 2**31 - 1 - length])
            places.append((line, chance.randrange(length + 1) + beyond))
        first, last = sorted(places)
        if last[0] - first[0] > 3:
            last = (first[0], first[1] + 5)
        new = scribble(chance, 12)
        begin, finish = self.offset(*first), self.offset(*last)
        self.text = self.text[:begin] + new + self.text[finish:]
        where = wire.Range(wire.Position(*first), wire.Position(*last))
        return wire.ContentChange(text=new, range=where)


def check_edits(seed: int, encoding: Encoding, edits: int, start: str) -> None:
    """Make edits in notifications of one to three changes; every 25th time compare all there is to compare."""
    chance = random.Random(seed)
    mirror = Mirror(lambda uri: uri)
    mirror.encoding = encoding
    reference = Reference(start, encoding)
    mirror.open(wire.TextDocumentItem("u", start, version=0))
    shadow, version, made = start, 0, 0
    while made < edits:
        version += 1
        changes = [reference.random_change(chance) for _ in range(chance.randrange(1, 4))]
        made += len(changes)
        update = mirror.change(wire.DidChange(wire.VersionedTextDocument("u", version), changes))
        assert update is not None, (seed, version)
        if update.changes is None:
            shadow = update.document.text
        else:
            for change in update.changes:
                shadow = shadow[: change.span.start] + change.new_text + shadow[change.span.end :]
        if version % 25 == 0 or made >= edits:
            assert update.document.text == reference.text, (seed, version)
            assert shadow == reference.text, (seed, version)
            starts = [start for start, _ in line_table(reference.text)]
            assert update.document.line_starts == starts, (seed, version)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("part", range(3))
def test_d05_random_edits(encoding: Encoding, part: int) -> None:
    """D-05: 100,000 random edits over the three encodings leave no difference."""
    seed = random.randrange(2**32)
    print(f"seed {seed} part {part}")
    chance = random.Random(seed)
    for _ in range(20):
        check_edits(chance.randrange(2**32), encoding, 560, scribble(chance, 200))


def test_d05_random_edits_across_blocks() -> None:
    """D-05: the same in texts of several blocks of lines, where blocks split and go."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    start = "".join(f"line {number}\n" for number in range(3 * BLOCK))
    mirror = Mirror(lambda uri: uri)
    mirror.open(wire.TextDocumentItem("u", start, version=0))
    text = start
    for version in range(1, 400):
        begin = chance.randrange(len(text) + 1)
        finish = min(len(text), begin + chance.choice([0, 1, 10, 3000, 9000]))
        new = "new\n" * chance.choice([0, 1, 2, 700])
        where = wire.Range(
            *(wire.Position(**to_position(text, place, "utf-16")) for place in (begin, finish))
        )
        text = text[:begin] + new + text[finish:]
        change = wire.DidChange(
            wire.VersionedTextDocument("u", version), [wire.ContentChange(text=new, range=where)]
        )
        update = mirror.change(change)
        assert update is not None
        assert update.document.text == text, (seed, version)


def test_snapshots_stay_what_they_were() -> None:
    """A document taken before an edit keeps its text, although both share their lines."""
    mirror = Mirror(lambda uri: uri)
    opened = mirror.open(wire.TextDocumentItem("u", "a\n" * 1000, version=0))
    assert opened is not None
    seen = [opened.document]
    for version in range(1, 200):
        place = wire.Position(version, 0)
        change = wire.ContentChange(text=f"{version}", range=wire.Range(place, place))
        update = mirror.change(wire.DidChange(wire.VersionedTextDocument("u", version), [change]))
        assert update is not None
        seen.append(update.document)
    texts = [document.text for document in seen]
    for (before, after), version in zip(pairwise(texts), range(1, 200), strict=True):
        assert (
            after
            == before[: 2 * version + sum(map(len, map(str, range(1, version))))]
            + str(version)
            + before[2 * version + sum(map(len, map(str, range(1, version)))) :]
        )
    assert mirror.document("u") is mirror.document("u")
