"""Plays an afternoon with the real server over stdio and an endpoint over HTTP, both on one clock that is moved."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench.afternoon.clock import SharedClock
from bench.afternoon.script import Step
from e2e.fake_editor import FakeEditor
from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve

SERVER = Path(__file__).with_name("server.py")
LEAP_S = 5.0
"""Time passes in leaps no longer than this, so that what is due in between (a ping 15 s before an expiry) is done."""
_BREATH_S = 0.012
_LOOKS = 3
_MOST_BREATHS = 20
"""A busy machine gets more time for each leap: until the server has looked at the clock so often, or nobody does."""


def canned(body: dict[str, Any]) -> Answer:
    """An answer of the right shape with nothing in it: only the input is of interest."""
    wanted = body.get("output_config", {}).get("format", {}).get("schema", {}).get("properties", {})
    empty = {"summary": "Nothing.", **{name: [] for name in ("findings", "edits") if name in wanted}}
    return Answer(text=json.dumps(empty) if wanted else "It does what it says.")


class Afternoon:
    """One session. `usage` is what `ponder usage --json` shows at its end."""

    def __init__(self, folder: Path, *, cached: bool, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.clock = SharedClock(folder.with_name(f"{folder.name}-clock"))
        self.offline = OfflineEngine(clock=self.clock.time, answerer=canned, log_limit=100_000)
        self.usage: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.saves = self.hovers = self.actions = 0
        self._command = (
            sys.executable, "-P", str(SERVER), str(folder.with_name(f"{folder.name}-clock")),
            *([] if cached else ["--no-cache"]),
        )  # fmt: skip
        self._env = {
            "ANTHROPIC_API_KEY": "sk-ant-nothing",
            "PONDER_HOVER_WAIT_MS": "20000",
            "PONDER_REVIEW_DEBOUNCE_MS": "20",
            **(env or {}),
        }

    @property
    def today(self) -> date:
        """The day on the moved clock."""
        return datetime.fromtimestamp(self.clock.time()).astimezone().date()

    async def play(self, steps: Iterable[Step]) -> None:
        """Let it happen."""

        async def happen(editor: FakeEditor) -> None:
            for step in steps:
                await self.let_pass(step.gap)
                await self._do(editor, step)

        await self.session(happen)

    async def session(self, work: Callable[[FakeEditor], Awaitable[None]]) -> None:
        """One editor with its server, from start to end."""
        async with await serve(self.offline) as server:
            env = {**self._env, "ANTHROPIC_BASE_URL": server.base_url}
            async with FakeEditor(folder=self.folder, command=self._command, env=env) as editor:
                await work(editor)
                self.usage = await editor.run("ponder.usage", {})
                self.events = editor.events()
                editor.take("window/showMessage")

    async def let_pass(self, seconds: float, *, leap: float = LEAP_S) -> None:
        """Move the clock, a leap at a time."""
        while seconds > 0:
            self.clock.advance(min(seconds, leap))
            seconds -= leap
            looks = self.clock.looks
            for _ in range(_MOST_BREATHS):
                await asyncio.sleep(_BREATH_S)
                if self.clock.looks - looks >= _LOOKS or not looks:
                    break

    async def _do(self, editor: FakeEditor, step: Step) -> None:
        if step.kind == "break":
            return
        uri = editor.uri(step.path)
        if uri not in editor.buffers:
            file = self.folder / step.path
            editor.open(step.path, file.read_text() if file.exists() else "")
        if step.kind == "save":
            await self._save(editor, uri, step)
        elif step.kind == "hover":
            self.hovers += 1
            before = editor.text(uri)[: step.offset]
            place = {"line": before.count("\n"), "character": step.offset - (before.rfind("\n") + 1)}
            await editor.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        else:
            self.actions += 1
            argument = {"action": step.action, "textDocument": {"uri": uri}, "wait": True}
            result = await editor.run("ponder.run", argument, limit=60)
            assert result["status"] == "done", result

    async def _save(self, editor: FakeEditor, uri: str, step: Step) -> None:
        self.saves += 1
        ended = _ended_saves(editor)
        editor.replace(uri, step.text)
        path = self.folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text)
        editor.save(uri)
        try:
            await editor.eventually(lambda: _ended_saves(editor) > ended, limit=3)
        except TimeoutError:
            return  # Nothing in it was worth a review.


def _ended_saves(editor: FakeEditor) -> int:
    saves = {event["runId"] for event in editor.events() if event.get("trigger") == "save"}
    return sum(event["type"] == "finished" and event["runId"] in saves for event in editor.events())
