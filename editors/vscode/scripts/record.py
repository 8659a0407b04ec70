"""Records event streams of the real server for the tests of panels. Ids, times and places are made the same each time."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
sys.path.insert(0, str(REPOSITORY / "tests"))

from e2e.fake_editor import PONDER, FakeEditor  # noqa: E402 - the path comes first

OUT = REPOSITORY / "tests" / "transcripts"
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


async def record(
    name: str, action: str, *, env: dict[str, str], cancel: bool = False, follow: str = ""
) -> None:
    """One run, or a run and its follow-up, as the server tells it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with FakeEditor(folder=folder, command=PONDER, env=env) as editor:
            uri = editor.open("orders.py", BUG)
            argument = {"action": action, "textDocument": {"uri": uri}, "apply": False}
            ids = [(await editor.run("ponder.run", argument, limit=60))["runId"]]
            if cancel:
                await editor.eventually(lambda: len(editor.events(ids[0])) > 8)
                await editor.run("ponder.cancel", {"runId": ids[0]})
            await editor.run("ponder.result", {"runId": ids[0], "wait": True}, limit=60)
            if follow:
                answer = await editor.run("ponder.followUp", {"runId": ids[0], "text": follow})
                ids.append(answer["runId"])
                await editor.run("ponder.result", {"runId": ids[1], "wait": True}, limit=60)
            events = [event for event in editor.events() if event["runId"] in ids]
        lines = [json.dumps(settled(event, ids, folder), ensure_ascii=False) for event in events]
        (OUT / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        sys.stdout.write(f"{name}: {len(events)} events\n")


def settled(event: dict[str, Any], ids: list[str], folder: Path) -> dict[str, Any]:
    """The event without what changes from recording to recording."""
    text = json.dumps(event).replace(folder.as_uri(), FOLDER_URI)
    for number, run_id in enumerate(ids):
        text = text.replace(run_id, f"run-{number + 1}")
    made: dict[str, Any] = json.loads(text)
    if "durationMs" in made:
        made["durationMs"] = 1200
    return made


async def main() -> None:
    """All recordings."""
    OUT.mkdir(exist_ok=True)
    quick = {"PONDER_API_OFFLINE_DELTA_MS": "2"}
    await record("review-then-question", "review", env=quick, follow="Which of these matters most?")
    await record("fix-two-changes", "fix", env=quick)
    await record("explain", "explain", env=quick)
    await record("cancelled", "review", env={"PONDER_API_OFFLINE_DELTA_MS": "50"}, cancel=True)
    await with_endpoint("wrong-key", "review", {"ANTHROPIC_API_KEY": "invalid-key"})
    await with_endpoint(
        "retried", "review", {"ANTHROPIC_API_KEY": "good"}, "overloaded;times=1;path=/v1/messages"
    )


async def with_endpoint(name: str, action: str, env: dict[str, str], fault: str = "") -> None:
    """A run against the offline engine over HTTP."""
    more = ["--fault", fault] if fault else []
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ponder", "offline", "--delay-ms", "1", *more, stdout=-1
    )
    url = (await child.stdout.readline()).decode().strip() if child.stdout else ""
    try:
        await record(name, action, env={**env, "ANTHROPIC_BASE_URL": url})
    finally:
        child.terminate()
        await child.wait()


asyncio.run(main())
