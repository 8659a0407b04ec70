"""The shapes of messages that are read, as plain structs: only the fields Ponder uses. Decodes nothing itself.

Field names follow LSP 3.17 through `rename="camel"`. Unknown fields are ignored, as the protocol asks.
"""

from typing import Any

from msgspec import Struct


class Position(Struct, frozen=True):
    """A place: line and column from 0, the column in units of the negotiated encoding."""

    line: int
    character: int


class Range(Struct, frozen=True):
    """A stretch of text; `end` is exclusive."""

    start: Position
    end: Position


class TextDocument(Struct, frozen=True):
    """Names a document."""

    uri: str


class VersionedTextDocument(Struct, frozen=True):
    """Names a version of a document. Some clients send no version."""

    uri: str
    version: int | None = None


class TextDocumentItem(Struct, frozen=True, rename="camel"):
    """A document as it is opened."""

    uri: str
    text: str
    language_id: str = ""
    version: int | None = None


class ContentChange(Struct, frozen=True):
    """One change; without a range it replaces the whole text."""

    text: str
    range: Range | None = None


class DidOpen(Struct, frozen=True, rename="camel"):
    """`textDocument/didOpen`."""

    text_document: TextDocumentItem


class DidChange(Struct, frozen=True, rename="camel"):
    """`textDocument/didChange`."""

    text_document: VersionedTextDocument
    content_changes: list[ContentChange]


class DidSave(Struct, frozen=True, rename="camel"):
    """`textDocument/didSave`."""

    text_document: TextDocument
    text: str | None = None


class DidClose(Struct, frozen=True, rename="camel"):
    """`textDocument/didClose`."""

    text_document: TextDocument


class Diagnostic(Struct, frozen=True, omit_defaults=True):
    """A diagnostic as the client shows it, of any server."""

    range: Range
    message: str
    severity: int | None = None
    code: int | str | None = None
    source: str | None = None
    data: Any = None


class CodeActionContext(Struct, frozen=True, rename="camel"):
    """Why and for what code actions are asked. `trigger_kind`: 1 invoked, 2 automatic."""

    diagnostics: list[Diagnostic] = []
    only: list[str] | None = None
    trigger_kind: int | None = None


class CodeActionParams(Struct, frozen=True, rename="camel"):
    """`textDocument/codeAction`."""

    text_document: TextDocument
    range: Range
    context: CodeActionContext


class CodeLensParams(Struct, frozen=True, rename="camel"):
    """`textDocument/codeLens`."""

    text_document: TextDocument


class HoverParams(Struct, frozen=True, rename="camel"):
    """`textDocument/hover`."""

    text_document: TextDocument
    position: Position


class ExecuteCommandParams(Struct, frozen=True):
    """`workspace/executeCommand`. Arguments are delivered untouched."""

    command: str
    arguments: list[Any] | None = None


class DocumentDiagnosticParams(Struct, frozen=True, rename="camel"):
    """`textDocument/diagnostic` (clients that pull)."""

    text_document: TextDocument
    previous_result_id: str | None = None


class DidChangeConfiguration(Struct, frozen=True):
    """`workspace/didChangeConfiguration`."""

    settings: Any = None


class WorkspaceFolder(Struct, frozen=True):
    """A folder of the workspace."""

    uri: str
    name: str = ""


class FoldersEvent(Struct, frozen=True):
    """Folders that came and went."""

    added: list[WorkspaceFolder] = []
    removed: list[WorkspaceFolder] = []


class DidChangeWorkspaceFolders(Struct, frozen=True):
    """`workspace/didChangeWorkspaceFolders`."""

    event: FoldersEvent


class FileEvent(Struct, frozen=True):
    """A file that changed on disk. `type`: 1 created, 2 changed, 3 deleted."""

    uri: str
    type: int


class DidChangeWatchedFiles(Struct, frozen=True):
    """`workspace/didChangeWatchedFiles`."""

    changes: list[FileEvent]


class ProgressCancel(Struct, frozen=True):
    """`window/workDoneProgress/cancel`."""

    token: int | str


class CancelParams(Struct, frozen=True):
    """`$/cancelRequest`. The id may be anything; only ids in flight mean something."""

    id: Any = None


class InitializeParams(Struct, frozen=True, rename="camel"):
    """`initialize`. Capabilities stay plain data: `capabilities.read` takes what is well-formed."""

    process_id: int | None = None
    capabilities: dict[str, Any] = {}
    initialization_options: Any = None
    workspace_folders: list[WorkspaceFolder] | None = None
    root_uri: str | None = None
    root_path: str | None = None


class Nothing(Struct, frozen=True):
    """Parameters that do not matter."""
