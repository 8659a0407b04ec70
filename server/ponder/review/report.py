"""A review for people and for programs: text with the source beside each finding, and JSON. Writes nothing."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from ponder.answers.items import shown as harmless
from ponder.documents import Document, Span
from ponder.files.secrets import redact_secrets
from ponder.findings import Finding, Severity
from ponder.ledger.budget import usd
from ponder.ledger.report import compact
from ponder.review.outcome import FileReview, Review

_COLOURS: dict[Severity, str] = {
    "error": "bold red",
    "warning": "bold yellow",
    "information": "bold blue",
    "hint": "bold cyan",
}
_WIDTH = 100
_MOST_LINES = 4
Styled = tuple[str, str]
"""A text, and how a terminal shows it (a style of rich; empty for plain)."""


def lines(review: Review) -> Iterator[list[Styled]]:
    """The report, line by line."""
    for file in review.files:
        # Line for line the same text, less its secrets: reports end up in the logs of others.
        shown = Document("", redact_secrets(file.document.text)[0]) if file.findings else file.document
        for finding in file.findings:
            yield from _finding(finding, file.document, shown)
            yield []
    for file in review.incomplete:
        yield from _incomplete(file)
    for file in review.files:
        for notice in file.notices:
            if notice not in review.route.notices:
                yield [("note ", "dim"), (harmless(notice), "")]
    for one in review.left_out:
        yield [("left out ", "dim"), (harmless(one.path, 400), ""), (f": {one.reason}", "dim")]
    yield [(summary(review), "bold")]


def plain(review: Review) -> str:
    """The report as plain text."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines(review))


def summary(review: Review) -> str:
    """One line: how many files, findings by severity, what is missing, and the cost."""
    counts = _counted(review)
    found = ", ".join(f"{number} {name}" for name, number in counts.items()) or "no findings"
    known = sum(file.known for file in review.files)
    parts = [
        f"{_number(len(review.files), 'file')} reviewed" + (f" ({known} known before)" if known else ""),
        found,
    ]
    if review.accepted:
        parts.append(f"{review.accepted} in the baseline")
    if review.unsure:
        parts.append(f"{_number(review.unsure, 'finding')} below your confidence of {review.least} left out")
    if review.incomplete:
        parts.insert(0, f"INCOMPLETE: {_number(len(review.incomplete), 'file')} not reviewed to the end")
    elif not review.files and review.left_out:
        parts.insert(0, "NOTHING WAS REVIEWED")
    return f"{'; '.join(parts)}; {spent(review)}, by {answerer(review)}."


def answerer(review: Review) -> str:
    """Who answered; the offline engine is never passed off as a model."""
    return "the offline engine (no model)" if review.provider == "offline" else review.route.model


def spent(review: Review) -> str:
    """The requests, tokens and money of a review."""
    usage = review.usage
    if not usage.requests:
        return "nothing was asked"
    tokens = f"{compact(usage.input_tokens)} in, {compact(usage.output_tokens)} out"
    return f"{_number(usage.requests, 'request')}, {tokens}, {usd(usage.cost_usd)}"


def as_json(review: Review) -> str:
    """The review as one JSON object, ending with a line end. Lines and columns count from 1, columns in code points."""
    whole = {
        "status": "done" if review.complete else "incomplete",
        "provider": review.provider,
        "model": review.route.model,
        "thinking": msgspec.to_builtins(review.route.thinking),
        "findings": [_finding_json(one, file.document) for file in review.files for one in file.findings],
        "files": [_file_json(file) for file in review.files],
        "leftOut": [{"path": one.path, "reason": one.reason} for one in review.left_out],
        "accepted": review.accepted,
        "unsure": review.unsure,
        "usage": msgspec.to_builtins(review.usage),
    }
    return json.dumps(whole, indent=2, ensure_ascii=True) + "\n"


def _finding(finding: Finding, document: Document, shown: Document) -> Iterator[list[Styled]]:
    first, last = document.line_at(finding.span.start), document.line_at(finding.span.end)
    colour = _COLOURS[finding.severity]
    column = finding.span.start - document.line_starts[first] + 1
    place = f"{harmless(finding.path, 400)}:{first + 1}:{column}"
    yield [(place, "bold"), (": ", ""), (finding.severity, colour), (f" [{finding.code}]", "dim")]
    for paragraph in harmless(finding.message).split("\n"):
        yield from ([(f"  {wrapped}", "")] for wrapped in textwrap.wrap(paragraph, _WIDTH - 2) or [""])
    width = len(str(last + 1))
    for line in range(first, min(last, first + _MOST_LINES - 1) + 1):
        yield [(f"  {line + 1:>{width}} | ", "dim"), (_source(shown, line), colour if line == first else "")]
    if last - first >= _MOST_LINES:
        yield [(f"  {'':>{width}} | … {last - first - _MOST_LINES + 1} more lines", "dim")]
    if finding.fix is not None:
        yield [("  a fix is offered in the editor", "dim")]


def _source(document: Document, line: int) -> str:
    """A source line fit for a terminal and a log: no controls, not endless."""
    wide = document.slice(document.line_span(line)).expandtabs(4).rstrip()
    body = wide.lstrip()
    return " " * min(len(wide) - len(body), 40) + harmless(body, 160)


def _incomplete(file: FileReview) -> Iterator[list[Styled]]:
    error = file.error
    why = error.message if error is not None else "it was cancelled before its turn."
    yield [(file.status, "bold red"), (f" {harmless(file.document.path, 400)}: {harmless(why)}", "")]
    if error is not None and error.hint:
        yield [(f"  {error.hint}", "dim")]


def _counted(review: Review) -> dict[str, int]:
    names: dict[Severity, str] = {
        "error": "error",
        "warning": "warning",
        "information": "note",
        "hint": "hint",
    }
    counts = {}
    for severity, name in names.items():
        number = sum(finding.severity == severity for finding in review.findings)
        if number:
            counts[name if number == 1 else f"{name}s"] = number
    return counts


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _finding_json(finding: Finding, document: Document) -> dict[str, Any]:
    start, end = _position(document, finding.span.start), _position(document, finding.span.end)
    shown: dict[str, Any] = {
        "id": finding.id,
        "path": finding.path,
        "uri": finding.uri,
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
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
            _edit_json(one.span, one.new_text, document) for change in files for one in change.changes
        ]
    return shown


def _edit_json(span: Span, new_text: str, document: Document) -> dict[str, Any]:
    start, end = _position(document, span.start), _position(document, span.end)
    return {
        "startLine": start[0],
        "startColumn": start[1],
        "endLine": end[0],
        "endColumn": end[1],
        "newText": new_text,
    }


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
