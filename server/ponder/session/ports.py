"""What a session and its editor may ask of each other. Protocols and values only; names no LSP type.

Every place is a code-point offset into a `Document`; every `document` here is one frozen version of a text.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.findings import Edit, Finding

MessageKind = Literal["error", "warning", "info"]
StatusKind = Literal["Normal", "Warning", "Error", "Inactive"]
Json = dict[str, object]


class BadArgument(PonderError):  # noqa: N818 - the name says what happened
    """A command is unknown, or an argument is missing or wrong. The text names the field."""


class Abilities(Struct, frozen=True, kw_only=True):
    """What this editor can do; what it cannot is never asked of it."""

    events: bool = False
    """Takes `ponder/event`, `ponder/edit` and `ponder/status`."""
    apply_edit: bool = False
    edit_actions: bool = False
    """Takes an edit that stands in its menu of actions."""
    confirm_edits: bool = False
    """Shows a preview and asks before it applies an edit that needs confirmation."""
    create_files: bool = False
    ask: bool = False
    """Shows a message with choices and answers which one was taken."""
    show_document: bool = False
    progress: bool = False
    markdown: bool = False
    watches_files: bool = False
    """Tells what changes on disk; otherwise Ponder watches itself."""


class EditOutcome(Struct, frozen=True):
    """Whether the editor applied an edit. `reason` says why not, in one sentence; None when applied."""

    applied: bool
    reason: str | None = None


class Change(Struct, frozen=True):
    """One edit of the user: `span` in the text before this change, and what stands there now."""

    span: Span
    new_text: str


class Progress(Protocol):
    """One work-done progress in the editor. Calls after `end`, and calls an editor cannot show, do nothing."""

    @property
    def token(self) -> str:
        """The name the editor uses when the user presses cancel; given to `SessionPort.cancel_progress`."""

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show the newest line; 0 to 100 percent where known."""

    def end(self, message: str | None = None) -> None:
        """Take the progress away."""


class Editor(Protocol):
    """What a session may ask of the editor. Every await ends: an editor that never answers counts as a refusal."""

    @property
    def abilities(self) -> Abilities:
        """What this editor can do, from its own declaration."""

    def event(self, run_id: str, payload: Json) -> None:
        """Send one `ponder/event`: `type` and its fields, without `runId` and `seq`. Dropped where not wanted."""

    def status(
        self, *, busy: bool, message: str, kind: StatusKind = "Normal", command: str | None = None
    ) -> None:
        """Set the status bar."""

    def edit_decided(self, run_id: str, payload: Json) -> None:
        """Send one `ponder/edit`: how each change of a run's edit stands now, without `runId`. Dropped where not wanted."""

    def progress_begin(self, title: str, *, cancellable: bool = True) -> Progress:
        """Begin a progress; without support in the editor it shows nothing."""

    def publish(self, document: Document, findings: Sequence[Finding]) -> None:
        """Replace all findings shown for a document by these; their spans are in this version of its text."""

    def withdraw(self, uri: str) -> None:
        """Show no findings for this document any more."""

    def lenses(self, *, enable: bool) -> None:
        """Show links above definitions, or no longer; they are asked for by the editor."""

    async def apply_edit(
        self, edit: Edit, documents: Mapping[str, Document], *, label: str, needs_confirmation: bool
    ) -> EditOutcome:
        """Apply an edit in the editor. `documents` holds the text each file's spans refer to, by uri."""

    async def ask(self, message: str, choices: Sequence[str], *, kind: MessageKind = "info") -> str | None:
        """Ask the user; None where the editor cannot, or the user chose nothing within ten minutes."""

    def notify(self, message: str, *, kind: MessageKind = "info") -> None:
        """Show a message. Only for what the user must know now."""

    async def show_document(self, uri: str, *, take_focus: bool = False) -> bool:
        """Open a document for the user; False where the editor cannot."""

    def document(self, uri: str) -> Document | None:
        """The open text as last known; None when not open or too large. No edit is made of one that is in doubt."""

    def open_documents(self) -> tuple[Document, ...]:
        """Every open text that `document` would give."""

    def folders(self) -> tuple[str, ...]:
        """Uris of the workspace folders, in the editor's order."""

    def finding_object(self, finding: Finding, documents: Mapping[str, Document]) -> Json:
        """A finding as results and events show it. `documents` holds its text, and those its fix touches."""

    def edit_object(self, edit: Edit, documents: Mapping[str, Document]) -> Json:
        """An edit as results and events show it: a `WorkspaceEdit` with versions."""

    def range_object(self, span: Span, document: Document) -> Json:
        """A span as the editor's own range."""


class Hover(Struct, frozen=True):
    """What to show at a place, and for which span."""

    markdown: str
    span: Span | None = None


class SessionPort(Protocol):
    """What the editor's side calls on a session. Methods that are not `async` return at once."""

    def opened(self, document: Document) -> None:
        """A text was opened, or replaced as a whole because it was not known for certain."""

    def changed(self, document: Document, changes: Sequence[Change]) -> None:
        """The user edited. `document` is the text after all changes; reading its `text` costs a join."""

    def saved(self, document: Document) -> None:
        """A text was saved; `document` is what was saved."""

    def closed(self, uri: str) -> None:
        """A text was closed."""

    def folders_changed(self) -> None:
        """Workspace folders came or went; `Editor.folders` has them."""

    def files_changed(self, uris: Sequence[str]) -> None:
        """Files changed on disk outside the editor."""

    def configuration_changed(
        self, options: Json, by: Literal["start", "change", "answer"] = "change"
    ) -> None:
        """The editor's settings for Ponder, as it sent them (keys in camelCase), not yet checked."""

    def cancel_progress(self, token: str) -> None:
        """The user pressed cancel on a progress of ours that has not ended."""

    async def hover(self, document: Document, offset: int, waited: float = 0.0) -> Hover | None:
        """What to say about the symbol at an offset, asked `waited` seconds ago; None for nothing."""

    async def close(self) -> None:
        """End all work. Called once; may be cut off after a second."""
