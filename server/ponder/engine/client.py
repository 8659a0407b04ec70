"""Keeps the one SDK client and its connections fresh. Nothing else in Ponder opens a connection to a model."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from ponder.engine import sdk
from ponder.engine.endpoint import Endpoint
from ponder.errors import ErrorInfo, RunError

if TYPE_CHECKING:
    import ssl

    from anthropic import AsyncAnthropic

_SLEEP_GAP_S: Final = 60.0


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
        transport: "sdk.Transport | None" = None,
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
        if self.endpoint.missing:
            raise RunError(_missing(self.endpoint))
        if self.endpoint.credential is None and self.endpoint.provider != "offline":
            raise RunError(_NO_CREDENTIAL)
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        # Shielded: one cancelled request must not take the import away from the others.
        await asyncio.shield(self._loading)
        if self._slept():
            self.renew()
        self._touch()
        if self._client is None:
            self._client = self._built()
        return self._client

    def _built(self) -> "AsyncAnthropic":
        if self._transport is None and self.endpoint.provider == "offline":
            self._transport = sdk.offline()
        client = sdk.build(self.endpoint, self._ssl, self._transport)
        self._users[client] = 0
        return client

    def _load(self) -> None:
        sdk.preload()
        if (platform := self.endpoint.platform) is not None:
            from ponder.engine import clouds

            clouds.load(self.endpoint, platform)
        if self.endpoint.base_url.startswith("https:"):
            import httpx2

            # Reading the certificates takes 40 ms, too long for the loop.
            self._ssl = httpx2.create_ssl_context()
        # The first one takes a tenth of a second.
        self._client = self._built()

    def _slept(self) -> bool:
        awake = self._clock() - self._last_used
        return awake > sdk.IDLE_LIMIT_S or abs((self._wall() - self._last_wall) - awake) > _SLEEP_GAP_S

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


def _missing(endpoint: Endpoint) -> ErrorInfo:
    """What a cloud platform still needs, by the names of its variables."""
    title = endpoint.platform.title if endpoint.platform else endpoint.provider
    names = " and ".join(f"`{name}`" for name in endpoint.missing)
    return ErrorInfo(
        kind="authentication",
        message=f"{title} is not set up; nothing was sent.",
        hint=f"Set {names} and restart the server; `ponder doctor` checks it.",
    )
