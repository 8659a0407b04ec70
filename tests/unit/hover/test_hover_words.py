"""What a hover box says of a finding: in the editor's own word for it, and no sentence twice."""

import pytest

from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.hover.facts import Facts
from ponder.hover.words import render

TEXT = Document("file:///a.py", "rows\n", path="a.py", language="python")


def box(severity: str, explanation: str | None) -> str:
    """The box over a word with one finding."""
    finding = Finding(
        id="1", uri=TEXT.uri, path="a.py", span=Span(0, 4), quote="rows", severity=severity, code="review/x",
        message="`rows` is never closed.",
    )  # fmt: skip
    facts = Facts(
        name="rows",
        span=Span(0, 4),
        symbol=None,
        findings=(finding,),
        excerpt=TEXT,
        core=Span(0, 4),
        digest="d",
    )
    return render(facts, title="Ponder", explanation=explanation, waiting=False)


@pytest.mark.parametrize(
    ("severity", "word"),
    [("error", "warning"), ("warning", "warning"), ("information", "information"), ("hint", "hint")],
)
def test_a_finding_is_called_what_the_editor_calls_it(severity: str, word: str) -> None:
    """Editors show what Ponder calls an error as a warning."""
    assert box(severity, None).startswith(f"**{word}** ")


@pytest.mark.parametrize(
    ("explanation", "times"),
    [
        ("Rows of a file: `rows` is never\nclosed, as is its file.", 0),
        ("Rows of a file.", 1),
        (None, 1),
    ],
)
def test_what_the_explanation_says_is_not_said_before_it(explanation: str | None, times: int) -> None:
    """The same words stand in the box once."""
    assert box("warning", explanation).count("**warning**") == times
