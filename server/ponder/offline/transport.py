"""The offline engine as an httpx2 transport, inside the process. Opens no socket, needs no credential."""

import asyncio
from collections.abc import AsyncIterator

import httpx2

from ponder.offline.engine import OfflineEngine
from ponder.offline.exchange import Body, Broken

BASE_URL = "http://offline.invalid"
"""What a client is given as its base URL; `.invalid` never resolves, should a request ever leave the process."""

KEY = "offline"
"""What a client is given as its API key."""


class OfflineTransport(httpx2.AsyncBaseTransport):
    """Hands requests to the engine and streams its answers, as fast as they are read.

    Closing a response stops the engine's answer. Faults of the connection become the errors httpx2 raises
    for them; read timeouts of the request are kept.
    """

    def __init__(self, engine: OfflineEngine) -> None:
        self.engine = engine

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        body = await request.aread()
        timeout = request.extensions.get("timeout", {}).get("read")
        path = request.url.raw_path.decode("ascii")
        if (trace := request.extensions.get("trace")) is not None:
            # As a connection would: whoever counts requests counts this one.
            await trace("offline.send_request_headers.started", {"request": request})
        try:
            async with asyncio.timeout(timeout):
                answer = await self.engine.handle(request.method, path, dict(request.headers), body)
        except TimeoutError:
            raise httpx2.ReadTimeout("", request=request) from None
        except Broken as fault:
            raise _network_error(fault, request) from None
        if isinstance(answer.body, Body):
            stream = _Stream(answer.body, request, timeout)
            return httpx2.Response(answer.status, headers=answer.headers, stream=stream, request=request)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.body, request=request)


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, body: Body, request: httpx2.Request, timeout_s: float | None) -> None:
        self._body = body
        self._request = request
        self._timeout_s = timeout_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._timeout_s):
                    chunk = await anext(self._body)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise httpx2.ReadTimeout("", request=self._request) from None
            except Broken as fault:
                raise _network_error(fault, self._request) from None
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def _network_error(fault: Broken, request: httpx2.Request) -> httpx2.TransportError:
    if fault.how == "cut":
        return httpx2.RemoteProtocolError(
            "peer closed connection without sending complete message body (incomplete chunked read)",
            request=request,
        )
    return httpx2.ReadError("", request=request)
