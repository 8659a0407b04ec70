"""The recorded event streams that the panels are tested on are what the server tells today."""

from pathlib import Path

import pytest

from e2e.recorder import FOLDER, RECORDINGS, form_of, forms, record, recorded

STATUSES = {"done", "cancelled", "failed", "refused", "truncated"}
ANEW = "stale: record it anew with `.venv/bin/python editors/vscode/scripts/record.py`"


@pytest.mark.parametrize("name", RECORDINGS)
async def test_a_recording_is_what_the_server_tells_today(name: str, tmp_path: Path) -> None:
    """Recorded again, a stream has the same events with the same fields, in the same order."""
    assert forms(recorded(name)) == forms(await record(RECORDINGS[name], tmp_path)), ANEW


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_keeps_the_rules_of_the_wire(name: str) -> None:
    """`seq` has no gap, blocks open before they speak and close, nothing follows `finished`, and it ends as it says."""
    events = recorded(name)
    for run_id in {event["runId"] for event in events}:
        run = [event for event in events if event["runId"] == run_id]
        assert [event["seq"] for event in run] == list(range(len(run)))
        assert [event["type"] for event in run].count("finished") == 1
        assert run[0]["type"] == "started"
        assert run[-1]["type"] == "finished"
        speaking: set[int] = set()
        for event in run:
            if event["type"] == "blockStarted":
                speaking.add(event["index"])
            elif event["type"] == "blockDelta":
                assert event["index"] in speaking
            elif event["type"] == "blockFinished":
                speaking.remove(event["index"])
        assert speaking <= ({0} if RECORDINGS[name].cancel else set())
    assert events[-1]["status"] == RECORDINGS[name].status


def test_redacted_thinking_has_no_text() -> None:
    """A block of redacted thinking opens and closes, and says nothing in between."""
    events = recorded("redacted-thinking")
    index = next(event["index"] for event in events if event.get("kind") == "redactedThinking")
    assert not [event for event in events if event["type"] == "blockDelta" and event["index"] == index]


def test_every_way_a_run_ends_is_recorded_and_no_file_is_left_over() -> None:
    """Each status has a recording, and each file a way to be recorded again."""
    assert {how.status for how in RECORDINGS.values()} == STATUSES
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(RECORDINGS)


def test_the_form_of_an_event_changes_with_a_field() -> None:
    """The comparison sees a new field, one that is gone, one of another type, another kind; not another word."""
    event = {"type": "retrying", "runId": "r", "error": {"kind": "network", "message": "a"}}
    assert form_of(event) == form_of(event | {"error": {"kind": "network", "message": "b"}})
    for other in (
        event | {"more": 1},
        {"type": "retrying", "runId": "r"},
        event | {"error": {"kind": "network", "message": None}},
        event | {"error": {"kind": "overloaded", "message": "a"}},
    ):
        assert form_of(other) != form_of(event)
