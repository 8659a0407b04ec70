"""Background review against a user who does anything in any order: what is shown is true at every rest.

`PONDER_LONG=1` plays 1,000 scripts in place of the few that fit into every run.
"""

import contextlib
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_buffers import to_offset
from e2e.fake_editor import ErrorAnswer, FakeEditor
from e2e.test_outcomes import bodies, connected
from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.pace import Pace

LONG = bool(os.environ.get("PONDER_LONG"))
SCRIPTS = 1_000 if LONG else 120
SCRIPTS_OF_A_LIFE = 10
"""Scripts between two restarts; the files, the memory and what was dismissed go on."""
STEPS = 12
TEXTS = {
    "one.py": "import os\n\ndef a():\n    return os  # bug1\n\n\ndef b():\n    x = 1  # bug2\n    return x\n",
    "two.py": "def c():\n    return 3  # bug3\n\ndef d():\n    return 3  # bug3\n",
}
QUICK = {"PONDER_REVIEW_DEBOUNCE_MS": "1", "PONDER_REVIEW_CONCURRENCY": "3"}
PIECES = (
    "",
    "x",
    "\n",
    "# note\n",
    "def g{n}():\n    return {n}  # bug{n}\n",
    "    y{n} = {n}  # bug{n}\n",
    "é😀",
)
BUG = re.compile(r".*# bug\d+.*")


def answer(body: dict[str, Any]) -> Answer:
    """One finding for each line that says it has a bug; the answer of a selection speaks of the selection alone."""
    question = body["messages"][-1]["content"][-1]["text"]
    path = re.search(r'<document path="([^"]*)"', question)
    lines = question.split(">\n", 2)[2].rsplit("\n</document>", 1)[0].split("\n") if path else []
    chosen = re.search(r'<selection start_line="(\d+)" end_line="(\d+)"', question)
    first, last = (int(chosen[1]), int(chosen[2])) if chosen else (1, len(lines))
    findings = [
        {
            "path": path[1] if path else "", "start_line": number, "end_line": number, "quote": line,
            "severity": "warning", "rule": "planted", "message": f"A bug in `{line.strip()[-60:]}`.", "fix": [],
        }
        for number, line in enumerate(lines, 1)
        if first <= number <= last and BUG.fullmatch(line)
    ]  # fmt: skip
    return Answer(text=json.dumps({"summary": "Looked.", "findings": findings}))


class User:
    """One user with two files: does what the dice say, and looks at what is shown."""

    def __init__(
        self, editor: FakeEditor, offline: OfflineEngine, chance: random.Random, dismissed: set[str]
    ) -> None:
        self.editor = editor
        self.offline = offline
        self.chance = chance
        self.past: dict[str, list[str]] = {}
        self.dismissed = dismissed
        self.count = 0

    @property
    def uris(self) -> list[str]:
        return list(self.editor.buffers)

    async def step(self) -> None:
        """One thing a user may do."""
        do = self.chance.choices(
            [self.type, self.undo, self.save, self.replace, self.reopen, self.dismiss, self.ask, self.wait],
            [8, 2, 6, 1, 1, 1, 1, 2],
        )[0]
        await do()

    async def type(self) -> None:
        uri, text = self._any()
        self.count += 1
        start = self.chance.randint(0, len(text))
        if self.chance.random() < 0.5:
            start = text.rfind("\n", 0, start) + 1
        end = min(len(text), start + self.chance.choice([0, 0, 0, 0, 1, 7, 30]))
        piece = self.chance.choice(PIECES).replace("{n}", str(self.chance.randint(1, 9) * 1000 + self.count))
        self.past.setdefault(uri, []).append(text)
        self.editor.edit(uri, (start, end, piece))

    async def undo(self) -> None:
        uri, text = self._any()
        if self.past.get(uri):
            self.editor.edit(uri, (0, len(text), self.past[uri].pop()))

    async def replace(self) -> None:
        """What a formatter or a client without incremental changes does."""
        uri, text = self._any()
        self.past.setdefault(uri, []).append(text)
        self.editor.replace(uri, text.replace("\n\n", "\n") + "\n")

    async def save(self) -> None:
        self.editor.save(self._any()[0])

    async def reopen(self) -> None:
        uri, text = self._any()
        self.editor.close(uri)
        other = self.chance.random() < 0.3
        self.editor.open(uri, f"# from elsewhere {self.count}\n{text}" if other else text)

    async def dismiss(self) -> None:
        shown = [note for uri in self.uris for note in self.editor.diagnostics(uri)]
        if shown:
            known = self.chance.choice(shown)["data"]["findingId"]
            # An edit on its way may have ended the finding: then there is nothing to dismiss.
            with contextlib.suppress(ErrorAnswer):
                await self.editor.run("ponder.dismiss", {"findingId": known, "scope": "finding"})
                self.dismissed.add(known)

    async def ask(self) -> None:
        """A review on command, which background work must not get in the way of."""
        argument = {"action": "review", "textDocument": {"uri": self._any()[0]}}
        await self.editor.run("ponder.run", argument)

    async def wait(self) -> None:
        await self.editor.run("ponder.usage", {})

    async def settle(self) -> None:
        """Nothing runs and nothing waits: the last save's review has ended."""
        for uri in self.uris:
            self.editor.save(uri)
        await self.editor.run("ponder.usage", {})
        await self._rest()
        await self.editor.run("ponder.usage", {})
        await self._rest()

    async def _rest(self) -> None:
        """Wait until nothing runs and nothing waits; where that does not come, tell all that can be told."""
        try:
            await self.editor.eventually(self._idle, limit=60)
        except TimeoutError:
            status = [one["message"] for one in self.editor.received("ponder/status")]
            print("the last states:", *status[-8:], sep="\n  ")
            for run_id in {event["runId"] for event in self.editor.events()}:
                events = self.editor.events(run_id)
                if events[-1]["type"] != "finished":
                    print("a run that does not end:", *events[:1], *events[-3:], sep="\n  ")
            for seen in self.offline.requests:
                if not (seen.finished or seen.closed_by_client):
                    print("a request that does not end:", seen.method, seen.path)
            print(self.editor.stderr.decode()[-4000:])
            raise

    def _idle(self) -> bool:
        status = self.editor.received("ponder/status")
        started = {event["runId"] for event in self.editor.events() if event["type"] == "started"}
        ended = {event["runId"] for event in self.editor.events() if event["type"] == "finished"}
        return started <= ended and (
            not status or (not status[-1]["busy"] and "wait" not in status[-1]["message"])
        )

    def check(self) -> int:
        """What must hold at every rest; the number of findings that were looked at."""
        seen = 0
        for uri in self.uris:
            text, buffer = self.editor.text(uri), self.editor.buffers[uri]
            news = [
                one for one in self.editor.received("textDocument/publishDiagnostics") if one["uri"] == uri
            ]
            notes = news[-1]["diagnostics"] if news else []
            if notes:
                assert news[-1]["version"] <= buffer.version, "a version the editor never had"
            places = []
            for note in notes:
                start = to_offset(text, note["range"]["start"], "utf-16")
                end = to_offset(text, note["range"]["end"], "utf-16")
                marked = text[start:end]
                assert BUG.fullmatch(marked), f"at a wrong place: {marked!r}"
                assert note["message"] == f"A bug in `{marked.strip()[-60:]}`.", "about another text"
                assert note["data"]["findingId"] not in self.dismissed, "back after it was dismissed"
                places.append((note["code"], start))
            assert len(set(places)) == len(places), "shown twice"
            ids = [note["data"]["findingId"] for note in notes]
            assert len(set(ids)) == len(ids), "the same finding twice"
            seen += len(notes)
        return seen

    def missing(self) -> list[str]:
        """Lines with a bug that nothing is shown for, although their text was reviewed.

        Lines that read alike are one to an id: which of them a dismissal meant cannot be told later.
        """
        found = []
        for uri in self.uris:
            lines = re.split("\r\n|\n|\r", self.editor.text(uri))
            alike = Counter(line.strip() for line in lines)
            shown = {note["range"]["start"]["line"] for note in self.editor.diagnostics(uri)}
            found += [
                line
                for number, line in enumerate(lines)
                if BUG.fullmatch(line) and number not in shown and alike[line.strip()] == 1
            ]
        return found

    def _any(self) -> tuple[str, str]:
        uri = self.chance.choice(self.uris)
        return uri, self.editor.text(uri)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(SCRIPTS // (2 * SCRIPTS_OF_A_LIFE)))
async def test_any_order_of_events_ends_in_true_findings(tmp_path: Path, number: int) -> None:
    """No finding at a wrong place, none twice, none back, none for text that is gone; all that was found is shown."""
    seed = int(os.environ.get("PONDER_SEED", "2026")) * 1_000 + number
    print("seed", seed)
    chance = random.Random(seed)
    texts = dict(TEXTS)
    dismissed: set[str] = set()
    seen = 0
    for _life in range(2):
        pace = Pace(first_ms=chance.choice([0, 0, 20, 60]), delta_ms=chance.choice([0, 0, 2]))
        async with connected(tmp_path, env=QUICK, answerer=answer, pace=pace) as (editor, offline):
            user = User(editor, offline, chance, dismissed)
            for name, text in texts.items():
                editor.open(name, text)
            if _life == 1:
                await user.settle()
                assert not bodies(offline), "paid again after a restart"
                assert len(user.missing()) <= len(dismissed), user.missing()
            for _script in range(SCRIPTS_OF_A_LIFE):
                for _ in range(STEPS):
                    await user.step()
                    await editor.run("ponder.usage")
                    if chance.random() < 0.3:
                        user.check()
                await user.settle()
                seen += user.check()
                assert len(user.missing()) <= len(dismissed), user.missing()
            texts = {uri.rsplit("/", 1)[-1]: editor.text(uri) for uri in user.uris}
    assert seen
