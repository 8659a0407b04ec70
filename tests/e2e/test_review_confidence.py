"""`review.minConfidence` over the wire: nothing is different until it is set; then findings are rated, and the unsure left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.test_outcomes import bodies, connected
from e2e.test_review_cli import asked, endpoint, write
from ponder.offline.answer import Answer

FIELDS = ["path", "start_line", "end_line", "quote", "severity", "rule", "message", "fix"]
# One thing the text proves, and one that only some inputs make true.
MIXED = "def last(values):\n    return values[len(values)]\n\n\ndef mean(items):\n    return sum(items) / len(items)\n"


def schema(body: dict[str, Any]) -> dict[str, Any]:
    """The schema of one finding in a request."""
    return body["output_config"]["format"]["schema"]["properties"]["findings"]["items"]


def rated(*confidences: object) -> Any:
    """An answerer that finds something in each line, as sure as this."""

    def answer(body: dict[str, Any]) -> Answer:
        findings = [
            {
                "path": "a.py", "start_line": line, "end_line": line, "quote": f"x{line} = {line}",
                "severity": "warning", "rule": "planted", "message": f"Line {line}.",
                **({} if confidence is None else {"confidence": confidence}), "fix": [],
            }
            for line, confidence in enumerate(confidences, 1)
        ]  # fmt: skip
        return Answer(text=json.dumps({"summary": "Looked.", "findings": findings}))

    return answer


async def test_by_default_no_confidence_is_asked_for(tmp_path: Path) -> None:
    """The request is the one that is promised, to the field; nothing is said of confidence."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": MIXED})
        _, report = await cli.json("a.py")
        (body,) = bodies(offline)
        assert list(schema(body)["properties"]) == schema(body)["required"] == FIELDS
        assert "confidence" not in json.dumps(body)
        assert {one["code"] for one in report["findings"]} >= {
            "review/index-at-length",
            "review/unguarded-mean",
        }
        assert report["unsure"] == 0


@pytest.mark.parametrize("batch", [(), ("--batch",)])
async def test_unsure_findings_are_left_out_and_counted(tmp_path: Path, batch: tuple[str, ...]) -> None:
    """Each finding is asked for its confidence, what that means is said, and what is below the bar is only counted."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": MIXED})
        cli.env["PONDER_REVIEW_MIN_CONFIDENCE"] = "80"
        code, out, err = await cli("review", "a.py", *batch)
        assert code == 1, err
        assert "index-at-length" in out
        assert "unguarded-mean" not in out
        assert "1 finding below your confidence of 80 left out" in out
        assert out.count("below your confidence") == 1
        sent = [seen.body for seen in offline.requests if seen.method == "POST"]
        body = sent[0]["requests"][0]["params"] if batch else sent[0]
        assert schema(body)["properties"]["confidence"]["type"] == "integer"
        assert schema(body)["required"] == [*FIELDS[:-1], "confidence", "fix"]
        task = next(block["text"] for block in body["messages"][0]["content"] if "<task>" in block["text"])
        assert "`confidence`" in task
        assert "80" not in task, "a model that knows the bar rates by it"


async def test_another_bar_is_another_review(tmp_path: Path) -> None:
    """The same bar costs nothing again and still counts; another one, or none, asks anew."""
    async with endpoint(tmp_path) as (cli, offline):
        write(cli.folder, {"a.py": MIXED})
        for bar, requests, unsure in (("80", 1, 1), ("80", 1, 1), ("50", 2, 0), ("0", 3, 0), ("80", 3, 1)):
            cli.env["PONDER_REVIEW_MIN_CONFIDENCE"] = bar
            _, report = await cli.json("a.py")
            assert (len(asked(offline)), report["unsure"]) == (requests, unsure), bar
            assert len(report["findings"]) == 2 - unsure


async def test_a_sarif_log_says_what_was_left_out(tmp_path: Path) -> None:
    """A log with fewer findings than the model had must say so."""
    async with endpoint(tmp_path) as (cli, _):
        write(cli.folder, {"a.py": MIXED})
        cli.env["PONDER_REVIEW_MIN_CONFIDENCE"] = "80"
        _, out, _ = await cli("review", "a.py", "--format", "sarif")
        properties = json.loads(out)["runs"][0]["properties"]
        assert (properties["minConfidence"], properties["unsure"]) == (80, 1)
        assert [one["properties"]["confidence"] for one in json.loads(out)["runs"][0]["results"]] == [90]


async def test_a_finding_without_a_rating_is_kept(tmp_path: Path) -> None:
    """Only a number from 0 to 100 below the bar hides a finding; exactly the bar, no number, nonsense: kept."""
    text = "".join(f"x{line} = {line}\n" for line in range(1, 9))
    ratings = (70, 69, None, "sure", 101, -1, 0, True)
    async with connected(tmp_path, env={"PONDER_REVIEW_DEBOUNCE_MS": "1"}, answerer=rated(*ratings)) as (
        editor,
        _,
    ):
        editor.notify(
            "workspace/didChangeConfiguration", {"settings": {"ponder": {"review": {"minConfidence": 70}}}}
        )
        uri = editor.open("a.py", text)
        result = await editor.run(
            "ponder.run", {"action": "review", "textDocument": {"uri": uri}, "wait": True}
        )
        assert result["status"] == "done"
        lines = [one["range"]["start"]["line"] + 1 for one in result["findings"]]
        assert lines == [1, 3, 4, 5, 6, 8]
        notices = [event["message"] for event in editor.events() if event["type"] == "notice"]
        assert [one for one in notices if "confidence" in one] == [
            "2 findings below your confidence of 70 were left out (`review.minConfidence`)."
        ]
        assert {note["range"]["start"]["line"] + 1 for note in editor.diagnostics(uri)} == set(lines)


async def test_a_save_asks_anew_when_the_bar_moves(tmp_path: Path) -> None:
    """The memory of background reviews is one for each bar."""
    quick = {"PONDER_REVIEW_DEBOUNCE_MS": "1"}
    async with connected(tmp_path, env=quick, answerer=rated(40, 90)) as (editor, offline):
        uri = editor.open("a.py", "x1 = 1\nx2 = 2\n")
        for count, (bar, shown) in enumerate([(0, [0, 1]), (50, [1]), (30, [0, 1])], 1):
            settings = {"ponder": {"review": {"minConfidence": bar}}}
            editor.notify("workspace/didChangeConfiguration", {"settings": settings})
            editor.save(uri)
            await editor.eventually(lambda count=count: len(bodies(offline)) == count)
            await editor.eventually(
                lambda shown=shown: (
                    [note["range"]["start"]["line"] for note in editor.diagnostics(uri)] == shown
                )
            )
        editor.notify(
            "workspace/didChangeConfiguration", {"settings": {"ponder": {"review": {"minConfidence": 50}}}}
        )
        editor.save(uri)
        await editor.eventually(
            lambda: [note["range"]["start"]["line"] for note in editor.diagnostics(uri)] == [1]
        )
        assert len(bodies(offline)) == 3, "paid twice for the same bar"
