"""Ids of findings: they stay with a remark while other code changes, and never pass to another place."""

import random
from collections.abc import Callable

import pytest

from ponder.answers.identity import Standing, finding_id
from ponder.answers.placing import Placed, Placer
from ponder.answers.sources import Sources
from ponder.documents import Document

CATCH = "def {name}(x):\n    try:\n        return {work}(x)\n    except:\n        return None\n"
NAMES = [f"name{n}" for n in range(40)]


def ids(text: str, words: str = "except:", path: str = "src/a.py") -> dict[int, str]:
    """The id of a finding on each line that says this, by line from 1."""
    document = Document(f"file:///w/{path}", text, path=path)
    placer = Placer(Sources([document]), action="review")
    found = {}
    for line, said in enumerate(text.split("\n"), 1):
        if said.strip() == words:
            placed = placer.finding(
                {"path": path, "quote": said, "start_line": line, "rule": "bare", "message": f"on {line}"}
            )
            assert isinstance(placed, Placed)
            found[line] = placed.finding.id
    return found


def only(text: str, **more: str) -> str:
    (one,) = ids(text, **more).values()
    return one


def test_an_id_names_its_parts() -> None:
    """Path, code, words, each part of the standing, and the number of the remark all count."""
    standing = Standing("f", "around", "1 of 2")
    made = {
        finding_id("a", "b", "c", standing),
        finding_id("z", "b", "c", standing),
        finding_id("a", "z", "c", standing),
        finding_id("a", "b", "z", standing),
        finding_id("a", "b", "c", Standing("z", "around", "1 of 2")),
        finding_id("a", "b", "c", Standing("f", "z", "1 of 2")),
        finding_id("a", "b", "c", Standing("f", "around", "2 of 2")),
        finding_id("a", "b", "c", standing, 1),
    }
    assert len(made) == 8
    assert all(len(one) == 16 for one in made)


def test_what_is_dismissed_in_one_function_is_not_dismissed_in_another() -> None:
    """Deleting the function above, and writing one above: nobody inherits an id, and the rest keep theirs."""
    one, two, three = (CATCH.format(name=name, work="read") for name in ("one", "two", "three"))
    both = list(ids(f"{one}\n\n{two}").values())
    assert len(set(both)) == 2
    assert only(one) == both[0]
    assert only(two) == both[1]
    added = list(ids(f"{three}\n\n{one}\n\n{two}").values())
    assert added[1:] == both
    assert added[0] not in both


def test_equal_lines_in_one_function_are_told_apart() -> None:
    """By their neighbours; where these are alike too, an id never passes to a line that is left."""
    first = "    try:\n        a()\n    except:\n        pass\n"
    second = first.replace("a()", "b()")
    head = "def f():\n"
    before = list(ids(head + first + second).values())
    assert len(set(before)) == 2
    assert list(ids(head + "    x = 1\n    y = 2\n    z = 3\n" + first + second).values())[1] == before[1]
    assert only(head + second) not in before
    three = list(ids(head + first * 4).values())
    assert len(set(three)) == 4
    assert set(ids(head + first * 3).values()).isdisjoint(three)


def test_a_line_that_is_alone_in_its_function_keeps_its_id_whatever_is_around() -> None:
    """Dismissed once is dismissed: neighbours may change, indentation and blanks too."""
    text = CATCH.format(name="f", work="read")
    changed = "import os\n\n\n" + text.replace("read(x)", "os.read(x, 1)").replace(
        "except:", "except :"[:6] + ":"
    )
    deeper = "class C:\n" + "".join(f"    {line}\n" for line in text.splitlines())
    assert only(text) == only(changed)
    assert only(text) != only(deeper)


@pytest.mark.parametrize(
    ("path", "function", "words"),
    [
        ("a.ts", "function {name}(x) {{\n  if (x == null) {{\n    return 1;\n  }}\n}}\n", "if (x == null) {"),
        ("a.go", "func {name}(x int) int {{\n\tdefer lock()\n\treturn x\n}}\n", "defer lock()"),
        ("a.rs", "fn {name}(x: i32) -> i32 {{\n    x.unwrap()\n}}\n", "x.unwrap()"),
        ("A.java", "class {name} {{\n  int f() {{\n    return g();\n  }}\n}}\n", "return g();"),
        ("a.sh", "{name}() {{\n  rm -rf $x\n}}\n", "rm -rf $x"),
    ],
)
def test_other_languages(path: str, function: str, words: str) -> None:
    """Wherever a grammar knows definitions, an id belongs to one of them."""
    one, two = (function.format(name=name) for name in ("one", "two"))
    start = "package main\n" if path == "a.go" else ""
    both = list(ids(f"{start}{one}\n{two}", words, path).values())
    assert len(set(both)) == 2
    assert only(start + one, words=words, path=path) == both[0]
    assert only(start + two, words=words, path=path) == both[1]


def test_without_definitions_neighbours_and_numbers_decide() -> None:
    """Text that no grammar knows: equal lines still have ids of their own, and none passes on."""
    before = list(ids("a\nTODO\nb\nTODO\nc\n", "TODO", "notes.unknown").values())
    assert len(set(before)) == 2
    assert only("b\nTODO\nc\n", words="TODO", path="notes.unknown") not in before


Code = list[tuple[str, str]]


def _insert(chance: random.Random, code: Code, free: list[str]) -> None:
    name = free.pop()
    code.insert(chance.randint(0, len(code)), (name, chance.choice(("read", "write"))))


def _delete(chance: random.Random, code: Code, _free: list[str]) -> None:
    code.pop(chance.randrange(len(code)))


def _rename(chance: random.Random, code: Code, free: list[str]) -> None:
    at = chance.randrange(len(code))
    code[at] = (free.pop(), code[at][1])


def _rewrite(chance: random.Random, code: Code, _free: list[str]) -> None:
    at = chance.randrange(len(code))
    code[at] = (code[at][0], code[at][1] + "x")


def _shuffle(chance: random.Random, code: Code, _free: list[str]) -> None:
    chance.shuffle(code)


EDITS: tuple[Callable[[random.Random, Code, list[str]], None], ...] = (
    _insert, _insert, _delete, _rename, _rewrite, _shuffle,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_edits_elsewhere_hide_nothing_and_bring_nothing_back(seed: int) -> None:
    """Functions with equal lines are written, removed, renamed, rewritten, moved: what was dismissed stays dismissed
    while its function reads the same, and no other finding is ever hidden."""
    chance = random.Random(seed)
    free = NAMES.copy()
    chance.shuffle(free)
    code: Code = []
    for _ in range(4):
        _insert(chance, code, free)
    dismissed: dict[str, tuple[str, str]] = {}
    for _ in range(25):
        text = "\n\n".join(CATCH.format(name=name, work=work) for name, work in code)
        found = list(ids(text).values())
        assert len(set(found)) == len(code), f"seed {seed}"
        for which, identity in zip(code, found, strict=True):
            if which in dismissed.values():
                assert identity in dismissed, f"seed {seed}: {which[0]} came back"
            elif identity in dismissed:
                # Its own function was rewritten around the line: the same remark on the same words of it.
                assert dismissed[identity][0] == which[0], f"seed {seed}: {which[0]} was hidden"
        if chance.random() < 0.4:
            at = chance.randrange(len(code))
            dismissed[found[at]] = code[at]
        edits = [
            edit
            for edit in EDITS
            if (len(code) > 1 or edit is not _delete) and (free or edit in {_delete, _rewrite, _shuffle})
        ]
        chance.choice(edits)(chance, code, free)
