"""`textDocument/hover`."""

from typing import TYPE_CHECKING, Any

from ponder.lsp import convert, wire

if TYPE_CHECKING:
    from ponder.lsp.server import Server


async def hover(server: "Server", params: wire.HoverParams) -> dict[str, Any] | None:
    """What to say about the symbol at a place; None for nothing."""
    waited = server.waited()
    document = server.documents.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset_at(document, params.position, server.features.encoding)
    shown = await server.session.hover(document, offset, waited)
    return convert.hover(shown, document, server.features)
