"""Findings and edits as values, how findings follow a text, and who may silence them. Nothing here reads files."""

from ponder.findings.finding import SEVERITIES, Edit, FileChange, Finding, Severity, TextChange

__all__ = ["SEVERITIES", "Edit", "FileChange", "Finding", "Severity", "TextChange"]
