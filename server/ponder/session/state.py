"""What a session holds. One owner, one event loop: rooms below get values out of it, never the state itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from ponder.actions.catalogue import Catalogue as Actions
from ponder.config.settings import Settings
from ponder.documents import Document
from ponder.engine.events import Notice
from ponder.engine.timeouts import Timeouts
from ponder.engine.turn import Engine
from ponder.findings import FileChange
from ponder.findings.silence import Dismissals
from ponder.findings.tracking import FindingSet
from ponder.ledger.ledger import Ledger
from ponder.ledger.misses import words
from ponder.session.configuring import Configuration
from ponder.session.events import RunEvent
from ponder.session.models import ModelList
from ponder.session.ports import BadArgument, Editor, StatusKind
from ponder.session.prefix import WorkspaceContext
from ponder.session.run import Run
from ponder.session.unreviewed import Unreviewed
from ponder.session.wire import edit_decided
from ponder.session.wire import event as wire_event
from ponder.session.workspace import Workspace
from ponder.store.store import Store
from ponder.tasks import Background

if TYPE_CHECKING:
    from ponder.session.recording import Recorder

KEPT_RUNS = 200
"""Ended runs that can still be asked for; older ones live on as transcripts."""


@dataclass
class State:
    """Everything that outlives a request. `now` is seconds since the epoch, `millis` a monotonic clock."""

    editor: Editor
    engine: Engine
    store: Store
    ledger: Ledger
    workspace: Workspace
    context: WorkspaceContext
    models: ModelList
    recorder: "Recorder"
    configuration: Configuration
    settings: Settings
    actions: Actions
    now: Callable[[], float]
    millis: Callable[[], float]
    new_id: Callable[[], str]
    runs: dict[str, Run] = field(default_factory=dict)
    findings: FindingSet = field(default_factory=FindingSet)
    placed_in: dict[str, Document] = field(default_factory=dict)
    """The text each document's findings are placed in, by uri."""
    lasting: set[str] = field(default_factory=set)
    """Uris whose findings stay when the file is closed: a review of the workspace found them."""
    beside: dict[tuple[str, str], frozenset[tuple[str, str]]] = field(default_factory=dict)
    """What runs about one file found in others: by its uri and action, the uri and id of each finding."""
    silenced: Dismissals | None = None
    """What was dismissed, read when it is needed; None after it may have changed. So is `accepted`."""
    accepted: frozenset[str] | None = None
    """Ids of the findings in the baselines."""
    progress: dict[str, str] = field(default_factory=dict)
    """Run ids by the token of their progress."""
    problems: frozenset[str] = frozenset()
    """What was wrong with the settings when they were last read; each sentence is said once."""
    waiting: str = ""
    """How many saved files wait for their review, and for what, in words."""
    left_alone: str = ""
    """Which files are not reviewed on save any more, and why, in words."""
    unreviewed: Unreviewed = field(default_factory=Unreviewed)
    """What the last review of a file left undone."""
    rests: str | None = None
    """Why reviews on save do not start now, in a sentence."""
    rules: int = 0
    """Grows whenever other files may be sent than before: ignore files, folders, `context.exclude`."""
    notices: list[str] = field(default_factory=list)
    """Sentences that wait for the next run to be told with."""
    active: float = 0.0
    """When the user last did something, in seconds since the epoch."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    late: Background = field(default_factory=Background)
    """Questions about edits that are still open although their runs have ended."""
    models_told: set[str] = field(default_factory=set)
    """What was told of the endpoint's list of models."""
    miss_told: bool = False
    """Whether a miss of the cache was told since the cache was last read."""
    alone: bool = False
    """Whether each request is about one file and nothing else: then so is its answer."""
    cache_note: str = ""
    """What the status bar says of the cache while nothing runs: why the last request missed it."""

    @property
    def title(self) -> str:
        """What titles begin with; the offline engine is never passed off as a model."""
        return "Ponder (offline)" if self.engine.provider == "offline" else "Ponder"

    @property
    def today(self) -> date:
        """The day by the local clock, for lifecycles, prices and budgets."""
        return datetime.fromtimestamp(self.now()).astimezone().date()

    @property
    def timeouts(self) -> Timeouts:
        """The endpoint's patience, from the settings."""
        api = self.settings.api
        return Timeouts(
            connect_ms=api.connect_ms,
            first_byte_ms=api.first_byte_ms,
            stall_ms=api.stall_ms,
            max_tries=api.max_tries,
        )

    def find(self, run_id: str) -> Run:
        """The run of that id. Raises BadArgument."""
        run = self.runs.get(run_id)
        if run is None:
            raise BadArgument(f"runId: there is no run `{run_id}`")
        return run

    def document(self, uri: str) -> Document | None:
        """A text by its uri: the open buffer, else a file of the workspace that may be read."""
        return self.editor.document(uri) or self.workspace.read(uri)

    def text_of(self, change: FileChange) -> Document | None:
        """The text of a file that is to be changed, as it is now: the open buffer, else the file on disk, else None."""
        return self.document(change.uri)

    def alive(self) -> list[Run]:
        """The runs that have not ended."""
        return [run for run in self.runs.values() if run.status is None]

    def add(self, run: Run) -> None:
        """Keep a run; the oldest ended one goes when there are too many."""
        self.runs[run.id] = run
        if len(self.runs) > KEPT_RUNS:
            for old in [known.id for known in self.runs.values() if known.status is not None][:1]:
                del self.runs[old]

    @property
    def workspace_id(self) -> str:
        """Names this workspace in the store: what is dismissed here stays dismissed here."""
        return "\n".join(sorted(self.workspace.jail.folders))

    def tell(self, run: Run, event: RunEvent | str) -> None:
        """Send one event of a run to the editor; a sentence is a notice."""
        told = Notice(event) if isinstance(event, str) else event
        self.editor.event(run.id, wire_event(told, self.editor))

    def tell_decided(self, run: Run) -> None:
        """Tell the editor how each change of a run's edit stands now; also after the run has ended."""
        proposal = run.proposal
        if proposal.pending is not None:
            self.editor.edit_decided(run.id, edit_decided(proposal.pending, proposal.reason))

    def missed(self, run: Run, notice: str | None, *, hit: bool) -> None:
        """A request has begun to be answered; `notice` where it should have read the cache and did not.

        An endpoint that never reads one (`hit`) is told of once: the ledger counts on.
        """
        if hit:
            self.miss_told = False
        cause = run.account.cache_miss
        # The offline engine costs nothing, so its cache is nobody's worry.
        told = cause is not None and cause != "first" and self.engine.provider != "offline"
        self.cache_note = f"cache missed, {words(cause)}" if told and cause is not None else ""
        if notice is not None and not self.miss_told:
            self.miss_told = True
            run.notices.append(notice)
            self.tell(run, notice)

    def untold(self, notices: Sequence[str], known: Sequence[str]) -> list[str]:
        """Those of a route's notices that are news: what the list of models lacks (`known`) is told once, not with each run."""
        news = [one for one in notices if one not in known or one not in self.models_told]
        self.models_told.update(one for one in news if one in known)
        return news

    def take_notices(self) -> list[str]:
        """The sentences that waited, each told once."""
        waiting, self.notices = self.notices, []
        return waiting

    @property
    def undone(self) -> str:
        """Which open files are not reviewed although a review was tried, and why, in words."""
        return self.unreviewed.words(lambda uri: self.editor.document(uri) is not None)

    def show_status(self) -> None:
        """Tell the status bar what is going on: what runs, what waits, and why it does."""
        alive = self.alive()
        parts = [alive[0].action.title if len(alive) == 1 else f"{len(alive)} runs"] if alive else []
        undone = self.undone
        parts += [words for words in (self.rests or self.waiting, self.left_alone, undone) if words]
        if not parts and self.cache_note:
            parts.append(self.cache_note)
        message = f"{self.title}: {', '.join(parts)}" if parts else self.title
        kind: StatusKind = "Warning" if self.rests or self.left_alone or undone else "Normal"
        self.editor.status(busy=bool(alive), message=message, kind=kind)
