"""What a review says about code, placed in a document. Placing is done in `answers`; nothing here reads files."""

from typing import Literal

from msgspec import Struct

from ponder.documents import Span

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")


class TextChange(Struct, frozen=True):
    """Replace one span of a document by `new_text`. `old_text` is what stood there: the anchor when text moves."""

    span: Span
    old_text: str
    new_text: str


class FileChange(Struct, frozen=True, kw_only=True):
    """All changes to one file, in ascending order and never overlapping, against one version of its text.

    `created`: the file does not exist yet; then there is one change with an empty span at 0.
    """

    uri: str
    path: str
    version: int | None
    changes: tuple[TextChange, ...]
    created: bool = False


class Edit(Struct, frozen=True, kw_only=True):
    """A proposed edit over one or more files.

    `warnings` are sentences for the user; an edit with a warning is never applied without a confirmation.
    """

    files: tuple[FileChange, ...]
    label: str = "Ponder"
    warnings: tuple[str, ...] = ()

    @property
    def needs_confirmation_reason(self) -> str | None:
        """Why this edit must not be applied unasked, in one paragraph; None where nothing speaks against it."""
        return " ".join(self.warnings) or None


class Finding(Struct, frozen=True, kw_only=True):
    """One remark on one place. `id` is stable for the same rule and quoted text in the same definition of a file.

    `span` covers the quoted lines in the document version the review read; `quote` is the exact first line,
    with secrets replaced as in what the model saw.
    """

    id: str
    uri: str
    path: str
    span: Span
    quote: str
    severity: Severity
    code: str
    """Action and rule, as `review/unused-import`."""
    message: str
    fix: Edit | None = None
    confidence: int | None = None
    """How sure the model said it is, from 0 to 100; None where it was not asked or did not say."""
