"""Builds the one SDK client and keeps its connections fresh. Nothing else in Ponder opens a connection to a model.

No variable of the environment redirects it: address, credential, headers, proxies and redirects are decided here.
"""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ponder.engine.endpoint import Endpoint
from ponder.errors import ErrorInfo, RunError

if TYPE_CHECKING:
    import ssl

    import httpx2
    from anthropic import AsyncAnthropic

    Transport = Callable[[], httpx2.AsyncBaseTransport]

_IDLE_LIMIT_S: Final = 240.0
_SLEEP_GAP_S: Final = 60.0
_WRITE_LIMIT_S: Final = 60.0
# An error page or a model list is far smaller; a stream has bounds of its own.
_MAX_PLAIN_BYTES: Final = 64 * 1024 * 1024
# Everything a request of the SDK carries that Ponder wants sent; whatever else the environment adds is taken off.
_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "anthropic-version",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
API_VERSION: Final = "2026-10-21"


class Timeouts(Struct, frozen=True, kw_only=True):
    """Patience of one request, in milliseconds, and its tries. Defaults are those of the settings table `[api]`."""

    connect_ms: int = 10_000
    first_byte_ms: int = 60_000
    stall_ms: int = 120_000
    max_tries: int = 4
    notice_ms: int = 30_000
    """Quiet time after which the user is told that nothing arrives."""
    total_ms: int = 3_600_000
    """Longest life of one request; 128k output tokens take about 45 minutes."""


def preload() -> None:
    """Import the SDK (about a second, once). Blocks: call it in a thread.

    The collector rests meanwhile and the interpreter switches threads more often, so that the server's
    loop keeps answering within milliseconds.
    """
    interval = sys.getswitchinterval()
    collecting = gc.isenabled()
    sys.setswitchinterval(0.0005)
    gc.disable()
    try:
        import anthropic
        import httpx2
    finally:
        if collecting:
            gc.enable()
        sys.setswitchinterval(interval)
    # ANTHROPIC_LOG=debug would write whole requests; nothing of them may reach a log.
    for logger in (anthropic.__name__, httpx2.__name__, "httpcore2"):
        logging.getLogger(logger).setLevel(logging.WARNING)


class Connector:
    """Hands out the client, and a new one after four idle minutes, a sleep of the machine or a broken pool.

    `clock` is monotonic, `wall` is the time of day, both in seconds: only their drift tells that the machine slept.
    `transport` makes what carries the requests of a new client; by default the network, or the offline engine.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        transport: "Transport | None" = None,
    ) -> None:
        self.endpoint = endpoint
        self._transport = transport
        self._clock = clock
        self._wall = wall
        self._client: AsyncAnthropic | None = None
        self._users: dict[AsyncAnthropic, int] = {}
        self._ssl: ssl.SSLContext | None = None
        self._last_used = clock()
        self._last_wall = wall()
        self._loading: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def client(self) -> AsyncIterator["AsyncAnthropic"]:
        """The client for one request. Raises RunError where there is no credential."""
        client = await self._current()
        self._users[client] += 1
        try:
            yield client
        finally:
            self._touch()
            self._users[client] = self._users.get(client, 1) - 1
            await self._close_unused()

    async def prepare(self) -> None:
        """Import what is needed off the loop, and make the client."""
        await self._current()

    def renew(self) -> None:
        """Use new connections from the next request on; those in use end in peace."""
        self._client = None

    async def aclose(self) -> None:
        """Close all connections, also those in use."""
        self._client = None
        self._users = dict.fromkeys(self._users, 0)
        await self._close_unused()

    async def _current(self) -> "AsyncAnthropic":
        if self.endpoint.credential is None and self.endpoint.provider != "offline":
            raise RunError(_NO_CREDENTIAL)
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        # Shielded: one cancelled request must not take the import away from the others.
        await asyncio.shield(self._loading)
        if self._slept():
            self.renew()
        self._touch()
        if self._client is None:
            if self._transport is None and self.endpoint.provider == "offline":
                self._transport = _offline()
            self._client = _build(self.endpoint, self._ssl, self._transport)
            self._users[self._client] = 0
        return self._client

    def _load(self) -> None:
        preload()
        if self.endpoint.base_url.startswith("https:"):
            import httpx2

            # Reading the certificates takes 40 ms, too long for the loop.
            self._ssl = httpx2.create_ssl_context()

    def _slept(self) -> bool:
        awake = self._clock() - self._last_used
        return awake > _IDLE_LIMIT_S or abs((self._wall() - self._last_wall) - awake) > _SLEEP_GAP_S

    def _touch(self) -> None:
        self._last_used = self._clock()
        self._last_wall = self._wall()

    async def _close_unused(self) -> None:
        unused = [client for client, users in self._users.items() if not users and client is not self._client]
        for client in unused:
            del self._users[client]
            with suppress(Exception):
                # A connection that is dead already may fail to close; it is gone either way.
                await client.close()


_NO_CREDENTIAL: Final = ErrorInfo(
    kind="authentication",
    message="No API key was found; nothing was sent.",
    hint='Set `ANTHROPIC_API_KEY`, or `api.provider = "offline"` to work without a model.',
)


def _build(
    endpoint: Endpoint, context: "ssl.SSLContext | None", transport: "Transport | None"
) -> "AsyncAnthropic":
    import anthropic
    import httpx2

    credential = endpoint.credential
    secret = credential.secret if credential else "offline"
    as_token = credential is not None and credential.kind == "auth_token"
    http_client = httpx2.AsyncClient(
        transport=transport() if transport is not None else None,
        # Context made off the loop; a plain http address needs none, and False spares making one.
        verify=context if context is not None else False,
        trust_env=endpoint.provider != "offline" and not endpoint.loopback,
        follow_redirects=False,
        timeout=httpx2.Timeout(None, write=_WRITE_LIMIT_S),
        limits=httpx2.Limits(max_connections=None, keepalive_expiry=_IDLE_LIMIT_S),
        event_hooks={"request": [_only_known_headers(secret)], "response": [_bounded]},
    )
    return anthropic.AsyncAnthropic(
        api_key=None if as_token else secret,
        auth_token=secret if as_token else None,
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http_client,
        open_telemetry=False,
        # Compressed answers could unpack to any size; the stream is small.
        default_headers={"Accept-Encoding": "identity"},
    )


def _offline() -> "Transport":
    from ponder.offline.engine import OfflineEngine
    from ponder.offline.transport import OfflineTransport

    # One engine for the life of the connector: it holds the cache and the signatures it gave out.
    engine = OfflineEngine()
    return lambda: OfflineTransport(engine)


def _only_known_headers(secret: str) -> Callable[["httpx2.Request"], Coroutine[object, object, None]]:
    async def clean(request: "httpx2.Request") -> None:
        for name in list(request.headers):
            if name not in _HEADERS and not name.startswith("x-stainless-"):
                del request.headers[name]
        request.headers["host"] = request.url.netloc.decode("ascii")
        request.headers["authorization"] = f"Bearer {secret}"
        request.headers["anthropic-version"] = API_VERSION
        request.headers["accept-encoding"] = "identity"

    return clean


async def _bounded(response: "httpx2.Response") -> None:
    """Refuse compressed answers, and bound the size of those that are read whole."""
    import httpx2

    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise httpx2.DecodingError("compressed answer", request=response.request)
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        stream = response.stream
        if isinstance(stream, httpx2.AsyncByteStream):
            response.stream = _capped(stream)


def _capped(stream: "httpx2.AsyncByteStream") -> "httpx2.AsyncByteStream":
    import httpx2

    class Capped(httpx2.AsyncByteStream):
        """A body that ends in an error when it grows past the bound."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for piece in stream:
                size += len(piece)
                if size > _MAX_PLAIN_BYTES:
                    raise httpx2.DecodingError("answer too large")
                yield piece

        async def aclose(self) -> None:
            await stream.aclose()

    return Capped()
