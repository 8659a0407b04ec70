"""pygls behind the core: features registered with it are served, its typed requests go out by our wire."""

import asyncio
import json
from typing import Any

import pytest
from lsprotocol import types

from ponder.lsp.framework import Framework
from ponder.lsp.server import ROUTES, Server


class Quiet:
    """A session that is never asked."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def written(server: Server) -> list[Any]:
    """What the client would read."""
    found = []
    data = server.outbox.take()
    while data:
        header, _, data = data.partition(b"\r\n\r\n")
        length = int(header.rpartition(b" ")[2])
        found.append(json.loads(data[:length]))
        data = data[length:]
    return found


def tell(server: Server, **message: Any) -> None:
    server.dispatcher.receive(json.dumps({"jsonrpc": "2.0", **message}).encode())


@pytest.fixture
async def server() -> Server:
    """An initialized server with pygls loaded."""
    made = Server(lambda _: Quiet())
    tell(made, id=1, method="initialize", params={"capabilities": {}})
    made.framework = Framework(made, asyncio.get_running_loop())
    written(made)
    return made


async def test_rows_are_features(server: Server) -> None:
    """Every row of the table is a feature of pygls, and is served by its row."""
    assert server.framework is not None
    assert set(ROUTES) <= set(server.framework.protocol.fm.features)
    for method, row in ROUTES.items():
        assert server.framework.route(method) is row


async def test_features_added_later(server: Server) -> None:
    """A feature registered with pygls is served with its types; wrong parameters are refused, failures told by id."""
    assert server.framework is not None

    @server.framework.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(ls: Framework, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        if params.text_document.uri == "bad":
            raise ValueError("canary")
        return [types.FoldingRange(start_line=len(params.text_document.uri), end_line=9)]

    @server.framework.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def lens(ls: Framework, params: types.CodeLensParams) -> list[types.CodeLens]:
        return []

    method = "textDocument/foldingRange"
    tell(server, id=2, method=method, params={"textDocument": {"uri": "file:///a"}})
    tell(server, id=3, method=method, params={"textDocument": {"uri": "bad"}})
    tell(server, id=4, method=method, params={"textDocument": 5})
    tell(server, id=5, method="textDocument/codeLens", params={"textDocument": {"uri": "x"}})
    await asyncio.wait([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])
    answers = {answer["id"]: answer for answer in written(server)}
    assert answers[2]["result"] == [{"startLine": 9, "endLine": 9}]
    assert answers[3]["error"]["code"] == -32603
    assert "canary" not in str(answers)
    assert answers[4]["error"]["code"] == -32602
    assert answers[5]["result"] == []


async def test_typed_requests_and_notifications(server: Server) -> None:
    """pygls' own way of asking and telling works, and leaves nothing in its tables."""
    assert server.framework is not None
    server.framework.window_show_message(
        types.ShowMessageParams(type=types.MessageType.Info, message="hello")
    )
    asked = asyncio.ensure_future(
        server.framework.window_show_document_async(types.ShowDocumentParams(uri="file:///a"))
    )
    await asyncio.sleep(0)
    sent: list[Any] = []
    while len(sent) < 2:
        await asyncio.sleep(0)
        sent += written(server)
    assert sent[0]["params"] == {"type": 3, "message": "hello"}
    assert sent[1]["params"] == {"uri": "file:///a"}
    tell(server, id=sent[1]["id"], result={"success": True})
    assert (await asked).success is True
    protocol = server.framework.protocol
    assert (len(protocol._request_futures), len(protocol._result_types), len(server.requests)) == (0, 0, 0)


async def test_errors_make_no_pop_up(server: Server) -> None:
    """What pygls would show in a message box is only logged."""
    assert server.framework is not None
    server.framework.report_server_error(ValueError("canary"), ValueError)
    assert written(server) == []
