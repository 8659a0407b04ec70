"""Findings and edits as values, how findings follow a text, and who may silence them. Nothing here reads files."""

from ponder.findings.finding import SEVERITIES, Edit, FileChange, Finding, Severity, TextChange
from ponder.findings.silence import Dismissals, Ignored, visible
from ponder.findings.tracking import FindingSet, changes_between, moved_span, widened_span

__all__ = [
    "SEVERITIES",
    "Dismissals",
    "Edit",
    "FileChange",
    "Finding",
    "FindingSet",
    "Ignored",
    "Severity",
    "TextChange",
    "changes_between",
    "moved_span",
    "visible",
    "widened_span",
]
