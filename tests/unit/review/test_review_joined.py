"""Findings of two reviews of one text: what both say stands once, in the newer words; what only one says stands too."""

import pytest

from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.session.concluding import joined

TEXT = "a = 1\nb = 2\n"
DOCUMENT = Document("file:///w/a.py", TEXT, path="a.py")


def finding(name: str, line: int, rule: str = "logic", message: str = "m") -> Finding:
    span = DOCUMENT.line_span(line)
    return Finding(
        id=name, uri=DOCUMENT.uri, path="a.py", span=span, quote=DOCUMENT.slice(span), severity="warning",
        code=f"review/{rule}", message=message,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "found", "expected"),
    [
        ([finding("1", 0, message="old")], [finding("1", 0, message="new")], ["new"]),
        # Its id is another where a line above it reads the same; the remark is not.
        ([finding("1", 0, message="old")], [finding("2", 0, message="new")], ["new"]),
        ([finding("1", 0, "logic", "old")], [finding("2", 0, "naming", "new")], ["old", "new"]),
        ([finding("1", 0, message="old")], [finding("2", 1, message="new")], ["old", "new"]),
        ([finding("1", 0, message="old")], [], ["old"]),
        ([], [finding("1", 0, message="new")], ["new"]),
    ],
)
def test_what_both_say_stands_once(earlier: list[Finding], found: list[Finding], expected: list[str]) -> None:
    """The same rule on the same line is the same remark, under whatever id."""
    assert [one.message for one in joined(earlier, found, DOCUMENT)] == expected


def test_a_remark_is_told_by_the_line_it_begins_in() -> None:
    """A finding that begins further into a line is a remark on that line all the same."""
    inner = finding("2", 1, message="new")
    moved = Finding(
        **{name: getattr(inner, name) for name in inner.__struct_fields__} | {"span": Span(8, 11)}
    )
    assert [one.message for one in joined([finding("1", 1, message="old")], [moved], DOCUMENT)] == ["new"]
