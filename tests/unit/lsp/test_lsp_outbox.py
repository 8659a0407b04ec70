"""The queue towards the client: order, merging, numbering, bounds."""

import json
import random
from typing import Any

import pytest

from ponder.lsp import outbox as outboxes
from ponder.lsp.outbox import Outbox


def never() -> None:
    raise AssertionError


def make(wake: Any = lambda: None, overflow: Any = never) -> Outbox:
    return Outbox(wake, overflow)


def written(outbox: Outbox) -> list[Any]:
    """Everything that waits, as the client reads it."""
    found = []
    while data := outbox.take():
        while data:
            header, _, data = data.partition(b"\r\n\r\n")
            length = int(header.removeprefix(b"Content-Length: "))
            found.append(json.loads(data[:length]))
            data = data[length:]
    return found


def delta(text: str, index: int = 0) -> dict[str, Any]:
    return {"type": "blockDelta", "index": index, "text": text}


def test_l03_random_streams() -> None:
    """Whatever is taken when: each run's texts are exact, its `seq` gapless, its events in order."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(50):
        outbox = make()
        sent: dict[str, list[dict[str, Any]]] = {f"r{number}": [] for number in range(4)}
        found: list[Any] = []
        for _ in range(chance.randrange(300)):
            run = chance.choice(list(sent))
            event = delta(chance.choice(["a", "é", "😀", "\n"]), chance.randrange(2))
            if chance.random() < 0.2:
                event = {"type": "notice", "message": str(chance.random())}
            sent[run].append(event)
            outbox.event(run, dict(event))
            if chance.random() < 0.1:
                found += written(outbox)
        found += written(outbox)
        for run, events in sent.items():
            got = [message["params"] for message in found if message["params"]["runId"] == run]
            assert [event["seq"] for event in got] == list(range(len(got)))
            assert flat(got) == flat(events)


def flat(events: list[dict[str, Any]]) -> list[Any]:
    """Events with neighbouring deltas of one block made one."""
    found: list[Any] = []
    for event in events:
        if event["type"] == "blockDelta" and found and found[-1][0] == ("delta", event["index"]):
            found[-1][1].append(event["text"])
        elif event["type"] == "blockDelta":
            found.append((("delta", event["index"]), [event["text"]]))
        else:
            found.append((event["type"], event["message"]))
    return [(kind, "".join(text) if isinstance(text, list) else text) for kind, text in found]


def test_merging() -> None:
    """Deltas of one block merge over what other runs and answers put between them, not over events of their own run."""
    outbox = make()
    outbox.event("a", delta("1"))
    outbox.event("b", delta("x"))
    outbox.send({"id": 1})
    outbox.event("a", delta("2"))
    outbox.event("a", {"type": "notice", "message": "between"})
    outbox.event("a", delta("3"))
    outbox.event("a", delta("4", 1))
    got = [message.get("params", message) for message in written(outbox)]
    assert [row.get("text", row.get("message", "answer")) for row in got] == [
        "12",
        "x",
        "answer",
        "between",
        "3",
        "4",
    ]


def test_latest_only() -> None:
    """An unwritten status is replaced by a newer one, at the newer one's place; a written one is not taken back."""
    outbox = make()
    for number in range(5):
        outbox.notify("ponder/status", number, replaces="status")
        outbox.notify("other", number)
    assert [message["params"] for message in written(outbox)] == [0, 1, 2, 3, 4, 4]
    outbox.notify("ponder/status", 9, replaces="status")
    assert [message["params"] for message in written(outbox)] == [9]


def test_nothing_follows_finished() -> None:
    """Events after the last are not sent; a run's numbers are forgotten with it."""
    outbox = make()
    outbox.event("a", {"type": "finished", "status": "done"})
    outbox.event("a", {"type": "notice", "message": "late"})
    assert [message["params"]["seq"] for message in written(outbox)] == [0]
    outbox.event("a", delta("late"))
    assert written(outbox) == []


def test_wakes_once_and_overflows() -> None:
    """The transport is woken for the first message only; too much unread is told."""
    calls: list[str] = []
    outbox = make(lambda: calls.append("wake"), lambda: calls.append("overflow"))
    outbox.send({"id": 1})
    outbox.send({"id": 2})
    assert calls == ["wake"]
    outbox.event("a", delta("x" * (outboxes.MAX_WAITING + 1)))
    assert calls == ["wake", "overflow"]


def test_size_returns_to_nothing() -> None:
    """What was taken no longer counts."""
    outbox = make()
    outbox.event("a", delta("x" * 1000))
    outbox.event("a", delta("x" * 1000))
    outbox.notify("m", {}, replaces="k")
    assert outbox.size > 2000
    written(outbox)
    assert (outbox.size, len(outbox)) == (0, 0)


@pytest.mark.parametrize("text", ["\ud83d", "a\ude00"])
def test_half_pairs_leave_as_escapes(text: str) -> None:
    """Half a pair does not stop the queue."""
    outbox = make()
    outbox.event("a", delta(text))
    assert written(outbox)[0]["params"]["text"] == text
