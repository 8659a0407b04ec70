"""Applies changes to a text, exactly. Pure: writes nothing and asks nobody."""

from collections.abc import Sequence

from ponder.documents import Span
from ponder.findings import FileChange, TextChange


class ChangeError(ValueError):
    """The changes do not fit the text: out of order, overlapping, or the old text is not there."""


def apply_changes(text: str, changes: Sequence[TextChange]) -> str:
    """The text with every change made. All spans are in the text as given, ascending, never overlapping.

    Inserts at one place are made in the order given, as LSP 3.17 asks of a text edit array. Errors: ChangeError;
    then nothing is applied.
    """
    parts: list[str] = []
    end = 0
    for change in changes:
        if change.span.start < end or change.span.end < change.span.start:
            raise ChangeError("the changes overlap or are out of order")
        if text[change.span.start : change.span.end] != change.old_text or change.span.end > len(text):
            raise ChangeError("the old text is not there")
        parts += (text[end : change.span.start], change.new_text)
        end = change.span.end
    parts.append(text[end:])
    return "".join(parts)


def inverse(change: FileChange) -> FileChange:
    """The change that takes an applied change back; its spans are in the text after it, its version unknown."""
    shift = 0
    undone: list[TextChange] = []
    for one in change.changes:
        start = one.span.start + shift
        undone.append(TextChange(Span(start, start + len(one.new_text)), one.new_text, one.old_text))
        shift += len(one.new_text) - len(one.old_text)
    return FileChange(uri=change.uri, path=change.path, version=None, changes=tuple(undone))
