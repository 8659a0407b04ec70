"""Batches at the endpoint and their rows in the store: sent once, found again, waited for, let go. Knows no files.

A row stands in the store before anything is sent, so that no end of the process makes anything be paid for twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar

from msgspec import structs

from ponder.engine.calls import NotThereError
from ponder.engine.prompt import ModelRequest
from ponder.errors import ErrorInfo, RunError
from ponder.review import batch as book
from ponder.review.batch import Sent
from ponder.session.state import State

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
_TRANSIENT = frozenset({"network", "overloaded", "rateLimit", "stalled", "internal"})
_MAY_HAVE_ARRIVED = frozenset({"network", "stalled", "internal", "malformed"})
_LEAVE_S = 1.0
_PATIENCE = 8
"""Failed looks at a batch, one after the other, before the rest is left for the next time."""
Sleep = Callable[[float], Awaitable[object]]
T = TypeVar("T")


class BatchPost:
    """The batches of one review. `waiting` is called with (answered, asked); `sleep` waits seconds."""

    def __init__(
        self,
        state: State,
        *,
        told: Callable[[str], None],
        waiting: Callable[[int, int], None],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._state = state
        self._told = told
        self._waiting = waiting
        self._sleep = sleep
        self._answered: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._under_way: dict[str, int] = {}
        """Items of the batches that have not ended, by id."""

    async def sent_before(self, names: Collection[str]) -> list[Sent]:
        """The batches under way that hold any of these items. Raises RunError."""
        state = self._state
        rows = [sent for row in state.store.batches() if (sent := book.sent_of(row)) is not None]
        for old in (one for one in rows if state.now() - one.created > book.KEPT_S):
            state.store.remove_batch(old.key)
        here = state.engine.endpoint.base_url
        ours = [one for one in rows if one.endpoint == here and not set(names).isdisjoint(one.items)]
        known = [one.id for one in rows if one.id is not None]
        found = []
        for one in ours:
            found += await self._still_there(one) if one.id is not None else await self._search(one, known)
        if number := sum(len(set(names).intersection(one.items)) for one in found):
            self._told(f"Going on with {number} files that were sent before.")
        self._under_way |= {one.id: len(one.items) for one in found if one.id is not None}
        return found

    async def send(self, items: Sequence[tuple[str, ModelRequest]], model: str) -> Sent:
        """Send one batch of (name, request). Raises RunError; NotThereError where the endpoint has no batches."""
        state = self._state
        intent = Sent(
            key=f"about-to-send-{state.new_id()}",
            id=None,
            created=state.now(),
            items=tuple(name for name, _ in items),
            endpoint=state.engine.endpoint.base_url,
            workspace=state.workspace_id,
            model=model,
        )
        await self.replace(None, intent)
        try:
            # What may have arrived is not sent again: it would be paid for twice. The next review looks for it.
            made = await self._patiently(
                lambda: state.engine.create_batch(items), again=frozenset({"overloaded", "rateLimit"})
            )
        except RunError as error:
            if isinstance(error, NotThereError) or error.info.kind not in _MAY_HAVE_ARRIVED:
                await self.replace(intent, None)
            raise
        batch_id = made.get("id")
        if not isinstance(batch_id, str):
            raise RunError(_NO_ID)
        sent = structs.replace(intent, id=batch_id, key=batch_id)
        self._under_way[batch_id] = len(items)
        await self.replace(intent, sent)
        return sent

    async def results(self, sent: Sent) -> dict[str, dict[str, Any]]:
        """The results of a batch by item, once it has ended. Raises RunError; NotThereError where it is gone."""
        batch_id = sent.id or ""
        await self._until_ended(batch_id, len(sent.items))
        self._under_way.pop(batch_id, None)
        return book.results(await self._lines(batch_id), sent.items)

    async def replace(self, old: Sent | None, new: Sent | None) -> None:
        """Change what stands in the store, and wait until it stands there."""
        store = self._state.store
        if new is not None:
            store.put_batch(book.row_of(new))
        if old is not None and (new is None or old.key != new.key):
            store.remove_batch(old.key)
        if not await asyncio.to_thread(store.flush) and new is not None:
            self._told(
                "The state directory cannot be written: a review that is stopped now is paid for again."
            )

    async def leave(self, *, withdraw: bool) -> None:
        """The review is cancelled: take its batches back, or say that they go on."""
        if not self._under_way:
            return
        if not withdraw:
            self._told("The batch goes on at the endpoint; the next review of these files collects it.")
            return
        calls = [self._state.engine.cancel_batch(one) for one in self._under_way]
        every = asyncio.ensure_future(asyncio.gather(*calls, return_exceptions=True))
        await asyncio.wait([every], timeout=_LEAVE_S)
        self._told("The batch was cancelled; what it had done is collected by the next review by batch.")

    async def _still_there(self, sent: Sent) -> list[Sent]:
        try:
            await self._patiently(lambda: self._state.engine.batch(sent.id or ""))
        except NotThereError:
            await self.replace(sent, None)
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
                await self.replace(lost, found)
                return [found]
        await self.replace(lost, None)
        return []

    async def _lines(self, batch_id: str) -> list[dict[str, Any]]:
        return await self._patiently(lambda: self._state.engine.batch_results(batch_id))

    async def _until_ended(self, batch_id: str, number: int) -> None:
        wait = FIRST_WAIT_S
        while True:
            batch = await self._patiently(lambda: self._state.engine.batch(batch_id))
            ended = batch.get("processing_status") == "ended"
            self._answered[batch_id] = number if ended else book.progress(batch)
            self._sizes[batch_id] = number
            self._waiting(sum(self._answered.values()), sum((self._sizes | self._under_way).values()))
            if ended:
                return
            await self._sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT_S)

    async def _patiently(self, call: Callable[[], Awaitable[T]], again: frozenset[str] = _TRANSIENT) -> T:
        """The call's answer, after as many tries as trouble that passes deserves. Raises RunError."""
        for attempt in range(_PATIENCE - 1):
            try:
                return await call()
            except NotThereError:
                raise
            except RunError as error:
                if error.info.kind not in again:
                    raise
                await self._sleep(min(FIRST_WAIT_S * 2**attempt, LONGEST_WAIT_S))
        return await call()


_NO_ID = ErrorInfo(
    kind="malformed",
    message="The endpoint took the batch but did not say its id.",
    hint="Check that `ANTHROPIC_BASE_URL` is a Messages API; `ponder doctor` tests it.",
)
