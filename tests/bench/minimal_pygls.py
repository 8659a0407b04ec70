"""The smallest useful pygls server: the yardstick that the figures of the benches `start` and `requests` are divided by."""

import asyncio

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("minimal", "1")


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(ls: LanguageServer, params: types.HoverParams) -> types.Hover:
    return types.Hover(contents=types.MarkupContent(kind=types.MarkupKind.PlainText, value="hover"))


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_action(ls: LanguageServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    return [types.CodeAction(title="Minimal", kind="quickfix")]


@server.command("bench.flood")
async def flood(ls: LanguageServer, argument: dict) -> None:
    for _ in range(int(argument["seconds"] * argument["rate"] / 20)):
        for number in range(20):
            ls.protocol.notify(
                "ponder/event", {"runId": "r", "seq": number, "type": "notice", "text": "x" * 20}
            )
        await asyncio.sleep(20 / argument["rate"])


server.start_io()
