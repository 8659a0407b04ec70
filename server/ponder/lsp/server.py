"""The server: what handlers see, and the table of what it answers. Knows neither bytes nor models.

It is complete without the LSP libraries, so the first requests do not wait for their import; `framework` brings
pygls in behind `initialized`.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ponder.errors import PonderError
from ponder.lsp import connection, decoding, guard, uris, wire
from ponder.lsp.capabilities import ClientFeatures
from ponder.lsp.client import Client
from ponder.lsp.commands import COMMANDS
from ponder.lsp.dispatch import Dispatcher, Route
from ponder.lsp.handlers import diagnostics, documents, life, workspace
from ponder.lsp.mirror import Mirror
from ponder.lsp.outbox import Outbox
from ponder.lsp.requests import Requests
from ponder.session.ports import Editor, SessionPort
from ponder.tasks import Background, cancel_all

if TYPE_CHECKING:
    from ponder.lsp.framework import Framework

log = logging.getLogger(__name__)

MakeSession = Callable[[Editor], SessionPort]
Preload = Callable[[], object]

ROUTES: Mapping[str, Route] = {
    "initialize": Route(life.initialize, wire.InitializeParams, notifies=False),
    "initialized": Route(life.initialized, Any, notifies=True),
    "shutdown": Route(life.shutdown, Any, notifies=False),
    "exit": Route(life.leave, Any, notifies=True),
    "textDocument/didOpen": Route(documents.did_open, wire.DidOpen, notifies=True),
    "textDocument/didChange": Route(documents.did_change, wire.DidChange, notifies=True),
    "textDocument/didSave": Route(documents.did_save, wire.DidSave, notifies=True),
    "textDocument/didClose": Route(documents.did_close, wire.DidClose, notifies=True),
    "textDocument/diagnostic": Route(
        diagnostics.diagnostic,
        wire.DocumentDiagnosticParams,
        notifies=False,
        empty={"kind": "full", "items": []},
    ),
    "workspace/didChangeConfiguration": Route(
        workspace.did_change_configuration, wire.DidChangeConfiguration, notifies=True
    ),
    "workspace/didChangeWorkspaceFolders": Route(
        workspace.did_change_workspace_folders, wire.DidChangeWorkspaceFolders, notifies=True
    ),
    "workspace/didChangeWatchedFiles": Route(
        workspace.did_change_watched_files, wire.DidChangeWatchedFiles, notifies=True
    ),
    "window/workDoneProgress/cancel": Route(workspace.cancel_progress, wire.ProgressCancel, notifies=True),
}
"""Method → handler. A row's handler is a plain `def` if it changes state, `async def` if it waits."""

_FIRST_MESSAGES = 0.2
"""Seconds after the session was made in which the messages are handled that came meanwhile."""
_CLOSE_LIMIT = 0.8
"""Seconds running work gets to end at `shutdown`."""


class Server:
    """One client's server. Handlers get it as their first argument."""

    def __init__(
        self,
        make_session: MakeSession,
        *,
        routes: Mapping[str, Route] = ROUTES,
        commands: Iterable[str] = COMMANDS,
        preload: Sequence[Preload] = (),
        new_id: Callable[[], str] = lambda: uuid4().hex[:8],
    ) -> None:
        self.features = ClientFeatures()
        self.folders: list[str] = []
        self.options: object = None
        self.process_id: int | None = None
        self.commands = tuple(commands)
        self.preload = preload
        self.routes = routes
        self.framework: Framework | None = None
        self.background = Background()
        self.outbox = Outbox(self._wake, self._overflow)
        self.requests = Requests(self.outbox.send)
        self.documents = Mirror(lambda uri: uris.shown_path(uri, self.folders))
        self.client = Client(self)
        self.dispatcher = Dispatcher(self, self._find, send=self.outbox.send, new_id=new_id)
        self.stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.connection: connection.Connection | None = None
        self._make_session = make_session
        self._session: SessionPort | None = None
        self._begun = -math.inf, -math.inf
        self._closing: asyncio.Task[None] | None = None

    @property
    def session(self) -> SessionPort:
        """The session; made at the first use after `initialize`, with the settings that came with it."""
        if self._session is None:
            self._session = self._make_session(self.client)
            workspace.configure(self, self.options, "start")
        return self._session

    def begin(self) -> None:
        """Make the session, if no message needed it before."""
        since = asyncio.get_running_loop().time()
        try:
            _ = self.session
        except Exception as error:
            log.error("making the session failed: %s", guard.describe(error))  # noqa: TRY400 - never its text
        self._begun = since, asyncio.get_running_loop().time()

    def waited(self) -> float:
        """Seconds that a message which is handled now may have waited before, because the session was being made."""
        now = asyncio.get_running_loop().time()
        since, until = self._begun
        return now - since if now - until < _FIRST_MESSAGES else 0.0

    def _find(self, method: str) -> Route | None:
        if self.framework is not None:
            return self.framework.route(method)
        return self.routes.get(method)

    def _wake(self) -> None:
        if self.connection is not None:
            self.connection.wake()

    def _overflow(self) -> None:
        log.error("the client left more than 256 MiB unread; it is taken to be gone")
        self.stop(1)

    def stop(self, code: int) -> None:
        """End the server with this exit code; the first call counts."""
        if not self.stopped.done():
            self.stopped.set_result(code)

    async def close(self) -> None:
        """End all running work, answer what is in flight, and let the session go; under a second."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.wait([self._closing])

    async def _close(self) -> None:
        tasks = self.dispatcher.take_back_all()
        session = self._session
        ends: list[asyncio.Task[Any]] = []
        if session is not None:
            # A task of its own, so that work which will not end cannot keep the session from closing.
            ends.append(asyncio.get_running_loop().create_task(session.close()))
        await asyncio.gather(
            cancel_all(tasks, _CLOSE_LIMIT),
            self.background.close(_CLOSE_LIMIT),
            asyncio.wait(ends, timeout=_CLOSE_LIMIT) if ends else asyncio.sleep(0),
        )
        for task in ends:
            if not task.done():
                task.cancel()
            elif not task.cancelled() and (error := task.exception()) is not None:
                log.error("closing the session failed: %s", type(error).__name__)

    def given_up(self, uri: str) -> None:
        """Two crashes on one document: say so once, and leave it alone until it is opened again."""
        log.error("a document crashed twice and is left alone until it is opened again")
        name = uris.shown_path(uri, self.folders)
        self.client.notify(
            f"Ponder failed twice on {name} and leaves it alone until you open it again.", kind="warning"
        )

    def misread(self, method: str, params: object, refused: decoding.Refused) -> None:
        """A notification could not be decoded. A lost change makes its text uncertain."""
        if method == "textDocument/didChange":
            documents.lost_change(self, params, str(refused))


def serve_stdio(
    make_session: MakeSession,
    *,
    routes: Mapping[str, Route] = ROUTES,
    commands: Iterable[str] = COMMANDS,
    preload: Sequence[Preload] = (),
) -> int:
    """Serve one client on stdin and stdout until it leaves. Ends the process: tearing modules down is slow.

    `preload` runs in a background thread after `initialized`.
    """
    from ponder.lsp.transport import Pipes

    pipes = Pipes.take_stdio()

    def make() -> Server:
        return Server(make_session, routes=routes, commands=commands, preload=preload)

    return connection.run(make, pipes)


def serve_tcp(
    make_session: MakeSession,
    host: str,
    port: int,
    allow_remote: bool,
    *,
    announce: Callable[[str], None],
    routes: Mapping[str, Route] = ROUTES,
    commands: Iterable[str] = COMMANDS,
    preload: Sequence[Preload] = (),
) -> int:
    """Serve the first client that connects, then end. `announce` gets `HOST:PORT`. Raises PonderError.

    Whoever connects can read and change what is open: anything but loopback needs `allow_remote`.
    """
    from ponder.lsp import listen

    pipes = listen.accept_one(host, port, allow_remote=allow_remote, announce=announce)
    if pipes is None:
        raise PonderError(f"Nobody connected to {host}:{port}.")

    def make() -> Server:
        return Server(make_session, routes=routes, commands=commands, preload=preload)

    return connection.run(make, pipes)
