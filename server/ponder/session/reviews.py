"""Review on save: when each saved file is reviewed, what waits, and what is left alone. Reviews nothing itself."""

import asyncio
import hashlib
import logging
from collections.abc import Callable

from ponder.documents import Document
from ponder.review.scheduler import Scheduler
from ponder.review.waiting import left_alone_words, waiting_words
from ponder.session.events import ASKED_FOR
from ponder.session.request import RunRequest
from ponder.session.resting import Resting
from ponder.session.run import Run
from ponder.session.showing import dismissals
from ponder.session.state import State
from ponder.session.text_reviews import Outcome, TextReviews

REST_MS = 60_000.0
"""When a review is tried again that did not start because the endpoint had been failing."""
_log = logging.getLogger(__name__)


class Reviews:
    """The background reviews of one session. `start` begins a run."""

    def __init__(self, state: State, start: Callable[[RunRequest], Run]) -> None:
        self._state = state
        self._resting = Resting(state)
        self._of_texts = TextReviews(state, start, self._resting)
        self._scheduler = Scheduler()
        self._texts: dict[str, Document] = {}
        """The newest saved text of each file that waits or runs."""
        self._tasks: dict[str, tuple[Document, asyncio.Task[Outcome]]] = {}
        self._left_alone: dict[str, str] = {}
        """Paths of the files that are not reviewed until they change, by uri."""
        self._undone = ""
        """What the status bar says of files that a review left undone."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def saved(self, document: Document) -> bool:
        """A file was saved: whether its review is due, after a pause. The request for an older text is closed."""
        state, uri = self._state, document.uri
        if state.settings.review.on_save == "manual":
            self._of_texts.recall(document)
        if state.settings.review.on_save != "on" or not state.workspace.may_review(document):
            return False
        # Nothing that it found would be shown.
        if document.path in dismissals(state).files:
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

    def changed_otherwise(self) -> None:
        """Other settings may do better with a text that failed, or was declined: its next save is reviewed."""
        self._scheduler.forgive()
        self._left_alone.clear()
        self._tell()

    def closed(self, uri: str) -> None:
        """The file was closed: what waits for it is dropped, what runs goes on into the memory."""
        self._scheduler.forget(uri)
        self._left_alone.pop(uri, None)
        if uri not in self._tasks:
            self._texts.pop(uri, None)
        self.wake()

    def recall(self, document: Document) -> None:
        """Show what is known of a text, or still stands of the one reviewed before. Costs nothing."""
        self._of_texts.recall(document)
        self._tell()

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

    def close(self) -> list[asyncio.Task[Outcome]]:
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
        return any(run.request.trigger in ASKED_FOR for run in self._state.alive())

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
        over, undone = self._resting.over, state.undone
        if over or (waiting, left_alone, undone) != (state.waiting, state.left_alone, self._undone):
            self._undone = undone
            state.waiting, state.left_alone = waiting, left_alone
            state.rests = None if over else state.rests
            state.show_status()

    def _begin(self, document: Document) -> None:
        task = asyncio.create_task(self._of_texts.review(document, self._tell), name="review on save")
        self._tasks[document.uri] = document, task
        # Not in the task itself: one that is cancelled before its first step runs nothing of its own.
        task.add_done_callback(lambda done: self._ended(document, done))

    def _ended(self, document: Document, task: asyncio.Task[Outcome]) -> None:
        uri, digest = document.uri, _digest(document)
        del self._tasks[uri]
        outcome = _outcome(task)
        if outcome == "postponed":
            self._scheduler.postponed(uri, self._state.millis() + REST_MS)
        failed = outcome in {"failed", "unanswerable"}
        self._scheduler.ended(uri, digest, failed=failed, again=outcome != "unanswerable")
        if outcome == "failed" and self._scheduler.left_alone(uri, digest):
            self._left_alone[uri] = document.path
            _log.warning("a file is not reviewed on save until it changes: two reviews of its text failed")
        if not self._scheduler.waits(uri):
            self._texts.pop(uri, None)
        self.wake()


def _outcome(task: asyncio.Task[Outcome]) -> Outcome | None:
    """How a review went; None where it was cancelled."""
    if task.cancelled():
        return None
    error = task.exception()
    if error is None:
        return task.result()
    _log.error("a review on save broke off", exc_info=error)
    return "failed"


def _digest(document: Document) -> str:
    return hashlib.blake2b(document.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
