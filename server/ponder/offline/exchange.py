"""What passes between a client and the engine: the response, and the log entry of a request. No rules."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal

from msgspec import Struct


class Broken(Exception):  # noqa: N818  # it is a fault on request, not an error of the engine
    """The connection breaks on purpose: `reset` closes it hard, `cut` ends a chunked body in the middle."""

    def __init__(self, how: Literal["reset", "cut"]) -> None:
        super().__init__(how)
        self.how = how


class Exchange(Struct, kw_only=True):
    """One request as the engine saw it. Grows while the answer is sent.

    `at` is the engine's clock in seconds. `body` is the parsed JSON. Credentials are not kept: `credential`
    names the header only. `events` and `sent_bytes` count what the client took. `usage` is the final one.
    """

    at: float
    method: str
    path: str
    headers: dict[str, str]
    credential: str | None = None
    raw: bytes = b""
    body: Any = None
    faults: tuple[str, ...] = ()
    request_id: str = ""
    message_id: str | None = None
    status: int | None = None
    usage: dict[str, Any] | None = None
    events: int = 0
    sent_bytes: int = 0
    finished: bool = False
    closed_by_client: bool = False


class Body:
    """A streamed body: bytes when asked for, none before. Closing it early stops the answer and is noted."""

    def __init__(self, chunks: AsyncIterator[bytes], exchange: Exchange) -> None:
        self._chunks = chunks
        self._exchange = exchange

    def __aiter__(self) -> "Body":
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await anext(self._chunks)
        except (StopAsyncIteration, Broken):
            self._exchange.finished = True
            raise
        except BaseException:
            self._note_close()
            raise
        self._exchange.sent_bytes += len(chunk)
        return chunk

    async def aclose(self) -> None:
        """Stop the answer. Harmless when it is complete."""
        self._note_close()
        close: Callable[[], Any] | None = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()

    def _note_close(self) -> None:
        if not self._exchange.finished:
            self._exchange.closed_by_client = True


class Response(Struct, frozen=True):
    """An HTTP answer: a whole body, or a streamed one."""

    status: int
    headers: dict[str, str]
    body: bytes | Body


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
