"""What the client can do, as named flags, and what the server says it can. Pure; plain data in and out.

Nothing here needs the LSP libraries: `initialize` is answered before they are loaded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ponder import __version__
from ponder.lsp.columns import ENCODINGS, Encoding
from ponder.session.ports import Abilities

Json = dict[str, Any]

CODE_ACTION_KINDS = ("quickfix", "refactor.rewrite.ponder", "source.ponder")
"""Narrow ones only: a client that runs `source` or `source.fixAll` on save must never start a model run."""


class ClientFeatures(Struct, frozen=True, kw_only=True):
    """What this client declared. Every flag is False where it said nothing."""

    encoding: Encoding = "utf-16"
    events: bool = False
    """Takes `ponder/event`, `ponder/edit` and `ponder/status`."""
    code_action_literals: bool = False
    code_action_tags: bool = False
    code_action_preferred: bool = False
    code_action_disabled: bool = False
    """Shows entries that cannot be chosen, with the reason."""
    apply_edit: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    create_files: bool = False
    progress: bool = False
    show_document: bool = False
    ask: bool = False
    configuration: bool = False
    register_configuration: bool = False
    register_watched_files: bool = False
    folders: bool = False
    push_diagnostics: bool = False
    pull_diagnostics: bool = False
    """Only pulls: then diagnostics are answered, never pushed."""
    refresh_diagnostics: bool = False
    refresh_code_lens: bool = False
    code_lens: bool = False
    register_code_lens: bool = False
    hover_markdown: bool = False

    @property
    def abilities(self) -> Abilities:
        """The same, as far as a session cares."""
        return Abilities(
            events=self.events,
            apply_edit=self.apply_edit,
            edit_actions=self.code_action_literals,
            confirm_edits=self.apply_edit and self.change_annotations and self.document_changes,
            create_files=self.create_files,
            # Part of LSP from the start; the capability speaks of extra properties alone.
            ask=True,
            show_document=self.show_document,
            progress=self.progress,
            markdown=self.hover_markdown,
            watches_files=self.register_watched_files,
        )


def read(capabilities: Mapping[str, Any], options: object = None) -> ClientFeatures:
    """Flags from a client's capabilities and its initializationOptions. Malformed parts count as not declared."""
    document = _part(capabilities, "textDocument")
    workspace = _part(capabilities, "workspace")
    window = _part(capabilities, "window")
    action = _part(document, "codeAction")
    edits = _part(workspace, "workspaceEdit")
    push, pull = "publishDiagnostics" in document, isinstance(document.get("diagnostic"), dict)
    return ClientFeatures(
        encoding=choose_encoding(_part(capabilities, "general").get("positionEncodings")),
        events=_events(_part(_part(capabilities, "experimental"), "ponder"))
        or _events(_part(_part({"": options}, ""), "ponder")),
        code_action_literals=isinstance(action.get("codeActionLiteralSupport"), dict),
        code_action_tags=1 in _list(_part(action, "tagSupport").get("valueSet")),
        code_action_preferred=action.get("isPreferredSupport") is True,
        code_action_disabled=action.get("disabledSupport") is True,
        apply_edit=workspace.get("applyEdit") is True,
        document_changes=edits.get("documentChanges") is True,
        change_annotations=isinstance(edits.get("changeAnnotationSupport"), dict),
        create_files="create" in _list(edits.get("resourceOperations")),
        progress=window.get("workDoneProgress") is True,
        show_document=_part(window, "showDocument").get("support") is True,
        ask=isinstance(window.get("showMessage"), dict),
        configuration=workspace.get("configuration") is True,
        register_configuration=_dynamic(workspace, "didChangeConfiguration"),
        register_watched_files=_dynamic(workspace, "didChangeWatchedFiles"),
        folders=workspace.get("workspaceFolders") is True,
        push_diagnostics=push,
        pull_diagnostics=pull and not push,
        refresh_diagnostics=_part(workspace, "diagnostics").get("refreshSupport") is True,
        refresh_code_lens=_part(workspace, "codeLens").get("refreshSupport") is True,
        code_lens="codeLens" in document,
        register_code_lens=_dynamic(document, "codeLens"),
        hover_markdown="markdown" in _list(_part(document, "hover").get("contentFormat")),
    )


def choose_encoding(offered: object) -> Encoding:
    """The client's first encoding that is supported; UTF-16 where it offers none (LSP 3.17, PositionEncodingKind)."""
    for encoding in _list(offered):
        if encoding in ENCODINGS:
            chosen: Encoding = encoding
            return chosen
    return "utf-16"


def initialize_result(features: ClientFeatures, commands: Sequence[str], *, lenses: bool = False) -> Json:
    """The answer to `initialize` for this client."""
    capabilities: Json = {
        "positionEncoding": features.encoding,
        "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": True}},
        # Options may only be sent to clients that know code action literals (LSP 3.17, codeAction).
        "codeActionProvider": {"codeActionKinds": CODE_ACTION_KINDS}
        if features.code_action_literals
        else True,
        "hoverProvider": True,
        "executeCommandProvider": {"commands": commands},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
        "experimental": {"ponder": {"events": 1}},
    }
    if lenses:
        capabilities["codeLensProvider"] = {"resolveProvider": False}
    if features.pull_diagnostics:
        capabilities["diagnosticProvider"] = {
            "identifier": "ponder",
            "interFileDependencies": False,
            "workspaceDiagnostics": False,
        }
    return {"capabilities": capabilities, "serverInfo": {"name": "ponder", "version": __version__}}


def _part(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = parent.get(name)
    return part if isinstance(part, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dynamic(parent: Mapping[str, Any], name: str) -> bool:
    return _part(parent, name).get("dynamicRegistration") is True


def _events(declared: Mapping[str, Any]) -> bool:
    # A later version of the events is a superset by promise; 0 and False turn them off.
    version = declared.get("events")
    return type(version) is int and version >= 1
