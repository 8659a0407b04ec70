"""Damaged byte streams within one process, many more than can be started as servers."""

import asyncio
import json
import random
from collections import Counter
from typing import Any

import pytest

from e2e.damaged_sessions import mutated, recorded_session
from ponder.lsp.framing import Framer, IllegalFrame
from ponder.lsp.server import Server


class Quiet:
    """A session that does nothing."""

    def __getattr__(self, name: str) -> Any:
        async def close() -> None:
            """End nothing."""

        return close if name == "close" else lambda *_: None


def answers(server: Server) -> list[Any]:
    found = []
    while data := server.outbox.take():
        while data:
            header, _, data = data.partition(b"\r\n\r\n")
            length = int(header.removeprefix(b"Content-Length: "))
            found.append(json.loads(data[:length]))
            data = data[length:]
    return found


async def test_p12_damaged_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """P-12: 3,000 damaged sessions raise nothing but an illegal frame; each readable request has one answer, no other any."""
    # The background import of pygls is no part of this, and 3,000 of them would be.
    monkeypatch.setattr("ponder.lsp.handlers.life._load", lambda *_: None)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    session = recorded_session()
    for _ in range(3000):
        sent = mutated(session, chance)
        server, framer = Server(lambda _: Quiet()), Framer()
        due: Counter[str] = Counter()
        allowed: Counter[str] = Counter()
        try:
            for body in framer.feed(sent):
                due.update(request_ids(body.decode("utf-8", "strict") if is_utf8(body) else ""))
                allowed.update(request_ids(body.decode("utf-8", "replace")))
                server.dispatcher.receive(body)
        except IllegalFrame:
            pass
        await server.close()
        while server.dispatcher.in_flight:
            await asyncio.sleep(0)
        given = Counter(
            str(answer["id"])
            for answer in answers(server)
            if "method" not in answer and answer["id"] is not None
        )
        assert due <= given, sent
        assert given <= allowed, sent


def is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def request_ids(body: str) -> list[str]:
    """The id of a request, if this is one; by another reader than the server's."""
    try:
        sent = json.loads(body)
    except ValueError:
        return []
    if not isinstance(sent, dict) or type(sent.get("id")) not in (int, str):
        return []
    # Half a request is an error with its id; a response gets no answer.
    return [str(sent["id"])] if "method" in sent or sent.get("jsonrpc") != "2.0" else []
