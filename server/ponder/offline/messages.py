"""Makes messages: validation, cache, answer, reply. Knows no HTTP beyond the headers that matter to it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ponder.offline.answer import Answer, Answerer
from ponder.offline.cache import PrefixCache, Reading
from ponder.offline.diagnostics import Diagnostics
from ponder.offline.fault_replies import change_answer, token_limit
from ponder.offline.faults import Fault
from ponder.offline.models import Catalogue
from ponder.offline.reply import Reply, compose
from ponder.offline.validation import Valid, validate


class Made(Struct, frozen=True):
    """A reply, and what the cache will know once it has begun."""

    reply: Reply
    reading: Reading


class Messages:
    """One workspace at the endpoint: its cache and its diagnostics, over all requests."""

    def __init__(
        self,
        catalogue: Catalogue,
        answerer: Answerer,
        clock: Callable[[], float],
        ids: Callable[[], str],
    ) -> None:
        self.catalogue = catalogue
        self.cache = PrefixCache()
        self._answerer = answerer
        self._clock = clock
        self._ids = ids
        self._diagnostics = Diagnostics()
        self._paused: set[str] = set()

    def count(self, body: dict[str, Any], headers: Mapping[str, str]) -> int:
        """Return the prompt tokens of a `count_tokens` body. Raises `ApiError`."""
        return validate(body, self.catalogue, headers, counting=True).prompt.tokens

    async def make(
        self,
        body: dict[str, Any],
        headers: Mapping[str, str],
        faults: tuple[Fault, ...] = (),
        *,
        service_tier: str = "standard",
    ) -> Made:
        """Return the reply to a body. Raises `ApiError`.

        Nothing is written to the cache yet (`begin`). The answerer runs in a worker thread.
        """
        valid = validate(body, self.catalogue, headers, paused=lambda content: _seal(content) in self._paused)
        reading = self.cache.begin(valid.prompt.positions, valid.model.cache_minimum, self._clock())
        message_id = f"msg_{self._ids()}"
        extras = self._extras(body, valid, message_id)
        answer = Answer()
        if body["max_tokens"] > 0:
            answer = change_answer(await asyncio.to_thread(self._answerer, valid.checked.body), faults)
        limit = token_limit(faults)
        if limit is not None:
            valid = _limited(valid, limit)
        reply = compose(
            answer,
            valid,
            message_id=message_id,
            usage=reading.usage(),
            extras=extras,
            service_tier=service_tier,
        )
        if reply.stop_reason == "pause_turn":
            self._paused.add(_seal(reply.message()["content"]))
        return Made(reply, reading)

    def begin(self, made: Made) -> None:
        """The response has begun: what it wrote can be read from now on."""
        self.cache.commit(made.reading)

    def _extras(self, body: dict[str, Any], valid: Valid, message_id: str) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        wanted = body.get("diagnostics")
        if wanted is not None:
            extras["diagnostics"] = self._diagnostics.compare(wanted["previous_message_id"], valid.prompt)
            self._diagnostics.remember(message_id, valid.prompt)
        if valid.binding:
            extras["input_transformations"] = list(valid.checked.dropped)
        return extras


def _seal(content: object) -> str:
    """Content blocks as a comparable text, without their cache marks."""
    blocks = content if isinstance(content, list) else [content]
    plain = [
        {k: v for k, v in b.items() if k != "cache_control"} if isinstance(b, dict) else b for b in blocks
    ]
    return json.dumps(plain, sort_keys=True)


def _limited(valid: Valid, limit: int) -> Valid:
    body = valid.checked.body
    smaller = {**body, "max_tokens": min(limit, body["max_tokens"])}
    checked = type(valid.checked)(
        smaller, valid.checked.dropped, valid.checked.prefix, valid.checked.previous
    )
    return Valid(valid.model, checked, valid.prompt, valid.binding)
