"""Moves bytes between the client and the loop, and never blocks the loop. Knows no message.

On POSIX both pipes belong to the loop: reading needs no thread (0.3 ms a message cheaper than a pool), and writing
stops where the client stops reading. Where the loop cannot watch a descriptor (Windows, a regular file), a thread
for each direction does the same.
"""

import asyncio
import contextlib
import os
import queue
import selectors
import sys
import threading
from collections.abc import Callable

CHUNK = 1 << 16

Take = Callable[[], bytes]
"""Gives the next bytes to write, empty for none."""
Received = Callable[[bytes], None]
"""Gets bytes as they arrive; empty bytes for the end of the stream."""


class Pipes:
    """The two descriptors of a client, ours alone: fd 0 is empty and fd 1 leads to stderr for everyone else."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink

    @classmethod
    def take_stdio(cls) -> "Pipes":
        """Keep stdin and stdout for the protocol. A stray print, or a child process, can then not reach them."""
        sys.stdout.flush()
        pipes = cls(os.dup(0), os.dup(1))
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        try:
            os.dup2(2, 1)
        except OSError:
            os.dup2(nowhere, 1)
        os.close(nowhere)
        return pipes


class Reader:
    """Reads the source and hands bytes to `received` on the loop."""

    def __init__(self, source: int, received: Received) -> None:
        self._source = source
        self._received = received
        self._loop = asyncio.get_running_loop()
        self._watched = os.name != "nt" and _pollable(source)
        if self._watched:
            self._loop.add_reader(source, self._readable)
        else:
            threading.Thread(target=self._read_on, name="ponder-reader", daemon=True).start()

    def stop(self) -> None:
        """Read no more."""
        if self._watched:
            self._loop.remove_reader(self._source)
        self._received = _ignore

    def _readable(self) -> None:
        try:
            chunk = os.read(self._source, CHUNK)
        except BlockingIOError:
            return  # woken for nothing
        except OSError:
            chunk = b""
        if not chunk:
            self._loop.remove_reader(self._source)
        self._received(chunk)

    def _read_on(self) -> None:
        chunk = b"-"
        while chunk:
            chunk = _read(self._source)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._deliver, chunk)

    def _deliver(self, chunk: bytes) -> None:
        self._received(chunk)


class Writer:
    """Writes what `take` gives, as fast as the client reads and no faster. `gone` is called when it never will."""

    def __init__(self, sink: int, take: Take, gone: Callable[[], None]) -> None:
        self._sink = sink
        self._take = take
        self._gone = gone
        self._rest = memoryview(b"")
        self._loop = asyncio.get_running_loop()
        self._waiting = False
        self._closed = False
        self._thread: queue.SimpleQueue[bytes] | None = None
        # A terminal's flags are shared with the shell that started us, so it is not made non-blocking.
        if os.name == "nt" or os.isatty(sink):
            self._thread = queue.SimpleQueue()
            threading.Thread(
                target=self._write_on, args=(self._thread,), name="ponder-writer", daemon=True
            ).start()
        else:
            os.set_blocking(sink, False)

    @property
    def idle(self) -> bool:
        """Whether all that was taken is written."""
        return not self._waiting

    def wake(self) -> None:
        """Something waits; it is written at the end of this loop tick, together with what still comes in it."""
        if not self._waiting and not self._closed:
            self._waiting = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        while not self._closed:
            if not self._rest:
                self._rest = memoryview(self._take())
            if not self._rest:
                break
            if self._thread is not None:
                self._thread.put(bytes(self._rest))
                self._rest = memoryview(b"")
                return
            try:
                self._rest = self._rest[os.write(self._sink, self._rest) :]
            except BlockingIOError:
                self._loop.add_writer(self._sink, self._write)
                return
            except OSError:
                self._lost()
        if not self._closed and self._thread is None:
            with contextlib.suppress(ValueError, OSError):
                self._loop.remove_writer(self._sink)
        self._waiting = False

    def _lost(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting = False
            if self._thread is None:
                with contextlib.suppress(ValueError, OSError):
                    self._loop.remove_writer(self._sink)
            self._gone()

    def _write_on(self, chunks: queue.SimpleQueue[bytes]) -> None:
        while True:
            rest = memoryview(chunks.get())
            try:
                while rest:
                    rest = rest[os.write(self._sink, rest) :]
            except OSError:
                self._loop.call_soon_threadsafe(self._lost)
                return
            self._loop.call_soon_threadsafe(self._write)

    async def drain(self, limit: float) -> None:
        """Wait until everything is written, at most `limit` seconds."""
        end = self._loop.time() + limit
        self.wake()
        # Looked at, not waited for: it happens once, at the end of the process.
        while self._waiting and not self._closed and self._loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def _read(source: int) -> bytes:
    try:
        return os.read(source, CHUNK)
    except BlockingIOError:
        return _read_blocking(source)
    except OSError:
        return b""


def _read_blocking(source: int) -> bytes:
    """A source that a parent left non-blocking and that had nothing after all: wait for it here, once."""
    with selectors.DefaultSelector() as ready:
        ready.register(source, selectors.EVENT_READ)
        ready.select()
    return _read(source)


def _pollable(source: int) -> bool:
    import stat

    mode = os.fstat(source).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)


def _ignore(_: bytes) -> None:
    """Take bytes that come after the end."""
