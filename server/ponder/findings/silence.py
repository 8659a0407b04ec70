"""Who silences a finding: comments in the text, and what the user dismissed. Keeps nothing by itself."""

import re
from collections.abc import Iterable

from msgspec import Struct

from ponder.documents import Document
from ponder.findings.finding import SEVERITIES, Finding, Severity

_COMMENT = re.compile(
    r"ponder:[ \t]{0,4}ignore(?:(?P<file>-file)?\[(?P<rules>[^\]\r\n]{1,400})\]|(?![\w:]|-\w|[ \t]{0,4}\[))",
    re.IGNORECASE,
)
_EVERY = "*"
"""Stands for all rules."""
_OWN_LINE = re.compile(r"[^\w]*(?:rem\b[^\w]*)?", re.IGNORECASE)


class Dismissals(Struct, frozen=True):
    """What the user never wants to see again in this workspace."""

    findings: frozenset[str] = frozenset()
    """Ids of findings."""
    rules: frozenset[str] = frozenset()
    """Codes, as `review/unused-import`."""
    files: frozenset[str] = frozenset()
    """Paths relative to the folder."""

    def hides(self, finding: Finding) -> bool:
        """Whether this finding is not to be shown."""
        return finding.id in self.findings or finding.code in self.rules or finding.path in self.files


def visible(
    findings: Iterable[Finding], document: Document, dismissals: Dismissals | None = None
) -> list[Finding]:
    """The findings of a document that nobody silenced, in the order given."""
    hidden = dismissals or Dismissals()
    ignored = Ignored(document)
    return [finding for finding in findings if not hidden.hides(finding) and not ignored.hides(finding)]


def gravest(findings: Iterable[Finding], *, floor: Severity, most: int, least: int = 0) -> list[Finding]:
    """The findings that matter at least as much as `floor`, at most `most`, the gravest first.

    One that the model was less sure of than `least` (0 to 100) does not count; one it did not rate does.
    """
    rank = SEVERITIES.index
    sure = (one for one in findings if one.confidence is None or one.confidence >= least)
    kept = [finding for finding in sure if rank(finding.severity) <= rank(floor)]
    return sorted(kept, key=lambda finding: rank(finding.severity))[:most]


class Ignored:
    """The `ponder: ignore[rule]` and `ponder: ignore-file[rule]` comments of one document.

    Any line that holds the words counts, in whatever comment syntax; several rules stand between commas, and a
    rule may be written with its action (`review/logic`). `ponder: ignore` without rules means all of them; a whole
    file needs its rules named. `ignore` speaks of its own line, or of the next line where nothing but
    the comment stands on its own.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._file: set[str] = set()
        self._lines: dict[int, set[str]] = {}
        for match in _COMMENT.finditer(document.text):
            rules = {rule.strip().lower() for rule in (match.group("rules") or _EVERY).split(",")}
            if match.group("file"):
                self._file |= rules
                continue
            line = document.line_at(match.start())
            self._lines.setdefault(line, set()).update(rules)
            if _OWN_LINE.fullmatch(document.text, document.line_span(line).start, match.start()):
                self._lines.setdefault(line + 1, set()).update(rules)

    def hides(self, finding: Finding) -> bool:
        """Whether a comment silences this finding, whose span is in this document."""
        if not self._file and not self._lines:
            return False
        names = {finding.code.lower(), finding.code.rsplit("/", 1)[-1].lower()}
        here = self._lines.get(self._document.line_at(finding.span.start), set())
        return _EVERY in here or not names.isdisjoint(self._file | here)
