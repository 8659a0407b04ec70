"""What of a text needs a review, and what is known of it already: tables."""

from datetime import date

import pytest
from msgspec import structs

from ponder.config.settings import Settings
from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.review.memory import NOTHING, Memory, Reviewed, changed_part
from ponder.routing.builtin import builtin_catalogue
from ponder.routing.choose import choose

BEFORE = """import os
import sys


def first():
    return os.getcwd()


class Second:
    def inner(self):
        return 1

    def other(self):
        return sys.path


def third():
    return 3
"""


def document(text: str, path: str = "a.py") -> Document:
    return Document(f"file:///w/{path}", text, path=path, language="python")


CHANGES = {
    "a function": ("os.getcwd()", "os.getcwdb()", "def first():\n    return os.getcwdb()"),
    "a method": ("return 1\n", "return 2\n", "def inner(self):\n        return 2"),
    "a line less in a function": ("    return 3\n", "    pass\n", "def third():\n    pass"),
    "an import": ("import sys", "import sys as system", "import sys as system"),
    "a new function": ("class Second", "def more():\n    pass\n\n\nclass Second", "def more():\n    pass"),
}
WHOLE = {
    "an import is gone": ("import sys\n", ""),
    "the first line is gone": ("import os\n", ""),
    "a function is gone": ("def third():\n    return 3\n", ""),
    "nearly everything": (BEFORE, "x = 1\n" * 10),
}
NONE = {
    "nothing": ("", ""),
    "blank lines": ("\n\n\nclass", "\n\n\n\n\nclass"),
    "blanks at an end": ("return 3", "return 3   "),
    "line ends": ("return 3\n", "return 3\r\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed(name: str) -> None:
    """The part holds the changed definition, and little else."""
    old, new, expected = CHANGES[name]
    after = document(BEFORE.replace(old, new, 1))
    part = changed_part(BEFORE, after)
    assert part is not None
    assert expected in after.slice(part)
    assert part.end - part.start < len(expected) + 40


@pytest.mark.parametrize("name", WHOLE)
def test_all_of_it(name: str) -> None:
    """What is gone outside every definition may be missed anywhere; a new file is looked at whole."""
    old, new = WHOLE[name]
    assert changed_part(BEFORE, document(BEFORE.replace(old, new, 1))) is None
    assert changed_part(None, document(BEFORE)) is None


@pytest.mark.parametrize("name", NONE)
def test_nothing_of_weight(name: str) -> None:
    """Blank lines, blanks at line ends and line ends change no meaning."""
    old, new = NONE[name]
    assert changed_part(BEFORE, document(BEFORE.replace(old, new, 1))) == NOTHING


def test_blank_lines_beside_a_change() -> None:
    """They make nothing of the rest worth looking at."""
    after = document("\n\n" + BEFORE.replace("return 3", "return 4"))
    part = changed_part(BEFORE, after)
    assert part is not None
    assert after.slice(part).strip() == "def third():\n    return 4"


def test_two_changes_span_what_is_between() -> None:
    """One request looks at both."""
    after = document(BEFORE.replace("return 1\n", "return 2\n").replace("sys.path", "sys.argv"))
    part = changed_part(BEFORE, after)
    assert part is not None
    assert "return 2" in after.slice(part)
    assert "sys.argv" in after.slice(part)
    assert "first" not in after.slice(part)


ROUTE = choose("reviewOnSave", catalogue=builtin_catalogue(), settings=Settings(), today=date(2026, 11, 22))
FOUND = Finding(
    id="1", uri="file:///w/a.py", path="a.py", span=Span(0, 9), quote="import os", severity="warning",
    code="review/x", message="m",
)  # fmt: skip


class Kept(dict[tuple[str, str], bytes]):
    """A store by (key, workspace)."""

    def memory(self, workspace: str = "w", answerer: str = "offline") -> Memory:
        def put(key: str, owner: str, value: bytes) -> None:
            self[key, owner] = value

        return Memory(workspace, answerer, lambda key, owner: self.get((key, owner)), put)


def test_the_same_text_is_known() -> None:
    """4.5: known by text, path, route, prompt, workspace and who answered; a change of any of them is unknown."""
    kept = Kept()
    reviewed = Reviewed(BEFORE, (FOUND,))
    kept.memory().keep(document(BEFORE), ROUTE, "1", reviewed)
    assert kept.memory().of_text(document(BEFORE), ROUTE, "1") == reviewed
    assert kept.memory().last(document("other"), ROUTE, "1") == reviewed
    for text, path, route, version, workspace in (
        (BEFORE + "x", "a.py", ROUTE, "1", "w"),
        (BEFORE, "b.py", ROUTE, "1", "w"),
        (BEFORE, "a.py", structs.replace(ROUTE, model="claude-other"), "1", "w"),
        (BEFORE, "a.py", structs.replace(ROUTE, max_tokens=7), "1", "w"),
        (BEFORE, "a.py", ROUTE, "2", "w"),
        (BEFORE, "a.py", ROUTE, "1", "v"),
    ):
        assert kept.memory(workspace).of_text(document(text, path), route, version) is None
    other = kept.memory(answerer="anthropic https://api.anthropic.com")
    assert other.of_text(document(BEFORE), ROUTE, "1") is None
    assert other.last(document(BEFORE), ROUTE, "1") is None


def test_there_and_back() -> None:
    """A branch switch and back: both texts stay known, and the newest is the one that changes are told from."""
    memory = Kept().memory()
    one, two = Reviewed(BEFORE, (FOUND,)), Reviewed("x = 1\n", ())
    memory.keep(document(BEFORE), ROUTE, "1", one)
    memory.keep(document("x = 1\n"), ROUTE, "1", two)
    assert memory.last(document(BEFORE), ROUTE, "1") == two
    assert memory.of_text(document(BEFORE), ROUTE, "1") == one
    memory.newest(document(BEFORE), ROUTE, "1", one)
    assert memory.last(document(BEFORE), ROUTE, "1") == one
    assert memory.of_text(document("x = 1\n"), ROUTE, "1") == two


def test_damage_is_a_miss() -> None:
    """What cannot be read back is asked again."""
    kept = Kept()
    kept.memory().keep(document(BEFORE), ROUTE, "1", Reviewed(BEFORE, ()))
    for key in kept:
        kept[key] = b"\x00damaged"
    assert kept.memory().of_text(document(BEFORE), ROUTE, "1") is None
