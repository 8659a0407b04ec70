"""Review on save: drives the scheduler, asks the memory first, starts runs, and says why it rests. Places no finding itself."""

import asyncio
import hashlib
import logging
from collections.abc import Callable

from ponder.documents import Document
from ponder.findings import Finding
from ponder.review.memory import NOTHING, changed_part
from ponder.review.scheduler import Scheduler
from ponder.review.waiting import left_alone_words, waiting_words
from ponder.session import concluding
from ponder.session.remembering import Remembering, standing
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.showing import show
from ponder.session.state import State

BACKGROUND_SHARE = 0.8
"""Share of the daily budget that work nobody asked for may use up; the rest is the user's."""
REST_MS = 60_000.0
"""When a review is tried again that did not start because the endpoint had been failing."""
_OF_THE_TEXT = frozenset({"malformed", "invalidRequest", "tooLarge", "internal"})
"""Kinds of trouble that the same text may meet again; an endpoint that is down is no fault of a file."""
_ASKED_FOR = frozenset({"command", "followUp"})
_SPENT = "Reviews on save rest for today: most of `budget.dailyUsd` is spent."
_FAILING = "Reviews on save rest: the endpoint has been failing."
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
        self._left_alone: dict[str, str] = {}
        """Paths of the files that are not reviewed until they change, by uri."""
        self._memory = Remembering(state)
        self._timer: asyncio.TimerHandle | None = None
        self._said: set[str] = set()
        self._closed = False

    def saved(self, document: Document) -> bool:
        """A file was saved: whether its review is due, after a pause. The request for an older text is closed."""
        state, uri = self._state, document.uri
        if state.settings.review.on_save == "manual":
            self.recall(document)
        if state.settings.review.on_save != "on" or not state.workspace.may_review(document):
            return False
        if uri in self._tasks:
            running, task = self._tasks[uri]
            # A second cancel would keep the first from closing the request.
            if running.text != document.text and not task.cancelling():
                task.cancel()
        debounce = state.settings.review.debounce_ms
        if self._scheduler.saved(uri, _digest(document), state.millis(), debounce):
            self._texts[uri] = document
            self._left_alone.pop(uri, None)
        self.wake()
        return True

    def typed(self, uri: str) -> None:
        """The user types in this file."""
        if self._scheduler.typed(uri, self._state.millis(), self._state.settings.review.debounce_ms):
            self._tell()

    def configured(self) -> None:
        """The settings changed: nothing starts any more where reviews on save were turned off."""
        if self._state.settings.review.on_save != "on":
            self._scheduler.forget_all()
            self._left_alone.clear()
            self._texts = {uri: text for uri, text in self._texts.items() if uri in self._tasks}
            for _, task in self._tasks.values():
                if not task.cancelling():
                    task.cancel()
        self.wake()

    def closed(self, uri: str) -> None:
        """The file was closed: what waits for it is dropped, what runs goes on into the memory."""
        self._scheduler.forget(uri)
        self._left_alone.pop(uri, None)
        if uri not in self._tasks:
            self._texts.pop(uri, None)
        self.wake()

    def recall(self, document: Document) -> None:
        """Show what is known of a text, or still stands of the one reviewed before. Costs nothing."""
        state = self._state
        if state.settings.review.on_save == "off" or not state.workspace.may_review(document):
            return
        reviewer = self._memory.reviewer()
        if reviewer is None:
            return
        known = self._memory.of_text(document, reviewer)
        if known is not None:
            self._show(document, known.findings)
        elif not state.findings.of(document.uri):
            self._show(document, standing(self._memory.last(document, reviewer), document))

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
        if not self._busy():
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

    def _busy(self) -> bool:
        """Whether something runs that the user asked for."""
        return any(run.request.trigger in _ASKED_FOR for run in self._state.alive())

    def _tell(self) -> None:
        """Show what waits and why, where that is news."""
        state = self._state
        reasons = self._scheduler.waiting(state.millis())
        if self._busy():
            # Nobody looks again before its end whether the pause after a save is over.
            reasons["yours"] = reasons.pop("place", 0) + reasons.pop("quiet", 0)
        begun = sum(run.request.trigger == "save" for run in state.alive())
        waiting = waiting_words(+reasons, max(0, self._scheduler.running - begun))
        left_alone = left_alone_words(list(self._left_alone.values()))
        over = state.rests in (_SPENT, _FAILING) and self._obstacle() is None
        if over or (waiting, left_alone) != (state.waiting, state.left_alone):
            state.waiting, state.left_alone = waiting, left_alone
            state.rests = None if over else state.rests
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
        if failed and self._scheduler.left_alone(uri, digest):
            self._left_alone[uri] = document.path
            _log.warning("a file is not reviewed on save until it changes: two reviews of its text failed")
        if not self._scheduler.waits(uri):
            self._texts.pop(uri, None)
        self.wake()

    async def _review(self, document: Document) -> str:
        """Review one text, unless it is known or something forbids it; returns how it went."""
        state = self._state
        await state.models.ready()
        memory, reviewer = self._memory, self._memory.reviewer()
        if reviewer is None:
            return "rests"
        known = memory.of_text(document, reviewer)
        if known is not None:
            memory.newest(document, reviewer, known)
            self._show(document, known.findings)
            return "known"
        before = memory.last(document, reviewer)
        # Parsing a long file takes a tenth of a second.
        part = await asyncio.to_thread(changed_part, before.text if before else None, document)
        earlier = standing(before, document)
        if part == NOTHING:
            memory.keep(document, reviewer, earlier)
            self._show(document, earlier)
            return "unchanged"
        # The settings may have changed while the texts were compared; the run has those of now.
        reviewer = memory.reviewer()
        if reviewer is None or self._rests(document):
            return "rests"
        run = self._start(RunRequest(action="review", document=document, span=part, trigger="save"))
        self._tell()
        try:
            await _end_of(run)
        finally:
            # Also where a newer save came with the last word of the answer: it is paid for.
            found = tuple(concluding.merged(earlier, run, run.found.placed, document))
            if run.status == "done":
                memory.keep(document, reviewer, found)
        return self._judged(document, run, found)

    def _judged(self, document: Document, run: Run, found: tuple[Finding, ...]) -> str:
        """How a run went; shows what a complete one found."""
        if run.status == "done":
            # Also what went while one typed, and whose text is back.
            self._show(document, found)
            self._said.clear()
            return "done"
        kind = run.error.kind if run.error is not None else None
        if run.status == "truncated":
            # No limit of money was met; the same text would run out of tokens again, so it is not tried again either.
            return "truncated"
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
        earlier = state.findings.of(document.uri)
        concluding.place(state, current, concluding.joined(earlier, placed, current))
        show(state, document.uri)

    def _rests(self, document: Document) -> bool:
        """Whether background work must rest now."""
        reason = self._obstacle()
        if reason == _FAILING:
            self._scheduler.postponed(document.uri, self._state.millis() + REST_MS)
        self._rest(reason)
        return reason is not None

    def _obstacle(self) -> str | None:
        """Why no review may be sent now."""
        state = self._state
        limit = state.settings.budget.daily_usd
        if not state.engine.breaker.allows(state.millis() / 1000):
            return _FAILING
        spent = limit is not None and state.ledger.spent_today() >= BACKGROUND_SHARE * limit
        return _SPENT if spent else None

    def _rest(self, reason: str | None) -> None:
        """Show why reviews rest; each reason is said once, until a review succeeds."""
        state = self._state
        if reason is not None and reason not in self._said:
            self._said.add(reason)
            state.editor.notify(reason)
        if state.rests != reason:
            state.rests = reason
            state.show_status()


async def _end_of(run: Run) -> None:
    """Wait for a run. Cancelled, it ends the run, and the wait goes on until its request is closed."""
    try:
        await run.finished.wait()
    except asyncio.CancelledError:
        if run.task is not None:
            run.task.cancel()
        await run.finished.wait()
        raise


def _digest(document: Document) -> str:
    return hashlib.blake2b(document.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
