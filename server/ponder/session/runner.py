"""The life of one run, from its route to its last event. Owns no state: everything lives in the `Run` and the `State`."""

import asyncio
from contextlib import aclosing

from msgspec import structs

from ponder.answers.placing import Placer
from ponder.documents import Span
from ponder.engine.events import AnswerStarted, CountsChanged, Notice
from ponder.engine.prompt import ModelRequest, PastTurn, Prompt
from ponder.errors import ErrorInfo, RunError
from ponder.files.secrets import redact_secrets
from ponder.ledger import misses
from ponder.prompts.build import build
from ponder.prompts.question import Question
from ponder.routing.choose import choose
from ponder.routing.route import Thinking
from ponder.session import applying, concluding, money, recording
from ponder.session.advice import advised
from ponder.session.continuing import continued, without_thinking
from ponder.session.definitions import asked_about
from ponder.session.elsewhere import Elsewhere
from ponder.session.ending import carried_out
from ponder.session.events import RunFinished, RunStarted
from ponder.session.ports import Progress
from ponder.session.run import Run
from ponder.session.state import State
from ponder.session.structured import StructuredAnswer
from ponder.session.told import Told, tell_workspace
from ponder.session.workspace_files import workspace_apart

PROGRESS_MS = 500
"""Shortest time between two progress messages."""
_LONG_TO_PLACE = 10_000
"""Code points above which a text is looked at off the loop, ahead of its findings."""


async def perform(state: State, run: Run) -> None:
    """Carry a run to its end. Never raises; a cancelled run ends as `cancelled` with what was spent."""
    progress = _progress(state, run)
    if progress is not None:
        state.progress[progress.token] = run.id
    try:
        await carried_out(run, _work(state, run, progress))
    finally:
        if progress is not None:
            state.progress.pop(progress.token, None)
            progress.end()
        tell_end(state, run)


def _progress(state: State, run: Run) -> Progress | None:
    """A progress for what the user asked for; what runs by itself is quiet."""
    if run.request.trigger in {"save", "hover"}:
        return None
    return state.editor.progress_begin(f"{state.title}: {run.action.title} {run.document.path}")


def ensure_finished(state: State, run: Run) -> None:
    """End a run that was cancelled before it began."""
    if not run.finished.is_set():
        run.finish("cancelled", None)
        tell_end(state, run)


async def _work(state: State, run: Run, progress: Progress | None) -> None:
    catalogue = await state.models.ready()
    request = run.request
    run.rules = state.rules
    run.route = choose(
        money.ROUTES.get(request.trigger, run.action.id),
        catalogue=catalogue,
        settings=state.settings,
        override=request.override,
        today=state.today,
    )
    told = Told() if run.before is not None else await tell_workspace(state, run)
    try:
        await _ask(state, run, told, progress)
    finally:
        await told.ended()


async def _ask(state: State, run: Run, told: Told, progress: Progress | None) -> None:
    route = run.route
    if route is None:
        raise RunError(ErrorInfo(kind="internal", message="No route was chosen."))
    prompt = run.prompt = prompt_of(state, run, told, await asked_about(run))
    run.account.outdated = told.outdated if run.before is None else run.before.account.outdated
    _started(state, run)
    call = told.request(prompt, route, diagnoses=state.engine.endpoint.diagnoses)
    if (refusal := money.admit(state, run, call)) is not None:
        raise RunError(refusal)
    elsewhere, ready = None, None
    if prompt.shape != "markdown":
        elsewhere = None if state.alone else _elsewhere(state, run)
        placer = _placer(state, run, elsewhere)
        if prompt.shape != "edits" and len(run.document.text) > _LONG_TO_PLACE:
            # The endpoint thinks meanwhile.
            ready = asyncio.ensure_future(asyncio.to_thread(placer.prepare, run.document))
            ready.add_done_callback(lambda done: done.cancelled() or done.exception())
        run.answer.read_with(StructuredAnswer(placer, prompt.shape))
    await _stream(state, run, call, told, progress, elsewhere=elsewhere, ready=ready)
    ended = run.answer.ended
    if ended is None:
        raise RunError(ErrorInfo(kind="internal", message="The answer ended without a last event."))
    if ended.resumable:
        # What the endpoint did not take back once is not offered again.
        past = tuple(map(without_thinking, prompt.past)) if ended.repaired else prompt.past
        run.past = (*past, PastTurn(prompt.question, ended.content))
    readable = bool(run.answer.text.strip() or run.found.findings)
    error = advised(ended.error, ended, route, readable=readable) if ended.error is not None else None
    if ended.status == "done":
        await _look_up(run, elsewhere, run.answer.edited)
        error = concluding.conclude(state, run)
    concluding.count_unsure(state, run)
    if ended.status == "done" and error is None and run.proposal.edit is not None:
        if progress is not None:
            progress.report("an edit is ready")
        await applying.propose(state, run)
    run.finish("failed" if ended.status == "done" and error is not None else ended.status, error)


def _elsewhere(state: State, run: Run) -> Elsewhere:
    """Where the other files are looked up that the answer speaks of."""
    return Elsewhere(workspace_apart(state), run.document, state.editor.open_documents)


def _placer(state: State, run: Run, elsewhere: Elsewhere | None) -> Placer:
    """What places the answer: in the document at hand, and in other files where it may be about them."""
    workspace, document = state.workspace, run.document
    if elsewhere is None:
        return Placer(workspace.sources(document), action=run.action.id, least=run.least)
    sources = workspace.sources(document, find=elsewhere.find, why=elsewhere.why)
    placer = Placer(sources, action=run.action.id, least=run.least)
    if run.action.shape == "findings":
        elsewhere.prepare = placer.prepare
    return placer


async def _look_up(run: Run, elsewhere: Elsewhere | None, paths: tuple[str, ...]) -> None:
    """Read the files that an answer speaks of, before it is placed in them."""
    if elsewhere is not None and paths:
        await elsewhere.read(paths)
        run.found.read(elsewhere.documents)


def prompt_of(state: State, run: Run, told: Told, span: Span | None = None) -> Prompt:
    """The prompt of a first turn, or of the next one of the run it follows."""
    request = run.request
    if run.before is not None:
        return continued(state, run, run.before)
    shown = state.workspace.shown(request.document)
    notes = tuple(structs.replace(n, message=redact_secrets(n.message)[0]) for n in request.diagnostics)
    if shown.redactions:
        many = "1 secret in {} was" if shown.redactions == 1 else f"{shown.redactions} secrets in {{}} were"
        run.notices.append(f"{many.format(request.document.path)} hidden from the model.")
    question = Question(
        action=run.action.id,
        documents=(request.document,),
        shown=(shown.text,),
        span=span or request.span,
        diagnostics=notes,
        instruction=request.instruction,
    )
    return build(
        question,
        task=run.action.prompt,
        shape=run.shape,
        instructions=told.instructions,
        workspace=told.workspace,
    )


def _started(state: State, run: Run) -> None:
    """Announce a run; one that fails before it has a route is announced without one."""
    request, route = run.request, run.route
    run.announced = True
    state.tell(
        run,
        RunStarted(
            action=run.action.id,
            title=f"{state.title}: {run.action.title}",
            document=request.document,
            span=request.span,
            trigger=request.trigger,
            provider=run.provider,
            model=run.model,
            thinking=route.thinking if route else Thinking(mode="off"),
            max_tokens=route.max_tokens if route else 0,
            parent=run.before.id if run.before is not None else None,
            instruction=request.instruction,
        ),
    )
    told = run.notices.copy()
    news = state.untold(route.notices, state.models.known().notices) if route else ()
    for notice in (*state.take_notices(), *news):
        run.notices.append(notice)
        told.append(notice)
    for notice in told:
        state.tell(run, Notice(notice))
    state.show_status()
    recording.write(state, run)


async def _stream(
    state: State,
    run: Run,
    call: ModelRequest,
    told: Told,
    progress: Progress | None,
    *,
    elsewhere: Elsewhere | None,
    ready: "asyncio.Future[None] | None",
) -> None:
    """Pass the stream on, batch by batch; no finding is placed before `ready`."""
    reported = 0.0
    gate = money.gate(state, run, call)
    async with aclosing(state.engine.stream(call, timeouts=state.timeouts, between=gate)) as stream:
        async for batch in stream:
            for event in batch:
                arrived = run.answer.arrived(event)
                if ready is not None and arrived.paths:
                    await ready
                await _look_up(run, elsewhere, arrived.paths)
                for news in run.take(arrived):
                    state.tell(run, news)
                if isinstance(event, AnswerStarted):
                    run.account.cache_miss = await told.started(event)
                    hit = bool(event.counts.cache_read)
                    state.missed(run, misses.notice(run.account.cache_miss, event.cache_miss), hit=hit)
                if isinstance(event, AnswerStarted | CountsChanged):
                    _tell_usage(state, run)
            if progress is not None and state.millis() - reported >= PROGRESS_MS:
                reported = state.millis()
                progress.report(run.answer.newest_line())


def _tell_usage(state: State, run: Run) -> None:
    """The usage so far, where it is news."""
    usage = money.usage_of(state, run)
    if usage != run.account.usage:
        state.tell(run, run.account.count(usage))


def tell_end(state: State, run: Run) -> None:
    """Tell the end, exactly once, whatever happened before."""
    if not run.announced:
        _started(state, run)
    run.account.close()
    if not run.account.empty:
        _tell_usage(state, run)
    money.settle(state, run)
    if run.status is None:
        run.finish("failed", ErrorInfo(kind="internal", message="The run ended without an outcome."))
    concluding.publish(state, run)
    concluding.tell_unreviewed(state, run)
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
    state.show_status()
    run.finished.set()
