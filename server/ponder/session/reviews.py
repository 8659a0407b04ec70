"""Review on save: drives the scheduler, asks the memory first, starts runs, and says why it rests. Places no finding itself."""

import asyncio
import hashlib
import logging
from collections.abc import Callable

from ponder.documents import Document
from ponder.errors import PonderError
from ponder.findings import Finding
from ponder.review.memory import NOTHING, Memory, Reviewed, changed_part
from ponder.review.scheduler import Scheduler
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import concluding
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.showing import show
from ponder.session.state import State

ROUTE = "reviewOnSave"
BACKGROUND_SHARE = 0.8
"""Share of the daily budget that work nobody asked for may use up; the rest is the user's."""
REST_MS = 60_000.0
"""When a review is tried again that did not start because the endpoint had been failing."""
_OF_THE_TEXT = frozenset({"malformed", "invalidRequest", "tooLarge", "internal"})
"""Kinds of trouble that the same text may meet again; an endpoint that is down is no fault of a file."""
_SPENT = "Reviews on save rest for today: most of `budget.dailyUsd` is spent."
_log = logging.getLogger(__name__)


class Reviews:
    """The background reviews of one session. `start` begins a run."""

    def __init__(self, state: State, start: Callable[[RunRequest], Run]) -> None:
        self._state = state
        self._start = start
        self._scheduler = Scheduler()
        self._texts: dict[str, Document] = {}
        """The newest saved text of each file that waits or runs."""
        self._tasks: dict[str, tuple[Document, asyncio.Task[str]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._said: set[str] = set()
        self._closed = False

    def saved(self, document: Document) -> None:
        """A file was saved: its review is due after a pause. The request for an older text is closed."""
        state, uri = self._state, document.uri
        if state.settings.review.on_save == "manual":
            self.recall(document)
        if state.settings.review.on_save != "on" or not state.workspace.may_review(document):
            return
        if uri in self._tasks:
            running, task = self._tasks[uri]
            # A second cancel would keep the first from closing the request.
            if running.text != document.text and not task.cancelling():
                task.cancel()
        debounce = state.settings.review.debounce_ms
        if self._scheduler.saved(uri, _digest(document), state.millis(), debounce):
            self._texts[uri] = document
        self.wake()

    def typed(self, uri: str) -> None:
        """The user types in this file."""
        self._scheduler.typed(uri, self._state.millis(), self._state.settings.review.debounce_ms)

    def closed(self, uri: str) -> None:
        """The file was closed: what waits for it is dropped, what runs goes on into the memory."""
        self._scheduler.forget(uri)
        if uri not in self._tasks:
            self._texts.pop(uri, None)
        self.wake()

    def recall(self, document: Document) -> None:
        """Show what is known of a text, or still stands of the one reviewed before. Costs nothing."""
        state = self._state
        if state.settings.review.on_save == "off" or not state.workspace.may_review(document):
            return
        route = self._route()
        if route is None:
            return
        memory, version = self._memory(), self._version()
        known = memory.of_text(document, route, version)
        if known is not None:
            self._show(document, known.findings)
        elif not state.findings.of(document.uri):
            self._show(document, _standing(memory.last(document, route, version), document))

    def wake(self) -> None:
        """Start what is due, and come back when the next one is."""
        state = self._state
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed:
            return
        limit = state.settings.review.concurrency
        # What the user asked for goes first; its end wakes what waits.
        if not any(run.request.trigger in {"command", "followUp"} for run in state.alive()):
            for uri in self._scheduler.take(state.millis(), limit):
                self._begin(self._texts[uri])
            due = self._scheduler.next_due(limit)
            if due is not None:
                delay = max(0.005, (due - state.millis()) / 1000)
                self._timer = asyncio.get_running_loop().call_later(delay, self.wake)
        self._tell()

    def close(self) -> list[asyncio.Task[str]]:
        """Stop everything; returns what is still ending."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        return tasks

    def _tell(self) -> None:
        """Show how many reviews are still to begin."""
        state = self._state
        begun = sum(run.request.trigger == "save" for run in state.alive())
        waiting = max(0, self._scheduler.waiting + self._scheduler.running - begun)
        if state.waiting != waiting:
            state.waiting = waiting
            state.show_status()

    def _begin(self, document: Document) -> None:
        task = asyncio.create_task(self._review(document), name="review on save")
        self._tasks[document.uri] = document, task
        # Not in the task itself: one that is cancelled before its first step runs nothing of its own.
        task.add_done_callback(lambda done: self._ended(document, done))

    def _ended(self, document: Document, task: asyncio.Task[str]) -> None:
        uri, digest = document.uri, _digest(document)
        del self._tasks[uri]
        failed = False
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                _log.error("a review on save broke off", exc_info=error)
            failed = error is not None or task.result() == "failed"
        self._scheduler.ended(uri, digest, failed=failed)
        if self._scheduler.left_alone(uri, digest):
            _log.warning("a file is not reviewed on save until it changes: two reviews of its text failed")
        if not self._scheduler.waits(uri):
            self._texts.pop(uri, None)
        self.wake()

    async def _review(self, document: Document) -> str:
        """Review one text, unless it is known or something forbids it; returns how it went."""
        state = self._state
        await state.models.ready()
        route = self._route()
        if route is None:
            return "rests"
        memory, version = self._memory(), self._version()
        known = memory.of_text(document, route, version)
        if known is not None:
            memory.newest(document, route, version, known)
            self._show(document, known.findings)
            return "known"
        before = memory.last(document, route, version)
        # Parsing a long file takes a tenth of a second.
        part = await asyncio.to_thread(changed_part, before.text if before else None, document)
        standing = _standing(before, document)
        if part == NOTHING:
            memory.keep(document, route, version, Reviewed(document.text, standing))
            self._show(document, standing)
            return "unchanged"
        if self._rests(document):
            return "rests"
        run = self._start(RunRequest(action="review", document=document, span=part, trigger="save"))
        self._tell()
        await _end_of(run)
        if run.status == "done":
            found = tuple(concluding.merged(standing, run, run.placed, document))
            memory.keep(document, route, version, Reviewed(document.text, found))
            # Also what went while one typed, and whose text is back.
            self._show(document, found)
            self._said.clear()
            return "done"
        kind = run.error.kind if run.error is not None else None
        if kind == "budget":
            self._rest("Reviews on save rest: the next one might cost more than a budget leaves.")
        return "failed" if kind in _OF_THE_TEXT else "rests"

    def _show(self, document: Document, findings: tuple[Finding, ...]) -> None:
        """Let the findings of a reviewed text stand for the document, as far as its text of now lets them."""
        state = self._state
        current = state.editor.document(document.uri)
        if current is None:
            return
        placed = concluding.moved(findings, document, current)
        standing = state.findings.of(document.uri)
        concluding.place(state, current, concluding.joined(standing, placed, current))
        show(state, document.uri)

    def _rests(self, document: Document) -> bool:
        """Whether background work must rest now."""
        state = self._state
        limit = state.settings.budget.daily_usd
        reason = None
        if not state.engine.breaker.allows(state.millis() / 1000):
            reason = "Reviews on save rest: the endpoint has been failing."
            self._scheduler.postponed(document.uri, state.millis() + REST_MS)
        elif limit is not None and state.ledger.spent_today() >= BACKGROUND_SHARE * limit:
            reason = _SPENT
        self._rest(reason)
        return reason is not None

    def _rest(self, reason: str | None) -> None:
        """Show why reviews rest; each reason is said once, until a review succeeds."""
        state = self._state
        if reason is not None and reason not in self._said:
            self._said.add(reason)
            state.editor.notify(reason)
        if state.rests != reason:
            state.rests = reason
            state.show_status()

    def _route(self) -> Route | None:
        state = self._state
        action = state.actions.get("review")
        if action is None or action.shape != "findings":
            return None
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


async def _end_of(run: Run) -> None:
    """Wait for a run. Cancelled, it ends the run, and the wait goes on until its request is closed."""
    try:
        await run.finished.wait()
    except asyncio.CancelledError:
        if run.task is not None:
            run.task.cancel()
        await run.finished.wait()
        raise


def _standing(before: Reviewed | None, document: Document) -> tuple[Finding, ...]:
    """The findings of the text reviewed before, as they stand in this one."""
    if before is None:
        return ()
    return concluding.moved(before.findings, Document(document.uri, before.text), document)


def _digest(document: Document) -> str:
    return hashlib.blake2b(document.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
