"""The review of one saved text: from the memory where it is known, else by a run about what changed. Decides not when."""

import asyncio
from collections.abc import Callable
from typing import Literal

from ponder.documents import Document
from ponder.findings import Finding
from ponder.review.memory import NOTHING, changed_part
from ponder.session import concluding
from ponder.session.remembering import Remembering, standing
from ponder.session.request import RunRequest
from ponder.session.resting import FAILING, TOO_DEAR, Resting
from ponder.session.run import Run
from ponder.session.showing import show
from ponder.session.state import State

Outcome = Literal["done", "remembered", "rests", "postponed", "unanswerable", "failed"]
"""How a review went. `postponed`: the endpoint has been failing; `failed`: the same text may fail again;
`unanswerable`: it would be declined, or cut off, again."""
_OF_THE_TEXT = frozenset({"malformed", "invalidRequest", "tooLarge", "internal"})
"""Kinds of trouble that the same text may meet again; an endpoint that is down is no fault of a file."""


class TextReviews:
    """For one session. `start` begins a run."""

    def __init__(self, state: State, start: Callable[[RunRequest], Run], resting: Resting) -> None:
        self._state = state
        self._start = start
        self._resting = resting
        self._memory = Remembering(state)

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

    async def review(self, document: Document, begun: Callable[[], None]) -> Outcome:
        """Review one text, unless it is known or something forbids it. `begun` is called once a run was started."""
        state = self._state
        await state.models.ready()
        memory, reviewer = self._memory, self._memory.reviewer()
        if reviewer is None:
            return "rests"
        known = memory.of_text(document, reviewer)
        if known is not None:
            memory.newest(document, reviewer, known)
            self._show(document, known.findings)
            state.unreviewed.reviewed(document.uri)
            return "remembered"
        before = memory.last(document, reviewer)
        # Parsing a long file takes a tenth of a second.
        part = await asyncio.to_thread(changed_part, before.text if before else None, document)
        earlier = standing(before, document)
        if part == NOTHING:
            memory.keep(document, reviewer, earlier)
            self._show(document, earlier)
            state.unreviewed.reviewed(document.uri)
            return "remembered"
        # The settings may have changed while the texts were compared; the run has those of now.
        reviewer = memory.reviewer()
        if reviewer is None:
            return "rests"
        obstacle = self._resting.obstacle()
        self._resting.tell(obstacle)
        if obstacle is not None:
            return "postponed" if obstacle == FAILING else "rests"
        run = self._start(RunRequest(action="review", document=document, span=part, trigger="save"))
        begun()
        try:
            await _end_of(run)
        finally:
            # Also where a newer save came with the last word of the answer: it is paid for.
            found = tuple(concluding.merged(earlier, run, run.found.placed, document))
            if run.status == "done":
                memory.keep(document, reviewer, found)
        return self._judged(document, run, found)

    def _judged(self, document: Document, run: Run, found: tuple[Finding, ...]) -> Outcome:
        """How a run went; shows what a complete one found."""
        if run.status == "done":
            # Also what went while one typed, and whose text is back.
            self._show(document, found)
            self._resting.succeeded()
            return "done"
        kind = run.error.kind if run.error is not None else None
        if run.status in {"truncated", "refused"}:
            return "unanswerable"
        if kind == "budget":
            self._resting.tell(TOO_DEAR)
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


async def _end_of(run: Run) -> None:
    """Wait for a run. Cancelled, it ends the run, and the wait goes on until its request is closed."""
    try:
        await run.finished.wait()
    except asyncio.CancelledError:
        if run.task is not None:
            run.task.cancel()
        await run.finished.wait()
        raise
