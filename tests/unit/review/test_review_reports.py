"""Exit codes, text, JSON, SARIF and baseline of reviews made by hand."""

import json
from typing import Any

import pytest

from ponder.documents import Document, Span
from ponder.errors import ErrorInfo, PonderError
from ponder.files.load import LeftOut
from ponder.files.reasons import Reason
from ponder.findings import Edit, FileChange, Finding, Severity, TextChange
from ponder.review import baseline, report, report_json, sarif
from ponder.review.baseline import EMPTY, Entry
from ponder.review.outcome import Choice, FileReview, Review, shown, touching
from ponder.routing.route import Route, Thinking
from ponder.usage import Usage
from unit.review.sarif_shape import problems

ROUTE = Route(
    action="review",
    model="claude-x",
    line="sonnet",
    thinking=Thinking(mode="adaptive", effort="medium"),
    max_tokens=100,
    thinking_param=None,
    effort_param=None,
)
KEY = "AKIA" + "Q3EXAMPLE7ZKPLMN"
TEXT = f'import os\nkey = "{KEY}"\n\tvalue = os.environ["é"]\x1b[31m\nlast\n'


def finding(line: int = 2, severity: Severity = "warning", **more: Any) -> Finding:
    document = Document("file:///w/a%20b.py", TEXT)
    values: dict[str, Any] = {
        "id": f"{line:016x}",
        "uri": document.uri,
        "path": "a b.py",
        "span": document.line_span(line),
        "quote": "quoted",
        "severity": severity,
        "code": "review/some-rule",
        "message": "It is \x1b[31mwrong\nhere.",
    }
    return Finding(**(values | more))


def file(*findings: Finding, **more: Any) -> FileReview:
    values: dict[str, Any] = {"status": "done", "findings": findings} | more
    return FileReview(document=Document("file:///w/a%20b.py", TEXT, path="a b.py"), **values)


def review(*files: FileReview, **more: Any) -> Review:
    return Review(provider="anthropic", route=ROUTE, files=files, **more)


def trouble(kind: Any) -> ErrorInfo:
    return ErrorInfo(kind=kind, message="It failed.", hint="Do this.")


@pytest.mark.parametrize(
    ("made", "fail_on", "code"),
    [
        (review(), "hint", 0),
        (review(file()), "hint", 0),
        (review(file(finding(severity="hint"))), "hint", 1),
        (review(file(finding(severity="hint"))), "information", 0),
        (review(file(finding(severity="error"))), "error", 1),
        (review(file(finding(severity="warning"))), "error", 0),
        (review(file(status="refused")), "hint", 3),
        (review(file(finding()), file(status="cancelled")), "error", 3),
        (review(file(status="failed", error=trouble("overloaded"))), "hint", 3),
        (review(file(status="failed", error=trouble("authentication"))), "hint", 2),
        (review(file(), file(status="failed", error=trouble("billing"))), "hint", 3),
        (review(file(status="failed", error=trouble("network"))), "hint", 2),
        (review(file(finding(), status="failed", error=trouble("network"))), "hint", 3),
        (review(file(answered=True, status="failed", error=trouble("network"))), "hint", 3),
        (review(file(), file(status="failed", error=trouble("network"))), "hint", 3),
        (review(left_out=(LeftOut("a", Reason("binary")),)), "hint", 3),
        (review(file(), left_out=(LeftOut("a", Reason("binary")),)), "hint", 3),
        (review(file(finding()), left_out=(LeftOut("a", Reason("binary")),)), "hint", 3),
        (review(skipped=(LeftOut("a", Reason("binary")),)), "hint", 3),
        (review(file(), skipped=(LeftOut("a", Reason("binary")),)), "hint", 0),
        (review(file(finding()), skipped=(LeftOut("a", Reason("binary")),)), "hint", 1),
    ],
)
def test_the_exit_code(made: Review, fail_on: Severity, code: int) -> None:
    """Incomplete is never clean; findings count from the severity asked for."""
    assert made.exit_code(fail_on) == code


def test_what_is_shown_of_a_file() -> None:
    """Less what is accepted or matters too little, the gravest first when there are too many, in order of place."""
    one = file(finding(3, "hint"), finding(2, "error"), finding(0, "warning"))
    chosen, accepted = shown(one, Choice(floor="hint", most=2, accepted=frozenset({finding(2).id})))
    assert ([found.severity for found in chosen.findings], accepted) == (["warning", "hint"], 1)
    chosen, _ = shown(one, Choice(floor="warning", most=1))
    assert [found.severity for found in chosen.findings] == ["error"]


def test_only_findings_on_changed_parts() -> None:
    """A finding counts where its lines touch a changed part."""
    document = file().document
    found = (finding(0), finding(2), finding(3))
    assert touching(found, None) == found
    assert touching(found, [document.line_span(2)]) == found[1:2]
    assert touching(found, []) == ()


def fixed() -> Finding:
    document = file().document
    change = TextChange(document.line_span(2), document.slice(document.line_span(2)), "mended")
    made = FileChange(uri=document.uri, path="a b.py", version=None, changes=(change,))
    return finding(2, fix=Edit(files=(made,)))


def test_sarif_has_the_shape_of_the_standard() -> None:
    """Findings, fixes, failures and what was left out: every field known, none missing, columns in code points."""
    whole = review(
        file(fixed(), finding(0, code="review/other")),
        file(status="refused", error=trouble("invalidRequest")),
        left_out=(LeftOut("x", Reason("binary")),),
        usage=Usage(requests=1),
    )
    log = json.loads(sarif.render(whole))
    assert list(problems(log)) == []
    run = log["runs"][0]
    assert not run["invocations"][0]["executionSuccessful"]
    assert run["tool"]["extensions"][0]["name"] == "claude-x"
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.py"
    assert (place["region"]["startLine"], place["region"]["startColumn"]) == (3, 1)
    assert place["region"]["endColumn"] == len('\tvalue = os.environ["é"]\x1b[31m') + 1
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "mended"
    assert KEY not in sarif.render(whole)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.pop("version"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["results"][0].update(severity=1),
        lambda log: log["runs"][0]["results"][0].update(level="information"),
        lambda log: log["runs"][0].update(tool={}),
    ],
)
def test_the_check_of_the_shape_can_fail(spoil: Any) -> None:
    """A log that is spoiled is told as such."""
    log = json.loads(sarif.render(review(file(finding()))))
    assert list(problems(log)) == []
    spoil(log)
    assert list(problems(log))


def test_names_that_are_no_text_do_not_stop_a_report() -> None:
    """Lone surrogates in names and texts are written somehow, in each format."""
    odd = FileReview(
        document=Document("file:///w/%FF", "\ud800 = 1\n", path="\udcff"),
        status="done",
        findings=(finding(0, path="\udcff", quote="\ud800", message="\ud800", span=Span(0, 1)),),
    )
    for made in (sarif.render(review(odd)), report_json.render(review(odd)), report.plain(review(odd))):
        assert made.encode("utf-8", "replace")
    assert list(problems(json.loads(sarif.render(review(odd))))) == []


def test_text_shows_the_source_and_no_secret() -> None:
    """The line beside each finding, harmless for a terminal; what is incomplete stands out."""
    text = report.plain(review(file(finding(2), finding(1)), file(status="failed", error=trouble("network"))))
    assert "a b.py:3:1: warning [review/some-rule]" in text
    assert '3 |     value = os.environ["é"]' in text
    assert "\x1b" not in text
    assert KEY not in text
    assert "INCOMPLETE: 1 of 2 files was not reviewed to the end; 1 file reviewed; 2 warnings;" in text
    assert "It failed." in text
    assert "Do this." in text
    offline = Review(provider="offline", route=ROUTE, files=(file(),))
    assert "claude" not in report.plain(offline)
    assert "offline engine" in report.plain(offline)


def test_json_says_where_and_what() -> None:
    """Lines and columns from 1; the fix of the file at hand as edits."""
    whole = json.loads(report_json.render(review(file(fixed()), accepted=2)))
    found = whole["findings"][0]
    assert (found["startLine"], found["startColumn"], found["severity"]) == (3, 1, "warning")
    assert found["fix"][0]["newText"] == "mended"
    assert (whole["status"], whole["accepted"], whole["model"]) == ("done", 2, "claude-x")


def test_a_baseline_is_written_the_same_way_each_time() -> None:
    """Sorted, whatever the order of findings; a known finding keeps its words; reading gives back what was written."""
    two = [finding(2, path="b.py"), finding(0, path="a.py")]
    made = baseline.updated(EMPTY, two, keep=lambda _: True)
    text = baseline.text_of(made)
    assert text == baseline.text_of(baseline.updated(EMPTY, two[::-1], keep=lambda _: True))
    assert [entry["path"] for entry in json.loads(text)["findings"]] == ["a.py", "b.py"]
    again = baseline.parse(text, "x")
    assert again.ids == made.ids
    other_words = [finding(2, path="b.py", message="Said otherwise.")]
    after = baseline.updated(again, other_words, keep=lambda entry: entry.path == "a.py")
    assert baseline.text_of(after) == text
    assert baseline.updated(again, [], keep=lambda entry: entry.path == "a.py").ids == {finding(0).id}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": [{"id": 1}]}',
        "[" * 99_999,
    ],
)
def test_a_baseline_that_is_none_is_refused(text: str) -> None:
    """One sentence; a damaged baseline silences nothing."""
    with pytest.raises(PonderError, match="ponder baseline"):
        baseline.parse(text, "ponder-baseline.json")


def test_a_baseline_may_lack_messages() -> None:
    """Only id, path and rule are needed."""
    read = baseline.parse('{"version": 1, "findings": [{"id": "a", "path": "b", "rule": "c"}]}', "x")
    assert read.findings == (Entry(id="a", path="b", rule="c"),)


def test_the_report_follows_a_narrow_terminal() -> None:
    """What is said is broken at its width; names and source stay whole."""
    long = finding(message="words " * 40)
    shown = ["".join(text for text, _ in line) for line in report.lines(review(file(long)), 40)]
    said = [line for line in shown if "|" not in line and not line.startswith("a b.py:")]
    assert sum("words" in line for line in said) >= 6
    assert max(map(len, said)) <= 40
