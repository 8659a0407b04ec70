"""A Messages API endpoint that does exactly what its script says, over a raw socket. Knows no rules of the API.

One script entry answers one request: bytes to send, pauses, a cut or a reset. Every request is kept, and so is the
moment its client went away.
"""

import asyncio
import contextlib
import functools
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]
Step = bytes | str | Callable[["Exchange"], Awaitable[None]]
"""Bytes are sent as they are; `"reset"` and `"cut"` end the connection; a callable may wait for anything."""


@dataclass
class Exchange:
    """One request and what became of it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int
    client_left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class ScriptedApi:
    """`script` holds one list of steps for each request to come; the last one is used again when `repeat`."""

    def __init__(self, *answers: Iterable[Step], repeat: bool = False) -> None:
        self.script: list[list[Step]] = [list(answer) for answer in answers]
        self.repeat = repeat
        self.requests: list[Exchange] = []
        self.arrived = asyncio.Event()
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def request(self, number: int = 1) -> Exchange:
        """The request with this number (from 1), once it has arrived."""
        while len(self.requests) < number:
            self.arrived.clear()
            await self.arrived.wait()
        return self.requests[number - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        connection = self.connections
        pending = asyncio.create_task(_read_request(reader, connection))
        try:
            while (exchange := await pending) is not None:
                # Read ahead: the end of what the client sends is how its leaving shows.
                pending = asyncio.create_task(_read_request(reader, connection))
                pending.add_done_callback(functools.partial(_note_leaving, exchange))
                if not await self._answer(exchange, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            # Streams of 3.11 log a cancelled handler as an error; ending the server is none.
            return
        finally:
            pending.cancel()
            writer.close()
            self._tasks.discard(task)

    def _next(self, _exchange: Exchange) -> list[Step]:
        """The steps for this request."""
        return self.script[0] if self.repeat and len(self.script) == 1 else self.script.pop(0)

    async def _answer(self, exchange: Exchange, writer: asyncio.StreamWriter) -> bool:
        steps = self._next(exchange)
        self.requests.append(exchange)
        self.arrived.set()
        for step in steps:
            if step == "reset":
                raw: socket.socket = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return False
            if step == "cut":
                return False
            if isinstance(step, bytes):
                writer.write(step)
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
            else:
                assert callable(step)
                await step(exchange)
        return True


def _note_leaving(exchange: Exchange, reading: "asyncio.Task[Exchange | None]") -> None:
    if not reading.cancelled() and (reading.exception() is not None or reading.result() is None):
        exchange.client_left.set()


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Exchange | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = [(k.lower(), v.strip()) for k, _, v in (line.partition(":") for line in lines if line)]
    length = int(next((v for k, v in headers if k == "content-length"), "0"))
    return Exchange(method, path, headers, await reader.readexactly(length), connection)


# Pieces of scripts.


def head(status: int = 200, *extra: str, kind: str = "text/event-stream", length: int | None = None) -> bytes:
    """A response head. Without `length` the body is chunked."""
    framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    lines = [f"HTTP/1.1 {status} X", framing, "request-id: req_test", *extra]
    if kind:
        lines.append(f"content-type: {kind}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


END = b"0\r\n\r\n"


def stream(*pieces: bytes) -> list[Step]:
    """A whole event stream, each piece in a chunk of its own."""
    return [head(), *(chunk(piece) for piece in pieces if piece), END]


def plain(status: int, body: bytes | Json, *extra: str, kind: str = "application/json") -> list[Step]:
    """A whole answer that is no stream."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [head(status, *extra, kind=kind, length=len(data)) + data]


def error(
    status: int, kind: str, message: str = "Something", *extra: str, code: str | None = None
) -> list[Step]:
    """An error answer in the API's shape."""
    inner: Json = {"type": kind, "message": message}
    if code:
        inner["details"] = {"error_code": code}
    return plain(status, {"type": "error", "error": inner, "request_id": "req_test"}, *extra)


def event(kind: str, **fields: Any) -> bytes:
    """One event as the API writes it."""
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


USAGE = {
    "input_tokens": 25,
    "output_tokens": 1,
    "cache_read_input_tokens": 7,
    "cache_creation_input_tokens": 3,
}


def start(**message: Any) -> bytes:
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "claude-test"}
    return event("message_start", message={**whole, "stop_reason": None, "usage": USAGE, **message})


def block(index: int, kind: str, *texts: str, **fields: Any) -> list[bytes]:
    """A whole content block: start, one delta for each text, stop."""
    opening: Json = {"type": kind, **fields}
    if kind == "text":
        opening.setdefault("text", "")
    if kind == "thinking":
        opening |= {"thinking": "", "signature": ""}
    delta, key = {
        "thinking": ("thinking_delta", "thinking"),
        "tool_use": ("input_json_delta", "partial_json"),
    }.get(kind, ("text_delta", "text"))
    pieces = [event("content_block_start", index=index, content_block=opening)]
    pieces += [event("content_block_delta", index=index, delta={"type": delta, key: text}) for text in texts]
    if kind == "thinking":
        signed = {"type": "signature_delta", "signature": "sig=="}
        pieces.append(event("content_block_delta", index=index, delta=signed))
    return [*pieces, event("content_block_stop", index=index)]


def stop(reason: str | None = "end_turn", **delta: Any) -> list[bytes]:
    """The two events that end an answer."""
    usage = {"output_tokens": 89, "output_tokens_details": {"thinking_tokens": 40}}
    change = {"stop_reason": reason, "stop_sequence": None, **delta}
    return [event("message_delta", delta=change, usage=usage), event("message_stop")]


def good(text: str = "Hello", thinking: str = "Let me see") -> list[bytes]:
    """The events of a whole answer: thinking, text, end."""
    return [start(), *block(0, "thinking", thinking), *block(1, "text", text), *stop()]


def hold(event_: asyncio.Event) -> Callable[[Exchange], Awaitable[None]]:
    """A step that waits for an event."""

    async def wait(_: Exchange) -> None:
        await event_.wait()

    return wait


def until_left(exchange: Exchange) -> Awaitable[Any]:
    """A step that waits until the client has gone."""
    return exchange.client_left.wait()


@contextlib.asynccontextmanager
async def serving(*answers: Iterable[Step], repeat: bool = False) -> AsyncIterator[ScriptedApi]:
    """A server with this script."""
    async with ScriptedApi(*answers, repeat=repeat) as api:
        yield api
