"""The workspace prefix of a session: gathers what to tell, plans it per model, and keeps the plan's account.

One `Prefix` for each budget (hovers have a smaller one). Waits for no scan longer than `PATIENCE_S`.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from ponder.context.gather import Gatherer, OpenText
from ponder.context.index.index import Applied, Environment, PathChange, WorkspaceIndex
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.plan import Plan
from ponder.context.plan.planner import Planner
from ponder.context.select import Selector, Touch
from ponder.context.selection import Selection
from ponder.documents import Document
from ponder.engine.prompt import CacheTtl, PromptBlock
from ponder.files.ignore import global_excludes_file
from ponder.files.uris import path_of_uri
from ponder.prompts import library
from ponder.routing.prices import Price
from ponder.routing.route import Route
from ponder.session.ports import Editor

PATIENCE_S = 2.0
"""A run waits this long for the first look through the workspace; then it goes without the prefix and says so."""
FOLLOW_S = 3.0
"""How long a request waits for the first byte of the one that writes the cache it could read."""
_TTL: Mapping[int, CacheTtl] = {300: "5m", 3600: "1h"}
_log = logging.getLogger(__name__)


class Prefix:
    """The prefix of one budget: a selector and a planner of its own."""

    def __init__(self, gatherer: Gatherer, budget_tokens: int) -> None:
        self.budget = budget_tokens
        self.selector = Selector(budget_tokens)
        self.planner = Planner()
        self._gatherer = gatherer
        self._turn = asyncio.Lock()
        self._started = asyncio.Condition()

    async def select(
        self, editor: Editor, index: WorkspaceIndex, document: Document | None, now: float, day: int
    ) -> Selection:
        """What goes in now; open texts count before files."""
        texts = {
            place.path: OpenText(text.text, text.language)
            for text in editor.open_documents()
            if (place := index.jail.place_uri(text.uri)) is not None
        }
        at_hand = index.jail.place_uri(document.uri) if document is not None else None
        selection = await self._gatherer.gather(
            self.selector, day=day, now=now, open_texts=texts, at_hand=at_hand
        )
        self.planner.context(selection.changes, selection.priority, selection.withdrawn)
        return selection

    async def plan(self, route: Route, price: Price | None, now: float, kind: str) -> Plan:
        """The plan of a request that starts now."""
        lane = "\n".join(
            (route.model, repr(route.thinking_param), str(route.effort_param), str(route.structured_outputs))
        )
        self.planner.open(lane, _lane_prices(price), library.text("instructions"))
        if self.planner.extending(lane):
            # What it writes can be read from its first byte on: waiting is cheaper than writing it twice.
            try:
                async with asyncio.timeout(FOLLOW_S), self._started:
                    await self._started.wait_for(lambda: not self.planner.extending(lane))
            except TimeoutError:
                _log.info("a request did not wait any longer for the one before it")
        return self.planner.request(lane, now, kind)

    async def answered(self, plan: Plan, read: int | None, written: int | None) -> str | None:
        """The endpoint answers; returns why less came out of the cache than might have."""
        cause = self.planner.answered(plan, read, written)
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
        environment = Environment(environ, home, global_excludes_file(environ))
        self.index = WorkspaceIndex(folders, environment, on_notice, include=include, exclude=exclude)
        self._gatherer = Gatherer(self.index, max_file_bytes=max_file_bytes)
        self._prefixes: dict[int, Prefix] = {}

    def prefix(self, budget_tokens: int) -> Prefix:
        """The prefix of a budget."""
        if budget_tokens not in self._prefixes:
            self._prefixes[budget_tokens] = Prefix(self._gatherer, budget_tokens)
        return self._prefixes[budget_tokens]

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

    def touch(self, document: Document, now: float, why: Touch) -> None:
        """A file was opened or edited: it matters now."""
        place = self.index.jail.place_uri(document.uri)
        if place is not None:
            for prefix in self._prefixes.values():
                self._gatherer.touch(prefix.selector, place, now, why)

    async def files_changed(self, uris: tuple[str, ...]) -> None:
        """Files changed on disk."""
        paths = [path for uri in uris if (path := path_of_uri(uri)) is not None]
        applied = await self.index.apply([PathChange("written", path) for path in paths])
        self.applied(applied)

    def applied(self, applied: Applied) -> None:
        """Note what changed in the index."""
        for prefix in self._prefixes.values():
            self._gatherer.changed(prefix.selector, applied)


def blocks_of(plan: Plan, *, cache: bool) -> tuple[tuple[PromptBlock, ...], tuple[PromptBlock, ...]]:
    """The plan as (instructions, workspace) blocks; its breakpoints as cache marks, unless `cache` is off."""
    marks = {count: _TTL[ttl] for count, ttl in plan.breakpoints} if cache else {}
    blocks = tuple(
        PromptBlock(block.text, marks.get(number)) for number, block in enumerate(plan.blocks, start=1)
    )
    return blocks[:1], blocks[1:]


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
