"""The product's own routes and session, for `ponder serve`. Heavy rooms are imported when the first session is made."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ponder.lsp import server, wire
from ponder.lsp.dispatch import Route
from ponder.session.ports import Editor

if TYPE_CHECKING:
    from ponder.session.session import Session


def session(editor: Editor) -> "Session":
    """A session of this user."""
    from ponder.session.opening import open_session

    return open_session(editor, os.environ)


def preload() -> None:
    """Import the SDK; called in a thread behind `initialized`."""
    from ponder.engine.sdk import preload as import_sdk

    import_sdk()


async def _code_action(to: server.Server, params: wire.CodeActionParams) -> object:
    from ponder.lsp.handlers.code_action import code_action

    return await code_action(to, params)


async def _code_lens(to: server.Server, params: wire.CodeLensParams) -> object:
    from ponder.lsp.handlers.code_lens import code_lens

    return await code_lens(to, params)


async def _execute_command(to: server.Server, params: wire.ExecuteCommandParams) -> object:
    from ponder.lsp.handlers.command import execute_command

    return await execute_command(to, params)


async def _hover(to: server.Server, params: wire.HoverParams) -> object:
    from ponder.lsp.handlers.hover import hover

    return await hover(to, params)


ROUTES: Mapping[str, Route] = {
    **server.ROUTES,
    # A document in quarantine offers nothing; its requests are answered all the same.
    "textDocument/codeAction": Route(_code_action, wire.CodeActionParams, empty=[]),
    "textDocument/codeLens": Route(_code_lens, wire.CodeLensParams, empty=[]),
    "textDocument/hover": Route(_hover, wire.HoverParams, empty=None),
    "workspace/executeCommand": Route(_execute_command, wire.ExecuteCommandParams),
}
