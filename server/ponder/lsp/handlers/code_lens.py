"""`textDocument/codeLens`: links above definitions, for those who turned them on. Asks no model."""

from typing import TYPE_CHECKING, Any

from ponder.lsp import convert, wire
from ponder.lsp.handlers.command import session_of

if TYPE_CHECKING:
    from ponder.lsp.server import Server


async def code_lens(server: "Server", params: wire.CodeLensParams) -> list[dict[str, Any]]:
    """The links of a text; none for one that Ponder does not know for certain."""
    document = server.documents.document(params.text_document.uri)
    if document is None:
        return []
    return [
        {
            "range": convert.range_of(document, lens.span, server.features.encoding),
            "command": {"title": lens.title, "command": "ponder.run", "arguments": [lens.argument]},
        }
        for lens in await session_of(server).lenses(document)
    ]
