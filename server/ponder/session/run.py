"""One run: what was asked, what has arrived, how it ended. A reducer with one owner; starts nothing and waits for nothing."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ponder.actions.catalogue import Action
from ponder.documents import Document
from ponder.edits.hunks import PendingEdit
from ponder.engine.events import (
    AnswerEnded,
    AnswerStarted,
    BlockDelta,
    BlockFinished,
    BlockStarted,
    CountsChanged,
    EngineEvent,
    Notice,
    Retrying,
    Status,
)
from ponder.engine.prompt import AnswerShape, PastTurn, Prompt
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding
from ponder.routing.route import Route
from ponder.session.elsewhere import Elsewhere
from ponder.session.events import BlockEnded, FindingFound, RunEvent, UsageChanged
from ponder.session.request import RunRequest, RunResult, without_secrets
from ponder.session.structured import StructuredAnswer
from ponder.session.thoughts import Thought, newest_line
from ponder.usage import TokenCounts, Usage

if TYPE_CHECKING:
    from ponder.session.undo import KnownText

Millis = Callable[[], float]
"""A monotonic clock in milliseconds."""


class Run:
    """A run's state. Only the session's loop touches it; others read `result()`."""

    announced = False
    """Whether the editor was told that it began."""
    unanswered = 0
    """Requests that were sent and used nothing that is known: refused, or never answered."""
    put_off = False
    """Whether the user was shown the edit and did not want it now."""
    outdated = 0.0
    """The share of its prefix that is there only because it is cached."""
    elsewhere: Elsewhere | None = None
    """Where other files than the one at hand are looked up; None where its answer is about that one alone."""
    others: tuple[Document, ...] = ()
    """The other files that its answer speaks of, in the texts it is placed in."""
    rules = 0
    """The rules on what may be sent that its request was made by (`State.rules`)."""
    cache_miss: str | None = None
    """Why less came out of the cache than might have; None where nothing was missed."""
    recorded = 0
    """How many of its counts the ledger has."""
    _reader: StructuredAnswer | None = None
    _milliseconds: int | None = None

    def __init__(
        self, run_id: str, request: RunRequest, action: Action, *, provider: str, now: Millis, least: int = 0
    ) -> None:
        self.id = run_id
        self.request = without_secrets(request)
        self.hides: Callable[[Finding], bool] = lambda _finding: False
        """Findings that the user silenced: neither told nor kept."""
        self.action = action
        # How sure the model has to be of a finding; 0 asks for no confidence.
        self.least = least if action.shape == "findings" else 0
        self.provider = provider
        self.route: Route | None = None
        self.prompt: Prompt | None = None
        self.past: tuple[PastTurn, ...] = ()
        self.before: Run | None = None
        """The run this one follows up on."""
        self.status: Status | None = None
        self.error: ErrorInfo | None = None
        self.thoughts: list[Thought] = []
        self.notices: list[str] = []
        self.findings: list[Finding] = []
        self.placed: tuple[Finding, ...] = ()
        """The findings in the text the run read; `findings` are in that of `text_now` once it ended."""
        self.edit: Edit | None = None
        self.pending: PendingEdit | None = None
        self.known_texts: list[KnownText] = []
        """Texts around the changes that were applied, so that an undo is seen."""
        # The document version that the findings' places refer to.
        self.text_now: Document = request.document
        self.applied = False
        self.stale = False
        self.reason: str | None = None
        self.usage = Usage()
        self.ended: AnswerEnded | None = None
        self.counts: list[TokenCounts] = []
        self.finished = asyncio.Event()
        self.decided = asyncio.Event()
        """Set when nothing of its edit is open any more."""
        self.task: asyncio.Task[None] | None = None
        self._now = now
        self._started = now()
        self._text: list[str] = []
        self._blocks: dict[int, tuple[str, float]] = {}

    @property
    def text(self) -> str:
        """The answer so far, as Markdown."""
        return "".join(self._text)

    @property
    def model(self) -> str:
        """The model's id; empty while no route has been chosen."""
        return self.route.model if self.route else ""

    @property
    def shape(self) -> AnswerShape:
        """What comes back; findings are rated where the user wants only sure ones."""
        return "ratedFindings" if self.least else self.action.shape

    @property
    def unsure(self) -> int:
        """How many findings were left out because the model was not sure enough of them."""
        return self._reader.unsure if self._reader is not None else 0

    def newest_line(self) -> str:
        """The last line that has arrived, for a progress message."""
        return newest_line(self._text, self.thoughts)

    @property
    def milliseconds(self) -> int:
        """Time since the start, or the whole time once it ended."""
        return self._milliseconds if self._milliseconds is not None else int(self._now() - self._started)

    def read_with(self, reader: StructuredAnswer | None) -> None:
        """Where the answer is structured: what turns its JSON into text and placed items."""
        self._reader = reader

    def ahead(self, event: EngineEvent) -> tuple[str, ...]:
        """The paths that findings in this event name, as the model wrote them; it has to be taken next."""
        if self._reader is None or not isinstance(event, BlockDelta):
            return ()
        kind = self._blocks.get(event.index, ("text", 0.0))[0]
        return self._reader.ahead(event.text) if kind == "text" else ()

    @property
    def unplaced(self) -> bool:
        """Whether a complete answer proposes changes of which none is left."""
        return self._reader is not None and self._reader.unplaced

    @property
    def edited(self) -> tuple[str, ...]:
        """The paths that the edits of a complete answer name."""
        return self._reader.edited if self._reader is not None else ()

    def take(self, event: EngineEvent) -> Iterator[RunEvent]:
        """Take one event of the engine in; yields what the editor is told."""
        match event:
            case AnswerStarted(counts=counts):
                self.counts.append(counts)
            case CountsChanged(counts=counts):
                self.counts[-1:] = [counts]
            case BlockStarted(index=index, kind=kind):
                yield self._block_started(event, index, kind)
            case BlockDelta(index=index, text=text):
                yield from self._delta(index, text)
            case BlockFinished(index=index):
                began, since = self._blocks.pop(index, ("text", self._now()))
                taken = int(self._now() - since)
                if began == "thinking":
                    self.thoughts[-1].milliseconds = taken
                yield BlockEnded(index, taken)
            case Notice(message=message):
                self.notices.append(message)
                yield event
            case Retrying():
                yield event
            case AnswerEnded():
                self.ended = event
                # With the requests before it, where the answer took several; one that was never answered used nothing.
                answered = event.message_id is not None or event.counts != TokenCounts()
                last = [event.counts] if answered or event.status == "done" else []
                self.counts = [*event.earlier, *last]
                self.unanswered = event.unanswered

    def say(self, text: str) -> None:
        """Add to the answer."""
        self._text.append(text)

    def count(self, usage: Usage) -> UsageChanged:
        """Set the usage so far."""
        self.usage = usage
        return UsageChanged(usage)

    def finish(self, status: Status, error: ErrorInfo | None) -> None:
        """Nothing more comes."""
        self.status, self.error = status, error
        self._milliseconds = self.milliseconds

    def result(self) -> RunResult:
        """What there is now."""
        return RunResult(
            run_id=self.id,
            action=self.action.id,
            status=self.status or "running",
            provider=self.provider,
            model=self.model,
            text=self.text,
            findings=tuple(self.findings),
            edit=self.edit,
            applied=self.applied,
            stale=self.stale,
            usage=self.usage,
            duration_ms=self.milliseconds,
            error=self.error,
            reason=self.reason,
        )

    def _block_started(self, event: BlockStarted, index: int, kind: str) -> BlockStarted:
        self._blocks[index] = (kind, self._now())
        if kind in {"thinking", "redactedThinking"}:
            self.thoughts.append(Thought(redacted=kind == "redactedThinking"))
        if kind == "tool" and self._reader is not None:
            # A structured answer that came through a tool is read like any other.
            self._blocks[index] = ("text", self._now())
            return BlockStarted(index, "text")
        return event

    def _delta(self, index: int, text: str) -> Iterator[RunEvent]:
        kind = self._blocks.get(index, ("text", 0.0))[0]
        if kind == "thinking":
            self.thoughts[-1].text += text
            yield BlockDelta(index, text)
        elif kind != "text":
            return
        elif self._reader is None:
            self._text.append(text)
            yield BlockDelta(index, text)
        else:
            for piece in self._reader.feed(text):
                if not (isinstance(piece, Finding) and self.hides(piece)):
                    yield self._read(index, piece)

    def _read(self, index: int, piece: str | Finding | Notice) -> RunEvent:
        if isinstance(piece, str):
            self._text.append(piece)
            return BlockDelta(index, piece)
        if isinstance(piece, Notice):
            self.notices.append(piece.message)
            return piece
        self.findings.append(piece)
        return FindingFound(piece, (self.document, *self.others))

    def close_answer(self, label: str) -> tuple[ErrorInfo | None, tuple[str, ...]]:
        """The answer is complete: place its edit. Returns what is wrong with it, and notices on what was left out."""
        if self._reader is None:
            return None, ()
        error, notices = self._reader.close(label)
        self.edit = self._reader.edit
        return error, notices

    @property
    def document(self) -> Document:
        """The document version the run read."""
        return self.request.document

    def texts(self) -> dict[str, Document]:
        """The texts that the findings' places refer to, by uri."""
        return {**self.bases(), self.document.uri: self.text_now}

    def bases(self) -> dict[str, Document]:
        """The texts that the edit's places refer to, by uri."""
        return {one.uri: one for one in (self.document, *self.others)}

    def touches(self, uri: str) -> bool:
        """Whether changes of this run's edit to this document are still open."""
        open_hunks = self.pending.remaining if self.pending else ()
        return any(hunk.change.uri == uri for hunk in open_hunks)
