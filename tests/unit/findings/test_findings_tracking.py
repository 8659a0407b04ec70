"""Findings follow the text, go when their own text is edited, and are never shown twice or against the user's will."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ponder.documents import Document, Span
from ponder.findings import (
    Dismissals,
    Edit,
    FileChange,
    Finding,
    FindingSet,
    TextChange,
    changes_between,
    visible,
)
from ponder.findings.tracking import edits_between, found_again

URI = "file:///w/a.py"
TEXT = "import os\n\ndef f():\n    x = 1\n    return x\n\nlast = 2"


def document(text: str) -> Document:
    return Document(URI, text, path="a.py")


def finding(text: str, quote: str, *, lines: int = 1, code: str = "review/rule", name: str = "") -> Finding:
    """A finding on the line of a quote, as placing makes it."""
    doc = document(text)
    first = doc.line_at(text.index(quote))
    span = doc.lines_span(first, first + lines - 1)
    start = span.start + len(doc.slice(span)) - len(doc.slice(span).lstrip())
    return Finding(
        id=name or quote, uri=URI, path="a.py", span=Span(start, span.end), quote=doc.slice(doc.line_span(first)),
        severity="warning", code=code, message="m",
    )  # fmt: skip


def change(text: str, old: str, new: str) -> TextChange:
    assert text.count(old) == 1
    start = text.index(old)
    return TextChange(Span(start, start + len(old)), old, new)


def insert(text: str, before: str, new: str) -> TextChange:
    start = text.index(before)
    return TextChange(Span(start, start), "", new)


@pytest.mark.parametrize(
    ("edit", "kept"),
    [
        (insert(TEXT, "import", "# top\n"), True),
        (insert(TEXT, "import", "# top\r\n\r\n"), True),
        (change(TEXT, "import os\n\n", ""), True),
        (change(TEXT, "last = 2", ""), True),
        (change(TEXT, "    return", "return"), True),
        (insert(TEXT, "    x = 1", "\n"), True),
        (insert(TEXT, "    x = 1", "    "), True),
        (insert(TEXT, "x = 1", "    "), True),
        (insert(TEXT, "\n    return", "\n    y = 2"), True),
        (insert(TEXT, "\n    return", "\r\n"), True),
        (insert(TEXT, "    x = 1", "# "), False),
        (insert(TEXT, "x = 1", "y = "), False),
        (insert(TEXT, "\n    return", "0"), False),
        (insert(TEXT, "\n    return", "  # why"), False),
        (insert(TEXT, "= 1", "="), False),
        (change(TEXT, "x = 1", "x = 1"), False),
        (change(TEXT, "    x = 1\n", ""), False),
        (change(TEXT, TEXT, TEXT), False),
        (change(TEXT, "f():\n    x", "f(): x"), False),
    ],
)
def test_one_edit(edit: TextChange, kept: bool) -> None:
    """A finding moves with edits around it and goes with the first edit of its own line."""
    after = document(TEXT[: edit.span.start] + edit.new_text + TEXT[edit.span.end :])
    before = FindingSet().replaced(URI, [finding(TEXT, "x = 1")])
    found = before.shifted(URI, [edit], after).of(URI)
    assert bool(found) == kept
    for one in found:
        assert after.slice(one.span) == "x = 1"
    assert before.of(URI)[0].span == finding(TEXT, "x = 1").span


def test_a_finding_on_several_lines() -> None:
    """Any edit within the quoted lines ends it; lines before and after do not count."""
    found = FindingSet().replaced(URI, [finding(TEXT, "def f", lines=3)])
    for edit, kept in (
        (change(TEXT, "return x", "return y"), False),
        (change(TEXT, "= 2", "= 3"), True),
        (insert(TEXT, "import", "\n"), True),
    ):
        after = document(TEXT[: edit.span.start] + edit.new_text + TEXT[edit.span.end :])
        assert bool(found.shifted(URI, [edit], after).of(URI)) == kept


def test_changes_one_after_the_other() -> None:
    """Several changes of one notification are each in the text the last one left."""
    first = insert(TEXT, "import", "a\n")
    middle = "a\n" + TEXT
    second = change(middle, "import os\n", "")
    after = document(middle.replace("import os\n", ""))
    (found,) = (
        FindingSet().replaced(URI, [finding(TEXT, "return x")]).shifted(URI, [first, second], after).of(URI)
    )
    assert after.slice(found.span) == "return x"


def test_only_two_texts_are_known() -> None:
    """A formatter or a full sync: findings on lines that stay are kept, those on changed lines go."""
    after = "import os\nimport sys\n\n\ndef f():\n    x = 1\n    return  x\n\n\nlast = 2\n"
    quotes = ["import os", "def f", "x = 1", "return x", "last"]
    found = (
        FindingSet()
        .replaced(URI, [finding(TEXT, quote) for quote in quotes])
        .synced(URI, document(TEXT), document(after))
    )
    assert [one.id for one in found.of(URI)] == ["import os", "def f", "x = 1", "last"]
    kept = [document(after).slice(one.span) for one in found.of(URI)]
    assert kept == ["import os", "def f():", "x = 1", "last = 2"]


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(*[st.text(alphabet="ab\n\r\x0c", max_size=40)] * 2)
def test_the_changes_between_two_texts_lead_from_one_to_the_other(before: str, after: str) -> None:
    """Made one after the other, they give the second text, and equal texts have none."""
    text = before
    for one in changes_between(before, after):
        assert text[one.span.start : one.span.end] == one.old_text
        text = text[: one.span.start] + one.new_text + text[one.span.end :]
    assert text == after
    assert bool(changes_between(before, after)) == (before != after)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("before", "after"), [("", "@"), ("@", ""), ("", "@@"), ("", "@z = 3"), ("@y = 2", "@y = 2@")]
)
def test_a_last_line_end_is_no_edit_of_the_last_line(before: str, after: str, line_end: str) -> None:
    """Editors add it on saving: the finding on the last line stays, whatever else changes."""
    old, new = ((TEXT + rest.replace("@", "\n")).replace("\n", line_end) for rest in (before, after))
    for head in ("", f"# top{line_end}"):
        known = FindingSet().replaced(URI, [finding(old, "last = 2")])
        (kept,) = known.synced(URI, document(old), document(head + new)).of(URI)
        assert document(head + new).slice(kept.span) == "last = 2"


@settings(max_examples=300, deadline=None)
@given(st.text("ab\r\n", max_size=12), st.text("ab\r\n", max_size=12))
def test_edits_around_a_last_line_end_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    """Made one after the other, they give exactly the later text."""
    text = before
    for one in edits_between(before, after):
        assert text[one.span.start : one.span.end] == one.old_text
        text = text[: one.span.start] + one.new_text + text[one.span.end :]
    assert text == after


FIXED = "import os\n\n\ndef f(v):\n    a = v\n    return a[len(a)]\n"


@pytest.mark.parametrize(
    ("after", "line", "fixed"),
    [
        ("def f(v):\n    a = v\n    return a[len(a)]\n\n\nimport os\n", 2, True),
        ("class C:\n    def f(self, v):\n        return a[len(a)]  \n", 2, False),
        ("    return a[len(a)]\n    return a[len(a)]\n", None, False),
        ("    return a[len(a)]  # kept\n", None, False),
        ("    b = return a[len(a)]\n", None, False),
        ("", None, False),
    ],
)
def test_a_finding_is_found_again_by_its_text(after: str, line: int | None, fixed: bool) -> None:
    """Where its lines stand exactly once and nothing else on them; the fix goes along where all of it fits."""
    known = finding(FIXED, "return a[len(a)]")
    change = TextChange(
        Span(FIXED.index("    a = v"), FIXED.index("\n    return")), "    a = v", "    a = v[:]"
    )
    fix = Edit(files=(FileChange(uri=URI, path="a.py", version=3, changes=(change,)),))
    again = found_again(structs.replace(known, fix=fix), document(FIXED), document(after))
    if line is None:
        assert again is None
        return
    assert again is not None
    assert document(after).line_at(again.span.start) == line
    assert document(after).slice(again.span) == "return a[len(a)]"
    assert (again.fix is not None) == fixed
    if again.fix is not None:
        (file,) = again.fix.files
        assert [document(after).slice(one.span) for one in file.changes] == ["    a = v"]


def test_random_typing_keeps_findings_on_their_text() -> None:
    """4.5: under 500 random edits a shown finding always stands on the line it quotes, once."""
    seed = 45
    print("seed", seed)
    source = random.Random(seed)
    survived = 0
    for _ in range(50):
        text = "\n".join(
            f"{' ' * source.choice([0, 4])}line {number} = {source.randint(0, 3)}" for number in range(30)
        )
        found = FindingSet().replaced(URI, [finding(text, f"line {number} ") for number in range(0, 30, 2)])
        for _ in range(10):
            low = source.randrange(len(text) + 1)
            high = min(len(text), low + source.choice([0, 0, 1, 5, 40]))
            typed = source.choice(["", "x", "\n", "line 4 = 1\n", "    "])
            edit = TextChange(Span(low, high), text[low:high], typed)
            text = text[:low] + typed + text[high:]
            found = found.shifted(URI, [edit], document(text))
            for one in found.of(URI):
                assert document(text).slice(one.span) == one.quote.strip()
            assert len({one.id for one in found.of(URI)}) == len(found.of(URI))
        survived += len(found.of(URI))
    assert survived > 100


def test_sets_of_findings() -> None:
    """A new review replaces the old one; one finding for each id; other documents are untouched."""
    one, two, other = (
        finding(TEXT, "import", name="1"),
        finding(TEXT, "last", name="2"),
        finding(TEXT, "return", name="1"),
    )
    first = FindingSet().replaced(URI, [two, one, one]).replaced("file:///b", [two])
    assert [found.id for found in first.of(URI)] == ["1", "2"]
    assert first.added(URI, [other]).of(URI) == (other, two)
    assert first.replaced(URI, []).of(URI) == ()
    assert first.replaced(URI, []).of("file:///b") == (two,)
    assert first.of("file:///none") == ()


CODE = {
    "own line": "x = 1  # ponder: ignore[logic]\n",
    "line above": "    // ponder: ignore[logic]\n    x = 1\n",
    "html": "<!-- ponder: ignore[logic] -->\nx = 1\n",
    "several": "x = 1  # noqa ponder: ignore[style, Logic ,other]\n",
    "with action": "x = 1  ; ponder: ignore[review/logic]\n",
    "whole file": "y\ny\nx = 1\n\n/* ponder: ignore-file[logic] */\n",
    "rem": "REM ponder: ignore[logic]\nx = 1\n",
    "no blank": "x = 1 #ponder:ignore[logic]\n",
    "all rules": "x = 1  # ponder: ignore\n",
    "all rules, with words": "x = 1  # ponder: ignore -- it is meant so\n",
    "all rules, line above": "/* ponder: ignore */\nx = 1\n",
    "all rules, html": "<!-- ponder:ignore-->\nx = 1\n",
}
CODE_THAT_IS_NOT = {
    "other rule": "x = 1  # ponder: ignore[style]\n",
    "other action": "x = 1  # ponder: ignore[security/logic]\n",
    "a part of the rule": "x = 1  # ponder: ignore[log]\n",
    "after code above": "y = 2  # ponder: ignore[logic]\nx = 1\n",
    "two lines above": "# ponder: ignore[logic]\n\nx = 1\n",
    "line below": "x = 1\n# ponder: ignore[logic]\n",
    "no rule": "x = 1  # ponder: ignore[]\n",
    "all rules of another line": "y = 2  # ponder: ignore\nx = 1\n",
    "half written": "x = 1  # ponder: ignore[style\n",
    "a blank too much": "x = 1  # ponder: ignore [style]\n",
    "another word": "x = 1  # ponder: ignored\n",
    "a whole file needs rules": "x = 1  # ponder: ignore-file\n",
}


@pytest.mark.parametrize("name", [*CODE, *CODE_THAT_IS_NOT])
def test_comments_that_silence(name: str) -> None:
    """4.5: `ponder: ignore[rule]` on the line or alone above it, `ponder: ignore-file[rule]` anywhere."""
    text = {**CODE, **CODE_THAT_IS_NOT}[name]
    shown = visible([finding(text, "x = 1", code="review/logic")], document(text))
    assert bool(shown) == (name in CODE_THAT_IS_NOT)


def test_dismissals() -> None:
    """A finding, a rule or a file that was dismissed stays hidden."""
    one, two = finding(TEXT, "import", code="review/a"), finding(TEXT, "last", code="review/b")
    for dismissals, left in (
        (Dismissals(), [one, two]),
        (Dismissals(findings=frozenset({one.id})), [two]),
        (Dismissals(rules=frozenset({"review/b"})), [one]),
        (Dismissals(files=frozenset({"a.py"})), []),
    ):
        assert visible([one, two], document(TEXT), dismissals) == left


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("key = 'SECRET', other='X' ", True),
        ("key = 'changed', other='Y'", True),
        ("key = 'SECRET', more='X'", False),
        ("key = 'SECRET'", False),
        ("# key = 'SECRET', other='X'", False),
        ("key = '', other='X'  # more", False),
    ],
)
def test_a_quote_with_a_secret_taken_out(line: str, kept: bool) -> None:
    """X-17: the text around what was replaced must still be there."""
    text = f"{line}\nend"
    span = Span(len(line) - len(line.lstrip()), len(line.rstrip()))
    one = Finding(
        id="1", uri=URI, path="a.py", span=span, quote="key = '[redacted]', other='[redacted]'", severity="warning",
        code="review/r", message="m",
    )  # fmt: skip
    after = (
        FindingSet().replaced(URI, [one]).shifted(URI, [insert(text, "end", "x")], document(f"{line}\nxend"))
    )
    assert bool(after.of(URI)) == kept
