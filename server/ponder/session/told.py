"""The workspace prefix of one run: planned before the request, settled with what the endpoint reported."""

from ponder.context.budget import prefix_tokens
from ponder.context.plan.plan import Plan
from ponder.engine.events import AnswerStarted
from ponder.engine.prompt import ModelRequest, Prompt, PromptBlock
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import money
from ponder.session.prefix import Prefix, blocks_of
from ponder.session.run import Run
from ponder.session.state import State
from ponder.usage import TokenCounts

_KINDS = {"hover": "hover", "save": "review"}


class Told:
    """What one request tells of the workspace. `instructions` are None where nothing is told."""

    def __init__(self, prefix: Prefix | None = None, plan: Plan | None = None, *, cache: bool = True) -> None:
        self._prefix = prefix
        self._plan = plan
        self.instructions: tuple[PromptBlock, ...] | None = None
        self.workspace: tuple[PromptBlock, ...] = ()
        self.outdated = plan.outdated if plan is not None else 0.0
        """The share of the prefix that is there only because it is cached."""
        if plan is not None:
            self.instructions, self.workspace = blocks_of(plan, cache=cache)

    async def started(self, event: AnswerStarted) -> str | None:
        """The answer begins; returns why less came out of the cache than might have."""
        if self._prefix is None or self._plan is None:
            return None
        plan, self._plan = self._plan, None
        counts = event.counts
        return await self._prefix.answered(plan, counts.cache_read, written(counts), event.message_id)

    def request(self, prompt: Prompt, route: Route, *, diagnoses: bool) -> ModelRequest:
        """The call. Where the endpoint diagnoses misses, it is told which message's prefix should be there."""
        if not diagnoses or self._prefix is None or self._plan is None:
            return ModelRequest(prompt=prompt, route=route)
        previous = self._prefix.previous(self._plan)
        return ModelRequest(prompt=prompt, route=route, previous_message_id=previous, diagnostics=True)

    async def ended(self) -> None:
        """The run ended; a request that was never answered is taken out of the account."""
        if self._prefix is not None and self._plan is not None:
            plan, self._plan = self._plan, None
            await self._prefix.failed(plan)


def written(counts: TokenCounts) -> int | None:
    """Tokens written to the cache; None where the endpoint does not say."""
    parts = [part for part in (counts.cache_write_5m, counts.cache_write_1h) if part is not None]
    return sum(parts) if parts else None


async def tell_workspace(state: State, run: Run) -> Told:
    """Plan the prefix of a run's request. Nothing is told where the budget is 0 or there is no workspace to read."""
    if run.route is None or not state.context.index.watched:
        return Told()
    hover, warm = run.request.trigger == "hover", await _warm(state, run.route)
    settings, action = state.settings, run.action.id
    budget = prefix_tokens(settings.context, action, settings.actions.get(action), hover=hover, warm=warm)
    if budget == 0:
        return Told()
    # The wall clock: caches expire also while this machine sleeps.
    now, day = state.now(), state.today.toordinal()
    if not await state.context.prepare(day):
        run.notices.append("The workspace was still being read; this request goes without it.")
        return Told()
    prefix = state.context.prefix(budget)
    async with prefix.turn:
        await prefix.select(state.editor, state.context.index, run.document, now, day)
        kind = _KINDS.get(run.request.trigger, "action")
        price = money.price(state, run.model)
        plan = await prefix.plan(run.route, run.shape, price, now, kind, seldom=not (hover or warm))
    return Told(prefix, plan, cache=run.route.cache)


async def _warm(state: State, route: Route) -> bool:
    """Whether reviews on save are asked of the same model in the same way: then they keep its cache warm."""
    catalogue = await state.models.ready()
    # Reviews on save are the commonest requests.
    saves = choose(money.ROUTES["save"], catalogue=catalogue, settings=state.settings, today=state.today)
    return _way(saves) == _way(route)


def _way(route: Route) -> tuple[object, ...]:
    """What of a route is part of the cache's key."""
    return route.model, route.thinking_param, route.effort_param
