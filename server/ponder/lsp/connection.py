"""Joins one server to one client's pipes, from the first byte to the end of the process. Knows no method."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ponder.lsp.framing import Framer, IllegalFrame
from ponder.lsp.transport import Pipes, Reader, Writer
from ponder.lsp.watch import watch_client

if TYPE_CHECKING:
    from ponder.lsp.server import Server

log = logging.getLogger(__name__)

_FLUSH_LIMIT = 0.5
"""Seconds the client gets to read the last answers."""
_SIGNAL_LIMIT = 2.0
"""Seconds after a signal in which the process has ended, whatever it was doing."""


class Connection:
    """The wire between a client and a server."""

    def __init__(self, server: "Server", pipes: Pipes) -> None:
        self._server = server
        self._pipes = pipes
        self._framer = Framer()
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(pipes.sink, server.outbox.take, lambda: server.stop(1))
        self._reader = Reader(pipes.source, self._received)
        server.connection = self

    def wake(self) -> None:
        """The outbox has something to write."""
        self._writer.wake()

    def watch(self, process_id: int | None) -> None:
        """End when this process ends, or when the pipe hangs up and the loop does not notice."""
        watch_client(process_id, self._pipes.source, self.stop_soon, leave)

    def stop_soon(self, code: int) -> None:
        """Stop from another thread or a signal handler."""
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._server.stop, code)

    def _received(self, chunk: bytes) -> None:
        if not chunk:
            self._server.stop(1)
            return
        try:
            for body in self._framer.feed(chunk):
                self._server.dispatcher.receive(body)
                if self._server.stopped.done():
                    self._reader.stop()
                    return
        except IllegalFrame as error:
            log.error("the client's messages cannot be told apart: %s", error)  # noqa: TRY400 - a traceback adds nothing
            self._reader.stop()
            self._server.stop(1)

    async def finish(self) -> None:
        """Stop reading, end the work, write what is left."""
        self._reader.stop()
        await self._server.close()
        await self._writer.drain(_FLUSH_LIMIT)


def run(make_server: Callable[[], "Server"], pipes: Pipes) -> int:
    """Serve until the client leaves, then end the process with its exit code."""

    async def serve() -> int:
        server = make_server()
        connection = Connection(server, pipes)
        _on_signals(connection)
        code = await server.stopped
        await connection.finish()
        return code

    code = 1
    try:
        # Not asyncio.run: it waits for worker threads, and one of them may be busy for long.
        code = asyncio.new_event_loop().run_until_complete(serve())
    finally:
        leave(code)
    return code


def _on_signals(connection: Connection) -> None:
    def handle(number: int, _: object) -> None:
        connection.stop_soon(128 + number)
        timer = threading.Timer(_SIGNAL_LIMIT, leave, args=(128 + number,))
        timer.daemon = True
        timer.start()

    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, handle)


def leave(code: int) -> None:
    """End the process at once. Modules are not torn down (the SDK's alone take 190 ms), threads not waited for."""
    with contextlib.suppress(Exception):
        logging.shutdown()
        sys.stderr.flush()
    os._exit(code)
