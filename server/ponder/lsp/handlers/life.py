"""The server's own life: initialize, initialized, shutdown, exit. Does no work for the user."""

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from ponder import tasks
from ponder.lsp import capabilities, wire
from ponder.lsp.handlers import workspace

if TYPE_CHECKING:
    from ponder.lsp.server import Server


def initialize(server: "Server", params: wire.InitializeParams) -> dict[str, Any]:
    """Take in what the client can do, and answer with what the server can."""
    server.features = capabilities.read(params.capabilities, params.initialization_options)
    server.options = params.initialization_options
    server.documents.encoding = server.features.encoding
    server.folders[:] = _folders(params)
    server.dispatcher.phase = "running"
    if server.connection is not None:
        server.connection.watch(params.process_id)
    # Two ticks on, when the answer is written: making the session must not delay it.
    loop = asyncio.get_running_loop()
    loop.call_soon(loop.call_soon, server.begin)
    lenses = server.client.lens_offer.at_start(params, server.features)
    return capabilities.initialize_result(server.features, server.commands, lenses=lenses)


def initialized(server: "Server", _: object) -> None:
    """The client is ready for requests of ours."""
    workspace.register(server)
    workspace.ask_configuration(server)
    server.client.lens_offer.ready()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_load, args=(server, loop), name="ponder-preload", daemon=True).start()


async def shutdown(server: "Server", _: object) -> None:
    """End all work and answer null; from now on only `exit` counts."""
    await server.close()


def leave(server: "Server", _: object) -> None:
    """End the process: 0 after `shutdown`, else 1."""
    server.stop(0 if server.dispatcher.phase == "ending" else 1)


def _load(server: "Server", loop: asyncio.AbstractEventLoop) -> None:
    """Import what is heavy, in this thread: what the first request needs, then pygls, for which nothing waits."""

    def load_framework() -> None:
        from ponder.lsp.framework import Framework

        loop.call_soon_threadsafe(setattr, server, "framework", Framework(server, loop))

    tasks.preload(*server.preload, load_framework)


def _folders(params: wire.InitializeParams) -> list[str]:
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    return [params.root_uri] if params.root_uri else []
