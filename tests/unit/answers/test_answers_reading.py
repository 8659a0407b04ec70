"""4.4, 5: a structured answer shows as readable text while it streams; findings come out as soon as they are complete."""

import json
import random
from typing import Any

from ponder.answers.placing import Placer
from ponder.answers.reading import AnswerReader, Placed, Reading
from ponder.answers.sources import Sources
from ponder.documents import Document

TEXT = "import os\n\ndef f():\n    return 1\n"
DOCUMENT = Document("file:///w/a.py", TEXT, path="a.py", version=3)


def finding(quote: str, message: str, **more: Any) -> dict[str, Any]:
    return {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "quote": quote,
        "severity": "warning",
        "rule": "r",
        "message": message,
        "fix": [],
        **more,
    }


FINDINGS = {
    "summary": "Two problems,\none <b>bad</b> `x`",
    "findings": [
        finding("import os", "`os` is unused"),
        finding("return 1", "returns ![x](http://c)\nalways", severity="error"),
        finding("gone", "never shown"),
        finding("import os", "`os` is unused"),
    ],
}
READABLE = (
    "Two problems,\none \\<b>bad\\</b> `x`\n\n- **warning** `a.py:1` `os` is unused\n"
    "- **error** `a.py:4` returns \\![x](http://c)\n  always\n"
)


def read(answer: str, shape: Any = "findings", size: int = 0) -> tuple[str, list[Placed], Reading]:
    """The whole text, the placed items, and the end, fed in pieces of `size` (0: random)."""
    sources = Sources([DOCUMENT], new_file_uri=lambda path: f"file:///w/{path}")
    reader = AnswerReader(Placer(sources, action="review"), shape)
    source, at = random.Random(len(answer)), 0
    text, placed = "", []
    while at < len(answer):
        step = size or source.randint(1, 9)
        for piece in reader.feed(answer[at : at + step]):
            if isinstance(piece, str):
                text += piece
            else:
                placed.append(piece)
        at += step
    end = reader.finish()
    return text + end.text, placed, end


def test_readable_form_of_findings() -> None:
    """The text is Markdown, the same for every cut, never JSON; what cannot be placed is only a notice."""
    for size in (0, 1, 7, 10_000):
        text, placed, end = read(json.dumps(FINDINGS), size=size)
        assert text == READABLE
        assert [one.finding.message for one in placed if one.finding] == [
            "`os` is unused",
            "returns ![x](http://c)\nalways",
        ]
        assert [one.notices for one in placed] == [
            (),
            (),
            ("A finding for `a.py` was left out: its quoted text is not in the file.",),
        ]
        assert end == Reading()


def test_a_finding_comes_out_when_it_is_complete() -> None:
    """Nothing waits for the end of the answer."""
    answer = json.dumps(FINDINGS)
    cut = answer.index("}", answer.index("unused")) + 1
    reader = AnswerReader(Placer(Sources([DOCUMENT]), action="review"), "findings")
    pieces = list(reader.feed(answer[:cut]))
    assert isinstance(pieces[-1], Placed)
    assert pieces[-1].finding is not None
    assert pieces[-1].finding.code == "review/r"
    assert "".join(piece for piece in pieces if isinstance(piece, str)).endswith("is unused\n")


def test_edits_come_at_the_end_and_only_from_a_whole_answer() -> None:
    """A cut answer gives no edit at all, whatever arrived; a whole one gives one edit."""
    answer = json.dumps(
        {
            "summary": "Done.",
            "edits": [
                {"path": "a.py", "old_text": "return 1", "new_text": "return 2"},
                {"path": "b.py", "old_text": "", "new_text": "x\ny\n"},
                {"path": "a.py", "old_text": "nope", "new_text": "x"},
            ],
        }
    )
    text, placed, end = read(answer, "edits")
    assert text == "Done.\n\n- `a.py:4` (+1 −1)\n- `b.py` (+2 −0)\n- `a.py` (+1 −1)\n"
    assert placed == []
    assert end.fault is None
    assert end.edit is not None
    assert [file.path for file in end.edit.files] == ["a.py", "b.py"]
    assert end.notices == ("A change to `a.py` was left out: its old text is not in the file.",)
    for cut in range(len(answer)):
        cut_end = read(answer[:cut], "edits", size=10_000)[2]
        assert cut_end.edit is None
        assert cut_end.fault


def test_odd_answers() -> None:
    """An empty list, a summary that follows its list, wrong types and no JSON at all: text stays readable."""
    assert read('{"summary": "All fine.", "findings": []}')[0] == "All fine."
    late = read(json.dumps({"findings": FINDINGS["findings"][:1], "summary": "S `x"}))
    assert late[0] == "- **warning** `a.py:1` `os` is unused\n\nS \\`x"
    text, placed, end = read('{"findings": [{"path": 3}], "summary": ""}')
    assert (text, len(placed), end.fault) == ("", 1, None)
    assert "malformed" in placed[0].notices[0]
    assert read("I found nothing.")[2].fault
    assert read("")[2].fault == "it is empty"
    assert read('{"summary": "open `code')[0] == "open \\`code"
    odd = read(json.dumps({"summary": "s", "edits": [{"path": "a`b\u001b[1m", "old_text": 1}, {}]}), "edits")
    assert odd[0] == "s\n\n- ``a`b`` (+0 −0)\n- `?` (+0 −0)\n"
    assert odd[2].edit is None
