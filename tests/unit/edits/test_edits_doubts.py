"""E-11, X-15: what makes an edit suspect though it fits: lost code, placeholders, text nobody sees."""

import pytest

from ponder.answers.place_edits import place_edits
from ponder.answers.sources import Sources
from ponder.documents import Document, Span
from ponder.edits.doubts import outside_selection
from ponder.edits.hidden_text import hidden_text
from ponder.findings import FileChange, TextChange

LONG = "".join(f"def function_{number}():\n    return {number}\n\n" for number in range(20))


def warnings(text: str, old: str, new: str) -> str:
    placed = place_edits(
        [{"path": "a.py", "old_text": old, "new_text": new}], Sources([Document("file:///a.py", text)])
    )
    assert placed.edit is not None, placed.notices
    return placed.edit.needs_confirmation_reason or ""


@pytest.mark.parametrize(
    ("text", "old", "new", "warning"),
    [
        (LONG, LONG, "", "deletes all"),
        (LONG, LONG, "\n", "deletes all"),
        (LONG, LONG[:-100], "x = 1\n", "deletes 8"),
        (LONG, LONG[: len(LONG) // 3], "", ""),
        (LONG, LONG, LONG.replace("return", "yield"), ""),
        ("import os\nx = 1\n", "import os\n", "", ""),
        ("import os\n", "import os\n", "", "deletes all"),
        (LONG, "return 7\n", "# ... existing code ...\n", "placeholder"),
        (LONG, "return 7", "// rest of the code", "placeholder"),
        (LONG, "return 7", "# ...", "placeholder"),
        (LONG, "return 7", "# Rest of the function remains unchanged", "placeholder"),
        (LONG, "return 7", "/* ... */", "placeholder"),
        (LONG, "return 7", "<!-- ... -->", "placeholder"),
        (LONG, "return 7", "[original content here]", "placeholder"),
        (LONG, "return 7", "# … remaining methods", "placeholder"),
        (LONG, "return 7", "# implementation goes here", "placeholder"),
        (LONG, "return 7", "...", ""),
        (LONG, "return 7", "return 'wait...'", ""),
        (LONG, "return 7", "items[...] = rest", ""),
        (LONG, "return 7", "f({\n  ...rest,\n  ...other })", ""),
        (LONG, "return 7", "... the rest stays the same ...", "placeholder"),
        (LONG, "return 7", "# the rest is history", ""),
        (
            "a\n# ... existing code ...\nb\n",
            "# ... existing code ...\nb\n",
            "# ... existing code ...\nc\n",
            "",
        ),
        (LONG, "    return 7\n", "    return 8", ""),
        ("x\ny = 1\n", "x\n", "z", "run into the line"),
        ("x\n\ny = 1\n", "x\n", "z", ""),
        ("y\nx\n", "x\n", "z", ""),
        (LONG, "return 7", "if user != 'admin\u202e \u2066# check\u2069 \u2066':", "direction of text"),
        (LONG, "return 7", "retu\u200brn 7", "invisible characters"),
        (
            LONG,
            "return 7",
            "return 7" + "".join(chr(0xE0000 + ord(letter)) for letter in "hidden"),
            "tag characters",
        ),
        (LONG, "return 7", "p\u0430ssword = 1", "look-alike"),
        (LONG, "return 7", "x\ufe0f\ufe01 = 1", "invisible characters"),
        (LONG, "return 7", "ab\u200dc = 1", "invisible characters"),
        (LONG, "return 7", "x = 1" + " " * 200 + "; evil()", "out of sight"),
        (LONG, "return 7", "x = '\x1b[2J'", "control characters"),
        (
            LONG,
            "return 7",
            "s = '👩\u200d💻 ❤️ 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f'",
            "",
        ),
        (LONG, "return 7", "s = 'пароль, λόγος, 変数, می\u200cخواهم'", ""),
        (LONG, "return 7", "return 7  # naïve café µ Ω", ""),
    ],
)
def test_doubts(text: str, old: str, new: str, warning: str) -> None:
    """E-11, X-15: a suspect edit carries a sentence, so it is never applied unasked; an ordinary one carries none."""
    found = warnings(text, old, new)
    assert warning in found
    assert bool(found) == bool(warning), found


def test_hidden_text_that_was_there_before_is_no_news() -> None:
    """X-15: only more of a kind than before is told, with the code points."""
    assert hidden_text("a\u200bb", "x\u200by") == []
    assert hidden_text("a\u200bb\u2060c", "x\u200by") == [
        "The new text holds invisible characters (U+200B, U+2060)."
    ]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(4, 8)], ""),
        ([(3, 9)], ""),
        ([(3, 10)], "line 2"),
        ([(0, 1)], "line 1"),
        ([(4, 5), (9, 10), (12, 12)], "line 4, 5"),
        ([(3, 3)], ""),
    ],
)
def test_changes_outside_the_selection(spans: list[tuple[int, int]], expected: str) -> None:
    """E-13: whole lines of the selection may change; what lies beyond is told with its line."""
    document = Document("file:///a.py", "aa\nbb\ncc\ndd\nee")
    changes = tuple(TextChange(Span(*span), document.text[slice(*span)], "x") for span in spans)
    change = FileChange(uri=document.uri, path="a.py", version=1, changes=changes)
    found = outside_selection(change, document, Span(4, 7))
    assert expected in " ".join(found)
    assert bool(found) == bool(expected)


def test_hostile_text_is_linear() -> None:
    """X-21: a quarter megabyte for each pattern over new text; the suite's time-out is the judge."""
    for unit in (
        "#",
        "# ",
        "... ",
        "# rest of ",
        "[",
        "[original ",
        " ",
        "\t",
        "x ",
        "\u200b",
        "x\u0430",
        "# existing",
        "\n# code",
        "…",
        "<!--",
        "(*",
    ):
        new = unit * (250_000 // len(unit))
        warnings(LONG, "return 7", new)
