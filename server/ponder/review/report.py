"""A review for people: text with the source beside each finding, and what is missing said once. Writes nothing."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ponder.answers.items import shown as harmless
from ponder.documents import Document
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
MOST_WIDTH = 100
_MOST_LINES = 4
_MOST_NAMES = 3
"""Files of which the same is to be said."""
Styled = tuple[str, str]
"""A text, and how a terminal shows it (a style of rich; empty for plain)."""


def lines(review: Review, width: int = MOST_WIDTH) -> Iterator[list[Styled]]:
    """The report, line by line; what is said is broken at `width` columns, source and names are not."""
    for file in review.files:
        # Line for line the same text, less its secrets: reports end up in the logs of others.
        shown = Document("", redact_secrets(file.document.text)[0]) if file.findings else file.document
        for finding in file.findings:
            yield from _finding(finding, file.document, shown, width)
            yield []
    yield from trouble(review)
    for file in review.files:
        for notice in file.notices:
            if notice not in review.route.notices:
                yield [("note ", "dim"), (harmless(notice), "")]
    for one in review.left_out:
        yield [("left out ", "dim"), (harmless(one.path, 400), ""), (f": {one.reason.words}", "dim")]
    reasons: dict[str, list[str]] = {}
    for one in review.skipped:
        reasons.setdefault(one.reason.words, []).append(one.path)
    for reason, paths in reasons.items():
        yield [("left out ", "dim"), (_named(paths), ""), (f": {reason}", "dim")]
    for part in textwrap.wrap(summary(review), width) if width < MOST_WIDTH else [summary(review)]:
        yield [(part, "bold")]


def trouble(review: Review) -> Iterator[list[Styled]]:
    """What went wrong, each thing once."""
    for alike in _alike(review.incomplete):
        yield from _incomplete(alike)


def plain(review: Review) -> str:
    """The report as plain text."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines(review))


def summary(review: Review) -> str:
    """One line: how many files, findings by severity, what is missing, and the cost."""
    counts = _counted(review)
    found = ", ".join(f"{number} {name}" for name, number in counts.items()) or "no findings"
    known = sum(file.known for file in review.files)
    undone, total = len(review.incomplete), len(review.files)
    parts = [
        f"{_number(total - undone, 'file')} reviewed" + (f" ({known} known before)" if known else ""),
        # Where nothing was reviewed, nothing can be said of what is not there.
        *([found] if counts or total > undone or not (undone or review.in_vain) else []),
    ]
    if review.accepted:
        parts.append(f"{review.accepted} in the baseline")
    if review.unsure:
        parts.append(f"{_number(review.unsure, 'finding')} below your confidence of {review.least} left out")
    for number, setting in ((review.over_limit, "maxFindings"), (review.below_floor, "severityFloor")):
        if number:
            parts.append(f"{_number(number, 'finding')} hidden by `review.{setting}`")
    if left_out := len(review.left_out) + len(review.skipped):
        parts.append(f"{left_out:,} left out")
    if undone:
        was = "was" if undone == 1 else "were"
        parts.insert(0, f"INCOMPLETE: {undone:,} of {_number(total, 'file')} {was} not reviewed to the end")
    elif review.in_vain:
        parts.insert(0, "NOTHING WAS REVIEWED")
    elif review.left_out:
        was = "file was" if len(review.left_out) == 1 else "files were"
        parts.insert(0, f"INCOMPLETE: {len(review.left_out):,} named {was} not reviewed")
    return f"{'; '.join(parts)}; {spent(review)}, by {answerer(review)}."


def answerer(review: Review) -> str:
    """Who answered; the offline engine is never passed off as a model."""
    return "the offline engine (no model)" if review.provider == "offline" else review.route.model


def spent(review: Review) -> str:
    """The requests, tokens and money of a review."""
    usage = review.usage
    if not usage.requests:
        return "nothing was asked"
    if usage.input_tokens is None and usage.output_tokens is None:
        return f"{_number(usage.requests, 'request')}, of which no tokens are known"
    tokens = f"{compact(usage.input_tokens)} in, {compact(usage.output_tokens)} out"
    return f"{_number(usage.requests, 'request')}, {tokens}, {usd(usage.cost_usd)}"


def _finding(finding: Finding, document: Document, shown: Document, width: int) -> Iterator[list[Styled]]:
    first, last = document.line_at(finding.span.start), document.line_at(finding.span.end)
    colour = _COLOURS[finding.severity]
    column = finding.span.start - document.line_starts[first] + 1
    place = f"{harmless(finding.path, 400)}:{first + 1}:{column}"
    yield [(place, "bold"), (": ", ""), (finding.severity, colour), (f" [{finding.code}]", "dim")]
    for paragraph in harmless(finding.message).split("\n"):
        yield from ([(f"  {wrapped}", "")] for wrapped in textwrap.wrap(paragraph, width - 2) or [""])
    digits = len(str(last + 1))
    for line in range(first, min(last, first + _MOST_LINES - 1) + 1):
        yield [(f"  {line + 1:>{digits}} | ", "dim"), (_source(shown, line), colour if line == first else "")]
    if last - first >= _MOST_LINES:
        yield [(f"  {'':>{digits}} | … {last - first - _MOST_LINES + 1} more lines", "dim")]
    if finding.fix is not None:
        yield [("  a fix is offered in the editor", "dim")]


def _source(document: Document, line: int) -> str:
    """A source line fit for a terminal and a log: no controls, not endless."""
    wide = document.slice(document.line_span(line)).expandtabs(4).rstrip()
    body = wide.lstrip()
    return " " * min(len(wide) - len(body), 40) + harmless(body, 160)


def _alike(files: Iterable[FileReview]) -> list[list[FileReview]]:
    """The files by what went wrong: trouble that has nothing to do with a file is one trouble, however many it met."""
    groups: dict[tuple[object, ...], list[FileReview]] = {}
    for file in files:
        error = file.error
        if error is None:
            key: tuple[object, ...] = (file.status,)
        else:
            # Of a budget each request says what it would have cost.
            key = (file.status, error.kind, error.hint, "" if error.kind == "budget" else error.message)
        groups.setdefault(key, []).append(file)
    return list(groups.values())


def _incomplete(files: Sequence[FileReview]) -> Iterator[list[Styled]]:
    error = files[0].error
    why = error.message if error is not None else "it was cancelled before its turn."
    paths = [file.document.path for file in files]
    yield [(files[0].status, "bold red"), (f" {_named(paths)}: {harmless(why)}", "")]
    if error is not None and error.hint:
        yield [(f"  {error.hint}", "dim")]


def _named(paths: Sequence[str]) -> str:
    """One path, or how many there are with the first few by name."""
    if len(paths) == 1:
        return harmless(paths[0], 400)
    rest = len(paths) - _MOST_NAMES
    more = f", … {rest:,} more" if rest > 0 else ""
    return f"{len(paths):,} files ({', '.join(harmless(path, 200) for path in paths[:_MOST_NAMES])}{more})"


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
