"""Why saved files wait, from the queue to the words of the status bar."""

from collections import Counter

import pytest

from ponder.review.scheduler import Scheduler
from ponder.review.waiting import Reason, left_alone_words, waiting_words


@pytest.mark.parametrize(
    ("reasons", "beginning", "words"),
    [
        ({}, 0, ""),
        ({}, 2, "2 reviews wait"),
        ({"typing": 1}, 0, "1 review waits for a pause in your typing"),
        ({"quiet": 1_200}, 0, "1,200 reviews wait for a quiet moment after the save"),
        ({"place": 3, "typing": 2}, 0, "5 reviews wait: 2 for a pause in your typing, 3 for a free place"),
        ({"yours": 2}, 1, "3 reviews wait: 2 for what you asked for"),
        ({"rest": 1, "place": 0}, 0, "1 review waits for the endpoint"),
    ],
)
def test_what_waits_and_why(reasons: dict[Reason, int], beginning: int, words: str) -> None:
    """One sentence whatever the mixture; no reason is named that holds for none."""
    assert waiting_words(Counter(reasons), beginning) == words


def test_files_left_alone() -> None:
    """One is named, several are counted."""
    assert left_alone_words([]) == ""
    assert left_alone_words(["src/a.py"]).startswith("src/a.py is left alone until it changes")
    assert left_alone_words(["a.py", "b.py"]).startswith("2 files are left alone until they change")


def test_the_queue_knows_why_each_file_waits() -> None:
    """A save waits for quiet, typing makes it wait for a pause, being due for a place, trouble for the endpoint."""
    queue = Scheduler()
    queue.saved("a", "1", 0, 100)
    queue.saved("b", "1", 0, 100)
    assert queue.waiting(50) == {"quiet": 2}
    assert queue.typed("a", 60, 100)
    assert not queue.typed("a", 70, 100), "said already"
    assert not queue.typed("c", 70, 100), "does not wait"
    assert queue.waiting(80) == {"typing": 1, "quiet": 1}
    assert queue.waiting(120) == {"typing": 1, "place": 1}
    assert queue.take(120, 2) == ["b"]
    queue.postponed("b", 500)
    queue.ended("b", "1", failed=False)
    assert queue.waiting(130) == {"typing": 1, "rest": 1}
    assert not queue.typed("b", 140, 100), "it waits longer than for a pause"
    assert queue.waiting(150) == {"typing": 1, "rest": 1}
    queue.saved("a", "2", 160, 100)
    assert queue.waiting(170) == {"quiet": 1, "rest": 1}, "a save begins anew"
    queue.forget_all()
    assert queue.waiting(180) == {}
    assert queue.next_due(2) is None
