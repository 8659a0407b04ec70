"""Ponder's values ↔ LSP's plain data, in the negotiated position encoding. Pure; decides nothing.

Data goes out as dictionaries: msgspec writes them faster than any class of the LSP libraries.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ponder.answers.markdown import plain
from ponder.documents import Document, Span
from ponder.findings import Edit, FileChange, Finding, Severity
from ponder.lsp import wire
from ponder.lsp.capabilities import ClientFeatures
from ponder.lsp.columns import Encoding, from_units, to_units
from ponder.session.ports import Hover, MessageKind

Json = dict[str, Any]

_SEVERITY: dict[Severity, int] = {"error": 1, "warning": 2, "information": 3, "hint": 4}
MESSAGE_TYPE: dict[MessageKind, int] = {"error": 1, "warning": 2, "info": 3}
_CONFIRM = "ponder.confirm"


class Inexpressible(Exception):  # noqa: N818 - the name says what happened
    """An edit this client could not carry out. The text is a sentence for the user."""


def offset_at(document: Document, position: wire.Position, encoding: Encoding) -> int:
    """The code point at a position; what lies outside the text is moved to its nearest place."""
    line = document.line_span(max(position.line, 0))
    if position.line < 0:
        return 0
    return line.start + from_units(document.slice(line), max(position.character, 0), encoding)


def span_of(document: Document, where: wire.Range, encoding: Encoding) -> Span:
    """The span of a range; a reversed one is turned round (it names the same text)."""
    first, last = offset_at(document, where.start, encoding), offset_at(document, where.end, encoding)
    return Span(min(first, last), max(first, last))


def position_of(document: Document, offset: int, encoding: Encoding) -> Json:
    """The position of a code point."""
    offset = min(max(offset, 0), len(document.text))
    line = document.line_at(offset)
    start = document.line_starts[line]
    content = document.slice(Span(start, max(start, min(offset, document.line_span(line).end))))
    return {"line": line, "character": to_units(content, len(content), encoding)}


def range_of(document: Document, span: Span, encoding: Encoding) -> Json:
    """The range of a span."""
    return {
        "start": position_of(document, span.start, encoding),
        "end": position_of(document, span.end, encoding),
    }


def diagnostic(finding: Finding, document: Document, encoding: Encoding) -> Json:
    """A finding as a diagnostic."""
    return {
        "range": range_of(document, finding.span, encoding),
        "severity": _severity(finding),
        "code": finding.code,
        "source": "ponder",
        "message": finding.message,
        "data": {"findingId": finding.id, "fixable": finding.fix is not None},
    }


def _severity(finding: Finding) -> int:
    """A remark of a model never shows as an error: those are for what a compiler knows."""
    return max(_SEVERITY[finding.severity], _SEVERITY["warning"])


def finding_object(finding: Finding, documents: Mapping[str, Document], features: ClientFeatures) -> Json:
    """A finding as run results and events show it. `fix` is absent where there is none, or its text is not known."""
    shown: Json = {
        "id": finding.id,
        "uri": finding.uri,
        "range": range_of(documents[finding.uri], finding.span, features.encoding),
        "severity": _severity(finding),
        "code": finding.code,
        "message": finding.message,
    }
    if finding.fix is not None and all(
        change.created or change.uri in documents for change in finding.fix.files
    ):
        shown["fix"] = edit_object(finding.fix, documents, features.encoding)
    return shown


def edit_object(edit: Edit, documents: Mapping[str, Document], encoding: Encoding) -> Json:
    """An edit as run results and events show it: versioned `documentChanges`, whatever this client can apply."""
    changes: list[Json] = []
    for change in edit.files:
        if change.created:
            changes.append(_creation(change))
        changes.append(_text_document_edit(change, documents, encoding, None))
    return {"documentChanges": changes}


def workspace_edit(
    edit: Edit, documents: Mapping[str, Document], features: ClientFeatures, *, confirm: bool
) -> Json:
    """An edit as this client takes it. `confirm` marks it as needing a preview. Raises Inexpressible."""
    creates = any(change.created for change in edit.files)
    if creates and not features.create_files:
        raise Inexpressible("This editor cannot create files for Ponder.")
    # Who can create files knows `documentChanges`, where alone that can be said (Neovim declares only the former).
    if not (features.document_changes or creates):
        return {
            "changes": {
                change.uri: [
                    _text_edit(change, index, documents, features.encoding)
                    for index in range(len(change.changes))
                ]
                for change in edit.files
            }
        }
    annotation = _CONFIRM if confirm and features.change_annotations else None
    shown: Json = {"documentChanges": []}
    for change in edit.files:
        if change.created:
            shown["documentChanges"].append(
                _creation(change) | ({"annotationId": annotation} if annotation else {})
            )
        shown["documentChanges"].append(_text_document_edit(change, documents, features.encoding, annotation))
    if annotation:
        shown["changeAnnotations"] = {annotation: {"label": edit.label, "needsConfirmation": True}}
    return shown


def _creation(change: FileChange) -> Json:
    return {"kind": "create", "uri": change.uri, "options": {"overwrite": False, "ignoreIfExists": False}}


def _text_document_edit(
    change: FileChange, documents: Mapping[str, Document], encoding: Encoding, annotation: str | None
) -> Json:
    mark = {"annotationId": annotation} if annotation else {}
    return {
        "textDocument": {"uri": change.uri, "version": change.version},
        "edits": [
            _text_edit(change, index, documents, encoding) | mark for index in range(len(change.changes))
        ],
    }


def _text_edit(change: FileChange, index: int, documents: Mapping[str, Document], encoding: Encoding) -> Json:
    text = change.changes[index]
    if change.created:
        start = {"line": 0, "character": 0}
        return {"range": {"start": start, "end": start}, "newText": text.new_text}
    return {"range": range_of(documents[change.uri], text.span, encoding), "newText": text.new_text}


def hover(shown: Hover | None, document: Document, features: ClientFeatures) -> Json | None:
    """The answer to a hover; Markdown only for clients that render it."""
    if shown is None:
        return None
    answer: Json = {
        "contents": {
            "kind": "markdown" if features.hover_markdown else "plaintext",
            "value": shown.markdown if features.hover_markdown else plain(shown.markdown),
        }
    }
    if shown.span is not None:
        answer["range"] = range_of(document, shown.span, features.encoding)
    return answer


def published(document: Document, findings: Sequence[Finding], encoding: Encoding) -> Json:
    """The parameters of `textDocument/publishDiagnostics`; the version only where the text has one."""
    shown: Json = {
        "uri": document.uri,
        "diagnostics": [diagnostic(finding, document, encoding) for finding in findings],
    }
    return shown if document.version is None else shown | {"version": document.version}
