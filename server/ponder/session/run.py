"""One run: what was asked, and its parts: the answer, the findings, the edit, the account. Starts nothing and waits for nothing."""

import asyncio
from collections.abc import Iterator

from ponder.actions.catalogue import Action
from ponder.documents import Document
from ponder.engine.events import Notice, Status
from ponder.engine.prompt import AnswerShape, PastTurn, Prompt
from ponder.errors import ErrorInfo
from ponder.routing.route import Route
from ponder.session.account import Account
from ponder.session.answer import Answer, Arrived, Millis
from ponder.session.events import RunEvent
from ponder.session.found import Found
from ponder.session.proposal import Proposal
from ponder.session.request import RunRequest, RunResult, without_secrets


class Run:
    """A run's state. Only the session's loop touches it; others read `result()`."""

    def __init__(
        self, run_id: str, request: RunRequest, action: Action, *, provider: str, now: Millis, least: int = 0
    ) -> None:
        # What was asked.
        self.id = run_id
        self.request = without_secrets(request)
        self.action = action
        self.provider = provider
        self.least = least if action.shape == "findings" else 0
        """How sure the model has to be of a finding; 0 asks for no confidence."""
        self.before: Run | None = None
        """The run this one follows up on."""
        # How it was asked, for this run and for those that follow up on it.
        self.route: Route | None = None
        self.prompt: Prompt | None = None
        self.past: tuple[PastTurn, ...] = ()
        self.rules = 0
        """The rules on what may be sent that the request was made by (`State.rules`)."""
        # What comes of it.
        self.found = Found(self.document)
        self.answer = Answer(self.found, now)
        self.proposal = Proposal()
        self.account = Account()
        self.notices: list[str] = []
        # Its life.
        self.announced = False
        """Whether the editor was told that it began."""
        self.status: Status | None = None
        """How it ended; None while it lives."""
        self.error: ErrorInfo | None = None
        self.finished = asyncio.Event()
        """Set once its end was told."""
        self.task: asyncio.Task[None] | None = None
        self._now = now
        self._started = now()
        self._milliseconds: int | None = None

    @property
    def document(self) -> Document:
        """The document version the run read."""
        return self.request.document

    @property
    def model(self) -> str:
        """The model's id; empty while no route has been chosen."""
        return self.route.model if self.route else ""

    @property
    def shape(self) -> AnswerShape:
        """What comes back; findings are rated where the user wants only sure ones."""
        return "ratedFindings" if self.least else self.action.shape

    @property
    def milliseconds(self) -> int:
        """Time since the start, or the whole time once it ended."""
        return self._milliseconds if self._milliseconds is not None else int(self._now() - self._started)

    def take(self, arrived: Arrived) -> Iterator[RunEvent]:
        """Take in what `answer.arrived` has read of one event of the engine; yields what the editor is told."""
        self.account.take(arrived.event)
        for news in self.answer.take(arrived):
            if isinstance(news, Notice):
                self.notices.append(news.message)
            yield news

    def finish(self, status: Status, error: ErrorInfo | None) -> None:
        """Nothing more comes."""
        self.status, self.error = status, error
        self._milliseconds = self.milliseconds
        self.answer.let_go()

    def result(self) -> RunResult:
        """What there is now."""
        return RunResult(
            run_id=self.id,
            action=self.action.id,
            status=self.status or "running",
            provider=self.provider,
            model=self.model,
            text=self.answer.text,
            findings=tuple(self.found.findings),
            edit=self.proposal.edit,
            applied=self.proposal.applied,
            stale=self.proposal.stale,
            usage=self.account.usage,
            duration_ms=self.milliseconds,
            error=self.error,
            reason=self.proposal.reason,
        )
