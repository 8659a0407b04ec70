"""Lays out one request as text: documents verbatim, selection, diagnostics, instruction. Pure; the same values give the same bytes.

A document's element carries its number of lines, so that a reader finds its end whatever the text holds.
"""

from msgspec import Struct

from ponder.documents import Document, Span

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " ", "\r": " "})


class DiagnosticNote(Struct, frozen=True, kw_only=True):
    """A diagnostic of any server at a place of the document at hand."""

    span: Span
    severity: str
    source: str
    code: str
    message: str


class Question(Struct, frozen=True, kw_only=True):
    """What one action asks about: the first document is the one at hand; `span` None means all of it.

    `shown` are the documents' texts as the model may see them, line for line; places refer to `documents`.
    """

    action: str
    documents: tuple[Document, ...]
    shown: tuple[str, ...]
    span: Span | None = None
    diagnostics: tuple[DiagnosticNote, ...] = ()
    instruction: str | None = None


def render(question: Question) -> str:
    """The request element. Lines count from 1; attributes are XML-escaped; texts are verbatim."""
    parts = [f'<request action="{_attribute(question.action)}">']
    parts += map(_document, question.documents, question.shown)
    if question.documents:
        document = question.documents[0]
        if question.span is not None:
            parts.append(_selection(document, question.span))
        if question.diagnostics:
            notes = "\n".join(_note(document, note) for note in question.diagnostics)
            parts.append(f"<diagnostics>\n{notes}\n</diagnostics>")
    if question.instruction:
        parts.append(f"<instruction>\n{question.instruction}\n</instruction>")
    parts.append("</request>")
    return "\n".join(parts)


def _attribute(value: str) -> str:
    return value.translate(_ESCAPES)


def _document(document: Document, text: str) -> str:
    lines = text.count("\n") + 1
    head = f'<document path="{_attribute(document.path)}" language="{_attribute(document.language)}" lines="{lines}">'
    return f"{head}\n{text}\n</document>"


def _selection(document: Document, span: Span) -> str:
    first = document.line_at(span.start)
    # A selection that ends at the start of a line does not mean that line.
    last = document.line_at(max(span.start, span.end - 1)) if span.end > span.start else first
    return f'<selection start_line="{first + 1}" end_line="{last + 1}"/>'


def _note(document: Document, note: DiagnosticNote) -> str:
    line = document.line_at(note.span.start)
    column = note.span.start - document.line_span(line).start
    origin = "/".join(part for part in (note.source, note.code) if part) or "unknown"
    message = " ".join(note.message.split())
    return f"{line + 1}:{column + 1} {note.severity} {origin}: {message}"
