"""The course of the demo: open, review, fix, sum up. Speaks to the server only through the public protocol."""

import asyncio
import difflib
from pathlib import Path
from typing import Any

from ponder.demo.client import Client
from ponder.demo.screen import Screen, Shown
from ponder.demo.tally import Tally
from ponder.documents import Document

_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_SEVERITIES = {1: "error", 2: "defect", 3: "information", 4: "hint"}
"""The server calls errors and warnings alike on the wire, so the demo has one word for both."""


class Demo:
    """One showing of one file. `run` returns the exit code: 0 shown to the end, 1 ended with a sentence that says why."""

    def __init__(self, client_environment: dict[str, str], screen: Screen) -> None:
        self._screen = screen
        self._environment = client_environment
        self._client = Client(self._notified)
        self._kinds: dict[int, str] = {}
        self._run: str | None = None
        self._early: list[dict[str, Any]] = []
        self._tallies: list[Tally] = []
        self._failed = False
        self._name = ""

    async def run(self, path: Path, text: str, language: str) -> int:
        """Show a review and a fix of this text, as if it were open in an editor. The file itself is never written."""
        self._name = visible(path.name)
        self._screen.note("Starting the server …")
        await self._client.start(path.parent, self._environment)
        try:
            self._client.open(path.as_uri(), language, text)
            review = await self._action("review", "Review", self._name, {})
            if review is not None:
                await self._fix(text, review)
        finally:
            await self._client.close()
        self._screen.totals(self._tallies)
        return 1 if self._failed else 0

    async def _fix(self, text: str, review: dict[str, Any]) -> None:
        findings = review.get("findings") or []
        if not findings:
            self._screen.note("The review reported nothing to fix.")
            return
        worst = min(findings, key=lambda finding: finding["severity"])
        diagnostic = {
            "range": worst["range"],
            "severity": worst["severity"],
            "source": "ponder",
            "code": worst["code"],
            "message": worst["message"],
            "data": {"findingId": worst["id"]},
        }
        argument = {"range": worst["range"], "diagnostics": [diagnostic], "apply": True}
        fixed = await self._action(
            "fix", "Fix", f"{self._name}:{worst['range']['start']['line'] + 1}", argument
        )
        if fixed is None:
            return
        if self._client.text == text:
            self._screen.note("No edit was offered: the problem needs more than a certain, local change.")
            return
        old, new = text.splitlines(keepends=True), self._client.text.splitlines(keepends=True)
        lines = difflib.unified_diff(old, new, f"a/{self._name}", f"b/{self._name}")
        self._screen.diff(visible("\n".join(line.rstrip("\r\n") for line in lines)))

    async def _action(
        self, name: str, title: str, about: str, extra: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Start a run, show it while it streams, and return its result; None after a failure was said."""
        self._title, self._about, self._run = title, about, None
        argument = {"action": name, "textDocument": {"uri": self._client.uri}, **extra}
        started = await self._client.command("ponder.run", argument)
        self._run = started["runId"]
        for event in self._early:
            self._event(event)
        self._early.clear()
        result: dict[str, Any] = await self._client.command(
            "ponder.result", {"runId": self._run, "wait": True}
        )
        # Notifications that were written before the answer have been read before it.
        await asyncio.sleep(0)
        self._tallies.append(Tally(name, result["model"], result["usage"], result["durationMs"]))
        if result["status"] != "done":
            self._failed = True
            self._screen.note(visible(_sentence(result)))
            return None
        return result

    def _notified(self, method: str, params: dict[str, Any]) -> None:
        if method != "ponder/event":
            return
        if self._run is None:
            self._early.append(params)
        elif params["runId"] == self._run:
            self._event(params)

    def _event(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "started":
                self._screen.heading(f"{self._title}: {self._about}", _route(event))
            case "blockStarted":
                self._kinds[event["index"]] = event["kind"]
                if event["kind"] == "redactedThinking":
                    self._screen.thinking("(some thinking is withheld by the model's safety system)")
            case "blockDelta" if self._kinds.get(event["index"]) == "thinking":
                self._screen.thinking(visible(event["text"]))
            case "blockDelta":
                self._screen.answer(visible(event["text"]))
            case "blockFinished" if self._kinds.get(event["index"]) == "thinking":
                self._screen.thought(event["durationMs"])
            case "finding":
                self._screen.finding(self._shown(event["finding"]))
            case "retrying":
                wait = event["delayMs"] / 1000
                self._screen.note(f"{event['error']['message']} Trying again in {wait:.1f} s.")
            case "notice":
                self._screen.note(visible(event["message"]))
            case _:
                pass  # the other events carry nothing this screen shows

    def _shown(self, finding: dict[str, Any]) -> Shown:
        first, last = finding["range"]["start"]["line"], finding["range"]["end"]["line"]
        document = Document(self._client.uri, self._client.text)
        around = range(max(0, first - 1), min(document.line_count, min(last, first + 5) + 2))
        excerpt = tuple(
            (line + 1, visible(document.slice(document.line_span(line))), first <= line <= last)
            for line in around
        )
        severity = _SEVERITIES[finding["severity"]]
        return Shown(
            f"{self._name}:{first + 1}", severity, finding["code"], visible(finding["message"]), excerpt
        )


def visible(text: str) -> str:
    """Control characters as their pictures: what is in a file or an answer must not steer the terminal."""
    return text.translate(_PICTURES)


def _route(event: dict[str, Any]) -> str:
    thinking = event["thinking"]
    budget = f", up to {thinking['budgetTokens']:,} tokens" if thinking.get("budgetTokens") else ""
    effort = f", effort {thinking['effort']}" if thinking.get("effort") else ""
    return f"{event['provider']} · {event['model']} · thinking {thinking['mode']}{budget}{effort}"


def _sentence(result: dict[str, Any]) -> str:
    error = result.get("error") or {}
    words = error.get("message") or f"The run ended as {result['status']}."
    return f"{words} {error['hint']}" if error.get("hint") else str(words)
