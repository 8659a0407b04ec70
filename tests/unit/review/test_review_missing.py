"""What a review did not look at, and what it does not show: said once, in words that agree with each other."""

import json
from pathlib import Path

import pytest

from ponder.documents import Document
from ponder.errors import ErrorInfo, PonderError
from ponder.files.load import LeftOut
from ponder.files.reasons import Reason
from ponder.findings import Finding, Severity
from ponder.review import baseline_file, report, report_json, sarif
from ponder.review.outcome import Choice, FileReview, Review, shown
from ponder.routing.route import Route, Thinking
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


def file(name: str, error: ErrorInfo | None = None, *severities: Severity) -> FileReview:
    document = Document(f"file:///w/{name}", "x = 1\n" * 9, path=name)
    found = tuple(
        Finding(
            id=f"{name}{line}",
            uri=document.uri,
            path=name,
            span=document.line_span(line),
            quote="x = 1",
            severity=severity,
            code="review/r",
            message="m",
        )
        for line, severity in enumerate(severities)
    )
    return FileReview(document=document, status="failed" if error else "done", findings=found, error=error)


def review(*files: FileReview, **more: tuple[LeftOut, ...]) -> Review:
    return Review(provider="anthropic", route=ROUTE, files=files, **more)


def test_trouble_that_all_files_meet_is_told_once() -> None:
    """Two lines and a number, however many files; the summary does not call them reviewed."""
    refused = ErrorInfo(kind="authentication", message="No such key.", hint="Set a key.")
    text = report.plain(review(*(file(f"f{n}.py", refused) for n in range(6))))
    assert text.count("No such key.") == text.count("Set a key.") == 1
    assert "6 files (f0.py, f1.py, f2.py, … 3 more): No such key." in text
    assert "INCOMPLETE: 6 of 6 files were not reviewed to the end; 0 files reviewed;" in text
    assert "no findings" not in text


def test_a_budget_is_told_once() -> None:
    """Each request would have cost something else; the trouble is one."""
    errors = [ErrorInfo(kind="budget", message=f"It may cost ${n}.", hint="Raise it.") for n in range(4)]
    text = report.plain(review(file("done.py"), *(file(f"f{n}.py", one) for n, one in enumerate(errors))))
    assert text.count("Raise it.") == 1
    assert "INCOMPLETE: 4 of 5 files were not reviewed to the end; 1 file reviewed; no findings;" in text


def test_different_trouble_is_told_apart() -> None:
    """Another reason is another line."""
    one, two = (ErrorInfo(kind="malformed", message=f"No {n}.", hint="Again.") for n in "ab")
    text = report.plain(review(file("a.py", one), file("b.py", two)))
    assert "a.py: No a." in text
    assert "b.py: No b." in text


def test_what_was_skipped_is_counted_and_named_in_every_format() -> None:
    """One line a reason in the text, each file in JSON and SARIF; other findings decide the exit code."""
    skipped = tuple(LeftOut(f"big{n}.py", Reason("large", "1,000,000")) for n in range(5))
    made = review(file("a.py"), skipped=(*skipped, LeftOut("x.py", Reason("binary"))))
    text = report.plain(made)
    assert "left out 5 files (big0.py, big1.py, big2.py, … 2 more): larger than 1,000,000 bytes\n" in text
    assert "left out x.py: binary\n" in text
    assert "; 6 left out;" in text
    assert len(json.loads(report_json.render(made))["leftOut"]) == 6
    log = json.loads(sarif.render(made))
    assert list(problems(log)) == []
    assert len(log["runs"][0]["invocations"][0]["toolExecutionNotifications"]) == 6
    assert made.exit_code("hint") == 0


def test_nothing_reviewed_is_not_clean() -> None:
    """Where all there was had to be left out, the report says so and the exit code too, unless that is asked for."""
    made = review(skipped=(LeftOut("x.py", Reason("binary")),))
    assert "NOTHING WAS REVIEWED" in report.summary(made)
    assert "no findings" not in report.summary(made)
    assert (made.exit_code("hint"), made.exit_code("hint", skips=True)) == (3, 0)
    assert json.loads(report_json.render(made))["status"] == "incomplete"
    assert "no findings" in report.summary(review())


def test_a_named_file_that_was_left_out_is_incomplete() -> None:
    """Also beside others that were reviewed."""
    made = review(file("ok.py"), left_out=(LeftOut(".env", Reason("secret")),))
    assert "INCOMPLETE: 1 named file was not reviewed; 1 file reviewed" in report.summary(made)
    assert (made.exit_code("hint"), made.exit_code("hint", skips=True)) == (3, 0)


def test_hidden_findings_are_counted() -> None:
    """By the floor, and by the limit for one file."""
    whole = file("a.py", None, "error", "error", "warning", "hint", "hint", "hint")
    one, _ = shown(whole, Choice(floor="warning", most=1))
    made = review(one)
    assert "2 findings hidden by `review.maxFindings`" in report.summary(made)
    assert "3 findings hidden by `review.severityFloor`" in report.summary(made)
    hidden = {"severityFloor": 3, "maxFindings": 2}
    assert json.loads(report_json.render(made))["hidden"] == hidden
    log = json.loads(sarif.render(made))
    assert list(problems(log)) == []
    assert log["runs"][0]["properties"]["hidden"] == hidden


# --- the baseline's file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        "/abs/.evil",
        "../../x",
        "a/../../x",
        "~/x",
        ".git/hooks/pre-commit",
        "link.json",
        "up/x.json",
        "C:/x",
        "",
    ],
)
def test_a_baseline_stays_in_its_folder(tmp_path: Path, setting: str) -> None:
    """No absolute path, no way up, no link out, nothing of git's."""
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "out.json")
    (folder / "up").symlink_to(tmp_path)
    with pytest.raises(PonderError, match="not inside the workspace folder"):
        baseline_file.of_setting(setting, str(folder), str(folder))


def test_a_baseline_is_called_by_its_whole_path(tmp_path: Path) -> None:
    """Relative to where one stands; a link inside the folder is followed, one that a user names out of it is not."""
    (tmp_path / "config").mkdir()
    (tmp_path / "named.json").symlink_to(tmp_path / "config" / "real.json")
    (tmp_path / "out.json").symlink_to("/tmp/elsewhere.json")
    here = str(tmp_path)
    made = baseline_file.of_setting("config/b.json", here, here)
    assert (made.name, made.path) == ("config/b.json", str(tmp_path / "config" / "b.json"))
    assert baseline_file.of_setting("named.json", here, here).path == str(tmp_path / "config" / "real.json")
    assert baseline_file.of_user("../b.json", here, here).path == str(tmp_path.parent / "b.json")
    with pytest.raises(PonderError, match="leads out of the workspace"):
        baseline_file.of_user("out.json", here, here)


def test_a_baseline_is_written_whole_and_read_back(tmp_path: Path) -> None:
    """Written text is read back; what is no file is refused by name."""
    here = str(tmp_path)
    made = baseline_file.of_setting("b.json", here, here)
    assert baseline_file.read(made).findings == ()
    with pytest.raises(PonderError, match="does not exist"):
        baseline_file.read(made, must_exist=True)
    baseline_file.write(made, '{"version": 1, "findings": []}\n')
    assert baseline_file.read(made, must_exist=True).version == 1
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]
    (tmp_path / "c.json").mkdir()
    with pytest.raises(PonderError, match=r"c\.json"):
        baseline_file.read(baseline_file.of_setting("c.json", here, here))
