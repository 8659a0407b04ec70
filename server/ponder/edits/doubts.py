"""What makes a change suspect though it can be placed: lost code, placeholders, hidden text. Decides nothing."""

import re

from ponder.documents import Document, Span
from ponder.edits.hidden_text import hidden_text
from ponder.findings import FileChange, TextChange

_COMMENT = r"(?:[#]|//|/\*|<!--|--|;|%|\(\*|\"\"\"|''')"
# What models write instead of code they mean to keep (seen in issues of three editors' assistants).
_PLACEHOLDER = re.compile(
    rf"""
      ^[ \t]*{_COMMENT}[ \t]*(?:\.\.\.|…)[ \t]*(?:\*/|-->|\*\))?[ \t]*$
    | ^[ \t]*(?:{_COMMENT}[ \t]*(?:\.\.\.|…)|(?:\.\.\.|…)[ \t])[^\n]{{0,60}}\b(?:existing|remaining|rest|unchanged|previous|original|same|other)\b
    | ^[ \t]*{_COMMENT}[^\n]{{0,60}}\b(?:existing|remaining|rest|unchanged|previous|original|same|other)\b[^\n]{{0,60}}(?:\.\.\.|…)
    | ^[ \t]*{_COMMENT}[^\n]{{0,20}}\b(?:rest|remainder)[ ]of[ ](?:the[ ]|your[ ]|this[ ])?(?:\w+[ ]){{0,3}}?(?:code|file|function|method|class|module|implementation|content|body)\b
    | ^[ \t]*{_COMMENT}[^\n]{{0,20}}\b(?:code|content|implementation|methods?|functions?)[^\n]{{0,20}}\b(?:unchanged|remains?|stays?|omitted|as[ ]before|same[ ]as[ ]before|goes[ ]here)\b
    | \[redacted\]
    | \[[^\]\n]{{0,30}}\b(?:original|existing|previous|remaining|rest[ ]of)\b[^\]\n]{{0,40}}\b(?:here|content|code|file)\b[^\]\n]{{0,20}}\]
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_SMALL_LINES = 10


def doubts(text: str, result: str, changes: tuple[TextChange, ...]) -> list[str]:
    """Sentences that say why a change should be looked at first; none for most changes.

    `text` is the file before and `result` after. More than half of a file of ten or more lines, or a whole
    file, is a lot to lose; below that, small files are rewritten all the time.
    """
    found: list[str] = []
    if text.strip() and not result.strip():
        found.append("It deletes all the text of the file.")
    elif len(text) > 2 * len(result) and text.count("\n") >= _SMALL_LINES:
        found.append(f"It deletes {100 - 100 * len(result) // len(text)} % of the file.")
    for change in changes:
        found += _of_change(text, change)
    return list(dict.fromkeys(found))


def outside_selection(change: FileChange, document: Document, selection: Span) -> list[str]:
    """A sentence where a change of the document at hand reaches beyond the lines that were selected."""
    first, last = document.line_at(selection.start), document.line_at(selection.end)
    allowed = Span(document.line_span(first).start, document.line_span(last + 1).start)
    beyond = [one for one in change.changes if one.span.start < allowed.start or one.span.end > allowed.end]
    lines = ", ".join(str(document.line_at(one.span.start) + 1) for one in beyond[:5])
    return [f"It also changes text outside the selection (line {lines})."] if beyond else []


def _of_change(text: str, change: TextChange) -> list[str]:
    found: list[str] = []
    placeholder = next(
        (match for match in _PLACEHOLDER.finditer(change.new_text) if match.group() not in change.old_text),
        None,
    )
    if placeholder is not None:
        found.append(
            f"It puts a placeholder where code was ({' '.join(placeholder.group().split())[:60]!r})."
        )
    joins = (
        change.new_text
        and change.old_text.endswith(("\n", "\r"))
        and not change.new_text.endswith(("\n", "\r"))
        and text[change.span.end : change.span.end + 1] not in ("", "\n", "\r")
    )
    if joins:
        found.append("Its last line would run into the line after it.")
    return found + hidden_text(change.new_text, change.old_text)
