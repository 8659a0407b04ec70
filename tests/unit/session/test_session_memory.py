"""What a run keeps once it has ended: its result, and not the texts that it was placed in, line by line."""

import gc
import json
import weakref

from ponder.answers.placing import Placer
from ponder.answers.sources import Sources
from ponder.config.settings import Settings
from ponder.documents import Document
from ponder.engine.events import BlockDelta, BlockStarted
from ponder.session.configuring import actions_of
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.structured import StructuredAnswer

TEXT = "x = 1\ny = 2\n"


def finding(line: int, confidence: int) -> dict[str, object]:
    quote = TEXT.split("\n")[line - 1]
    place = {"path": "a.py", "start_line": line, "end_line": line, "quote": quote}
    return place | {
        "severity": "warning",
        "rule": "bad",
        "message": "No.",
        "fix": [],
        "confidence": confidence,
    }


def test_an_ended_run_keeps_its_findings_and_lets_go_of_what_placed_them() -> None:
    """Findings, text and the count of those left out stay; the lines of the document do not."""
    document = Document("file:///w/a.py", TEXT, path="a.py", language="python")
    action = actions_of(Settings()).get("review")
    assert action is not None
    request = RunRequest(action="review", document=document)
    run = Run("1", request, action, provider="offline", now=lambda: 0.0, least=50)
    placer = Placer(Sources((document,)), action="review", least=50)
    kept = weakref.ref(placer)
    run.answer.read_with(StructuredAnswer(placer, run.shape))
    del placer
    said = json.dumps({"summary": "Two.", "findings": [finding(1, 90), finding(2, 10)]})
    for event in (BlockStarted(0, "text"), BlockDelta(0, said)):
        for _news in run.take(run.answer.arrived(event)):
            pass
    assert kept() is not None
    run.finish("done", None)
    run.finish("done", None)
    gc.collect()
    assert kept() is None
    assert run.answer.unsure == 1
    assert [found.span.start for found in run.result().findings] == [0]
    assert "Two." in run.result().text
