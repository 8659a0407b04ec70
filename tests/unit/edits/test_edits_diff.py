"""The diff of an edit is what git takes: applied by `git apply`, it gives the same bytes."""

import random
import subprocess
from pathlib import Path

import pytest

from ponder.documents import Document, Span
from ponder.edits.apply import apply_changes
from ponder.edits.diff import file_diff, unified_diff
from ponder.findings import Edit, FileChange, TextChange


def change(path: str, changes: list[TextChange], *, created: bool = False) -> FileChange:
    return FileChange(uri=f"file:///w/{path}", path=path, version=1, changes=tuple(changes), created=created)


def test_a_small_diff_reads_as_git_writes_it() -> None:
    """Header, three lines of context, the marker for a missing last line end."""
    base = "".join(f"{number}\n" for number in range(1, 11)) + "end"
    one = TextChange(Span(base.index("5"), base.index("5") + 1), "5", "five")
    two = TextChange(Span(len(base) - 3, len(base)), "end", "fin\n")
    assert unified_diff(Edit(files=(change("src/a.py", [one]),)), [Document("file:///w/src/a.py", base)]) == (
        "diff --git a/src/a.py b/src/a.py\n--- a/src/a.py\n+++ b/src/a.py\n"
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    )
    assert file_diff(change("a.py", [two]), base).endswith(
        "@@ -8,4 +8,4 @@\n 8\n 9\n 10\n-end\n\\ No newline at end of file\n+fin\n"
    )
    assert file_diff(change("a.py", [TextChange(Span(0, 1), "1", "1")]), base) == ""


@pytest.mark.parametrize("seed", range(40))
def test_git_applies_it_to_the_same_bytes(tmp_path: Path, seed: int) -> None:
    """Random edits of random texts (CRLF, CR, no last line end, odd names): `git apply` agrees byte for byte."""
    source = random.Random(seed)
    name = source.choice(["a.py", "sp ace.py", "é.py", 'qu"ote.py', "tab\t.py", "back\\slash.py", "dir/x.py"])
    pieces = ["x\n", "y\n", "\n", "z\r\n", "w", "\r", "é😀\n", "same\n", "\u2028", "\x0c\n"]
    base = "".join(source.choices(pieces, k=source.randint(0, 60)))
    cuts = sorted(source.randrange(len(base) + 1) for _ in range(source.choice([2, 2, 4, 8])))
    changes = [
        TextChange(Span(low, high), base[low:high], "".join(source.choices(pieces, k=source.randint(0, 5))))
        for low, high in zip(cuts[::2], cuts[1::2], strict=True)
    ]
    created = not base
    if created:
        changes = [TextChange(Span(0, 0), "", "".join(source.choices(pieces, k=5)))]
    edited = change(name, changes, created=created)
    expected = apply_changes(base, edited.changes)
    diff = file_diff(edited, base)
    assert bool(diff) == (expected != base)
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    if not created:
        file.write_bytes(base.encode())
    if diff:
        command = ["git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"]
        done = subprocess.run(command, input=diff.encode(), cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, (done.stderr, diff)
    assert (file.read_bytes() if file.exists() else b"") == expected.encode()


def test_a_huge_change_is_shown_whole() -> None:
    """The work stays linear where a change is too large for a line-by-line comparison."""
    base = "same\n" * 20_000
    diff = file_diff(change("a.py", [TextChange(Span(0, len(base)), base, "other\n" * 20_000)]), base)
    assert diff.count("\n-same") + diff.count("\n+other") == 40_000


@pytest.mark.parametrize(("apart", "hunks"), [(1, 1), (6, 1), (7, 2), (40, 2)])
def test_changes_share_a_hunk_while_their_context_touches(apart: int, hunks: int) -> None:
    """Three lines of context on each side; what lies farther apart is not repeated."""
    base = "a\n" + "x\n" * apart + "b\n"
    at = base.index("b")
    both = [TextChange(Span(0, 1), "a", "A"), TextChange(Span(at, at + 1), "b", "B")]
    diff = file_diff(change("a.py", both), base)
    assert diff.count("\n@@ ") == hunks
    assert diff.count("\n x") == min(apart, 6)
