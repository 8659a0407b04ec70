"""The session: what the editor's side calls. Every method that is not `async` returns at once; none waits for the model."""

import asyncio
from collections.abc import Callable, Sequence

from ponder.actions.catalogue import Action
from ponder.actions.offers import Asked
from ponder.config.layers import Resolved
from ponder.documents import Document
from ponder.files.uris import path_of_uri, uri_of_path
from ponder.findings import FileChange
from ponder.findings.silence import visible
from ponder.session import applying, concluding, runner, workspace_review
from ponder.session.configuring import SentBy
from ponder.session.continuing import next_turn
from ponder.session.definitions import Definitions
from ponder.session.direct import Direct
from ponder.session.hovers import Hovers
from ponder.session.in_force import InForce
from ponder.session.lenses import Lens, lenses
from ponder.session.menu import Menu, files_of, menu
from ponder.session.ports import BadArgument, Change, Hover, Json
from ponder.session.prefix import WorkspaceContext
from ponder.session.reading import Reading
from ponder.session.refusals import Refusals
from ponder.session.reports import Reports
from ponder.session.request import RunRequest
from ponder.session.reviews import Reviews
from ponder.session.run import Run
from ponder.session.showing import dismiss, dismissals, show
from ponder.session.state import State
from ponder.session.tending import Tending
from ponder.session.unopened import Unopened
from ponder.session.wire import result as wire_result
from ponder.session.workspace_files import texts_on_disk
from ponder.store.rows import DismissScope
from ponder.tasks import Background


class Session:
    """One editor's session. The only place that changes the `State`."""

    def __init__(self, state: State, open_context: Callable[[State], WorkspaceContext]) -> None:
        self._state = state
        self._background = Background()
        self._tending = Tending(state, open_context, self._background, self._on_disk)
        self._reviews = Reviews(state, self.start)
        self._in_force = InForce(state, self._reviews, self._tending)
        self._definitions = Definitions()
        self._hovers = Hovers(state, self._start, self._definitions)
        self._unopened = Unopened(state, self._background)
        self._refusals = Refusals(state)
        self._reading = Reading(state, self._background)
        self._direct = Direct(state)
        self.reports = Reports(state)

    # What happens to documents

    def opened(self, document: Document) -> None:
        """What is known of this text is shown, whether it was opened or replaced as a whole."""
        self._state.context.touch(document, self._tending.seen(), "opened")
        self._state.silenced = None
        self._unopened.opened(document.uri)
        concluding.replace(self._state, document)
        self._direct.seen(document)
        self._refusals.learn(document)
        self._reviews.recall(document)
        self._reviews.typed(document.uri)
        show(self._state, document.uri)

    def changed(self, document: Document, changes: Sequence[Change]) -> None:
        """Findings move with the text; those whose own text changed go."""
        self._tending.seen()
        concluding.follow(self._state, document, changes)
        self._direct.seen(document)
        self._reviews.typed(document.uri)

    def saved(self, document: Document) -> None:
        """Rules or settings may have been saved."""
        self._in_force.files_changed((document.uri,))
        self._state.context.touch(document, self._tending.seen(), "edited")
        self._refusals.learn(document)
        if self._reviews.saved(document):
            self._tending.expect_review(document)

    def closed(self, uri: str) -> None:
        """The findings of a closed text are no longer shown, unless a review of the workspace found them."""
        if not self._unopened.closed(uri):
            concluding.forget(self._state, uri)
        self._refusals.forget(uri)
        self._reviews.closed(uri)

    def folders_changed(self) -> None:
        """The jail and the ignore rules are those of the folders of now."""
        self._in_force.folders_changed()

    def files_changed(self, uris: Sequence[str]) -> None:
        """Rules or settings may have changed."""
        self._in_force.files_changed(uris)
        self._unopened.changed(path for uri in uris if (path := path_of_uri(uri)) is not None)
        self._background.start(self._state.context.files_changed(tuple(uris)), "changed files")

    def _on_disk(self, paths: Sequence[str]) -> None:
        """Files changed, as Ponder itself has seen."""
        self._in_force.files_changed([uri_of_path(path) for path in paths])
        self._unopened.changed(paths)

    def configuration_changed(self, options: Json, by: SentBy = "change") -> None:
        """The editor's settings."""
        self._in_force.sent(options, by)

    def configured(self, resolved: Resolved) -> None:
        """Use these settings from now on, and say what was wrong with them, each thing once."""
        self._in_force.resolved(resolved)

    # Runs

    def start(self, request: RunRequest) -> Run:
        """Begin a run and return at once. Raises BadArgument for an action that does not exist or is turned off."""
        state = self._state
        action = state.actions.get(request.action)
        if action is None:
            known = ", ".join(state.actions.ids)
            raise BadArgument(f"action: there is no action `{request.action}`; there are {known}")
        return self._start(request, action)

    def review_workspace(self, *, batch: bool) -> Run:
        """Begin a review of all code in the workspace folders and return at once. Raises BadArgument."""
        self._tending.asked()
        return workspace_review.start(self._state, batch=batch, ended=self._reviews.wake)

    def follow_up(self, run_id: str, text: str) -> Run:
        """Begin the next turn of a run's conversation. Raises BadArgument while it runs or where it kept nothing."""
        before = self.find(run_id)
        run = self._run(next_turn(before, text), before.action)
        run.before = before
        return self._begin(run)

    def find(self, run_id: str) -> Run:
        """The run of that id. Raises BadArgument."""
        return self._state.find(run_id)

    def result(self, run: Run) -> Json:
        """The result of an ended run, or that it still runs."""
        if run.status is None:
            return {"runId": run.id, "status": "running"}
        return wire_result(run.result(), run.found.texts, run.found.bases, self._state.editor)

    async def wait(self, run: Run, *, cancel: bool) -> Json:
        """The result once the run ended. With `cancel`, giving up the wait ends the run."""
        self._reading.awaited(run)
        try:
            await run.finished.wait()
        except asyncio.CancelledError:
            if cancel:
                self._stop(run)
            raise
        return self.result(run)

    def cancel(self, run_id: str | None) -> int:
        """End a run, or all; returns how many were alive. The request to the endpoint is closed at once."""
        alive = self._state.alive()
        if run_id is not None:
            alive = [run for run in alive if run is self.find(run_id)]
        for run in alive:
            self._stop(run)
        return len(alive)

    def cancel_progress(self, token: str) -> None:
        """The user pressed cancel on a progress."""
        run_id = self._state.progress.get(token)
        if run_id is not None:
            self.cancel(run_id)

    async def apply(self, run_id: str, hunk: int | None) -> Json:
        """Apply what a run proposed, or one change of it. Raises BadArgument."""
        return await applying.apply_pending(self._state, self.find(run_id), hunk)

    def discard(self, run_id: str, hunk: int | None) -> Json:
        """Offer what a run proposed no longer, or one change of it. Raises BadArgument."""
        return applying.discard_pending(self.find(run_id), hunk)

    async def offers(self, asked: Asked) -> Menu:
        """The light bulb's menu. Waits only for files that are not open, where it holds edits of them."""
        state = self._state
        closed = {uri for uri in files_of(state, asked) if state.editor.document(uri) is None}
        texts = await texts_on_disk(state, closed)

        def text_of(change: FileChange) -> Document | None:
            return state.editor.document(change.uri) or texts.get(change.uri)

        shown = menu(state, asked, text_of, refused=self._refusals.reason(asked.uri))
        for run_id, handed in shown.handed.items():
            self._direct.hand_out(run_id, handed)
        return shown

    def dismiss(self, finding_id: str, scope: DismissScope) -> Json:
        """Hide a finding, all of its rule, or all of its file, for good in this workspace. Raises BadArgument."""
        return dismiss(self._state, finding_id, scope)

    def document(self, uri: str) -> Document | None:
        """A text by its uri: the open buffer, else a file of the workspace that may be read."""
        return self._state.document(uri)

    async def hover(self, document: Document, offset: int, waited: float = 0.0) -> Hover | None:
        """What to say about the symbol at a place; waits for the model at most `hover.waitMs`, `waited` seconds included."""
        self._tending.seen()
        return await self._hovers.hover(document, offset, waited)

    async def lenses(self, document: Document) -> list[Lens]:
        """The links above the definitions of a text."""
        return await lenses(self._state, self._definitions, document, self._refusals.reason(document.uri))

    async def close(self) -> None:
        """End all runs, write what waits."""
        ending = self._reviews.close()
        await self._background.close(0.2)
        alive = self._state.alive()
        for run in alive:
            self._stop(run)
        await self._state.late.close(0.2)
        await asyncio.gather(*ending, *(run.finished.wait() for run in alive), return_exceptions=True)
        await self._state.engine.aclose()
        self._state.recorder.close()
        self._state.store.close()

    def _start(self, request: RunRequest, action: Action) -> Run:
        state = self._state
        run = self._run(request, action)
        run.answer.hides = lambda finding: (
            not visible([finding], run.found.bases.get(finding.uri, request.document), dismissals(state))
        )
        return self._begin(run)

    def _run(self, request: RunRequest, action: Action) -> Run:
        state, provider = self._state, self._state.engine.provider
        least = state.settings.review.min_confidence
        return Run(state.new_id(), request, action, provider=provider, now=state.millis, least=least)

    def _begin(self, run: Run) -> Run:
        self._tending.asked()
        self._state.add(run)
        run.task = asyncio.create_task(runner.perform(self._state, run), name=f"run {run.id}")
        # A task that is cancelled before its first step never runs its own ending.
        run.task.add_done_callback(lambda _task: self._ended(run))
        return run

    def _ended(self, run: Run) -> None:
        runner.ensure_finished(self._state, run)
        self._reading.ended(run)
        self._reviews.wake()

    @staticmethod
    def _stop(run: Run) -> None:
        if run.task is not None:
            run.task.cancel()
