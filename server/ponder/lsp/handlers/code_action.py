"""`textDocument/codeAction`: what fits here. Waits for the unopened files of its edits alone; asks no model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ponder.actions.offers import Asked, Offer
from ponder.documents import Document
from ponder.lsp import convert, wire
from ponder.lsp.capabilities import ClientFeatures
from ponder.lsp.handlers.command import session_of

if TYPE_CHECKING:
    from ponder.lsp.server import Server

AUTOMATIC = 2
"""`CodeActionTriggerKind.Automatic`: the editor asks on its own, on every move of the cursor."""


async def code_action(server: "Server", params: wire.CodeActionParams) -> list[dict[str, Any]]:
    """Offer the actions that fit; an empty list for a text Ponder does not know for certain."""
    document = server.documents.document(params.text_document.uri)
    if document is None:
        return []
    span = convert.span_of(document, params.range, server.features.encoding)
    context = params.context
    asked = Asked(
        uri=document.uri,
        span=span,
        diagnostics=tuple(
            (note.message, _finding_id(server, document.uri, note)) for note in context.diagnostics
        ),
        # Some clients send an empty list where they want no kind in particular.
        only=tuple(context.only) if context.only else None,
        automatic=context.trigger_kind == AUTOMATIC,
    )
    menu = await session_of(server).offers(asked)
    current = server.documents.document(document.uri)
    if current is None or current.version != document.version:
        # The text has moved on while files were read: its editor asks again.
        return []
    shown = [_shown(server, params, document, offer, menu.texts) for offer in menu.offers]
    return [action for action in shown if action is not None]


def _finding_id(server: "Server", uri: str, note: wire.Diagnostic) -> str | None:
    """The finding a diagnostic shows. Not every client sends `data` or `source` back: then it is known by its place."""
    if note.source not in {None, "ponder"}:
        return None
    if isinstance(note.data, dict) and isinstance(known := note.data.get("findingId"), str):
        return known
    where = msgspec.to_builtins(note.range)
    shown = [
        one
        for one in server.client.published.get(uri, {}).get("diagnostics", ())
        if one["code"] == note.code and one["range"] == where
    ]
    # Two remarks of one rule may stand at one place.
    same = [one for one in shown if one["message"] == note.message] or shown
    found = same[0]["data"]["findingId"] if same else None
    return found if isinstance(found, str) else None


def _shown(
    server: "Server",
    params: wire.CodeActionParams,
    document: Document,
    offer: Offer,
    texts: Mapping[str, Document],
) -> dict[str, Any] | None:
    """An offer as a code action, or as a plain command for a client that knows no literals."""
    features = server.features
    if offer.disabled is not None and not _shows_disabled(features, params):
        return None
    command = None
    if offer.command is not None:
        argument = offer.argument or _run_argument(params, document, offer)
        command = {"title": offer.title, "command": offer.command, "arguments": [argument]}
    if not features.code_action_literals:
        return command
    action: dict[str, Any] = {"title": offer.title, "kind": offer.kind, "data": {"action": offer.action}}
    if command is not None:
        action["command"] = command
    if offer.edit is not None:
        try:
            action["edit"] = convert.workspace_edit(offer.edit, texts, features, confirm=False)
        except (convert.Inexpressible, KeyError):
            return None
    if offer.diagnostic is not None:
        action["diagnostics"] = [params.context.diagnostics[offer.diagnostic]]
    if offer.disabled is not None:
        action["disabled"] = {"reason": offer.disabled}
    if offer.preferred:
        action["isPreferred"] = True
    if features.code_action_tags:
        action["tags"] = [1]
    return action


def _shows_disabled(features: ClientFeatures, params: wire.CodeActionParams) -> bool:
    """Whether an entry that cannot be chosen is of use: to a user who opened the menu to see what there is."""
    return features.code_action_disabled and params.context.trigger_kind != AUTOMATIC


def _run_argument(params: wire.CodeActionParams, document: Document, offer: Offer) -> dict[str, Any]:
    """The argument of `ponder.run` for this place. An empty selection means the whole document, except for a diagnostic."""
    argument: dict[str, Any] = {
        "action": offer.action,
        "textDocument": {"uri": document.uri, "version": document.version},
    }
    if offer.diagnostic is not None:
        note = params.context.diagnostics[offer.diagnostic]
        argument["range"] = note.range
        argument["diagnostics"] = [note]
    elif params.range.start != params.range.end:
        argument["range"] = params.range
        if params.context.diagnostics:
            argument["diagnostics"] = params.context.diagnostics
    sendable: dict[str, Any] = msgspec.to_builtins(argument)
    return sendable
