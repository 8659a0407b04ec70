"""Sends one request and reads its answer to the end. Never sends twice and judges no outcome."""

import asyncio
import json
import logging
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final, cast

from ponder.engine.events import RequestSent
from ponder.engine.frames import FrameSplitter
from ponder.engine.mailbox import Mailbox
from ponder.engine.platforms import Platform
from ponder.engine.reduce import Reducer, StreamError
from ponder.engine.sdk_errors import row_of
from ponder.engine.sending import SENDING
from ponder.engine.sse import Splitter, StreamTooLargeError
from ponder.engine.timeouts import Timeouts
from ponder.engine.trouble import Trouble, describe, describe_stream_error, malformed, on_platform
from ponder.engine.watchdog import ExpiredError, Watchdog
from ponder.engine.wire import ProtocolError, decode
from ponder.errors import ErrorInfo, RunError

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

_log = logging.getLogger(__name__)
# Time to read what follows `message_stop`, so that the connection can be used again.
_DRAIN_S: Final = 0.25
_FRAMED: Final = "application/vnd.amazon.eventstream"
_ADDRESS_HINT: Final = "Check `ANTHROPIC_BASE_URL`: it should be the root of a Messages API."


class CutError(Exception):
    """The stream ended before `message_stop`."""


class Attempt:
    """One request: `reducer` holds what has arrived, `request_id` the endpoint's name for it once it answers."""

    def __init__(
        self, body: bytes, reducer: Reducer, mailbox: Mailbox, platform: Platform | None = None
    ) -> None:
        self.body = body
        self.reducer = reducer
        self.mailbox = mailbox
        self.platform = platform
        self.request_id: str | None = None
        self.sent = False
        """Whether it began to leave this machine."""
        self.answered = False
        """Whether the endpoint took the request and began to answer."""
        self._typed = False
        """Whether the answer calls itself an event stream."""

    async def run(self, client: "AsyncAnthropic", dog: Watchdog, timeouts: Timeouts) -> None:
        """Read the whole answer. Raises what `trouble` understands; what arrived before is in the mailbox."""
        import anthropic
        import httpx2

        SENDING.set(self.leaves)
        limits = httpx2.Timeout(None, connect=timeouts.connect_ms / 1000, write=60.0)
        answered: object = await client.post(
            "/v1/messages",
            cast_to=httpx2.Response,
            # Where the SDK moves parts of the body to the address, it needs the object.
            **({"body": json.loads(self.body)} if self._rewritten else {"content": self.body}),
            stream=True,
            stream_cls=anthropic.AsyncStream[object],
            options={"timeout": limits},
        )
        # Asked for the HTTP response, the SDK hands it over unread; its types do not tell.
        response = cast("httpx2.Response", answered)
        self.leaves()
        self.answered = True
        try:
            self.request_id = response.headers.get("request-id") or response.headers.get("x-amzn-requestid")
            self._typed = _check_type(response.headers.get("content-type", ""), framed=self._framed)
            await self._read(response, dog)
        finally:
            await response.aclose()

    def leaves(self) -> None:
        """It is on its way. Harmless when repeated."""
        if not self.sent:
            self.sent = True
            self.mailbox.put([RequestSent()])

    @property
    def _rewritten(self) -> bool:
        return self.platform is not None and self.platform.rewrites

    @property
    def _framed(self) -> bool:
        return self.platform is not None and self.platform.framed

    async def _read(self, response: "httpx2.Response", dog: Watchdog) -> None:
        splitter = FrameSplitter() if self._framed else Splitter()
        reducer, mailbox = self.reducer, self.mailbox
        async with aclosing(response.aiter_raw()) as pieces:
            async for piece in pieces:
                dog.answered()
                before = reducer.progress
                try:
                    mailbox.put(reducer.reduce(map(decode, splitter.feed(piece))))
                finally:
                    mailbox.put(reducer.drain())
                if reducer.finished:
                    break
                if reducer.progress != before:
                    dog.content()
                if mailbox.full:
                    dog.hold(held=True)
                    await mailbox.room()
                    dog.hold(held=False)
            if not reducer.finished:
                raise CutError if splitter.received or self._typed else ProtocolError("it is empty")
            with suppress(TimeoutError, Exception):
                async with asyncio.timeout(_DRAIN_S):
                    async for _ in pieces:
                        pass


def _check_type(content_type: str, *, framed: bool) -> bool:
    """Whether the answer says that it is an event stream. Raises ProtocolError where it says that it is none."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != (_FRAMED if framed else "text/event-stream"):
        name = "a web page" if kind == "text/html" else "not an event stream"
        raise ProtocolError(f"it is {name}")
    return bool(kind)


def trouble(error: Exception, attempt: Attempt, secrets: tuple[str, ...]) -> Trouble:
    """What an exception of `Attempt.run` means for the user and for the retry policy."""
    found = _trouble(error, attempt, secrets)
    return found if attempt.platform is None else on_platform(found, attempt.platform)


def _trouble(error: Exception, attempt: Attempt, secrets: tuple[str, ...]) -> Trouble:
    identity = attempt.request_id
    match error:
        case ExpiredError() | RunError():
            return Trouble(info=error.info)
        case StreamError():
            return describe_stream_error(error.body, secrets=secrets, request_id=identity)
        case ProtocolError():
            return malformed(
                str(error), hint=None if attempt.reducer.started else _ADDRESS_HINT, request_id=identity
            )
        case StreamTooLargeError():
            return malformed("it is larger than any answer can be", request_id=identity)
        case CutError():
            return Trouble(info=_cut(identity), resend=True)
        case _:
            if row_of(error) is None:
                _log.error("A request to the model failed inside Ponder", exc_info=error)
            return describe(error, secrets=secrets)


def _cut(identity: str | None) -> ErrorInfo:
    return ErrorInfo(
        kind="network",
        message="The connection ended before the answer was complete.",
        hint="Run it again; what arrived is kept but does not count as an answer.",
        request_id=identity,
        retryable=True,
    )
