"""The offline engine as a server on loopback, and the command `ponder offline`. Never listens elsewhere."""

import argparse
import asyncio
import contextlib
import ipaddress
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from ponder.offline.catalogue import CURRENT
from ponder.offline.engine import OfflineEngine
from ponder.offline.faults import Faults, describe_faults
from ponder.offline.models import Catalogue, read_catalogue
from ponder.offline.pace import WATCHED_MS, Pace


class NotLoopbackError(ValueError):
    """The host is reachable from other machines; the engine takes any key, so it must not be."""


class OfflineServer:
    """A running server. `base_url` is what a client needs; `close` ends it and its connections."""

    def __init__(self, engine: OfflineEngine) -> None:
        self.engine = engine
        self.base_url = ""
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. Raises `NotLoopbackError` and `OSError`."""
        if not _is_loopback(host):
            raise NotLoopbackError(f"{host} is not a loopback address")
        self._server = await asyncio.start_server(self._accept, host, port)
        bound = self._server.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.base_url = f"http://{shown}:{bound[1]}"

    async def close(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from ponder.offline.connection import Connection

        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await Connection(self.engine, reader, writer).run()


async def serve(engine: OfflineEngine, host: str = "127.0.0.1", port: int = 0) -> OfflineServer:
    """Return a server that listens. Raises `NotLoopbackError`, and `OSError` where the port is taken."""
    server = OfflineServer(engine)
    await server.start(host, port)
    return server


def run(argv: Sequence[str], parser: type[argparse.ArgumentParser] = argparse.ArgumentParser) -> int:
    """Run `ponder offline`: print the base URL on the first line, serve until told to end. `parser` reads the options.

    Returns 0 at the end, 2 where it could not start.
    """
    options = _parser(parser).parse_args(argv)
    if options.list_faults:
        print(describe_faults())  # noqa: T201
        return 0
    try:
        faults = Faults(options.fault)
        catalogue = _catalogue(options.models)
    except (ValueError, OSError, msgspec.MsgspecError) as error:
        return _fail(str(error))
    engine = OfflineEngine(
        catalogue=catalogue,
        faults=faults,
        pace=Pace(delta_ms=options.delay_ms),
        batch_delay_s=options.batch_delay_s,
        log_limit=0,
    )
    try:
        asyncio.run(_serve_until_told(engine, options.host, options.port))
    except (NotLoopbackError, OSError, OverflowError) as error:
        return _fail(str(error))
    return 0


async def _serve_until_told(engine: OfflineEngine, host: str, port: int) -> None:
    ended = asyncio.Event()
    _on_signals(ended.set)
    async with await serve(engine, host, port) as server:
        print(server.base_url, flush=True)  # noqa: T201
        await ended.wait()


def _on_signals(end: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))


def _parser(kind: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = kind(
        prog="ponder offline",
        description="Serve the offline engine as a Messages API on this machine. "
        "The first line of the output is its base URL.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="default: any free port")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=ARG][;times=N][;skip=N][;path=PATH]",
        help="show a fault; may be repeated",
    )
    parser.add_argument("--list-faults", action="store_true", help="list the faults and end")
    parser.add_argument(
        "--delay-ms", type=float, default=WATCHED_MS, help=f"pause before each delta (default {WATCHED_MS:g})"
    )
    parser.add_argument(
        "--batch-delay-s", type=float, default=0, help="how long a batch is in progress (default 0)"
    )
    parser.add_argument("--models", type=Path, metavar="FILE", help="serve the models of this JSON file")
    return parser


def _catalogue(path: Path | None) -> Catalogue:
    return CURRENT if path is None else read_catalogue(path.read_bytes())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _fail(message: str) -> int:
    print(f"ponder offline: {message}", file=sys.stderr)  # noqa: T201
    return 2
