"""Which changes of an edit are decided together: neighbours, one function, a name and its uses; and what is left."""

import random

import pytest

from ponder.documents import Document, Span
from ponder.edits.anchor import AlreadyApplied
from ponder.edits.apply import apply_changes
from ponder.edits.hunks import PendingEdit
from ponder.edits.units import joined, units
from ponder.findings import Edit, FileChange, TextChange

URI = "file:///w/a.py"
PYTHON = '''"""Orders."""

import os


LIMIT = 10
OTHER = 20


class Orders:
    """All orders."""

    def add(self, order, orders=[]):
        """Add one."""
        name = order.name
        size = order.size
        price = order.price
        day = order.day
        orders.append((name, size, price, day))
        return orders

    def mean(self):
        return self.total / self.count


def first(rows):
    return rows[0]


def last(rows):
    return rows[-1]
'''
PLAIN = "".join(f"line {number}\n" for number in range(1, 21))


def edit_of(text: str, *pairs: tuple[str, str], path: str = "a.py") -> tuple[Edit, Document]:
    """An edit of `old_text`, `new_text` pairs, as it comes out of an answer."""
    document = Document(URI, text, path=path, version=1)
    changes = []
    for old, new in pairs:
        assert text.count(old) == 1, old
        changes.append(TextChange(Span(text.index(old), text.index(old) + len(old)), old, new))
    changes.sort(key=lambda change: change.span)
    return Edit(files=(FileChange(uri=URI, path=path, version=1, changes=tuple(changes)),)), document


@pytest.mark.parametrize(
    ("pairs", "changes"),
    [
        # A head and the body below it: one definition, one change.
        (
            (
                ("orders=[]", "orders=None"),
                ("name = order.name", "orders = orders or []\n        name = order.name"),
            ),
            1,
        ),
        # Two lines of one function with three lines between them, and with more.
        ((("name = order.name", "name = order.n"), ("return orders", "return name")), 2),
        ((("name = order.name", "name = order.n"), ("day = order.day", "day = order.d")), 1),
        # Neighbours, but of different definitions.
        (
            (("return rows[0]", "return rows[0] if rows else None"), ("def last(rows)", "def last(rows=())")),
            2,
        ),
        ((("LIMIT = 10", "LIMIT = 11"), ("OTHER = 20", "OTHER = 21")), 2),
        # On one line.
        ((("self.total", "self.sum()"), ("self.count", "max(1, self.count)")), 1),
    ],
)
def test_neighbours_of_one_definition_are_one_change(
    pairs: tuple[tuple[str, str], ...], changes: int
) -> None:
    """What is at most three lines apart in one definition is one change, and says the same as before."""
    edit, document = edit_of(PYTHON, *pairs)
    one = joined(edit, (document,))
    assert len(one.files[0].changes) == changes
    assert apply_changes(PYTHON, one.files[0].changes) == apply_changes(PYTHON, edit.files[0].changes)


@pytest.mark.parametrize(("other", "changes"), [(5, 1), (6, 1), (8, 1), (9, 2), (15, 2)])
def test_without_a_grammar_three_lines_decide(other: int, changes: int) -> None:
    """Where no definition is known, changes with more than three unchanged lines between them stay apart."""
    edit, document = edit_of(
        PLAIN, ("line 4\n", "four\n"), (f"line {other}\n", "other\n"), path="notes.unknown"
    )
    assert len(joined(edit, (document,)).files[0].changes) == changes


TOGETHER = {
    "two places of one function": ((("name = order.name", "name = order.n"), ("return orders", "return name")), ((1, 2),)),
    "an import and its use": (
        (("import os\n", "import math\nimport os\n"), ("return rows[0]", "return math.fsum(rows)")),
        ((1, 2),),
    ),
    "an import that goes with its use": ((("import os\n", ""), ("return rows[-1]", "return os.sep")), ((1, 2),)),
    "a head and a call of it": (
        (("def first(rows)", "def first(rows, start)"), ("return rows[-1]", "return first(rows, -1)")),
        ((1, 2),),
    ),
    "a constant and its use": ((("LIMIT = 10", "MOST = 10"), ("return rows[0]", "return rows[:MOST]")), ((1, 2),)),
    "an attribute and its use": (
        (("name = order.name", "self.seen = order"), ("self.total /", "self.seen /")),
        ((1, 2),),
    ),
    "three, of which two need each other": (
        (
            ("import os\n", "import math\nimport os\n"),
            ("return self.total", "return float(self.total)"),
            ("return rows[0]", "return math.fsum(rows)"),
        ),
        ((1, 3), (2,)),
    ),
    "words that both bring": (
        (("return rows[0]", "return rows[0] if rows else None"), ("return rows[-1]", "return rows[-1] if rows else None")),
        ((1,), (2,)),
    ),
    "prose that speaks of a class of things": (
        (('"""Orders."""', '"""A class of orders."""'), ("return rows[-1]", "return rows[-1]  # of these")),
        ((1,), (2,)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOGETHER)
def test_what_needs_each_other_is_one_unit(what: str) -> None:
    """Taking one change of these never leaves code that the other was to make whole; the rest stays single."""
    pairs, expected = TOGETHER[what]
    edit, document = edit_of(PYTHON, *pairs)
    edit = joined(edit, (document,))
    assert units(edit, (document,)) == expected


def test_a_new_file_and_what_imports_from_it() -> None:
    """The definition stands in a file that is created, the import in another: one unit over both."""
    edit, document = edit_of(
        PYTHON, ("import os\n", "import os\n\nfrom sums import mean\n"), ("rows[-1]", "rows[1]")
    )
    made = FileChange(
        uri="file:///w/sums.py", path="sums.py", version=None, created=True,
        changes=(TextChange(Span(0, 0), "", "def mean(rows):\n    return sum(rows)\n"),),
    )  # fmt: skip
    edit = Edit(files=(*edit.files, made))
    found = units(edit, (document,))
    assert found == ((1, 3), (2,))
    pending = PendingEdit(edit, {URI: PYTHON}, found)
    assert [unit.label(URI) for unit in pending.units] == ["change 1 of 2: sums.py:1", "change 2 of 2"]


@pytest.mark.parametrize(
    ("path", "text", "pairs"),
    [
        ("a.ts", 'import { a } from "./a";\n\nexport function f(): number {\n  return a();\n}\n',
         (("import { a } from", "import { a, clamp } from"), ("return a()", "return clamp(a())"))),
        ("a.go", 'package main\n\nimport (\n\t"fmt"\n)\n\nfunc main() {\n\tfmt.Println(1)\n}\n',
         (('\t"fmt"\n', '\t"fmt"\n\t"os"\n'), ("fmt.Println(1)", "os.Exit(1)"))),
        ("a.rs", "use std::fs;\n\nfn main() {\n    let x = 1;\n}\n",
         (("use std::fs;", "use std::fs;\nuse std::env;"), ("let x = 1;", "let x = env::args();"))),
        ("a.c", "#include <stdio.h>\n\nint main(void) {\n  return 0;\n}\n",
         (("int main(void)", "int main(int argc)"), ("return 0;", "return argc;"))),
    ],
)  # fmt: skip
def test_imports_of_other_languages(path: str, text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    """The same holds where names come in by other words."""
    edit, document = edit_of(text, *pairs, path=path)
    edit = joined(edit, (document,))
    assert len(units(edit, (document,))) == 1


def test_units_in_any_order_give_the_whole_edit() -> None:
    """Random edits: every order of taking units ends in the text of the whole edit; leaving one leaves its places alone."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    lines = PYTHON.splitlines(keepends=True)
    for _ in range(150):
        places = sorted(
            chance.sample([n for n, line in enumerate(lines) if line.strip()], chance.randint(1, 6))
        )
        starts = [sum(map(len, lines[:place])) for place in places]
        changes = tuple(
            TextChange(
                Span(start, start + len(lines[place])), lines[place], f"{lines[place]}# {chance.random()}\n"
            )
            for place, start in zip(places, starts, strict=True)
        )
        document = Document(URI, PYTHON, path="a.py", version=1)
        whole = Edit(files=(FileChange(uri=URI, path="a.py", version=1, changes=changes),))
        edit = joined(whole, (document,))
        groups = units(edit, (document,))
        assert sorted(number for group in groups for number in group) == list(
            range(1, len(edit.files[0].changes) + 1)
        )
        pending = PendingEdit(edit, {URI: PYTHON}, groups)
        text = PYTHON
        for group in chance.sample(groups, len(groups)):
            taken = pending.chosen(group, lambda _, text=text: Document(URI, text, path="a.py"))  # type: ignore[misc]
            assert isinstance(taken, Edit), seed
            text = apply_changes(text, taken.files[0].changes)
            pending = pending.after(*group)
        assert text == apply_changes(PYTHON, changes), seed
        assert pending.units == ()


def test_what_is_discarded_is_no_longer_open() -> None:
    """Left hunks are offered no more and are not part of the rest; what is in the text cannot be left."""
    pairs = (
        ("LIMIT = 10", "LIMIT = 11"),
        ("return rows[0]", "return rows[1]"),
        ("return rows[-1]", "return rows[-2]"),
    )
    edit, document = edit_of(PYTHON, *pairs)
    pending = PendingEdit(edit, {URI: PYTHON}, units(edit, (document,)))
    assert [unit.number for unit in pending.units] == [1, 2, 3]
    left = pending.without(2)
    assert [(unit.number, unit.total) for unit in left.units] == [(1, 3), (3, 3)]
    rest = left.rest(lambda _: document)
    assert isinstance(rest, Edit)
    text = apply_changes(PYTHON, rest.files[0].changes)
    assert "rows[0]" in text
    assert "rows[-2]" in text
    assert left.after(1).without(1).discarded == {2}
    assert left.after(2).discarded == frozenset()
    assert isinstance(pending.without(1, 2, 3).rest(lambda _: document), AlreadyApplied)
