"""The queue of saved files as tables: what happens, in order, and what is taken."""

import random

import pytest

from ponder.review.scheduler import STRIKES, Scheduler

# Each step: ("save", uri, digest, now), ("type", uri, now), ("end", uri, digest, failed), ("close", uri),
# ("later", uri, due), ("take", now, limit, what is taken), ("due", limit, when); the pause after a save is 100.
STORIES = {
    "a save is due after the pause": [
        ("save", "a", "1", 0), ("take", 99, 2, []), ("due", 2, 100), ("take", 100, 2, ["a"]), ("due", 2, None),
    ],
    "a newer save starts the pause anew": [
        ("save", "a", "1", 0), ("save", "a", "2", 60), ("take", 100, 2, []), ("take", 160, 2, ["a"]), ("take", 999, 2, []),
    ],
    "typing postpones": [
        ("save", "a", "1", 0), ("type", "a", 90), ("take", 100, 2, []), ("take", 190, 2, ["a"]),
    ],
    "typing elsewhere does not": [("save", "a", "1", 0), ("type", "b", 90), ("take", 100, 2, ["a"])],
    "typing does not ask for a review": [("type", "a", 0), ("take", 999, 2, []), ("due", 2, None)],
    "typing brings nothing forward": [("later", "a", 900), ("type", "a", 10), ("take", 110, 2, []), ("take", 900, 2, ["a"])],
    "no more than the limit, the longest due first": [
        ("save", "c", "1", 0), ("save", "a", "1", 1), ("save", "b", "1", 2),
        ("take", 500, 2, ["c", "a"]), ("due", 2, None), ("take", 500, 2, []),
        ("end", "c", "1", False), ("take", 500, 2, ["b"]),
    ],
    "one review of a file at a time": [
        ("save", "a", "1", 0), ("take", 100, 2, ["a"]), ("save", "a", "2", 110), ("take", 999, 2, []), ("due", 2, None),
        ("end", "a", "1", False), ("due", 2, 210), ("take", 999, 2, ["a"]),
    ],
    "a closed file is dropped": [("save", "a", "1", 0), ("close", "a"), ("take", 999, 2, [])],
    "two failures of a text end its reviews until it changes": [
        ("save", "a", "1", 0), ("take", 100, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "1", 200), ("take", 300, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "1", 400), ("take", 999, 2, []),
        ("save", "a", "2", 1000), ("take", 1100, 2, ["a"]), ("end", "a", "2", False),
    ],
    "a text left alone takes the place of an older one that waits": [
        ("save", "a", "1", 0), ("take", 100, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "1", 200), ("take", 300, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "2", 400), ("save", "a", "1", 410), ("take", 999, 2, []),
    ],
    "a success forgives": [
        ("save", "a", "1", 0), ("take", 100, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "1", 200), ("take", 300, 2, ["a"]), ("end", "a", "1", False),
        ("save", "a", "1", 400), ("take", 500, 2, ["a"]), ("end", "a", "1", True),
        ("save", "a", "1", 600), ("take", 700, 2, ["a"]),
    ],
    "what could not start comes back, unless saved anew": [
        ("later", "a", 500), ("take", 499, 2, []), ("take", 500, 2, ["a"]), ("end", "a", "1", False),
        ("save", "b", "1", 0), ("later", "b", 900), ("take", 100, 2, ["b"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_stories(name: str) -> None:
    """4.5: debounced for each file, the latest wins, bounded, postponed by typing, left alone after two failures."""
    queue = Scheduler()
    for step, *given in STORIES[name]:
        match step, given:
            case "save", (uri, digest, now):
                assert queue.saved(uri, digest, now, 100) != queue.left_alone(uri, digest)
            case "type", (uri, now):
                queue.typed(uri, now, 100)
            case "end", (uri, digest, failed):
                queue.ended(uri, digest, failed=failed)
            case "close", (uri,):
                queue.forget(uri)
            case "later", (uri, due):
                queue.postponed(uri, due)
            case "take", (now, limit, taken):
                assert queue.take(now, limit) == taken, (step, given)
            case "due", (limit, when):
                assert queue.next_due(limit) == when, (step, given)


def test_a_text_that_would_end_the_same_way_is_not_tried_again() -> None:
    """One end that the text is sure to meet again is enough; another text, or other settings, begin anew."""
    queue = Scheduler()
    queue.saved("a", "1", 0, 100)
    assert queue.take(100, 2) == ["a"]
    queue.ended("a", "1", failed=True, again=False)
    assert not queue.saved("a", "1", 200, 100)
    assert queue.saved("a", "2", 200, 100)
    queue.forgive()
    assert queue.saved("a", "1", 300, 100)


def test_a_thousand_saves_of_a_hundred_files() -> None:
    """Never more than the limit at once, never two of one file, and the last text of each is reviewed."""
    seed = 5
    print("seed", seed)
    chance = random.Random(seed)
    queue, saved, reviewed = Scheduler(), {}, {}
    running: dict[str, str] = {}
    taken = 0
    now = 0.0
    for count in range(1000):
        now += chance.random() * 20
        uri = f"f{chance.randrange(100)}"
        saved[uri] = str(count)
        assert queue.saved(uri, saved[uri], now, 100)
        for one in queue.take(now, 3):
            assert one not in running
            running[one] = saved[one]
            taken += 1
        assert len(running) == queue.running <= 3
        if running and chance.random() < 0.5:
            one = chance.choice(sorted(running))
            reviewed[one] = running.pop(one)
            queue.ended(one, reviewed[one], failed=False)
    while queue.waiting(now) or running:
        now += 200
        for one in [*running]:
            reviewed[one] = running.pop(one)
            queue.ended(one, reviewed[one], failed=False)
        running |= {one: saved[one] for one in queue.take(now, 3)}
    assert reviewed == saved
    assert taken < 700, "saves of one file were made one"


def test_strikes_leave_no_trail() -> None:
    """A file that fails with every text it ever had keeps one strike, not one for each."""
    queue = Scheduler()
    for count in range(100):
        queue.saved("a", str(count), 0, 0)
        assert queue.take(0, 1) == ["a"]
        queue.ended("a", str(count), failed=True)
    assert len(queue._strikes) == 1
    assert STRIKES == 2
