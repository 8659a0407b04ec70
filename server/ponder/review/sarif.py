"""A review as SARIF 2.1.0, for code scanning. Pure; the same review gives the same text.

Fingerprints are the findings' own ids, made of path, rule, definition and quoted text: they survive lines moving and
edits elsewhere in the file.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from ponder import __version__
from ponder.documents import Document, Span
from ponder.findings import FileChange, Finding, Severity
from ponder.review.outcome import FileReview, Review

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_LEVELS: Mapping[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
    "hint": "note",
}
Json = dict[str, Any]


def render(review: Review) -> str:
    """The log as text, ending with a line end."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(review)]}
    # Escaped: a lone surrogate in a name must not make the log unwritable.
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _run(review: Review) -> Json:
    rules = sorted({finding.code for finding in review.findings})
    results = [_result(finding, file.document, rules) for file in review.files for finding in file.findings]
    return {
        "tool": {
            "driver": {
                "name": "Ponder",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
            },
            "extensions": [_model(review)],
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": review.complete,
                "toolExecutionNotifications": [_trouble(file) for file in review.incomplete]
                + [_left_out(one.path, one.reason.words) for one in (*review.left_out, *review.skipped)],
            }
        ],
        "automationDetails": {"id": "ponder/"},
        "results": results,
        "properties": {"usage": msgspec.to_builtins(review.usage)} | _sureness(review) | _hidden(review),
    }


def _sureness(review: Review) -> Json:
    """How sure the model had to be of a finding, and how many were left out for it."""
    return {"minConfidence": review.least, "unsure": review.unsure} if review.least else {}


def _hidden(review: Review) -> Json:
    """How many findings the settings hide."""
    counts = {"severityFloor": review.below_floor, "maxFindings": review.over_limit}
    return {"hidden": counts} if any(counts.values()) else {}


def _model(review: Review) -> Json:
    """The model as a component of the tool: another model, or more thinking, finds other things."""
    route = review.route
    return {
        "name": route.model,
        "shortDescription": {"text": f"Answered the review; provider `{review.provider}`."},
        "properties": {
            "provider": review.provider,
            "thinking": msgspec.to_builtins(route.thinking),
            "maxTokens": route.max_tokens,
        },
    }


def _rule(code: str) -> Json:
    words = code.rsplit("/", 1)[-1].replace("-", " ")
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in words.split()) or "Other",
        "shortDescription": {"text": words[:1].upper() + words[1:] or "Other"},
        "properties": {"tags": [code.split("/", 1)[0]]},
    }


def _result(finding: Finding, document: Document, rules: Sequence[str]) -> Json:
    found: Json = {
        "ruleId": finding.code,
        "ruleIndex": rules.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(finding.message)},
        "locations": [{"physicalLocation": _place(finding, document)}],
        "partialFingerprints": {
            "ponderFindingId/v2": finding.id,
            "primaryLocationLineHash": f"{finding.id}:1",
        },
    }
    if finding.confidence is not None:
        found["properties"] = {"confidence": finding.confidence}
    if finding.fix is not None:
        changes = [
            _change(change, document) for change in finding.fix.files if _expressible(change, document)
        ]
        if len(changes) == len(finding.fix.files):
            found["fixes"] = [{"description": {"text": finding.fix.label}, "artifactChanges": changes}]
    return found


def _place(finding: Finding, document: Document) -> Json:
    region = _region(document, finding.span)
    place: Json = {"artifactLocation": _artifact(finding.path), "region": region}
    if region["startLine"] == region["endLine"]:
        # The quote has secrets replaced, the document has not.
        whole = {"startLine": region["startLine"], "snippet": {"text": _text(finding.quote)}}
        place["contextRegion"] = whole
    return place


def _expressible(change: FileChange, document: Document) -> bool:
    """Only changes to the file at hand: the places of others are in texts that are not."""
    return change.uri == document.uri and not change.created and bool(change.changes)


def _change(change: FileChange, document: Document) -> Json:
    return {
        "artifactLocation": _artifact(change.path),
        "replacements": [
            {
                "deletedRegion": _region(document, one.span),
                "insertedContent": {"text": _text(one.new_text)},
            }
            for one in change.changes
        ],
    }


def _region(document: Document, span: Span) -> Json:
    first, last = document.line_at(span.start), document.line_at(span.end)
    return {
        "startLine": first + 1,
        "startColumn": span.start - document.line_starts[first] + 1,
        "endLine": last + 1,
        "endColumn": span.end - document.line_starts[last] + 1,
    }


def _artifact(path: str) -> Json:
    return {"uri": quote(path.encode("utf-8", "surrogateescape"), safe="/-._~"), "uriBaseId": _BASE}


def _trouble(file: FileReview) -> Json:
    error = file.error
    why = error.message if error is not None else f"Its review was {file.status}."
    return {
        "level": "error",
        "message": {"text": _text(f"{file.document.path} was not reviewed to the end: {why}")},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(file.document.path)}}],
        "properties": {"status": file.status} | ({"kind": error.kind} if error is not None else {}),
    }


def _left_out(path: str, reason: str) -> Json:
    return {"level": "note", "message": {"text": _text(f"{path} was left out: {reason}.")}}


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode() or " "
