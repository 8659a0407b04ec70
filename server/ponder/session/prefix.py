"""The workspace prefix of a session: gathers what to tell, plans it per model, and keeps the plan's account.

One `Prefix` for each budget (hovers have a smaller one). Waits for no scan longer than `PATIENCE_S`.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ponder.config.settings import Settings
from ponder.context.gather import Gatherer
from ponder.context.index.index import Applied, Environment, PathChange, WorkspaceIndex
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.plan import Plan
from ponder.context.plan.planner import Planner
from ponder.context.plan.presence import Presence
from ponder.context.plan.units import NOTATION
from ponder.context.report import context_report
from ponder.context.select import Selector, Touch
from ponder.context.selection import Selection
from ponder.context.texts import OpenText
from ponder.context.watch import Watcher
from ponder.documents import Document
from ponder.engine.prompt import AnswerShape, CacheTtl, PromptBlock
from ponder.files.ignore import global_excludes_file
from ponder.files.jail import Place
from ponder.files.uris import path_of_uri
from ponder.prompts import library
from ponder.routing.prices import Price
from ponder.routing.route import Route
from ponder.tasks import Background

PATIENCE_S = 2.0
"""A run waits this long for the first look through the workspace; then it goes without the prefix and says so."""
FOLLOW_S = 3.0
"""How long a request waits for the first byte of the one that writes the cache it could read."""
INSTRUCTIONS = f"{library.text('instructions').rstrip()}\n\nHow the workspace is written down\n{NOTATION}"
_TTL: Mapping[int, CacheTtl] = {300: "5m", 3600: "1h"}
_log = logging.getLogger(__name__)


class OpenTexts(Protocol):
    """Where the texts come from that are open in an editor."""

    def open_documents(self) -> tuple[Document, ...]:
        """Every open text."""


class Prefix:
    """The prefix of one budget: a selector and a planner of its own."""

    def __init__(self, gatherer: Gatherer, budget_tokens: int, presence: Presence) -> None:
        self.budget = budget_tokens
        self.selector = Selector(budget_tokens)
        self.planner = Planner(presence)
        self.turn = asyncio.Lock()
        """One request at a time chooses and plans: in between, another one's choice would be planned."""
        self._gatherer = gatherer
        self._started = asyncio.Condition()
        self._lanes: dict[str, tuple[Route, AnswerShape]] = {}
        self._last: dict[str, str] = {}

    async def select(
        self, editor: OpenTexts, index: WorkspaceIndex, document: Document | None, now: float, day: int
    ) -> Selection:
        """What goes in now; open texts count before files."""
        at_hand = index.jail.place_uri(document.uri) if document is not None else None
        selection = await self._gatherer.gather(
            self.selector, day=day, now=now, open_texts=_open_texts(editor, index), at_hand=at_hand
        )
        self.planner.context(selection.changes, selection.priority, selection.withdrawn)
        return selection

    async def look_ahead(
        self, editor: OpenTexts, index: WorkspaceIndex, document: Document, day: int
    ) -> None:
        """Read what a `select` for this document will want; that one still tells the texts of its own moment."""
        at_hand = index.jail.place_uri(document.uri)
        await self._gatherer.look_ahead(
            self.selector, day=day, open_texts=_open_texts(editor, index), at_hand=at_hand
        )

    async def plan(
        self, route: Route, shape: AnswerShape, price: Price | None, now: float, kind: str, *, seldom: bool
    ) -> Plan:
        """The plan of a request that starts now; `seldom` where nothing else keeps this route's cache warm."""
        talks = shape == "markdown"
        # A tool stands before everything that is cached; a schema is no part of the key.
        shape = "markdown" if route.structured_outputs else shape
        lane = "\n".join((route.model, repr(route.thinking_param), str(route.effort_param), shape))
        self._lanes[lane] = (route, shape)
        self.planner.open(lane, _lane_prices(price), INSTRUCTIONS, seldom=seldom)
        if self.planner.extending(lane):
            # What it writes can be read from its first byte on: waiting is cheaper than writing it twice.
            try:
                async with asyncio.timeout(FOLLOW_S), self._started:
                    await self._started.wait_for(lambda: not self.planner.extending(lane))
            except TimeoutError:
                _log.info("a request did not wait any longer for the one before it")
        return self.planner.request(lane, now, kind, talks=talks)

    def previous(self, plan: Plan) -> str | None:
        """The message that the last request of the plan's lane was answered with."""
        return self._last.get(plan.lane)

    def pings(self, now: float) -> tuple[tuple[Plan, Route, AnswerShape], ...]:
        """The keepalive pings to send now. Each plan comes back through `answered` or `failed`."""
        due = []
        for plan in self.planner.pings_due(now):
            route, shape = self._lanes[plan.lane]
            # An answer must be longer than such a budget: renewing would cost more than it saves.
            budgeted = route.thinking_param is not None and route.thinking_param.get("type") == "enabled"
            if plan.hit and not budgeted and route.cache:
                due.append((plan, route, shape))
            else:
                self.planner.failed(plan)
        return tuple(due)

    async def answered(
        self, plan: Plan, read: int | None, written: int | None, message_id: str | None = None
    ) -> str | None:
        """The endpoint answers; returns why less came out of the cache than might have."""
        cause = self.planner.answered(plan, read, written)
        if message_id is not None:
            self._last[plan.lane] = message_id
        await self._tell()
        return cause

    async def failed(self, plan: Plan) -> None:
        """The request was not answered."""
        self.planner.failed(plan)
        await self._tell()

    async def _tell(self) -> None:
        async with self._started:
            self._started.notify_all()


class WorkspaceContext:
    """The index of the folders of now, and a prefix for each budget. Folders that change make another one."""

    def __init__(
        self,
        folders: tuple[str, ...],
        environ: Mapping[str, str],
        *,
        home: str | None,
        on_notice: Callable[[str], None],
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        max_file_bytes: int,
    ) -> None:
        self._environ = environ
        self._on_notice = on_notice
        environment = Environment(environ, home, global_excludes_file(environ))
        self.index = WorkspaceIndex(folders, environment, on_notice, include=include, exclude=exclude)
        self._gatherer = Gatherer(self.index, max_file_bytes=max_file_bytes)
        self._prefixes: dict[int, Prefix] = {}
        self._presence = Presence()
        self._touched: dict[str, tuple[Place, float, Touch]] = {}

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        """Every prefix in use."""
        return tuple(self._prefixes.values())

    def fresh(self, budget_tokens: int) -> Prefix:
        """A prefix nobody else uses."""
        return Prefix(self._gatherer, budget_tokens, Presence())

    def prefix(self, budget_tokens: int) -> Prefix:
        """The prefix of a budget."""
        prefix = self._prefixes.get(budget_tokens)
        if prefix is None:
            prefix = self._prefixes[budget_tokens] = Prefix(self._gatherer, budget_tokens, self._presence)
            for place, now, why in self._touched.values():
                self._gatherer.touch(prefix.selector, place, now, why)
        return prefix

    async def prepare(self, day: int) -> bool:
        """Whether the workspace has been looked through; waits for it at most a moment."""
        if not self.index.watched:
            return False
        looking = asyncio.ensure_future(self._gatherer.prepare(day))
        done, _ = await asyncio.wait([looking], timeout=PATIENCE_S)
        if done and (error := looking.exception()) is not None:
            _log.warning("the workspace could not be looked through: %s", type(error).__name__)
            return False
        return bool(done)

    async def look_ahead(self, budget_tokens: int, texts: OpenTexts, document: Document, day: int) -> None:
        """Read what a request about this document would tell, so that it need not wait for it."""
        if self.index.watched:
            await self.prefix(budget_tokens).look_ahead(texts, self.index, document, day)

    def touch(self, document: Document, now: float, why: Touch) -> None:
        """A file was opened or edited: it matters now."""
        place = self.index.jail.place_uri(document.uri)
        if place is not None:
            self._touched[place.path] = (place, now, why)
            for prefix in self._prefixes.values():
                self._gatherer.touch(prefix.selector, place, now, why)

    async def files_changed(self, uris: tuple[str, ...]) -> None:
        """Files changed on disk."""
        paths = [path for uri in uris if (path := path_of_uri(uri)) is not None]
        applied = await self.index.apply([PathChange("written", path) for path in paths])
        self.applied(applied)

    async def watch(self, told: Callable[[Sequence[str]], None]) -> None:
        """Watch the folders until cancelled: for editors that do not tell what changes on disk; `told` gets the paths."""
        tasks = Background()

        def changed(changes: list[PathChange]) -> None:
            told([change.path for change in changes])
            tasks.start(self._apply(changes), "files seen to change")

        try:
            await Watcher(self.index.watched, changed, self._on_notice, environ=self._environ).run()
        finally:
            await tasks.close(0.2)

    async def _apply(self, changes: list[PathChange]) -> None:
        self.applied(await self.index.apply(changes))

    def applied(self, applied: Applied) -> None:
        """Note what changed in the index."""
        if applied.everything:
            self._gatherer.outdated()
        for prefix in self._prefixes.values():
            self._gatherer.changed(prefix.selector, applied)


async def context_of(
    context: WorkspaceContext, texts: OpenTexts, settings: Settings, document: Document | None, now: float
) -> dict[str, object]:
    """The object of `ponder context --json`. Waits for the whole look through the workspace; sends nothing."""
    day = datetime.fromtimestamp(now).astimezone().date().toordinal()
    # A selector of its own: looking must not change what the next request holds.
    prefix = context.fresh(settings.context.budget_tokens)
    selection = await prefix.select(texts, context.index, document, now, day)
    left_out = await context.index.left_out()
    return context_report(context.index.jail.folders, selection, left_out)


def blocks_of(plan: Plan, *, cache: bool) -> tuple[tuple[PromptBlock, ...], tuple[PromptBlock, ...]]:
    """The plan as (instructions, workspace) blocks; its breakpoints as cache marks, unless `cache` is off."""
    marks = {count: _TTL[ttl] for count, ttl in plan.breakpoints} if cache else {}
    blocks = tuple(
        PromptBlock(block.text, marks.get(number)) for number, block in enumerate(plan.blocks, start=1)
    )
    return blocks[:1], blocks[1:]


def _open_texts(editor: OpenTexts, index: WorkspaceIndex) -> dict[str, OpenText]:
    """The open texts by the real paths of their files."""
    return {
        place.path: OpenText(text.text, text.language)
        for text in editor.open_documents()
        if (place := index.jail.place_uri(text.uri)) is not None
    }


def _lane_prices(price: Price | None) -> LanePrices:
    """The planner's factors from a price; the usual ones where it is not known."""
    if price is None or not price.rates.input:
        return LanePrices()
    rates = price.rates
    return LanePrices(
        read=rates.cache_read / rates.input,
        write_5m=rates.cache_write_5m / rates.input,
        write_1h=rates.cache_write_1h / rates.input,
        minimum=price.min_cache_tokens or LanePrices().minimum,
    )
