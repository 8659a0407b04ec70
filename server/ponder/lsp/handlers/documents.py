"""Open, change, save, close: the mirror first, then the session. Plain functions, in the order of arrival."""

from typing import TYPE_CHECKING

from ponder.lsp import uris, wire
from ponder.lsp.mirror import MAX_TEXT, Update

if TYPE_CHECKING:
    from ponder.lsp.server import Server


def did_open(server: "Server", params: wire.DidOpen) -> None:
    """A text was opened."""
    uri = params.text_document.uri
    server.dispatcher.quarantine.forget(uri)
    _tell(server, server.documents.open(params.text_document))
    _if_too_large(server, uri)


def did_change(server: "Server", params: wire.DidChange) -> None:
    """A text was edited."""
    uri = params.text_document.uri
    was_certain, was_large = server.documents.certain(uri), server.documents.too_large(uri)
    try:
        update = server.documents.change(params)
    except Exception:
        server.documents.doubt(uri, "a change could not be applied")
        raise
    if was_certain and not server.documents.certain(uri):
        _ask_for_text(server, uri)
    if not was_large:
        _if_too_large(server, uri)
    _tell(server, update)


def did_save(server: "Server", params: wire.DidSave) -> None:
    """A text was saved; the client sends it along."""
    uri = params.text_document.uri
    _tell(server, server.documents.save(params))
    document = server.documents.document(uri)
    if document is not None and server.documents.certain(uri) and not _left_alone(server, uri):
        server.session.saved(document)


def did_close(server: "Server", params: wire.DidClose) -> None:
    """A text was closed; the disk is the truth again."""
    uri = params.text_document.uri
    left_alone = _left_alone(server, uri)
    server.dispatcher.quarantine.forget(uri)
    if server.documents.close(uri) and not left_alone:
        server.session.closed(uri)


def lost_change(server: "Server", params: object, reason: str) -> None:
    """A change could not be read: its text, or every text if it does not say which, is uncertain."""
    document = params.get("textDocument") if isinstance(params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    for doubtful in [uri] if isinstance(uri, str) else list(server.documents):
        if server.documents.certain(doubtful):
            server.documents.doubt(doubtful, reason)
            _ask_for_text(server, doubtful)


def _tell(server: "Server", update: Update | None) -> None:
    if update is None or _left_alone(server, update.document.uri):
        return
    if update.changes is None:
        server.session.opened(update.document)
    else:
        server.session.changed(update.document, update.changes)


def _left_alone(server: "Server", uri: str) -> bool:
    return server.dispatcher.quarantine.holds(uri)


def _ask_for_text(server: "Server", uri: str) -> None:
    # LSP has no way to ask for a text again, so the user is asked for what makes the editor send it.
    if uri in server.documents:
        name = uris.shown_path(uri, server.folders)
        server.client.notify(
            f"Ponder is not certain of the text of {name} any more. Save it, or open it again.",
            kind="warning",
        )


def _if_too_large(server: "Server", uri: str) -> None:
    if server.documents.too_large(uri):
        name = uris.shown_path(uri, server.folders)
        server.client.notify(
            f"Ponder leaves {name} alone: it has more than {MAX_TEXT // 1_000_000} million characters.",
            kind="warning",
        )
