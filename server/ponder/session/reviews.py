"""Review on save: drives the scheduler, asks the memory first, starts runs, and says why it rests."""

import asyncio
import hashlib
from collections.abc import Callable

from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.findings import Finding
from ponder.review.memory import Memory, Reviewed, changed_part
from ponder.review.scheduler import Scheduler
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import concluding
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.state import State

ROUTE = "reviewOnSave"
BACKGROUND_SHARE = 0.8
"""Share of the daily budget that work nobody asked for may use up; the rest is the user's."""


class Reviews:
    """The background reviews of one session. `start` begins a run."""

    def __init__(self, state: State, start: Callable[[RunRequest], Run]) -> None:
        self._state = state
        self._start = start
        self._scheduler = Scheduler()
        self._texts: dict[str, Document] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._said: set[str] = set()

    def saved(self, document: Document) -> None:
        """A file was saved: its review is due after a pause. The request for an older text is closed."""
        state = self._state
        if state.settings.review.on_save != "on" or not state.workspace.may_review(document):
            return
        running = self._tasks.get(document.uri)
        if running is not None and self._texts.get(document.uri, document).text != document.text:
            running.cancel()
        debounce = state.settings.review.debounce_ms
        if self._scheduler.saved(document.uri, _digest(document), state.millis(), debounce):
            self._texts[document.uri] = document
            self._wake()

    def typed(self, uri: str) -> None:
        """The user types in this file."""
        self._scheduler.typed(uri, self._state.millis(), self._state.settings.review.debounce_ms)

    def closed(self, uri: str) -> None:
        """The file was closed: what waits for it is dropped, what runs goes on into the memory."""
        self._scheduler.forget(uri)

    def recall(self, document: Document) -> None:
        """Show what is known of a text that was just opened. Costs nothing."""
        state = self._state
        if state.settings.review.on_save != "on" or not state.workspace.may_review(document):
            return
        route = self._route()
        known = self._memory().of_text(document, route, self._version()) if route is not None else None
        if known is not None:
            self._show(document, known.findings)

    def close(self) -> list[asyncio.Task[None]]:
        """Stop everything; returns what is still ending."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks.values():
            task.cancel()
        return list(self._tasks.values())

    def _wake(self) -> None:
        """Start what is due, and come back when the next one is."""
        state = self._state
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        limit = state.settings.review.concurrency
        # What the user asked for goes first.
        if not any(run.request.trigger in {"command", "followUp"} for run in state.alive()):
            for uri in self._scheduler.take(state.millis(), limit):
                task = asyncio.create_task(self._review(self._texts[uri]), name="review on save")
                self._tasks[uri] = task
                task.add_done_callback(lambda _done: self._wake())
        due = self._scheduler.next_due(limit)
        if due is not None:
            delay = max(0.02, (due - state.millis()) / 1000)
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    async def _review(self, document: Document) -> None:
        failed = False
        try:
            failed = await self._reviewed(document) == "failed"
        finally:
            if self._tasks.get(document.uri) is asyncio.current_task():
                del self._tasks[document.uri]
            self._scheduler.ended(document.uri, _digest(document), failed=failed)

    async def _reviewed(self, document: Document) -> str:
        """Review one text, unless it is known or something forbids it; returns how it went."""
        await self._state.models.ready()
        route = self._route()
        if route is None:
            return "rests"
        memory, version = self._memory(), self._version()
        known = memory.of_text(document, route, version)
        if known is not None:
            self._show(document, known.findings)
            return "known"
        before = memory.last(document, route, version)
        # Parsing a long file takes a tenth of a second.
        part = await asyncio.to_thread(changed_part, before.text if before else None, document)
        if part == Span(0, 0):
            memory.keep(document, route, version, Reviewed(document.text, self._standing(document)))
            return "unchanged"
        if self._rests():
            return "rests"
        run = self._start(RunRequest(action="review", document=document, span=part, trigger="save"))
        try:
            await run.finished.wait()
        except asyncio.CancelledError:
            if run.task is not None:
                run.task.cancel()
            raise
        if run.status == "done":
            memory.keep(document, route, version, Reviewed(document.text, self._standing(document)))
        return run.status or "failed"

    def _standing(self, document: Document) -> tuple[Finding, ...]:
        """The findings that stand for this text; none of them when the user typed on meanwhile."""
        current = self._state.editor.document(document.uri)
        if current is None or current.text != document.text:
            return ()
        return tuple(one for one in self._state.findings.of(document.uri) if one.code.startswith("review/"))

    def _show(self, document: Document, findings: tuple[Finding, ...]) -> None:
        state = self._state
        current = state.editor.document(document.uri)
        if current is None or current.text != document.text:
            return
        others = [one for one in state.findings.of(document.uri) if not one.code.startswith("review/")]
        state.findings = state.findings.replaced(document.uri, [*others, *findings])
        concluding.show(state, document.uri)

    def _rests(self) -> bool:
        """Whether background work must rest now; each reason is said once."""
        state = self._state
        if not state.engine.breaker.allows(state.millis() / 1000):
            return self._say("Reviews on save rest: the endpoint has been failing.")
        limit = state.settings.budget.daily_usd
        if limit is not None and state.ledger.spent_today() >= BACKGROUND_SHARE * limit:
            return self._say("Reviews on save rest for today: most of `budget.dailyUsd` is spent.")
        self._said.clear()
        return False

    def _say(self, reason: str) -> bool:
        self._state.editor.status(busy=False, message=reason, kind="Warning")
        if reason not in self._said:
            self._said.add(reason)
            self._state.editor.notify(reason)
        return True

    def _route(self) -> Route | None:
        state = self._state
        try:
            return choose(ROUTE, catalogue=state.models.known(), settings=state.settings, today=state.today)
        except PonderError:
            return None

    def _version(self) -> str:
        action = self._state.actions.get("review")
        return action.version if action is not None else ""

    def _memory(self) -> Memory:
        state = self._state
        return Memory(state.workspace_id, state.store.get_result, state.store.put_result)


def _digest(document: Document) -> str:
    return hashlib.blake2b(document.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
