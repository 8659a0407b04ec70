"""The only place that builds an SDK client. No variable of the environment redirects it or adds to its requests.

Address, credential, headers, proxies and redirects are decided here; nothing is retried by the SDK.
"""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Final

from ponder.engine.endpoint import Endpoint
from ponder.engine.sending import watch
from ponder.engine.unpack import PackedError, Unpacker, unpacker

if TYPE_CHECKING:
    import ssl

    import httpx2
    from anthropic import AsyncAnthropic

    Transport = Callable[[], httpx2.AsyncBaseTransport]

IDLE_LIMIT_S: Final = 240.0
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


def preload() -> None:
    """Import the SDK (about a second, once). Blocks: call it in a thread, through `tasks.preload` where a loop lives."""
    import anthropic
    import httpx2

    # ANTHROPIC_LOG=debug would write whole requests; nothing of them may reach a log.
    for logger in (anthropic.__name__, httpx2.__name__, "httpcore2"):
        logging.getLogger(logger).setLevel(logging.WARNING)


def build(
    endpoint: Endpoint, context: "ssl.SSLContext | None", transport: "Transport | None"
) -> "AsyncAnthropic":
    """A client for this endpoint. `context` holds the certificates of an https address, read off the loop."""
    import anthropic
    import httpx2

    credential = endpoint.credential
    secret = credential.secret if credential else "offline"
    as_token = credential is not None and credential.kind == "auth_token"
    platform = endpoint.platform
    http_client = httpx2.AsyncClient(
        transport=transport() if transport is not None else None,
        # Context made off the loop; a plain http address needs none, and False spares making one.
        verify=context if context is not None else False,
        trust_env=endpoint.provider != "offline" and not endpoint.loopback,
        follow_redirects=False,
        timeout=httpx2.Timeout(None, write=_WRITE_LIMIT_S),
        limits=httpx2.Limits(max_connections=None, keepalive_expiry=IDLE_LIMIT_S),
        # Requests to a cloud platform are signed by then: they are screened before that.
        event_hooks={
            "request": [watch, _only_known_headers(secret)] if platform is None else [watch],
            "response": [_bounded],
        },
    )
    if platform is not None:
        from ponder.engine import clouds

        return clouds.build(endpoint, platform, http_client, _screen)
    return anthropic.AsyncAnthropic(
        api_key=None if as_token else secret,
        auth_token=secret if as_token else None,
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http_client,
        open_telemetry=False,
        # The stream is small, and packed pieces would arrive late.
        default_headers={"Accept-Encoding": "identity"},
    )


def offline(delta_ms: float = 0) -> "Transport":
    """The offline engine in place of the network; it pauses for `delta_ms` before each piece of an answer."""
    from ponder.offline.engine import OfflineEngine
    from ponder.offline.pace import Pace
    from ponder.offline.transport import OfflineTransport

    # One engine for the life of the connector: it holds the cache and the signatures it gave out.
    engine = OfflineEngine(pace=Pace(delta_ms=delta_ms), log_limit=0)
    return lambda: OfflineTransport(engine)


def _only_known_headers(secret: str) -> Callable[["httpx2.Request"], Coroutine[object, object, None]]:
    async def clean(request: "httpx2.Request") -> None:
        _screen(request)
        request.headers["authorization"] = f"Bearer {secret}"

    return clean


def _screen(request: "httpx2.Request") -> None:
    """Take off what the environment added, the credential too: who builds the client puts the right one on."""
    for name in list(request.headers):
        if (name not in _HEADERS and not name.startswith("x-stainless-")) or name == "authorization":
            del request.headers[name]
    request.headers["host"] = request.url.netloc.decode("ascii")
    request.headers["anthropic-version"] = API_VERSION
    request.headers["accept-encoding"] = "identity"


async def _bounded(response: "httpx2.Response") -> None:
    """Unpack compressed answers, refuse what cannot be unpacked, and bound the size of those that are read whole."""
    import httpx2

    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", ""):
        unpack = unpacker(encoding)
        if unpack is None or not isinstance(response.stream, httpx2.AsyncByteStream):
            raise httpx2.DecodingError("compressed answer", request=response.request)
        response.stream = _unpacked(response.stream, unpack)
        # The length is that of the packed bytes.
        for name in ("content-encoding", "content-length"):
            response.headers.pop(name, None)
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        stream = response.stream
        if isinstance(stream, httpx2.AsyncByteStream):
            response.stream = _capped(stream)


def _unpacked(stream: "httpx2.AsyncByteStream", unpack: Unpacker) -> "httpx2.AsyncByteStream":
    import httpx2

    class Unpacked(httpx2.AsyncByteStream):
        """A body as it was before it was compressed."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in stream:
                try:
                    for plain in unpack.feed(piece):
                        yield plain
                except PackedError:
                    raise httpx2.DecodingError("not compressed as it says") from None

        async def aclose(self) -> None:
            await stream.aclose()

    return Unpacked()


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
