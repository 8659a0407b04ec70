"""Reviews many files by Message Batches, at half the price, and goes on where an earlier process was stopped.

What was sent stands in the store before it is sent and until its results are in the memory, so that no end of the
process makes anything be paid for twice. Falls back to nothing by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct, structs

from ponder.engine.calls import NotThereError
from ponder.engine.prompt import ModelRequest
from ponder.engine.request import arguments, encode
from ponder.errors import ErrorInfo, RunError
from ponder.ledger.estimate import estimate
from ponder.review import batch as book
from ponder.review.batch import Sent
from ponder.review.outcome import FileReview
from ponder.review.targets import Target
from ponder.session import money
from ponder.session.batch_item import book_only, receive, request_of
from ponder.session.file_reviews import FileReviews, not_asked
from ponder.session.run import Run

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
_TRANSIENT = frozenset({"network", "overloaded", "rateLimit", "stalled", "internal"})
_LEAVE_S = 1.0
_PATIENCE = 8
"""Failed looks at a batch, one after the other, before the rest is left for the next time."""
Sleep = Callable[[float], Awaitable[object]]
T = TypeVar("T")


class NoBatchesError(RunError):
    """The endpoint has no batches; nothing was sent."""


class _Item(Struct, frozen=True, kw_only=True):
    """A file to ask about: its place among the targets, the run that will hold its answer, its request."""

    place: int
    target: Target
    name: str
    run: Run
    call: ModelRequest


class BatchReviews:
    """One set of files by batches. `waiting` is called with (answered, asked); `sleep` waits seconds.

    `withdraw`: a review that is cancelled takes its batches back, so that nothing more is spent; what is done by
    then can still be collected. Else they go on with the endpoint.
    """

    def __init__(
        self,
        reviews: FileReviews,
        *,
        waiting: Callable[[int, int], None] = lambda _done, _all: None,
        withdraw: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._reviews = reviews
        self._state = reviews.state
        self._waiting = waiting
        self._sleep = sleep
        self._withdraw = withdraw
        self._under_way: dict[str, Sent] = {}
        self._answered: dict[str, int] = {}
        self._asked = 0

    async def review(self, targets: Sequence[Target]) -> list[FileReview]:
        """Review all; the results in the order of the targets. Raises NoBatchesError.

        Cancelling ends it with what there is by then.
        """
        found: dict[int, FileReview] = {}
        items: dict[str, _Item] = {}
        for place, target in enumerate(targets):
            # A thousand prompts take a second: an editor may be waiting for the loop.
            await asyncio.sleep(0)
            if (known := self._reviews.remembered(target)) is not None:
                found[place] = known
                continue
            item = self._item(place, target)
            if isinstance(item, FileReview):
                found[place] = item
            else:
                items[item.name] = item
        try:
            sent = await self._sent(items)
            under_way = {name for one in sent for name in one.items}
            fresh = [item for name, item in items.items() if name not in under_way]
            sent += await self._send(fresh, found)
            self._under_way = {one.id: one for one in sent if one.id is not None}
            self._asked = sum(len(one.items) for one in sent)
            for one in sent:
                await self._collect(one, items, found)
        except asyncio.CancelledError:
            await self._leave()
        # What an earlier batch left unanswered is asked for by the next review.
        return [found.get(place) or not_asked(target, None) for place, target in enumerate(targets)]

    async def _leave(self) -> None:
        """The review is cancelled: say what becomes of its batches."""
        if not self._under_way:
            return
        if not self._withdraw:
            self._reviews.told(
                "The batch goes on at the endpoint; the next review of these files collects it."
            )
            return
        engine = self._state.engine
        calls = [engine.cancel_batch(one) for one in self._under_way]
        await asyncio.wait(
            [asyncio.ensure_future(asyncio.gather(*calls, return_exceptions=True))], timeout=_LEAVE_S
        )
        self._reviews.told(
            "The batch was cancelled; what it had done is collected by the next review by batch."
        )

    def _item(self, place: int, target: Target) -> _Item | FileReview:
        reviews = self._reviews
        run = reviews.run_of(target, "batch")
        try:
            call = request_of(self._state, run, reviews.route)
        except RunError as error:
            return not_asked(target, error.info)
        body = encode(arguments(call)).decode("utf-8", "replace")
        name = book.item_name(self._state.workspace_id, target.document.uri, reviews.version(target), body)
        return _Item(place=place, target=target, name=name, run=run, call=call)

    # What an earlier process sent

    async def _sent(self, items: dict[str, _Item]) -> list[Sent]:
        """The batches under way that hold any of these items."""
        state = self._state
        rows = [sent for row in state.store.batches() if (sent := book.sent_of(row)) is not None]
        for old in (one for one in rows if state.now() - one.created > book.KEPT_S):
            state.store.remove_batch(old.key)
        here = state.engine.endpoint.base_url
        ours = [one for one in rows if one.endpoint == here and not items.keys().isdisjoint(one.items)]
        known = [one.id for one in rows if one.id is not None]
        found = []
        for one in ours:
            found += await self._still_there(one) if one.id is not None else await self._search(one, known)
        if number := sum(len(items.keys() & set(one.items)) for one in found):
            self._reviews.told(f"Going on with {number} files that were sent before.")
        return found

    async def _still_there(self, sent: Sent) -> list[Sent]:
        try:
            await self._patiently(lambda: self._state.engine.batch(sent.id or ""))
        except NotThereError:
            await self._replace(sent, None)
            return []
        return [sent]

    async def _search(self, lost: Sent, known: Sequence[str]) -> list[Sent]:
        """The batch whose answer was never kept, if the endpoint has it."""
        try:
            listed = await self._patiently(self._state.engine.batches)
        except NotThereError:
            listed = []
        for name in book.candidates(lost, listed, known):
            await self._until_ended(name, len(lost.items))
            if book.results(await self._lines(name), lost.items):
                found = structs.replace(lost, id=name, key=name)
                await self._replace(lost, found)
                return [found]
        await self._replace(lost, None)
        return []

    async def _lines(self, batch_id: str) -> list[dict[str, Any]]:
        return await self._patiently(lambda: self._state.engine.batch_results(batch_id))

    # What is sent now

    async def _send(self, items: Sequence[_Item], found: dict[int, FileReview]) -> list[Sent]:
        admitted = []
        for item in items:
            size, refusal = self._admit(item)
            if refusal is not None:
                found[item.place] = not_asked(item.target, refusal)
            else:
                admitted.append((item, size))
        sent = []
        for chunk in book.chunks(admitted):
            try:
                sent.append(await self._create(chunk))
            except NotThereError as error:
                raise NoBatchesError(error.info) from None
            except RunError as error:
                for item in chunk:
                    self._state.ledger.settle(item.run.id)
                    item.run.finish("failed", error.info)
                    found[item.place] = self._reviews.outcome(item.target, item.run)
        return sent

    def _admit(self, item: _Item) -> tuple[int, ErrorInfo | None]:
        """The size of a request in bytes, and why it must not be sent; its estimate is set aside."""
        state = self._state
        size = len(encode(arguments(item.call)))
        route = item.call.route
        most = estimate(size, route.max_tokens, money.price(state, route.model), batch=True)
        return size, state.ledger.admit(item.run.id, state.settings.budget, most)

    async def _create(self, chunk: Sequence[_Item]) -> Sent:
        state = self._state
        names = tuple(item.name for item in chunk)
        intent = Sent(
            key=f"about-to-send-{state.new_id()}",
            id=None,
            created=state.now(),
            items=names,
            endpoint=state.engine.endpoint.base_url,
            workspace=state.workspace_id,
            model=self._reviews.route.model,
        )
        await self._replace(None, intent)
        try:
            made = await self._patiently(
                lambda: state.engine.create_batch((item.name, item.call) for item in chunk),
                # A request that may have arrived is not sent again: it would be paid for twice.
                again=frozenset({"overloaded", "rateLimit"}),
            )
        except RunError as error:
            if isinstance(error, NotThereError) or error.info.kind not in {
                "network",
                "stalled",
                "internal",
                "malformed",
            }:
                await self._replace(intent, None)
            raise
        batch_id = made.get("id")
        if not isinstance(batch_id, str):
            raise RunError(_NO_ID)
        sent = structs.replace(intent, id=batch_id, key=batch_id)
        await self._replace(intent, sent)
        return sent

    # What comes back

    async def _collect(self, sent: Sent, items: dict[str, _Item], found: dict[int, FileReview]) -> None:
        """Wait for a batch and take its results. Where it cannot be reached, it is left for the next time."""
        batch_id = sent.id or ""
        mine = [items[name] for name in sent.items if name in items]
        try:
            await self._until_ended(batch_id, len(sent.items))
            self._under_way.pop(batch_id, None)
            results = book.results(await self._lines(batch_id), sent.items)
        except RunError as error:
            self._fail(mine, error.info, found)
            if isinstance(error, NotThereError):
                await self._replace(sent, None)
            return
        for item in mine:
            receive(self._state, item.run, results.get(item.name), booked=sent.booked)
            found[item.place] = self._reviews.outcome(item.target, item.run)
            await asyncio.sleep(0)
        await self._replace(sent, self._rest(sent, items, results))

    def _rest(
        self, sent: Sent, items: Mapping[str, _Item], results: Mapping[str, dict[str, Any]]
    ) -> Sent | None:
        """What of a batch was for other files than those of this review: it waits for one of them, but is booked."""
        rest = tuple(name for name in sent.items if name not in items and name in results)
        if rest and not sent.booked:
            for name in rest:
                book_only(self._state, sent, results[name])
        return structs.replace(sent, items=rest, booked=True) if rest else None

    def _fail(self, items: Sequence[_Item], error: ErrorInfo, found: dict[int, FileReview]) -> None:
        for item in items:
            self._state.ledger.settle(item.run.id)
            found[item.place] = not_asked(item.target, error)

    async def _until_ended(self, batch_id: str, number: int) -> None:
        wait = FIRST_WAIT_S
        while True:
            batch = await self._patiently(lambda: self._state.engine.batch(batch_id))
            ended = batch.get("processing_status") == "ended"
            self._answered[batch_id] = number if ended else book.progress(batch)
            self._waiting(sum(self._answered.values()), max(self._asked, number))
            if ended:
                return
            await self._sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT_S)

    async def _patiently(self, call: Callable[[], Awaitable[T]], again: frozenset[str] = _TRANSIENT) -> T:
        """The call's answer, after as many tries as trouble that passes deserves. Raises RunError."""
        for attempt in range(_PATIENCE):
            try:
                return await call()
            except RunError as error:
                if (
                    error.info.kind not in again
                    or isinstance(error, NotThereError)
                    or attempt + 1 == _PATIENCE
                ):
                    raise
                await self._sleep(min(FIRST_WAIT_S * 2**attempt, LONGEST_WAIT_S))
        raise AssertionError("the loop returns or raises")

    async def _replace(self, old: Sent | None, new: Sent | None) -> None:
        """Change what stands in the store, and wait until it stands there."""
        store = self._state.store
        if new is not None:
            store.put_batch(book.row_of(new))
        if old is not None and (new is None or old.key != new.key):
            store.remove_batch(old.key)
        if not await asyncio.to_thread(store.flush) and new is not None:
            self._reviews.told(
                "The state directory cannot be written: a review that is stopped now is paid for again."
            )


_NO_ID = ErrorInfo(
    kind="malformed",
    message="The endpoint took the batch but did not say its id.",
    hint="Check that `ANTHROPIC_BASE_URL` is a Messages API; `ponder doctor` tests it.",
)
