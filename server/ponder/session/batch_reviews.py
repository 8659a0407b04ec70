"""Reviews many files by Message Batches, at half the price, and goes on where an earlier process was stopped.

Remembered files cost nothing; what was sent before is collected; only the rest is sent. Falls back to nothing by itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from ponder.session.batch_post import BatchPost, Sleep
from ponder.session.file_reviews import FileReviews, not_asked
from ponder.session.run import Run


class NoBatchesError(RunError):
    """The endpoint has no batches; nothing was sent."""


class _Item(Struct, frozen=True, kw_only=True):
    """A file to ask about: its place among the targets, the run that will hold its answer, its request."""

    place: int
    target: Target
    name: str
    run: Run
    call: ModelRequest
    size: int
    """Of the request, in bytes."""


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
        self._withdraw = withdraw
        self._post = BatchPost(reviews.state, told=reviews.told, waiting=waiting, sleep=sleep)
        self._found: dict[int, FileReview] = {}
        self._items: dict[str, _Item] = {}
        self._remembered: list[Target] = []

    async def review(self, targets: Sequence[Target]) -> list[FileReview]:
        """Review all, once; the results in the order of the targets. Raises RunError, NoBatchesError among them.

        Cancelling ends it with what there is by then.
        """
        try:
            await self._prepare(targets)
            sent = await self._post.sent_before(self._items.keys())
            under_way = {name for one in sent for name in one.items}
            sent += await self._send([item for name, item in self._items.items() if name not in under_way])
            for one in sent:
                await self._collect(one)
        except asyncio.CancelledError:
            await self._post.leave(withdraw=self._withdraw)
        finally:
            for item in self._items.values():
                self._state.ledger.settle(item.run.id)
            self._reviews.spending.release()
        return [self._found.get(place) or not_asked(target, None) for place, target in enumerate(targets)]

    async def _prepare(self, targets: Sequence[Target]) -> None:
        """Tell the files that are remembered, or may not be sent, from those to ask about."""
        for place, target in enumerate(targets):
            # A thousand prompts take a second: an editor may be waiting for the loop.
            await asyncio.sleep(0)
            known = self._reviews.remembered(target)
            if known is not None:
                self._remembered.append(target)
            item = known if known is not None else self._item(place, target)
            if isinstance(item, FileReview):
                self._found[place] = item
            else:
                self._items[item.name] = item

    def _item(self, place: int, target: Target) -> _Item | FileReview:
        reviews = self._reviews
        run = reviews.run_of(target, "batch")
        try:
            call = request_of(self._state, run, reviews.route)
        except RunError as error:
            return not_asked(target, error.info)
        body = encode(arguments(call))
        name = book.item_name(
            self._state.workspace_id,
            target.document.uri,
            reviews.version(target),
            body.decode("utf-8", "replace"),
        )
        return _Item(place=place, target=target, name=name, run=run, call=call, size=len(body))

    async def _send(self, items: Sequence[_Item]) -> list[Sent]:
        admitted = []
        for item in items:
            if (refusal := self._reviews.stopped or self._admit(item)) is not None:
                self._found[item.place] = not_asked(item.target, refusal)
            else:
                admitted.append((item, item.size))
        sent = []
        for chunk in book.chunks(admitted):
            calls = [(item.name, item.call) for item in chunk]
            if (stopped := self._reviews.stopped) is not None:
                for item in chunk:
                    self._found[item.place] = not_asked(item.target, stopped)
                continue
            try:
                sent.append(await self._post.send(calls, self._reviews.route.model))
            except NotThereError as error:
                raise NoBatchesError(error.info) from None
            except RunError as error:
                for item in chunk:
                    item.run.finish("failed", error.info)
                    self._found[item.place] = self._reviews.outcome(item.target, item.run)
        return sent

    def _admit(self, item: _Item) -> ErrorInfo | None:
        """Why a request must not be sent; its estimate is set aside."""
        state, route = self._state, item.call.route
        _, refusal = self._reviews.spending.admit(item.target, batch=True)
        if refusal is not None:
            return refusal
        most = estimate(item.size, route.max_tokens, money.price(state, route.model), batch=True)
        return state.ledger.admit(item.run.id, state.settings.budget, most)

    async def _collect(self, sent: Sent) -> None:
        """Wait for a batch and take its results. Where it cannot be reached, it is left for the next time."""
        mine = [self._items[name] for name in sent.items if name in self._items]
        try:
            results = await self._post.results(sent)
        except RunError as error:
            for item in mine:
                self._found[item.place] = not_asked(item.target, error.info)
            if isinstance(error, NotThereError):
                await self._post.replace(sent, None)
            return
        for item in mine:
            receive(self._state, item.run, results.get(item.name), booked=sent.booked)
            self._found[item.place] = self._reviews.outcome(item.target, item.run)
            await asyncio.sleep(0)
        await self._post.replace(sent, self._rest(sent, results))

    def _rest(self, sent: Sent, results: Mapping[str, dict[str, Any]]) -> Sent | None:
        """What of a batch was for other files than those of this review: it waits for one of them, but is booked."""
        rest = [name for name in sent.items if name not in self._items and name in results]
        if rest:
            # An earlier process was stopped while it collected: these are booked and remembered already.
            kept = (self._item(0, target) for target in self._remembered)
            done = {item.name for item in kept if isinstance(item, _Item)}
            rest = [name for name in rest if name not in done]
        if rest and not sent.booked:
            for name in rest:
                book_only(self._state, sent, results[name])
        return structs.replace(sent, items=tuple(rest), booked=True) if rest else None
