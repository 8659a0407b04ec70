"""One door into the engine for the tests of this room: HTTP in, HTTP out, with a clock they can turn."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.exchange import Body, Response

HEADERS = {"x-api-key": "offline", "anthropic-version": "2026-10-21", "content-type": "application/json"}


class Door:
    """An engine with a clock at `now`, ids that count, and an answer that may be changed."""

    def __init__(self, **options: Any) -> None:
        self.now = 1_000_000.0
        self.answer = Answer(thinking=("First I look.", "Then I see."), text="The answer is 42.")
        ids = itertools.count()
        options.setdefault("answerer", lambda _body: self.answer)
        self.engine = OfflineEngine(clock=lambda: self.now, ids=lambda: f"{next(ids):024d}", **options)

    async def send(
        self, body: Any = None, path: str = "/v1/messages", method: str = "POST", **headers: str | None
    ) -> Response:
        """Send JSON, or bytes as they are; a header given as None is left out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = {name: value for name, value in {**HEADERS, **named}.items() if value is not None}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.engine.handle(method, path, shown, raw if method == "POST" else b"")

    async def ask(self, body: Any = None, path: str = "/v1/messages", method: str = "POST", **headers: Any):
        """Return status and JSON."""
        response = await self.send(body, path, method, **headers)
        assert isinstance(response.body, bytes)
        return response.status, json.loads(response.body)

    async def message(self, body: dict[str, Any], **headers: Any) -> dict[str, Any]:
        """Return the message a good request gets."""
        status, message = await self.ask(body, **headers)
        assert status == 200, message
        return message

    async def stream(self, body: dict[str, Any], **headers: Any) -> list[dict[str, Any]]:
        """Return the events of a good stream."""
        return read_events(await self.stream_bytes(body, **headers))

    async def stream_bytes(self, body: dict[str, Any], **headers: Any) -> bytes:
        response = await self.send({**body, "stream": True}, **headers)
        assert isinstance(response.body, Body), response.body
        return b"".join([chunk async for chunk in response.body])


def read_events(raw: bytes) -> list[dict[str, Any]]:
    """Read server-sent events the plain way; the two types of each must agree, else `ValueError`."""
    events = []
    for block in raw.decode().split("\n\n"):
        if not block:
            continue
        name, data = block.split("\n", 1)
        event = json.loads(data.removeprefix("data: "))
        if name != f"event: {event['type']}":
            raise ValueError(f"{name} is not {event['type']}")
        events.append(event)
    return events


def request(content: Any = "What is the answer?", **fields: Any) -> dict[str, Any]:
    """A small good body; fields replace or (as None) remove its keys."""
    body = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": content}],
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def joined(events: Iterable[dict[str, Any]], key: str) -> str:
    """Join the deltas that carry `key`."""
    return "".join(event["delta"].get(key, "") for event in events if event["type"] == "content_block_delta")
