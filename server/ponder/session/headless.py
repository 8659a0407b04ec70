"""An editor with nobody at it: work on files runs the same way without one. Shows nothing and applies nothing."""

# An interface's arguments have names also where nobody is at the other end.
# ruff: noqa: ARG002
from collections.abc import Callable, Mapping, Sequence

from msgspec import structs

from ponder.documents import Document, Span
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding
from ponder.session.ports import Abilities, EditOutcome, Json, MessageKind, StatusKind

_IN_EDITOR = "Sign in again where the editor asks for a key, or set"
"""How the hint on a refused credential begins (`engine.sdk_errors`)."""


def without_editor(error: ErrorInfo | None) -> ErrorInfo | None:
    """The error in words for one who typed a command: there is no server to be restarted."""
    if error is None or error.hint is None:
        return error
    hint = error.hint.replace(_IN_EDITOR, "Set").replace("restart the server", "run the command again")
    return structs.replace(error, hint=hint)


class NoProgress:
    """A progress that nobody sees."""

    token = ""

    def report(self, message: str, percentage: int | None = None) -> None:
        """Nothing is shown."""

    def end(self, message: str | None = None) -> None:
        """Nothing was shown."""


class Headless:
    """Implements `ports.Editor`. `folders` are uris; `tell` gets what the user must know."""

    def __init__(self, folders: tuple[str, ...], tell: Callable[[str], None]) -> None:
        self._folders = folders
        self._tell = tell

    @property
    def abilities(self) -> Abilities:
        """None."""
        return Abilities()

    def event(self, run_id: str, payload: Json) -> None:
        """Nobody listens."""

    def edit_decided(self, run_id: str, payload: Json) -> None:
        """Nobody listens."""

    def status(
        self, *, busy: bool, message: str, kind: StatusKind = "Normal", command: str | None = None
    ) -> None:
        """There is no status bar."""

    def progress_begin(self, title: str, *, cancellable: bool = True) -> NoProgress:
        """Nobody watches."""
        return NoProgress()

    def publish(self, document: Document, findings: Sequence[Finding]) -> None:
        """Whoever started the work shows its findings."""

    def withdraw(self, uri: str) -> None:
        """Nothing was shown."""

    def lenses(self, *, enable: bool) -> None:
        """Nothing is shown."""

    async def apply_edit(
        self, edit: Edit, documents: Mapping[str, Document], *, label: str, needs_confirmation: bool
    ) -> EditOutcome:
        """Nothing is applied."""
        return EditOutcome(applied=False, reason="There is no editor.")

    async def ask(self, message: str, choices: Sequence[str], *, kind: MessageKind = "info") -> str | None:
        """Nobody answers."""
        return None

    def notify(self, message: str, *, kind: MessageKind = "info") -> None:
        """Pass it on."""
        self._tell(message)

    async def show_document(self, uri: str, *, take_focus: bool = False) -> bool:
        """Nothing is opened."""
        return False

    def document(self, uri: str) -> Document | None:
        """Nothing is open: texts are those on disk."""
        return None

    def open_documents(self) -> tuple[Document, ...]:
        """Nothing is open."""
        return ()

    def folders(self) -> tuple[str, ...]:
        """Uris of the folders at hand."""
        return self._folders

    def finding_object(self, finding: Finding, documents: Mapping[str, Document]) -> Json:
        """Nobody is shown it."""
        return {}

    def edit_object(self, edit: Edit, documents: Mapping[str, Document]) -> Json:
        """Nobody is shown it."""
        return {}

    def range_object(self, span: Span, document: Document) -> Json:
        """Nobody is shown it."""
        return {}
