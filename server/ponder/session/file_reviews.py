"""Reviews many files with nobody watching each of them: remembered ones for nothing, the others one run a file.

Every run is like any other: route, budget, secrets, ledger. Nothing is told of the workspace beside the file, so
that a large review costs what its files cost. Prints nothing.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence

from msgspec import structs

from ponder.actions.catalogue import Action
from ponder.engine.events import Status
from ponder.errors import ErrorInfo
from ponder.findings.tracking import FindingSet
from ponder.review.memory import Reviewed, version_of
from ponder.review.outcome import FATAL, FileReview, touching
from ponder.review.targets import Target
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import concluding, runner
from ponder.session.events import Trigger
from ponder.session.ports import BadArgument, Editor
from ponder.session.recording import Recorder
from ponder.session.remembering import memory_of
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.spending import Spending
from ponder.session.state import State

ACTION = "review"


class FileReviews:
    """The reviews of one set of files. `state` is a state of its own: see `apart`.

    `ended` is called with each file's review as it ends, `told` with sentences for the user.
    """

    def __init__(
        self,
        state: State,
        route: Route,
        *,
        ended: Callable[[FileReview], None] = lambda _one: None,
        told: Callable[[str], None] = lambda _notice: None,
    ) -> None:
        self.state = state
        self.route = route
        self.action = action_of(state)
        self.told = told
        self._ended = ended
        self.spending = Spending(state, route)
        self._stop: ErrorInfo | None = None

    async def review(self, targets: Sequence[Target], concurrency: int) -> list[FileReview]:
        """Review all, `concurrency` at a time; the results in the order of the targets. Cancelling ends the runs."""
        waiting = list(enumerate(targets))[::-1]
        found: dict[int, FileReview] = {}

        async def work() -> None:
            while waiting:
                place, target = waiting.pop()
                found[place] = self.remembered(target) or await self._asked(target)
                self._ended(found[place])
                # What is remembered waits for nothing: an editor may.
                await asyncio.sleep(0)

        workers = [
            asyncio.create_task(work(), name="file reviews") for _ in range(min(concurrency, len(targets)))
        ]
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return [found.get(place) or not_asked(target, None) for place, target in enumerate(targets)]

    def remembered(self, target: Target) -> FileReview | None:
        """The review that is known of exactly this text. Costs nothing."""
        known = memory_of(self.state).of_text(target.document, self.route, self.version(target))
        if known is None:
            return None
        return FileReview(
            document=target.document,
            status="done",
            findings=known.findings,
            unsure=known.unsure,
            known=True,
        )

    def run_of(self, target: Target, trigger: Trigger) -> Run:
        """The run that asks about a target."""
        state, changed = self.state, target.changed
        request = RunRequest(
            action=ACTION,
            document=target.document,
            span=None if changed is None else structs.replace(changed[0], end=changed[-1].end),
            instruction=_instruction(target),
            trigger=trigger,
        )
        return Run(
            state.new_id(),
            request,
            self.action,
            provider=state.engine.provider,
            now=state.millis,
            least=state.settings.review.min_confidence,
        )

    def outcome(self, target: Target, run: Run) -> FileReview:
        """Take the result of an ended run: count it, keep it where it is complete."""
        self.spending.add(run)
        findings = touching(run.found.findings, target.changed)
        if run.status == "done":
            self._keep(target, Reviewed(target.document.text, findings, unsure=run.answer.unsure))
        elif run.error is not None and (run.error.kind in FATAL or self._unreachable(run)):
            self._stop = run.error
        # The whole review says it once.
        said = concluding.unsure_notice(run.answer.unsure, run.least)
        return FileReview(
            document=target.document,
            status=run.status or "failed",
            findings=findings,
            error=run.error,
            notices=tuple(notice for notice in run.notices if notice != said),
            unsure=run.answer.unsure,
            answered=bool(run.account.counts),
        )

    @property
    def stopped(self) -> ErrorInfo | None:
        """Why nothing more is sent: what went wrong would go wrong with every file."""
        return self._stop

    def _unreachable(self, run: Run) -> bool:
        """Whether nothing has come back from the endpoint at all, this run's tries included."""
        dead = run.error is not None and run.error.kind == "network" and not run.account.counts
        return dead and self.spending.nothing

    def version(self, target: Target) -> str:
        """What an answer depends on beside text and route: the prompt, and which parts count."""
        least = self.state.settings.review.min_confidence
        return f"{version_of(self.action.version, least)}{_instruction(target) or ''}"

    async def _asked(self, target: Target) -> FileReview:
        state = self.state
        if self._stop is None and not state.engine.breaker.allows(state.millis() / 1000):
            self._stop = _FAILING
        if self._stop is not None:
            return not_asked(target, self._stop)
        most, refusal = self.spending.admit(target)
        if refusal is not None:
            return not_asked(target, refusal)
        run = self.run_of(target, "command")
        run.task = asyncio.create_task(runner.perform(state, run), name=f"run {run.id}")
        # A task that is cancelled before its first step never runs its own ending.
        run.task.add_done_callback(lambda _task: runner.ensure_finished(state, run))
        try:
            await run.finished.wait()
        except asyncio.CancelledError:
            run.task.cancel()
            await run.finished.wait()
            self.outcome(target, run)
            raise
        finally:
            self.spending.release(most)
        return self.outcome(target, run)

    def _keep(self, target: Target, reviewed: Reviewed) -> None:
        memory_of(self.state).keep(target.document, self.route, self.version(target), reviewed)


def apart(state: State, editor: Editor) -> State:
    """A state for work beside that of the user: the same engine, store, ledger and workspace, nothing shown."""
    settings = state.settings
    alone = structs.replace(settings, context=structs.replace(settings.context, budget_tokens=0))
    return dataclasses.replace(
        state,
        editor=editor,
        recorder=Recorder(None),
        settings=alone,
        runs={},
        findings=FindingSet(),
        placed_in={},
        lasting=set(),
        beside={},
        progress={},
        notices=[],
        alone=True,
    )


async def route_of(state: State, *, interactive: bool) -> Route:
    """The route of these reviews. `interactive` is False for a batch."""
    catalogue = await state.models.ready(patience_s=15)
    return choose(
        ACTION, catalogue=catalogue, settings=state.settings, interactive=interactive, today=state.today
    )


def action_of(state: State) -> Action:
    """The action that reviews. Raises BadArgument where it is turned off."""
    action = state.actions.get(ACTION)
    if action is None or action.shape != "findings":
        raise BadArgument(
            "The action `review` is turned off, or does not answer with findings, in the settings."
        )
    return action


def not_asked(target: Target, error: ErrorInfo | None) -> FileReview:
    """A file whose review never began; without an error it was cancelled."""
    status: Status = "cancelled" if error is None else "failed"
    return FileReview(document=target.document, status=status, error=error)


def _instruction(target: Target) -> str | None:
    """Says which lines count, where not all do."""
    if target.changed is None:
        return None
    document = target.document
    lines = [(document.line_at(part.start) + 1, document.line_at(part.end) + 1) for part in target.changed]
    named = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in lines)
    return f"Only these lines were changed: {named}. Report only what is wrong there."


_FAILING = ErrorInfo(
    kind="network",
    message="The endpoint failed again and again, so the rest was not sent.",
    hint="Run it again later: what was reviewed is remembered and costs nothing.",
    retryable=True,
)
