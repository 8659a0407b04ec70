"""Diagnostics for clients that only pull: what would have been pushed. Looks at no code."""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from ponder.lsp import wire

if TYPE_CHECKING:
    from ponder.lsp.server import Server


def diagnostic(server: "Server", params: wire.DocumentDiagnosticParams) -> dict[str, Any]:
    """The findings shown for a document now; `unchanged` where the client has them already."""
    shown = server.client.published.get(params.text_document.uri)
    items = shown["diagnostics"] if shown is not None else []
    result_id = hashlib.blake2b(msgspec.json.encode(items), digest_size=8).hexdigest()
    if result_id == params.previous_result_id:
        return {"kind": "unchanged", "resultId": result_id}
    return {"kind": "full", "resultId": result_id, "items": items}
