"""A review as one JSON object, for programs. Writes nothing."""

import json
from typing import Any

import msgspec

from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.review.outcome import FileReview, Review


def render(review: Review) -> str:
    """The review as one JSON object, ending with a line end. Lines and columns count from 1, columns in code points."""
    whole = {
        "status": "done" if review.complete else "incomplete",
        "provider": review.provider,
        "model": review.route.model,
        "thinking": msgspec.to_builtins(review.route.thinking),
        "findings": [_finding_json(one, file.document) for file in review.files for one in file.findings],
        "files": [_file_json(file) for file in review.files],
        "leftOut": [
            {"path": one.path, "reason": one.reason.words, "named": one in review.left_out}
            for one in (*review.left_out, *review.skipped)
        ],
        "accepted": review.accepted,
        "hidden": {"severityFloor": review.below_floor, "maxFindings": review.over_limit},
        "unsure": review.unsure,
        "usage": msgspec.to_builtins(review.usage),
    }
    return json.dumps(whole, indent=2, ensure_ascii=True) + "\n"


def _finding_json(finding: Finding, document: Document) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": finding.id,
        "path": finding.path,
        "uri": finding.uri,
        **_range_json(finding.span, document),
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "quote": finding.quote,
    }
    if finding.confidence is not None:
        shown["confidence"] = finding.confidence
    files = finding.fix.files if finding.fix is not None else ()
    # Places in other files are in texts that are not at hand, and half a fix is none.
    if files and all(change.uri == document.uri and not change.created for change in files):
        shown["fix"] = [
            {**_range_json(one.span, document), "newText": one.new_text}
            for change in files
            for one in change.changes
        ]
    return shown


def _range_json(span: Span, document: Document) -> dict[str, int]:
    start, end = _position(document, span.start), _position(document, span.end)
    return {"startLine": start[0], "startColumn": start[1], "endLine": end[0], "endColumn": end[1]}


def _position(document: Document, offset: int) -> tuple[int, int]:
    line = document.line_at(offset)
    return line + 1, offset - document.line_starts[line] + 1


def _file_json(file: FileReview) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "path": file.document.path,
        "status": file.status,
        "findings": len(file.findings),
        "known": file.known,
    }
    if file.error is not None:
        shown["error"] = msgspec.to_builtins(file.error)
    if file.notices:
        shown["notices"] = list(file.notices)
    return shown
