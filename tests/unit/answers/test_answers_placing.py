"""E-01 to E-06, E-16: what the model wrote lands exactly where its quoted text stands, or nowhere."""

import random
from typing import Any

import pytest

from ponder.answers.place_edits import PlacedEdits, place_edits
from ponder.answers.placing import Placed, Placer, Unplaced
from ponder.answers.sources import Sources
from ponder.documents import Document
from ponder.edits.apply import apply_changes

BODY = "import os\n\n\ndef f():\n\treturn '😀'\n\n\ndef g():\n\treturn 2\n"


def doc(text: str, path: str = "src/a.py", folder: str = "file:///w") -> Document:
    return Document(f"{folder}/{path}", text, path=path, version=7)


def edit(old: str, new: str, path: str = "src/a.py") -> dict[str, str]:
    return {"path": path, "old_text": old, "new_text": new}


def new_file(path: str) -> str | None:
    return f"file:///w/{path}" if ".." not in path else None


def result_of(placed: PlacedEdits, document: Document) -> str:
    assert placed.edit is not None, placed.notices
    (file,) = placed.edit.files
    assert (file.uri, file.path, file.version) == (document.uri, document.path, document.version)
    return apply_changes(document.text, file.changes)


GOLDEN = [
    (edit("import os\n", ""), BODY.replace("import os\n", "")),
    (edit("import os", "import os\nimport sys"), BODY.replace("import os", "import os\nimport sys")),
    (
        edit("def f():\n\treturn '😀'\n", "def f():\n\tx = '😀'\n\treturn x\n"),
        BODY.replace("\treturn '😀'", "\tx = '😀'\n\treturn x"),
    ),
    (edit("'😀'\n\n\ndef g", "'é'\n\ndef g"), BODY.replace("'😀'\n\n\ndef g", "'é'\n\ndef g")),
    (edit("\treturn 2\n", "\treturn 2\n\n\ndef h():\n\tpass\n"), BODY + "\n\ndef h():\n\tpass\n"),
    (edit("\treturn 2", "\treturn 3"), BODY.replace("2", "3")),
    (edit(BODY, "x = 1\n"), "x = 1\n"),
    (edit("\r\n\r\n\r\ndef f():\r\n", "\r\n\r\ndef f():\r\n"), BODY.replace("\n\n\ndef f", "\n\ndef f")),
    (edit("2\n", "2"), BODY[:-1]),
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(("item", "expected"), GOLDEN)
def test_golden_edits_are_byte_exact(
    item: dict[str, str], expected: str, line_end: str, bom: str, final: bool
) -> None:
    """E-01: in every kind of file the result is the intended text with the file's own line ends and mark."""
    text, wanted = BODY, expected
    if not final:
        text = text.removesuffix("\n")
        if item["old_text"].endswith("2\n") or item["old_text"] == BODY:
            wanted = wanted.removesuffix("\n")
    document = doc(bom + text.replace("\n", line_end))
    changed = place_edits([item], Sources([document]))
    if not final and item == edit("2\n", "2"):
        assert changed.edit is None, "without a last line end there is nothing to take away"
        return
    if not final and not item["old_text"].endswith(("2\n", "2")) and item["old_text"] != BODY:
        wanted = wanted.removesuffix("\n")
    if not final and item["old_text"].endswith("2"):
        wanted = wanted.removesuffix("\n")
    assert result_of(changed, document) == bom + wanted.replace("\n", line_end)


def test_mixed_line_ends_stay_where_the_text_stays() -> None:
    """E-01: in a file with mixed line ends only the changed lines get new ones."""
    document = doc("a\r\nb\nc\rd\r\ne")
    changed = place_edits([edit("a\nb\nc\nd\n", "a\nb\nX\nY\nd\n")], Sources([document]))
    assert result_of(changed, document) == "a\r\nb\nX\r\nY\rd\r\ne"


@pytest.mark.parametrize(
    ("text", "items", "expected", "reasons"),
    [
        ("ab", [edit("ab", "x"), edit("b", "y")], None, ["overlaps", "overlaps"]),
        ("abc", [edit("ab", "x"), edit("bc", "y"), edit("c", "z")], None, ["overlaps"] * 3),
        ("ab", [edit("b", "y"), edit("a", "x")], "xy", []),
        ("abcd", [edit("b", "y"), edit("b", "y")], "aycd", []),
        ("abcd", [edit("b", "y"), edit("b", "z"), edit("d", "w")], "abcw", ["overlaps"] * 2),
        ("aXbXc", [edit("X", "y"), edit("c", "z")], "aXbXz", ["more than once"]),
        ("aaa", [edit("aa", "b")], None, ["more than once"]),
        ("a  b", [edit("a b", "c")], None, ["not in the file"]),
        ("a\tb", [edit("a b", "c")], None, ["not in the file"]),
        ("é", [edit("e\u0301", "c")], None, ["not in the file"]),
        ("x", [edit("x", "y", "src/b.py")], None, ["no such file"]),
        ("x", [edit("", "y")], None, ["no old text"]),
        ("", [edit("", "y\n")], "y\n", []),
        ("", [edit("z", "y")], None, ["not in the file"]),
        ("\ufeff", [edit("", "y\n")], "\ufeffy\n", []),
        ("\ufeffx = 1\n", [edit("\ufeffx = 1", "y")], "\ufeffy\n", []),
        ("\ufeffx = 1\n", [edit("\ufeffx = 1", "\ufeffy")], "\ufeffy\n", []),
        ("x", [edit("x", "x")], None, []),
        ("x", [edit("x", "y" * 10_000_000)], None, ["larger than"]),
        ("x", [edit("x", "\ud800")], None, ["not valid Unicode"]),
        ("x", [edit("x", "y", "../src/a.py")], None, ["no such file"]),
        ("x", [edit("x", "y", "/w/src/a.py")], None, ["no such file"]),
        ("x\n", [edit("x\n\n", "y")], None, ["not in the file"]),
        ("f()\ng()\nf()", [edit("f()\n", "h()\n")], None, ["more than once"]),
        ("x", [{"path": "src/a.py", "old_text": "x"}], None, ["malformed"]),
        ("x", [{"path": 3, "old_text": [], "new_text": None}], None, ["malformed"]),
        ("x", ["text", None, 4, []], None, ["malformed"] * 4),
        ("x", [edit("x", "y", "./src/a.py")], "y", []),
        ("x", [edit("x", "y", "src\\a.py")], "y", []),
    ],
)  # fmt: skip
def test_refused_or_exact(text: str, items: list[Any], expected: str | None, reasons: list[str]) -> None:
    """E-02, E-03, E-16: unique and exact, else left out with its reason; nothing else in the file changes."""
    document = doc(text)
    placed = place_edits(
        items, Sources([document], new_file_uri=lambda _: None) if text == "x" else Sources([document])
    )
    assert len(placed.notices) == len(reasons), placed.notices
    for notice, reason in zip(placed.notices, reasons, strict=True):
        assert reason in notice
        assert len(notice) < 400
    if expected is None:
        assert placed.edit is None
    else:
        assert result_of(placed, document) == expected
        assert bool(placed.edit and placed.edit.needs_confirmation_reason) == bool(reasons)


def test_near_duplicates_are_never_confused() -> None:
    """E-04: in 500 files full of near-duplicates an edit lands on the intended one, or is left out."""
    seed = 4
    print("seed", seed)
    source = random.Random(seed)
    applied = refused = 0
    for _ in range(500):
        blocks = []
        for number in range(source.randint(3, 12)):
            name = f"f{number if source.random() < 0.6 else 0}"
            body = source.choice(["return 1", "return 1 ", "return 2", "}", "pass"])
            blocks.append(f"def {name}(x):\n    if x:\n        {body}\n    return x\n")
        line_end = source.choice(["\n", "\r\n"])
        text = source.choice(["", "\n"]).join(blocks)
        if source.random() < 0.3:
            text = text.removesuffix("\n")
        start = source.randrange(len(text))
        end = min(len(text), start + source.choice([1, 5, 20, 60, 200]))
        old = text[start:end]
        new = source.choice(["", "CHANGED", old + "MORE", old[::-1] + "\n"])
        seen_by_model = text + "\n"
        intended = text[:start] + new + text[end:]
        document = doc(text.replace("\n", line_end))
        placed = place_edits([edit(old, new)], Sources([document]))
        occurrences = sum(seen_by_model.startswith(old, at) for at in range(len(seen_by_model)))
        if placed.edit is None:
            refused += 1
            assert occurrences > 1 or old == new, (old, text)
        else:
            applied += 1
            assert occurrences == 1
            assert result_of(placed, document).replace("\r\n", "\n") == intended
    assert applied > 100
    assert refused > 100


def test_new_files() -> None:
    """E-14: an empty old text makes a file where none is; two for one path, or a refused path, make none."""
    sources = Sources([doc("x")], new_file_uri=new_file)
    placed = place_edits([edit("", "a\r\nb\n", "new/b.py")], sources)
    assert placed.edit is not None
    (file,) = placed.edit.files
    assert (file.created, file.uri, file.version) == (True, "file:///w/new/b.py", None)
    assert apply_changes("", file.changes) == "a\nb\n"
    assert place_edits([edit("", "a", "b.py"), edit("", "c", "b.py")], sources).edit is None
    assert place_edits([edit("", "a", "../b.py")], sources).notices == (
        "A change to `../b.py` was left out: no file may be created there.",
    )
    assert place_edits([edit("", "", "b.py")], sources) == PlacedEdits(None)


def test_two_folders_with_the_same_path() -> None:
    """The quoted text decides which folder's file is meant; where it does not, nothing is changed."""
    one, two = doc("only here"), doc("there, both", folder="file:///v")
    assert result_of(place_edits([edit("only", "x")], Sources([one, two])), one) == "x here"
    assert result_of(place_edits([edit("both", "x")], Sources([one, two])), two) == "there, x"
    assert (
        "more than one workspace folder" in place_edits([edit("here", "x")], Sources([one, two])).notices[0]
    )


def test_files_of_the_workspace_are_looked_up() -> None:
    """A file the model saw in the prefix is found through `find`, once."""
    other, calls = doc("other = 1\n", "lib/b.py"), []

    def find(path: str) -> list[Document]:
        calls.append(path)
        return [other] if path == "lib/b.py" else []

    sources = Sources([doc("x")], find=find)
    placed = place_edits([edit("other", "o", "lib/b.py"), edit("1", "2", "lib/b.py")], sources)
    assert result_of(placed, other) == "o = 2\n"
    assert calls == ["lib/b.py"]


TEXT = "import os\n\ndef f():\n    return x\n\ndef g():\n    return x\n\n\tend = 1  # tail\n"


@pytest.mark.parametrize(
    ("quote", "start", "end", "lines"),
    [
        ("import os", 1, 1, (0, 0)),
        ("import os", 5, 5, (0, 0)),
        ("import os", -3, 10**9, (0, 0)),
        ("    return x", 4, 4, (3, 3)),
        ("return x", 7, 7, (6, 6)),
        ("return x", 6, 6, (6, 6)),
        ("def f():", 3, 4, (2, 3)),
        ("def f():\n    return x", 3, 3, (2, 3)),
        ("def f():\r\n    return x\r\n", 3, 3, (2, 3)),
        ("end = 1", 9, 9, (8, 8)),
        ("  end = 1  # tail  ", 9, 9, (8, 8)),
        ("return x", 99, 99, "more than once"),
        ("return x", 0, 0, "more than once"),
        ("    return x", 5, 5, (3, 3)),
        ("def", 4, 4, (2, 2)),
        ("return y", 4, 4, "not in the file"),
        ("Import os", 1, 1, "not in the file"),
        ("", 1, 1, "quotes nothing"),
        (" \n", 1, 1, "quotes nothing"),
        ("def f():\n    return y", 3, 4, "not in the file"),
    ],
)
def test_findings_are_located_by_their_quote(
    quote: str, start: int, end: int, lines: tuple[int, int] | str
) -> None:
    """E-05: line numbers that are off, past the end or from elsewhere never move a finding; they break ties."""
    document = doc(TEXT)
    item = {
        "path": "src/a.py",
        "start_line": start,
        "end_line": end,
        "quote": quote,
        "severity": "error",
        "rule": "R",
        "message": "m",
        "fix": [],
    }
    placed = Placer(Sources([document]), action="review").finding(item)
    if isinstance(lines, str):
        assert isinstance(placed, Unplaced)
        assert lines in placed.notice
        return
    assert isinstance(placed, Placed)
    span = placed.finding.span
    last = document.line_span(lines[1])
    assert (document.line_at(span.start), span.end) == (lines[0], last.end)
    assert placed.finding.quote == document.slice(document.line_span(lines[0]))
    assert document.slice(span) == document.slice(span).strip()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"path": "src/missing.py"}, "no such file"),
        ({"path": "../src/a.py"}, "no such file"),
        ({"message": " \u200b "[:1]}, "says nothing"),
        ({"quote": None}, "malformed"),
        ({"path": {}}, "malformed"),
        ({"message": 3}, "malformed"),
        ({"path": "evil`\x1b[31m\n# x"}, "no such file"),
    ],
)
def test_findings_that_are_dropped(changed: dict[str, Any], reason: str) -> None:
    """E-06: findings on missing files or of broken shape are never shown; the notice is one clean line."""
    item = {
        "path": "src/a.py",
        "start_line": 1,
        "end_line": 1,
        "quote": "import os",
        "severity": "error",
        "rule": "r",
        "message": "m",
        "fix": [],
    }
    placed = Placer(Sources([doc(TEXT)]), action="review").finding({**item, **changed})
    assert isinstance(placed, Unplaced)
    assert reason in placed.notice
    assert "\x1b" not in placed.notice
    assert placed.notice.count("`") % 2 == 0


def test_what_a_finding_carries() -> None:
    """Severity and rule are normalised, hidden characters leave the message, and the fix is placed."""
    document = doc(TEXT)
    item = {
        "path": "src/a.py", "start_line": "1", "end_line": 1.0, "quote": "import os", "severity": " WARN ", "rule": "Unused Import (F401)",
        "message": "`os` is\x1b[31m un\u202eused\x00\r\n", "fix": [edit("import os\n", "")], "more": 1,
    }  # fmt: skip
    placed = Placer(Sources([document]), action="security").finding(item)
    assert isinstance(placed, Placed)
    finding = placed.finding
    assert (finding.severity, finding.code, finding.message) == (
        "warning",
        "security/unused-import-f401",
        "`os` is unused",
    )
    assert finding.fix is not None
    assert apply_changes(TEXT, finding.fix.files[0].changes) == TEXT.removeprefix("import os\n")
    broken = Placer(Sources([document]), action="security").finding(
        {**item, "fix": [edit("import os\n", ""), edit("return x", "y")]}
    )
    assert isinstance(broken, Placed)
    assert broken.finding.fix is None
    assert broken.finding == Placed(finding).finding.__class__(
        **{field: getattr(finding, field) for field in finding.__struct_fields__ if field != "fix"}
    )
    assert "more than once" in broken.notices[0]


def test_ids_are_stable_and_findings_never_twice() -> None:
    """The same remark on the same text keeps its id when lines move; equal lines and other remarks get others."""
    first, moved = doc(TEXT), doc("# new line\n\n" + TEXT.replace("import os", "import  os"))

    def ids(document: Document, *items: tuple[str, int, str]) -> list[str | None]:
        placer = Placer(Sources([document]), action="review")
        found = [
            placer.finding(
                {"path": "src/a.py", "quote": quote, "start_line": line, "rule": "r", "message": message}
            )
            for quote, line, message in items
        ]
        return [one.finding.id if isinstance(one, Placed) else None for one in found]

    before = ids(
        first,
        ("return x", 4, "a"),
        ("return x", 7, "a"),
        ("import os", 1, "a"),
        ("import os", 1, "b"),
        ("import os", 2, "a"),
    )
    after = ids(
        moved, ("return x", 6, "a"), ("return x", 9, "a"), ("import  os", 3, "a"), ("import  os", 3, "b")
    )
    assert before[:4] == after
    assert before[4] is None
    assert len(set(after)) == 4
    assert all(len(one or "") == 16 for one in after)


def test_a_finding_on_a_withheld_secret_is_placed() -> None:
    """X-17: the model quotes the line as it saw it; the finding stands on the real one and keeps the secret out."""
    key = "sk-ant-api03-abcdefghijklmnopqrstuvwx"
    document = doc(f"a = 1\nclient = C(key='{key}')\nclient = C(key='{key}0')\n")
    placer = Placer(Sources([document]), action="security")
    item = {
        "path": "src/a.py",
        "quote": "client = C(key='[redacted]')",
        "start_line": 2,
        "rule": "secret",
        "message": "m",
    }
    placed = placer.finding(item)
    assert isinstance(placed, Placed)
    assert document.slice(placed.finding.span) == f"client = C(key='{key}')"
    assert key not in repr(placed)
    second = placer.finding({**item, "start_line": 3})
    assert isinstance(second, Placed)
    assert second.finding.id != placed.finding.id
    assert isinstance(placer.finding({**item, "quote": f"C(key='{key}0", "message": "n"}), Placed)
    refused = placer.edits([edit("C(key='[redacted]')", "C()")])
    assert refused.edit is None
    warned = placer.edits([edit("a = 1", "a = '[redacted]'")])
    assert warned.edit is not None
    assert "placeholder" in (warned.edit.needs_confirmation_reason or "")


@pytest.mark.parametrize(("line", "expected"), [(1, 0), (2, None), (3, 2), (4, 2), (5, None), (0, None)])
def test_a_draw_is_no_place(line: int, expected: int | None) -> None:
    """E-05: where two places are equally near to the line number, neither is guessed."""
    item = {"path": "src/a.py", "quote": "same", "start_line": line, "message": "m"}
    placed = Placer(Sources([doc("same\nx\nsame\nx")]), action="review").finding(item)
    assert (placed.finding.span.start // 7 * 2 if isinstance(placed, Placed) else None) == expected
