"""Requests of ours that the client has not answered yet. Sends nothing itself; every await ends.

Answers that come late, twice, or to an id we never used are ignored: the client's ids and ours are two tables.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable

from ponder.lsp import decoding

log = logging.getLogger(__name__)

Send = Callable[[object], None]


class NoAnswer(Exception):  # noqa: N818 - the name says what happened
    """The client did not answer in time, answered with an error, or is gone. The text is for the log."""


class Requests:
    """The table of open requests to the client."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._open: dict[str, asyncio.Future[object]] = {}
        self._ids = itertools.count(1)

    def __len__(self) -> int:
        return len(self._open)

    async def ask(self, method: str, params: object, *, limit: float) -> object:
        """Send a request and wait at most `limit` seconds for its result, as plain data. Raises NoAnswer."""
        request_id = f"ponder-{next(self._ids)}"
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._open[request_id] = answer
        self._send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        try:
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError:
            raise NoAnswer(f"{method}: no answer within {limit:g} s") from None
        finally:
            del self._open[request_id]

    def answered(self, message: decoding.Message) -> None:
        """Take a response of the client."""
        answer = self._open.get(message.id) if isinstance(message.id, str) else None
        if answer is None or answer.done():
            log.info("a response to no open request was ignored")
        elif message.error is not None:
            answer.set_exception(NoAnswer("the client answered with an error"))
        else:
            answer.set_result(decoding.read_plain(message.result))
