"""E-02, E-04, E-07, E-12, D-08: applying, re-anchoring, hunks; no edit ever lands on the wrong text."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ponder.documents import Document, Span
from ponder.edits.anchor import AlreadyApplied, Stale, reanchor, reanchor_edit
from ponder.edits.apply import ChangeError, apply_changes, inverse
from ponder.edits.hunks import PendingEdit, hunks
from ponder.findings import Edit, FileChange, TextChange

URI = "file:///w/a.py"


def change_of(text: str, *replacements: tuple[str, str], version: int | None = 1) -> FileChange:
    """A change that replaces each first text, which must stand there once, by the second."""
    changes = []
    for old, new in replacements:
        assert text.count(old) == 1, old
        start = text.index(old)
        changes.append(TextChange(Span(start, start + len(old)), old, new))
    return FileChange(
        uri=URI, path="a.py", version=version, changes=tuple(sorted(changes, key=lambda one: one.span))
    )


def now(text: str, version: int | None = 2) -> Document:
    return Document(URI, text, path="a.py", version=version)


ALPHABET = st.text(alphabet="ab\n\r\ufeff😀é ", max_size=30)


@st.composite
def text_and_changes(draw: st.DrawFn) -> tuple[str, FileChange]:
    """A text, and ascending changes in it that touch each other at most at their edges."""
    text = draw(ALPHABET)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = [Span(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False)]
    changes = tuple(TextChange(span, text[span.start : span.end], draw(ALPHABET)) for span in spans)
    return text, FileChange(uri=URI, path="a.py", version=1, changes=changes)


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(text_and_changes())
def test_applying_is_splicing_and_can_be_taken_back(case: tuple[str, FileChange]) -> None:
    """E-02: the result is the text with each span replaced, and the inverse restores the text exactly."""
    text, change = case
    result = apply_changes(text, change.changes)
    expected = text
    for one in reversed(change.changes):
        expected = expected[: one.span.start] + one.new_text + expected[one.span.end :]
    assert result == expected
    assert apply_changes(result, inverse(change).changes) == text


@pytest.mark.parametrize(
    "changes",
    [
        (TextChange(Span(0, 2), "ab", "x"), TextChange(Span(1, 3), "bc", "y")),
        (TextChange(Span(2, 3), "c", "x"), TextChange(Span(0, 1), "a", "y")),
        (TextChange(Span(0, 2), "aX", "x"),),
        (TextChange(Span(2, 9), "c", "x"),),
        (TextChange(Span(2, 1), "", "x"),),
    ],
)
def test_changes_that_do_not_fit_are_refused(changes: tuple[TextChange, ...]) -> None:
    """E-02: overlapping, out of order, wrong old text, past the end: nothing is applied."""
    with pytest.raises(ChangeError):
        apply_changes("abc", changes)


BASE = "import os\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n"


@pytest.mark.parametrize(
    ("text", "replacements", "current", "expected"),
    [
        (BASE, [("return 1", "return 3")], BASE, "return 3"),
        (BASE, [("return 1", "return 3")], "# top\n" + BASE, "return 3"),
        (BASE, [("return 1", "return 3")], BASE + "# end\n", "return 3"),
        (BASE, [("return 1", "return 3")], BASE.replace("return 1", "return 10"), "return 30"),
        (BASE, [("    return 1\n", "    return 3\n")], BASE.replace("return 1", "return 10"), "no longer there"),
        (BASE, [("return 1", "return 3")], BASE.replace("return 1", "pass"), "no longer there"),
        (BASE, [("return 1", "return 3")], BASE + "return 1\n", "more than once"),
        (BASE, [("return 1", "return 3")], BASE.replace("return 2", "return 1"), "more than once"),
        (BASE, [("return 1", "return 3"), ("return 2", "return 4")], BASE.replace("return 1", "pass"), "no longer there"),
        (BASE, [("def f", "def h"), ("def g", "def i")], "def g\ndef f\n", "moved past each other"),
        (BASE, [("return 1", "return 3"), ("return 2", "return 4")], BASE.replace("return 1", "return 3"), "no longer there"),
        (BASE, [("return 1", "return 3")], BASE.replace("return 1", "return 3"), None),
        (BASE, [("import os\n", "import os\nimport sys\n")], BASE.replace("os\n", "os\nimport sys\n"), None),
        (BASE, [("import os\n", "import os\nimport sys\n")], "# x\n" + BASE.replace("os\n", "os\nimport sys\n"), None),
        (
            BASE,
            [("import os\n", "import os\nimport sys\n"), ("return 1", "return 3")],
            BASE.replace("os\n", "os\nimport sys\n"),
            "a part of the change is already",
        ),
        (BASE, [("import os\n", "")], BASE.replace("import os\n", ""), None),
        (BASE, [("import os\n", "")], "# x\n" + BASE.replace("import os\n", ""), "no longer there"),
        ("b c", [("b", "ab")], "ab c", None),
        ("ab c", [("b", "ab")], "ab c!", "cannot be told"),
    ],
)  # fmt: skip
def test_an_edit_on_a_text_that_moved_on(
    text: str, replacements: list[tuple[str, str]], current: str, expected: str | None
) -> None:
    """D-08, E-12: before, inside or after the target: exact, stale with a reason, or (None) already applied."""
    found = reanchor(change_of(text, *replacements), now(current), text)
    if expected is None:
        assert isinstance(found, AlreadyApplied)
        assert found.reason
    elif isinstance(found, Stale):
        assert expected in found.reason
    else:
        assert isinstance(found, FileChange)
        assert found.version == 2
        assert expected in apply_changes(current, found.changes)


def test_an_unchanged_version_needs_no_search() -> None:
    """D-08: on the version it was computed on, an edit stays where it is, also beside an equal text."""
    one = TextChange(Span(3, 4), "a", "b")
    change = FileChange(uri=URI, path="a.py", version=5, changes=(one,))
    assert reanchor(change, now("a, a", 5)) == change
    assert isinstance(reanchor(change, now("a, a", 6)), Stale)
    assert isinstance(reanchor(change, now("a, a", None)), Stale)
    found = reanchor(change, now("a, a", None), "a, a")
    assert isinstance(found, FileChange)
    assert isinstance(reanchor(change, now("x, x", 5)), Stale), "a version that lies is not believed"
    assert isinstance(reanchor(change, None), Stale)


def test_a_file_to_be_created() -> None:
    """E-14: made where nothing is, filled where it is empty, done where it is equal, never over anything."""
    change = FileChange(
        uri=URI, path="a.py", version=None, changes=(TextChange(Span(0, 0), "", "new"),), created=True
    )
    assert reanchor(change, None) == change
    filled = reanchor(change, now(""))
    assert isinstance(filled, FileChange)
    assert not filled.created
    assert isinstance(reanchor(change, now("new")), AlreadyApplied)
    assert isinstance(reanchor(change, now("other")), Stale)
    fill = FileChange(uri=URI, path="a.py", version=1, changes=(TextChange(Span(0, 0), "", "new"),))
    assert isinstance(reanchor(fill, now("", 2)), FileChange)
    assert isinstance(reanchor(fill, now("x", 2)), Stale)
    assert isinstance(reanchor(fill, now("new", 2)), AlreadyApplied)


def test_one_stale_file_holds_the_whole_edit() -> None:
    """E-10: all files fit, or nothing is applied."""
    other = FileChange(
        uri="file:///w/b.py", path="b.py", version=1, changes=(TextChange(Span(0, 1), "x", "y"),)
    )
    edit = Edit(files=(change_of(BASE, ("return 1", "return 3")), other), label="L", warnings=("w",))
    texts = {URI: BASE, "file:///w/b.py": "x"}

    def current(file: FileChange) -> Document | None:
        return Document(file.uri, texts[file.uri], version=9) if file.uri in texts else None

    found = reanchor_edit(edit, current, {URI: BASE, "file:///w/b.py": "x"})
    assert isinstance(found, Edit)
    assert (found.label, found.warnings, {file.version for file in found.files}) == ("L", ("w",), {9})
    texts["file:///w/b.py"] = "z"
    assert isinstance(reanchor_edit(edit, current), Stale)
    del texts["file:///w/b.py"]
    assert isinstance(reanchor_edit(edit, current), Stale)
    texts.update({URI: BASE.replace("return 1", "return 3"), "file:///w/b.py": "y"})
    assert isinstance(reanchor_edit(edit, current, {URI: BASE, "file:///w/b.py": "x"}), AlreadyApplied)


def test_random_typing_never_misplaces_an_edit() -> None:
    """E-04, E-07: 1,000 interleavings of typing (undo included) and applying; unique and exact, or refused.

    Each letter of the text carries its own identity, so that the place of the target is known for certain: where
    the target survived untouched and an equal text stands nowhere else, the edit lands on it and nothing else.
    """
    seed = 1207
    print("seed", seed)
    source = random.Random(seed)
    applied = refused = 0
    for _ in range(1_000):
        lines = [
            source.choice(["return 1", "return 2", "x = 1", "}", ""]) for _ in range(source.randint(3, 9))
        ]
        lines[source.randrange(len(lines))] = "return 7  # target"
        text = "\n".join(lines)
        target = next(line for line in ("return 7  # target",) if text.count(line) == 1)
        start = text.index(target)
        change = change_of(
            text, (target, source.choice(["", "return 8", target + "\nmore", "return 7  # target!"]))
        )
        letters = list(enumerate(text))
        history = [letters]
        for number in range(source.randint(0, 12)):
            if source.random() < 0.25 and len(history) > 1:
                letters = history.pop()
                continue
            history.append(letters)
            low = source.randrange(len(letters) + 1)
            high = min(len(letters), low + source.choice([0, 0, 1, 3, 12]))
            typed = source.choice(["", "a", "\n", "return 7", target, "# target", target[:-1]])
            letters = [*letters[:low], *[(-1 - number, letter) for letter in typed], *letters[high:]]
        current = "".join(letter for _, letter in letters)
        found = reanchor(change, now(current), text)
        identities = [identity for identity, _ in letters]
        survivor = next((at for at, identity in enumerate(identities) if identity == start), None)
        survived = survivor is not None and identities[survivor : survivor + len(target)] == list(
            range(start, start + len(target))
        )
        if isinstance(found, FileChange):
            applied += 1
            (place,) = found.changes
            assert current.count(target) == 1
            assert current[place.span.start : place.span.end] == target
            if survived:
                assert place.span.start == survivor
        else:
            refused += 1
            assert (
                current.count(target) != 1
                or isinstance(found, AlreadyApplied)
                or "cannot be told" in found.reason
            )
    assert applied > 300
    assert refused > 100


PENDING = change_of(
    BASE, ("import os\n", "import os\nimport sys\n"), ("return 1", "return 2"), ("def g", "def f2")
)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_hunks_one_by_one_give_the_whole_edit(order: tuple[int, ...]) -> None:
    """E-12: in any order, each hunk once, the text ends as if the edit had been applied at once."""
    pending = PendingEdit(Edit(files=(PENDING,)), {URI: BASE})
    text = BASE
    for version, number in enumerate(order, 2):
        change = pending.for_hunk(number, now(text, version))
        assert isinstance(change, FileChange), change
        assert change.version == version
        text = apply_changes(text, change.changes)
        pending = pending.after(number)
        assert isinstance(pending.for_hunk(number, now(text)), AlreadyApplied)
    assert text == apply_changes(BASE, PENDING.changes)
    assert pending.remaining == ()
    assert isinstance(pending.rest(lambda _: now(text)), AlreadyApplied)


def test_the_rest_after_a_hunk() -> None:
    """After one hunk the others still fit as one edit, also where its new text equals their old text."""
    pending = PendingEdit(Edit(files=(PENDING,)), {URI: BASE})
    first = pending.for_hunk(2, now(BASE))
    assert isinstance(first, FileChange)
    text = apply_changes(BASE, first.changes)
    rest = pending.after(2).rest(lambda _: now(text, 3))
    assert isinstance(rest, Edit)
    assert apply_changes(text, rest.files[0].changes) == apply_changes(BASE, PENDING.changes)
    typed = text.replace("def g", "def other")
    assert isinstance(pending.after(2).rest(lambda _: now(typed)), Stale)
    assert isinstance(pending.rest(lambda _: now(BASE)), Edit)
    with pytest.raises(KeyError):
        pending.for_hunk(4, now(BASE))


def test_labels_of_hunks() -> None:
    """A change says which of how many it is, and where if that is not in the document at hand."""
    edit = Edit(
        files=(
            PENDING,
            FileChange(
                uri="file:///w/n.py",
                path="n.py",
                version=None,
                changes=(TextChange(Span(0, 0), "", "x"),),
                created=True,
            ),
        )
    )
    units = PendingEdit(edit, {URI: BASE}).units
    assert [unit.label(URI) for unit in units] == [
        "change 1 of 4",
        "change 2 of 4",
        "change 3 of 4",
        "change 4 of 4: n.py:1",
    ]
    assert units[1].label("file:///w/n.py") == "change 2 of 4: a.py:4"
    assert PendingEdit(edit, {}).units[0].label("") == "change 1 of 4: a.py"
    assert [len(hunk.change.changes) for hunk in hunks(edit)] == [1, 1, 1, 1]


def test_a_hunk_that_makes_the_text_of_another() -> None:
    """A hunk whose new text equals the next one's old text does not keep that one from its own place."""
    change = change_of(BASE, ("return 1", "return 2"), ("return 2", "return 5"))
    pending = PendingEdit(Edit(files=(change,)), {URI: BASE})
    first = pending.for_hunk(1, now(BASE))
    assert isinstance(first, FileChange)
    text = apply_changes(BASE, first.changes)
    assert text.count("return 2") == 2
    second = pending.after(1).for_hunk(2, now(text, 3))
    assert isinstance(second, FileChange)
    assert apply_changes(text, second.changes) == apply_changes(BASE, change.changes)
    assert isinstance(pending.after(1).for_hunk(2, now(text + "typed", 4)), Stale)
