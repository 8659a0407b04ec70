"""Records event streams of the real server on the offline engine, for the tests of every panel. Judges none of them.

Ids, times and places are made the same each time. Where the server merges deltas depends on the machine, so two recordings
are compared by their `forms`.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.fake_editor import PONDER, FakeEditor, Json

FOLDER = Path(__file__).parents[1] / "transcripts"
BUG = '''"""Orders."""


def add_order(order, orders=[]):
    orders.append(order)
    return orders


def total(prices):
    return sum(prices) / len(prices)


def add_customer(name, customers={}):
    customers[name] = True
    return customers
'''
FOLDER_URI = "file:///workspace"
SETTLED = {"durationMs": 1200, "delayMs": 500}
"""Milliseconds that differ from time to time, and what stands in their place."""
TELLING = {"type", "kind", "status", "trigger", "action", "mode"}
"""Fields whose very values belong to the form of an event."""


@dataclass(frozen=True)
class Recording:
    """How a stream comes about and how its last run ends. `fault` has it come over HTTP, with a key."""

    status: str
    action: str = "review"
    env: Json = field(default_factory=dict)
    fault: str | None = None
    cancel: bool = False
    follow: str = ""


QUICK = {"PONDER_API_OFFLINE_DELTA_MS": "2"}
ANSWER = ";path=/v1/messages"
RECORDINGS = {
    "review-then-question": Recording("done", env=QUICK, follow="Which of these matters most?"),
    "fix-two-changes": Recording("done", "fix", env=QUICK),
    "explain": Recording("done", "explain", env=QUICK),
    "redacted-thinking": Recording("done", fault=f"redacted{ANSWER}"),
    "retried": Recording("done", fault=f"overloaded;times=1{ANSWER}"),
    "cancelled": Recording("cancelled", env={"PONDER_API_OFFLINE_DELTA_MS": "50"}, cancel=True),
    "refused": Recording("refused", fault=f"refusal=cyber{ANSWER}"),
    "refused-at-once": Recording("refused", fault=f"empty-refusal=cyber{ANSWER}"),
    "truncated": Recording("truncated", fault=f"max-tokens=450{ANSWER}"),
    "broken-off": Recording("failed", fault=f"cut=30{ANSWER}"),
    "wrong-key": Recording("failed", env={"ANTHROPIC_API_KEY": "invalid-key"}, fault=""),
}


async def record(how: Recording, folder: Path) -> list[Json]:
    """One run, or a run and its follow-up, as the server tells it."""
    async with AsyncExitStack() as stack:
        env = dict(how.env)
        if how.fault is not None:
            url = await stack.enter_async_context(endpoint(how.fault))
            env = {"ANTHROPIC_API_KEY": "good", **env, "ANTHROPIC_BASE_URL": url}
        editor = await stack.enter_async_context(FakeEditor(folder=folder, command=PONDER, env=env))
        uri = editor.open("orders.py", BUG)
        argument = {"action": how.action, "textDocument": {"uri": uri}, "apply": False}
        ids = [(await editor.run("ponder.run", argument, limit=60))["runId"]]
        if how.cancel:
            await editor.eventually(lambda: len(editor.events(ids[0])) > 8)
            await editor.run("ponder.cancel", {"runId": ids[0]})
        await editor.run("ponder.result", {"runId": ids[0], "wait": True}, limit=60)
        if how.follow:
            answer = await editor.run("ponder.followUp", {"runId": ids[0], "text": how.follow})
            ids.append(answer["runId"])
            await editor.run("ponder.result", {"runId": ids[1], "wait": True}, limit=60)
        return [settled(event, ids, folder) for event in editor.events() if event["runId"] in ids]


@asynccontextmanager
async def endpoint(fault: str) -> AsyncIterator[str]:
    """The offline engine as a Messages API over HTTP. Yields its URL."""
    more = ["--fault", fault] if fault else []
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ponder", "offline", "--delay-ms", "1", *more, stdout=-1
    )
    try:
        yield (await child.stdout.readline()).decode().strip() if child.stdout else ""
    finally:
        child.terminate()
        await child.wait()


def settled(event: Json, ids: Sequence[str], folder: Path) -> Json:
    """The event without what changes from recording to recording."""
    text = json.dumps(event, ensure_ascii=False).replace(folder.as_uri(), FOLDER_URI)
    for number, run_id in enumerate(ids):
        text = text.replace(run_id, f"run-{number + 1}")
    text = re.sub(r"\breq_[0-9a-f]{8,}", "req_1", text)
    made: Json = json.loads(text)
    return made | {name: value for name, value in SETTLED.items() if name in made}


def recorded(name: str) -> list[Json]:
    """A recording as it lies in the repository."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def write(name: str, events: Sequence[Json]) -> None:
    """Keep a recording in the repository."""
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def forms(events: Sequence[Json]) -> list[Any]:
    """What kinds of events came, each once and in the order of their coming, with every field's name and type."""
    found: dict[str, Any] = {}
    for event in events:
        form = form_of(event)
        found.setdefault(json.dumps([event["runId"], form]), form)
    return list(found.values())


def form_of(value: Any, name: str = "") -> Any:
    """Names and types of a value; the values themselves where they tell what it is."""
    match value:
        case dict():
            return {key: form_of(value[key], key) for key in sorted(value)}
        case list():
            return [json.loads(one) for one in dict.fromkeys(json.dumps(form_of(item)) for item in value)]
        case bool() | None:
            return str(value)
        case int() | float():
            return "number"
        case _:
            return value if name in TELLING else "text"
