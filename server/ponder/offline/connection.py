"""One HTTP/1.1 connection to the offline engine. Speaks to one client; knows no API."""

import asyncio
import contextlib
import os
import socket
import struct

import h11

from ponder.offline.engine import OfflineEngine
from ponder.offline.exchange import Body, Broken, Response

# Closing with unsent data thrown away is what sends a reset; Windows has shorter fields.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_READ_SIZE = 65_536
_LARGEST = 256 * 1024 * 1024 + 1024


class _ClientGone(Exception):  # noqa: N818  # an ordinary end, not an error
    """The client closed its side while an answer was under way."""


class Connection:
    """Reads requests from a stream, answers them one after the other, watches for a client that leaves."""

    def __init__(
        self, engine: OfflineEngine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        """Serve until either side ends the connection. Always closes it."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except Broken as fault:
            self._break(fault)
        except h11.RemoteProtocolError as error:
            await self._refuse(error)
        except (_ClientGone, ConnectionError):
            pass
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _serve_one(self) -> bool:
        """Answer one request; False when the connection is at its end."""
        request = await self._next()
        if not isinstance(request, h11.Request):
            return False
        body = bytearray()
        while isinstance(event := await self._next(), h11.Data):
            # Past the largest body there is, the rest is read and dropped: the engine says 413.
            if len(body) <= _LARGEST:
                body += event.data
        headers: dict[str, str] = {}
        for raw_name, raw_value in request.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        answering = asyncio.ensure_future(
            self._answer(
                request.method.decode("ascii"), request.target.decode("latin-1"), headers, bytes(body)
            )
        )
        await self._while_connected(answering)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        response = await self._engine.handle(method, target, headers, body)
        try:
            await self._send(response, head_only=method == "HEAD")
        finally:
            if isinstance(response.body, Body):
                await response.body.aclose()

    async def _send(self, response: Response, *, head_only: bool) -> None:
        headers = list(response.headers.items())
        if isinstance(response.body, bytes):
            headers.append(("content-length", str(len(response.body))))
        else:
            headers.append(("transfer-encoding", "chunked"))
        await self._write(h11.Response(status_code=response.status, headers=headers, reason=b""))
        if isinstance(response.body, bytes):
            if not head_only:
                await self._write(h11.Data(data=response.body))
        else:
            async for chunk in response.body:
                await self._write(h11.Data(data=chunk))
        await self._write(h11.EndOfMessage())

    async def _while_connected(self, answering: asyncio.Future[None]) -> None:
        """Wait for the answer, but stop it at once when the client leaves."""
        watching = asyncio.ensure_future(self._wait_for_client_end())
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise _ClientGone
            await answering
        finally:
            for task in (answering, watching):
                task.cancel()
            await asyncio.gather(answering, watching, return_exceptions=True)

    async def _wait_for_client_end(self) -> None:
        while True:
            data = await self._reader.read(_READ_SIZE)
            self._http.receive_data(data)
            if not data:
                return

    async def _next(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]  # NEED_DATA is ruled out above
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(_READ_SIZE))

    async def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            head = h11.Response(
                status_code=error.error_status_hint, headers=[("connection", "close")], reason=b""
            )
            with contextlib.suppress(ConnectionError, h11.LocalProtocolError):
                await self._write(head)
                await self._write(h11.EndOfMessage())

    def _break(self, fault: Broken) -> None:
        """End the connection as the fault wants: a reset, or an end without the last chunk."""
        if fault.how == "reset":
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._writer.transport.abort()
