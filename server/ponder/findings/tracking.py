"""How findings follow the text: shifted by edits around them, gone when their own text is edited. Pure."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from ponder.documents import Document, Span
from ponder.files.secrets import REDACTED
from ponder.findings.finding import Edit, FileChange, Finding, TextChange

# Beyond this a replaced stretch is taken as replaced whole; difflib is quadratic where lines repeat.
_DIFFLIB_LINES = 2_000
_END = re.compile(r"\r\n|\n|\r")


class FindingSet(Struct, frozen=True):
    """The findings of all documents. Immutable: every step makes another set."""

    by_uri: dict[str, tuple[Finding, ...]] = {}

    def of(self, uri: str) -> tuple[Finding, ...]:
        """The findings of a document, in order of place."""
        return self.by_uri.get(uri, ())

    def find(self, finding_id: str) -> Finding | None:
        """The finding of that id in any document."""
        every = (finding for findings in self.by_uri.values() for finding in findings)
        return next((finding for finding in every if finding.id == finding_id), None)

    def replaced(self, uri: str, findings: Iterable[Finding]) -> "FindingSet":
        """With these findings instead of all former ones of the document; one for each id."""
        unique = {finding.id: finding for finding in findings}
        return self._with(uri, sorted(unique.values(), key=_place))

    def added(self, uri: str, findings: Iterable[Finding]) -> "FindingSet":
        """With these findings besides the others; a newer one takes the place of one with the same id."""
        return self.replaced(uri, [*self.of(uri), *findings])

    def shifted(self, uri: str, changes: Sequence[TextChange], after: Document) -> "FindingSet":
        """As the findings stand after edits: `changes` one after the other, each in the text the last one left.

        `after` is the document they lead to; a finding whose first line reads differently there is gone.
        """
        if uri not in self.by_uri:
            return self
        kept = (moved for finding in self.of(uri) if (moved := _follow(finding, changes, after)) is not None)
        return self._with(uri, [finding for finding in kept if _still_quoted(finding, after)])

    def synced(self, uri: str, before: Document, after: Document) -> "FindingSet":
        """As `shifted`, where only the two texts are known (full sync, a formatter, a file changed on disk)."""
        return self.shifted(uri, edits_between(before.text, after.text), after)

    def _with(self, uri: str, findings: Sequence[Finding]) -> "FindingSet":
        rest = {known: others for known, others in self.by_uri.items() if known != uri}
        return FindingSet({**rest, uri: tuple(findings)} if findings else rest)


def found_again(finding: Finding, before: Document, after: Document) -> Finding | None:
    """A finding of one text in another that may be arranged quite differently: where its lines stand exactly once."""
    wanted = before.slice(finding.span)
    at = after.text.find(wanted) if wanted.strip() else -1
    if at == -1 or after.text.find(wanted, at + 1) != -1:
        return None
    span = Span(at, at + len(wanted))
    rest = after.text[span.end : after.line_span(after.line_at(span.end)).end]
    found = structs.replace(finding, span=span, fix=_carried(finding, at - finding.span.start, after))
    return found if not rest.strip() and _still_quoted(found, after) else None


def _carried(finding: Finding, shift: int, after: Document) -> Edit | None:
    """The fix with its places in this file moved by so much, where the same text stands there; else none."""
    fix = finding.fix
    if fix is None or any(file.uri == after.uri and file.created for file in fix.files):
        return None
    files = []
    for file in fix.files:
        changes = file.changes
        if file.uri == after.uri:
            changes = tuple(
                structs.replace(one, span=Span(one.span.start + shift, one.span.end + shift))
                for one in changes
            )
            if any(one.span.start < 0 or after.slice(one.span) != one.old_text for one in changes):
                return None
        here = file.uri == after.uri
        files.append(structs.replace(file, changes=changes, version=after.version) if here else file)
    return structs.replace(fix, files=tuple(files))


def edits_between(before: str, after: str) -> tuple[TextChange, ...]:
    """As `changes_between`, where a last line that only got or lost its line end stays what it was."""
    if before == after:
        return ()
    used = _END.search(after) or _END.search(before)
    line_end = used.group() if used else "\n"
    first = "" if not before or before[-1] in "\r\n" else line_end
    last = "" if not after or after[-1] in "\r\n" else line_end
    at = len(before)
    added = (TextChange(Span(at, at), "", first),) if first else ()
    taken = (TextChange(Span(len(after), len(after) + len(last)), last, ""),) if last else ()
    return (*added, *changes_between(before + first, after + last), *taken)


def changes_between(before: str, after: str) -> tuple[TextChange, ...]:
    """The edits that lead from one text to another, by lines, to be made one after the other (last place first)."""
    if before == after:
        return ()
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    starts = [sum(map(len, old[:head]))]
    for line in old_middle:
        starts.append(starts[-1] + len(line))
    changes = [
        TextChange(
            Span(starts[low], starts[high]), "".join(old_middle[low:high]), "".join(new_middle[first:last])
        )
        for low, high, first, last in _blocks(old_middle, new_middle)
    ]
    return tuple(reversed(changes))


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    if len(old) + len(new) > _DIFFLIB_LINES:
        yield 0, len(old), 0, len(new)
        return
    for tag, low, high, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield low, high, first, last


def moved_span(span: Span, changes: Iterable[TextChange]) -> Span | None:
    """Where a stretch stands after edits made one after the other; None where one of them reached into it."""
    for change in changes:
        if change.span.end <= span.start:
            shift = len(change.new_text) - (change.span.end - change.span.start)
            span = Span(span.start + shift, span.end + shift)
        elif change.span.start < span.end:
            return None
    return span


def widened_span(span: Span, changes: Iterable[TextChange]) -> Span:
    """Where a stretch stands after edits made one after the other; what was edited at its ends belongs to it."""
    for change in changes:
        shift = len(change.new_text) - (change.span.end - change.span.start)
        if change.span.end <= span.start:
            span = Span(span.start + shift, span.end + shift)
        elif change.span.start < span.end:
            start = min(span.start, change.span.start)
            span = Span(start, max(span.end + shift, change.span.start + len(change.new_text)))
    return span


def _follow(finding: Finding, changes: Sequence[TextChange], after: Document) -> Finding | None:
    span = moved_span(finding.span, changes)
    if span is None:
        return None
    fix = None if finding.fix is None else _follow_fix(finding.fix, changes, after)
    return structs.replace(finding, span=span, fix=fix)


def _follow_fix(fix: Edit, changes: Sequence[TextChange], after: Document) -> Edit | None:
    """The fix in the text of now; None where what it was to replace was edited: half a fix is none."""
    files: list[FileChange] = []
    for file in fix.files:
        if file.uri != after.uri or file.created:
            files.append(file)
            continue
        moved = []
        for change in file.changes:
            span = moved_span(change.span, changes)
            if span is None or after.slice(span) != change.old_text:
                return None
            moved.append(structs.replace(change, span=span))
        files.append(structs.replace(file, changes=tuple(moved), version=after.version))
    return structs.replace(fix, files=tuple(files))


def _still_quoted(finding: Finding, after: Document) -> bool:
    """Whether the line the finding stands on reads as when it was made; indentation may differ."""
    if finding.span.end > len(after.text):
        return False
    line = after.slice(after.line_span(after.line_at(finding.span.start))).strip()
    return _reads_as(line, finding.quote.strip())


def _reads_as(line: str, quote: str) -> bool:
    """Whether a line is the quoted one; a secret that was replaced in the quote may be any text."""
    first, *rest = quote.split(REDACTED)
    if not rest:
        return line == quote
    at = len(first)
    for piece in rest:
        at = line.find(piece, at) + len(piece) if line.find(piece, at) != -1 else len(line) + 1
    return line.startswith(first) and at <= len(line) and line.endswith(rest[-1])


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _place(finding: Finding) -> tuple[Span, str]:
    return finding.span, finding.id
