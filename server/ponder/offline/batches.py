"""Message batches: created, listed, cancelled, ended after a delay, read as JSON lines. Prices nothing."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from ponder.offline.errors import ApiError, invalid
from ponder.offline.messages import Messages
from ponder.offline.pages import page as cut_page

LARGEST_BATCH = 256 * 1024 * 1024
"""Bytes of a batch request (platform documentation, "Batch processing", August 2026)."""

_MOST_REQUESTS = 100_000
_DAY = 24 * 3600
_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


class Batch(Struct, kw_only=True):
    """One batch. Times are seconds of the engine's clock; `results` are there once it has ended."""

    id: str
    created: float
    due: float
    requests: list[dict[str, Any]]
    headers: dict[str, str]
    cancelled: float | None = None
    ended: float | None = None
    results: list[dict[str, Any]] = []
    ending: "asyncio.Task[None] | None" = None


class Batches:
    """All batches of the workspace. Work is done when a batch that is due is looked at."""

    def __init__(
        self, messages: Messages, clock: Callable[[], float], ids: Callable[[], str], delay_s: float
    ) -> None:
        self._messages = messages
        self._clock = clock
        self._ids = ids
        self._delay_s = delay_s
        self._batches: dict[str, Batch] = {}

    def create(self, body: dict[str, Any], headers: Mapping[str, str]) -> Batch:
        """Take a batch. Bad envelopes are refused here; bad `params` become errored results."""
        requests = body.get("requests")
        for name in body:
            if name != "requests":
                raise invalid(name, "Extra inputs are not permitted")
        if requests is None:
            raise invalid("requests", "Field required")
        if not isinstance(requests, list) or not 1 <= len(requests) <= _MOST_REQUESTS:
            raise invalid("requests", "List should have at least 1 item after validation, not 0")
        _check_requests(requests)
        now = self._clock()
        batch = Batch(
            id=f"msgbatch_{self._ids()}",
            created=now,
            due=now + self._delay_s,
            requests=requests,
            headers=dict(headers),
        )
        self._batches[batch.id] = batch
        return batch

    async def get(self, batch_id: str) -> Batch:
        """Return a batch, ended if it is due. Raises `ApiError` 404."""
        batch = self._batches.get(batch_id)
        if batch is None:
            raise ApiError(404, f"Message batch {batch_id} not found.")
        now = self._clock()
        if batch.ended is None and (batch.cancelled is not None or now >= batch.due):
            if batch.ending is None:
                batch.ending = asyncio.create_task(self._end(batch, now), name="batch")
            # Whoever looked first may go away: the work goes on for the next one.
            await asyncio.shield(batch.ending)
        return batch

    async def cancel(self, batch_id: str) -> Batch:
        """Cancel a batch that runs; it ends at the next look. Raises `ApiError` 400 once it has ended."""
        batch = await self.get(batch_id)
        if batch.ended is not None:
            raise ApiError(400, f"Message batch {batch_id} has ended and cannot be canceled.")
        batch.cancelled = self._clock()
        return batch

    async def delete(self, batch_id: str) -> dict[str, Any]:
        """Forget a batch that has ended."""
        batch = await self.get(batch_id)
        if batch.ended is None:
            raise ApiError(400, f"Message batch {batch_id} is still in progress and cannot be deleted.")
        del self._batches[batch_id]
        return {"id": batch_id, "type": "message_batch_deleted"}

    async def page(self, query: Mapping[str, list[str]], base: str) -> dict[str, Any]:
        """Return a page of batches, newest first."""
        newest = sorted(self._batches, key=lambda key: self._batches[key].created, reverse=True)
        return cut_page([show(await self.get(key), base) for key in newest], query)

    async def results(self, batch_id: str) -> list[dict[str, Any]]:
        """Return the results, in another order than the requests."""
        batch = await self.get(batch_id)
        if batch.ended is None:
            raise ApiError(400, f"Message batch {batch_id} has no available results.")
        # The API promises no order; neither should a client find one here.
        return batch.results[::-1]

    async def _end(self, batch: Batch, now: float) -> None:
        results = [
            {"custom_id": request["custom_id"], "result": await self._result(batch, request["params"], now)}
            for request in batch.requests
        ]
        # Not before: one that has ended has all its results.
        batch.results, batch.ended = results, now

    async def _result(self, batch: Batch, params: dict[str, Any], now: float) -> dict[str, Any]:
        if batch.cancelled is not None:
            return {"type": "canceled"}
        if now > batch.created + _DAY:
            return {"type": "expired"}
        try:
            for name in ("stream", "speed"):
                if params.get(name):
                    raise invalid(name, "not supported in a batch")
            if params.get("max_tokens") == 0:
                raise invalid("max_tokens", "Input should be greater than or equal to 1")
            made = await self._messages.make(params, batch.headers, service_tier="batch")
        except ApiError as error:
            return {"type": "errored", "error": error.payload(f"req_{self._ids()}")}
        self._messages.begin(made)
        return {"type": "succeeded", "message": made.reply.message()}


def show(batch: Batch, base: str) -> dict[str, Any]:
    """Return the `MessageBatch` object; `base` is the URL the client used."""
    kinds = Counter(result["result"]["type"] for result in batch.results)
    counts = {kind: kinds[kind] for kind in ("succeeded", "errored", "canceled", "expired")}
    status = "in_progress" if batch.cancelled is None else "canceling"
    ended = batch.ended is not None
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended" if ended else status,
        "request_counts": {"processing": 0 if ended else len(batch.requests), **counts},
        "created_at": _moment(batch.created),
        "expires_at": _moment(batch.created + _DAY),
        "ended_at": _moment(batch.ended) if batch.ended is not None else None,
        "cancel_initiated_at": _moment(batch.cancelled) if batch.cancelled is not None else None,
        "archived_at": None,
        "results_url": f"{base}/v1/messages/batches/{batch.id}/results" if ended else None,
    }


def _check_requests(requests: list[Any]) -> None:
    seen: set[str] = set()
    for index, request in enumerate(requests):
        here = f"requests.{index}"
        if not isinstance(request, dict):
            raise invalid(here, "Input should be an object")
        for name in ("custom_id", "params"):
            if name not in request:
                raise invalid(f"{here}.{name}", "Field required")
        for name in request:
            if name not in {"custom_id", "params"}:
                raise invalid(f"{here}.{name}", "Extra inputs are not permitted")
        custom_id = request["custom_id"]
        if not isinstance(custom_id, str) or not _ID.fullmatch(custom_id):
            raise invalid(f"{here}.custom_id", f"String should match pattern '{_ID.pattern}'")
        if custom_id in seen:
            raise invalid(f"{here}.custom_id", f"custom_id must be unique; found a duplicate: {custom_id}")
        seen.add(custom_id)
        if not isinstance(request["params"], dict):
            raise invalid(f"{here}.params", "Input should be an object")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
