"""Finding items of an answer to findings in a document. What cannot be placed is left out, never guessed."""

from collections.abc import Sequence

from msgspec import Struct

from ponder.answers.identity import Standings, finding_id
from ponder.answers.items import (
    FindingItem,
    confidence_of,
    read_finding,
    rule_of,
    severity_of,
    shown,
    shown_path,
)
from ponder.answers.locate import Searchable, unified
from ponder.answers.place_edits import PlacedEdits, place_edits
from ponder.answers.sources import Sources
from ponder.documents import Document, Span
from ponder.findings import Edit, Finding

_MAX_PLACES = 10_000


class Unplaced(Struct, frozen=True):
    """A finding that was left out, and the sentence that says so."""

    notice: str


class Placed(Struct, frozen=True):
    """A finding in its place. `notices` tell of a fix that had to be left out."""

    finding: Finding
    notices: tuple[str, ...] = ()


class Placer:
    """Places the items of one answer, one by one as they arrive, and never gives the same finding twice.

    `least`: findings the model is less sure of, on a scale of 100, are counted in `unsure` and left out.
    """

    def __init__(self, sources: Sources, *, action: str, least: int = 0) -> None:
        self.sources = sources
        self.least = least
        self.unsure = 0
        self._action = action
        self._searchables: dict[str, Searchable] = {}
        self._standings: dict[str, Standings] = {}
        self._given: dict[str, Finding] = {}

    def finding(self, item: object) -> Placed | Unplaced | None:
        """Place one object of the `findings` array; None where it was given before or is not sure enough."""
        read = read_finding(item)
        if isinstance(read, str):
            return Unplaced(f"A finding for {shown_path(item)} was left out: {read}.")
        sure = confidence_of(read)
        if sure is not None and sure < self.least:
            self.unsure += 1
            return None
        candidates = [self._searchable(document) for document in self.sources.documents(read.path)]
        if not candidates:
            return Unplaced(f"A finding for {shown_path(item)} was left out: {self.sources.why(read.path)}.")
        placed: list[tuple[Searchable, Span]] = []
        reason = ""
        for searchable in candidates:
            span = place_of(searchable, read)
            if isinstance(span, str):
                reason = span
            else:
                placed.append((searchable, span))
        if len(placed) > 1:
            reason = "more than one workspace folder has this file and its quoted text"
        if len(placed) != 1:
            return Unplaced(f"A finding for {shown_path(item)} was left out: {reason}.")
        return self._made(read, *placed[0])

    def edits(self, items: Sequence[object], *, label: str = "Ponder") -> PlacedEdits:
        """Place the whole `edits` array; edits are only placed together, so that overlaps are seen."""
        return place_edits(items, self.sources, label=label)

    def _searchable(self, document: Document) -> Searchable:
        if document.uri not in self._searchables:
            self._searchables[document.uri] = Searchable(document)
        return self._searchables[document.uri]

    def prepare(self, document: Document) -> None:
        """Look at a text ahead of its findings. Takes a while for a long one; may run in a thread, before any finding."""
        self._standings_of(self._searchable(document))

    def _standings_of(self, searchable: Searchable) -> Standings:
        uri = searchable.document.uri
        if uri not in self._standings:
            self._standings[uri] = Standings(searchable.shown.document)
        return self._standings[uri]

    def _made(self, item: FindingItem, searchable: Searchable, span: Span) -> Placed | None:
        document = searchable.document
        code = f"{self._action}/{rule_of(item.rule)}"
        message = shown(item.message)
        line = document.line_at(span.start)
        # What was withheld from the model is kept out of ids, results and the store as well.
        shown_document = searchable.shown.document
        quote = shown_document.slice(shown_document.line_span(line))
        standings = self._standings_of(searchable)
        words, standing = standings.words(line), standings.of(line)
        for repeat in range(len(self._given) + 1):
            identity = finding_id(document.path, code, words, standing, repeat)
            known = self._given.get(identity)
            if known is None:
                break
            if known.message == message:
                return None
        fix, notices = self._fix(item, code, document)
        finding = Finding(
            id=identity,
            uri=document.uri,
            path=document.path,
            span=span,
            quote=quote,
            severity=severity_of(item.severity),
            code=code,
            message=message,
            fix=fix,
            confidence=confidence_of(item),
        )
        self._given[identity] = finding
        return Placed(finding, notices)

    def _fix(self, item: FindingItem, code: str, document: Document) -> tuple[Edit | None, tuple[str, ...]]:
        """A fix is given whole or not at all: half of one may break what it was to repair."""
        if not item.fix:
            return None, ()
        placed = place_edits(item.fix, self.sources, label=f"Ponder: {code.split('/', 1)[1]}")
        if placed.dropped:
            return None, (f"The fix of {code} in `{document.path}` was left out. {placed.notices[0]}",)
        return placed.edit, ()


def place_of(searchable: Searchable, item: FindingItem) -> Span | str:
    """The span of the quoted lines, without the indentation of the first; or the reason why there is none.

    Whole lines count before parts of lines. Line numbers only choose among equally good places: the nearest,
    if there is exactly one nearest and the number lies in the file.
    """
    quote = unified(item.quote).strip("\n")
    if not quote.strip():
        return "it quotes nothing"
    document = searchable.document
    grades = _grades(searchable, quote) or _grades(searchable.shown, quote)
    if not grades:
        return "its quoted text is not in the file"
    best = max(grades.values())
    lines = sorted(line for line, grade in grades.items() if grade == best)
    line = lines[0] if len(lines) == 1 else _nearest(lines, item.start_line - 1, document)
    if line < 0:
        return "its quoted text is in the file more than once and its line number does not say which is meant"
    extra = item.end_line - item.start_line if item.end_line >= item.start_line > 0 else 0
    last = min(line + max(extra, quote.count("\n")), document.line_count - 1)
    span = document.lines_span(line, last)
    text = document.slice(span)
    return Span(span.start + len(text) - len(text.lstrip(" \t")), span.start + len(text.rstrip()))


def _grades(searchable: Searchable, quote: str) -> dict[int, int]:
    """The lines where the quote stands, each with how well it fits there."""
    starts = searchable.places(quote, _MAX_PLACES) or searchable.places(quote.strip(), _MAX_PLACES)
    grades: dict[int, int] = {}
    for start in starts:
        line = searchable.line_of(start)
        grades[line] = max(grades.get(line, 0), _grade(searchable, start, quote))
    return grades


def _grade(searchable: Searchable, start: int, quote: str) -> int:
    """3 for whole lines, 2 for whole lines but for blanks at the sides, 1 for a part of a line."""
    text = searchable.text
    first = text.rfind("\n", 0, start) + 1
    end = start + len(quote)
    last = text.find("\n", end)
    rest = text[first:start] + text[end : last if last != -1 else len(text)]
    if rest.strip():
        return 1
    return 2 if rest else 3


def _nearest(lines: Sequence[int], wanted: int, document: Document) -> int:
    """The line closest to the wanted one; -1 where that one is not in the file or two are equally close."""
    if not 0 <= wanted < document.line_count:
        return -1
    ordered = sorted(lines, key=lambda line: abs(line - wanted))
    return -1 if abs(ordered[0] - wanted) == abs(ordered[1] - wanted) else ordered[0]
