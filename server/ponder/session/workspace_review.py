"""A review of all code in the workspace folders as one run: its findings show in every file, open or not, as they come."""

import asyncio
from collections.abc import Callable, Sequence

from ponder.documents import Document
from ponder.engine.events import BlockDelta, BlockStarted
from ponder.errors import ErrorInfo
from ponder.files.uris import uri_of_path
from ponder.findings import Finding
from ponder.review.outcome import Choice, FileReview, Review, shown
from ponder.review.report import summary
from ponder.review.targets import Gathered
from ponder.routing.route import Route
from ponder.session import concluding, recording
from ponder.session.batch_reviews import BatchReviews, NoBatchesError
from ponder.session.ending import carried_out
from ponder.session.events import BlockEnded, FindingFound, RunFinished, RunStarted
from ponder.session.file_reviews import ACTION, FileReviews, action_of, apart, route_of
from ponder.session.headless import Headless
from ponder.session.ports import BadArgument, Progress
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.showing import accepted, dismissals, show
from ponder.session.state import State
from ponder.session.workspace_files import code_of


def start(state: State, *, batch: bool, ended: Callable[[], None]) -> Run:
    """Begin the review and return at once; `ended` is called after its end. Raises BadArgument where there is no folder."""
    if not state.workspace.jail.folders:
        raise BadArgument("reviewWorkspace: no workspace folder is open")
    run = _run_of(state, batch=batch)
    state.add(run)

    def done(_task: object) -> None:
        # A task that is cancelled before its first step never runs its own ending.
        ensure_finished(state, run)
        ended()

    run.task = asyncio.create_task(perform(state, run), name=f"run {run.id}")
    run.task.add_done_callback(done)
    return run


def _run_of(state: State, *, batch: bool) -> Run:
    """A run about no single text: its document stands for the folder."""
    document = Document(uri_of_path(state.workspace.jail.folders[0]), "", path="the workspace")
    request = RunRequest(action=ACTION, document=document, trigger="batch" if batch else "command")
    return Run(state.new_id(), request, action_of(state), provider=state.engine.provider, now=state.millis)


async def perform(state: State, run: Run) -> None:
    """Carry the review to its end. Never raises; what was found until a cancel stays."""
    progress = state.editor.progress_begin(f"{state.title}: Review the workspace")
    state.progress[progress.token] = run.id
    try:
        await carried_out(run, _Work(state, run, progress).run())
    finally:
        state.progress.pop(progress.token, None)
        progress.end()
        ensure_finished(state, run)


def ensure_finished(state: State, run: Run) -> None:
    """Tell the end, exactly once."""
    if run.finished.is_set():
        return
    if run.status is None:
        run.finish("cancelled", None)
    recording.write(state, run, final=True)
    state.tell(
        run,
        RunFinished(
            status=run.status or "failed",
            usage=run.account.usage,
            duration_ms=run.milliseconds,
            error=run.error,
        ),
    )
    run.finished.set()
    state.show_status()


class _Work:
    """One review under way."""

    def __init__(self, state: State, run: Run, progress: Progress) -> None:
        self._state = state
        self._run = run
        self._progress = progress
        self._batch = run.request.trigger == "batch"
        self._choice: Choice | None = None
        self._done: list[FileReview] = []
        self._hidden = 0
        self._total = 0

    async def run(self) -> None:
        """Gather, review, sum up."""
        state, run = self._state, self._run
        alone = apart(state, Headless(state.editor.folders(), self._told))
        run.route = await route_of(state, interactive=not self._batch)
        self._started(run.route)
        gathered = await code_of(state)
        self._total = len(gathered.targets)
        review = state.settings.review
        self._choice = Choice(
            floor=review.severity_floor,
            most=review.max_findings,
            accepted=accepted(state),
            dismissals=dismissals(state),
        )
        reviews = FileReviews(alone, run.route, ended=lambda one: self._ended(one, reviews), told=self._told)
        self._moved(0)
        files = await self._reviewed(reviews, gathered)
        self._close(files, reviews, gathered)

    async def _reviewed(self, reviews: FileReviews, gathered: Gathered) -> list[FileReview]:
        if self._batch:
            batches = BatchReviews(
                reviews, waiting=lambda done, asked: self._moved(self._total - asked + done), withdraw=True
            )
            try:
                files = await batches.review(gathered.targets)
            except NoBatchesError:
                self._told(
                    "This endpoint has no batches; the files are reviewed one by one, at the full price."
                )
            else:
                for one in files:
                    self._ended(one, reviews)
                    await asyncio.sleep(0)
                return files
        return await reviews.review(gathered.targets, self._state.settings.review.concurrency)

    def _close(self, files: Sequence[FileReview], reviews: FileReviews, gathered: Gathered) -> None:
        run = self._run
        review = Review(
            provider=run.provider,
            route=reviews.route,
            files=tuple(self._done),
            left_out=gathered.left_out,
            skipped=gathered.skipped,
            usage=reviews.spending.usage,
            accepted=self._hidden,
            least=self._state.settings.review.min_confidence,
        )
        # Files end in any order.
        run.found.findings.sort(key=lambda finding: (finding.path, finding.span, finding.id))
        text = summary(review)
        run.answer.say(text)
        for event in (BlockStarted(0, "text"), BlockDelta(0, text), BlockEnded(0, 0)):
            self._state.tell(run, event)
        task = asyncio.current_task()
        undone = [one for one in files if one.status != "done"]
        if task is not None and task.cancelling():
            run.finish("cancelled", None)
        elif undone:
            first = next((one.error for one in undone if one.error is not None), None)
            run.finish("failed", _incomplete(len(undone), len(files), first))
        else:
            run.finish("done", None)

    def _ended(self, one: FileReview, reviews: FileReviews) -> None:
        """Show what a file's review found."""
        state, run = self._state, self._run
        if self._choice is not None:
            chosen, hidden = shown(one, self._choice)
            self._hidden += hidden
            self._done.append(chosen)
            run.found.findings.extend(chosen.findings)
            run.found.read([one.document])
            for finding in chosen.findings:
                state.tell(run, FindingFound(finding, (one.document,)))
        if one.status == "done" or one.findings:
            self._place(one)
        state.tell(run, run.account.count(reviews.spending.usage))
        self._moved(len(self._done))

    def _place(self, one: FileReview) -> None:
        """The findings stand in the text of now, beside those of other actions."""
        state, uri = self._state, one.document.uri
        current = state.editor.document(uri) or one.document
        found: Sequence[Finding] = concluding.moved(one.findings, one.document, current)
        # What stands there may be placed in an earlier text, where the file is not open.
        concluding.replace(state, current)
        earlier = state.findings.of(uri)
        if one.status == "done":
            earlier = tuple(finding for finding in earlier if not finding.code.startswith(f"{ACTION}/"))
        state.lasting.add(uri)
        concluding.place(state, current, concluding.joined(earlier, found, current))
        show(state, uri)

    def _moved(self, done: int) -> None:
        count = f"{done:,} of {self._total:,} files"
        cost = self._run.account.usage.cost_usd
        found = len(self._run.found.findings)
        parts = [count, f"{found:,} findings", *([f"${cost:.4f}"] if cost else [])]
        self._progress.report(", ".join(parts), 100 * done // max(self._total, 1))
        state = self._state
        state.editor.status(busy=True, message=f"{state.title}: Review the workspace, {count}")

    def _told(self, notice: str) -> None:
        if notice not in self._run.notices:
            self._run.notices.append(notice)
            self._state.tell(self._run, notice)

    def _started(self, route: Route) -> None:
        state, run = self._state, self._run
        state.tell(
            run,
            RunStarted(
                action=ACTION,
                title=f"{state.title}: Review the workspace",
                document=None,
                span=None,
                trigger=run.request.trigger,
                provider=run.provider,
                model=route.model,
                thinking=route.thinking,
                max_tokens=route.max_tokens,
            ),
        )
        for notice in (*state.take_notices(), *route.notices):
            self._told(notice)


def _incomplete(undone: int, total: int, first: ErrorInfo | None) -> ErrorInfo:
    """The error of a review with parts missing, of the kind that the first of them has."""
    why = f" {first.message}" if first is not None else ""
    return ErrorInfo(
        kind=first.kind if first is not None else "internal",
        message=f"{undone:,} of {total:,} files were not reviewed to the end.{why}",
        hint="Run it again: what was reviewed is remembered and costs nothing.",
        request_id=first.request_id if first is not None else None,
        retryable=first is None or first.retryable,
    )
