"""A structured answer as it streams in, turned into readable Markdown and placed findings; the edit at the end.

Knows no events and no editor. The text it gives is harmless Markdown (`answers.markdown`), never JSON.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ponder.answers.items import shown
from ponder.answers.markdown import Neutraliser, code_span, neutralise
from ponder.answers.partial import Element, ListKey, PartialAnswer, SummaryText
from ponder.answers.placing import Placer, Unplaced
from ponder.answers.sources import Sources
from ponder.findings import Edit, Finding


class Placed(Struct, frozen=True):
    """A finding that is complete and in its place, or only notices where it had to be left out."""

    finding: Finding | None = None
    notices: tuple[str, ...] = ()


class Reading(Struct, frozen=True, kw_only=True):
    """How a structured answer ended. `fault` is a clause (`it ends early`) where it cannot be trusted as a whole."""

    text: str = ""
    """More readable text: what was held back."""
    edit: Edit | None = None
    notices: tuple[str, ...] = ()
    fault: str | None = None


class AnswerReader:
    """Reads one structured answer and places its items. `shape` says whether findings or edits are expected."""

    def __init__(self, placer: Placer, shape: ListKey) -> None:
        self._placer = placer
        self._partial = PartialAnswer(shape)
        self._shape = shape
        self._summary = Neutraliser()
        self._edits: list[dict[str, Any]] = []
        self._listing = False
        self._written = False

    def feed(self, text: str) -> Iterator[str | Placed]:
        """What this stretch of JSON completes: readable text, findings in their place."""
        for item in self._partial.feed(text):
            if isinstance(item, SummaryText):
                yield from self._said(self._summary.feed(item.text))
            else:
                yield from self._element(item)

    def finish(self, *, label: str = "Ponder") -> Reading:
        """The end of the answer: the edit, if all of the JSON arrived and any of it could be placed.

        With a `fault` there is no edit: half an answer is never applied.
        """
        fault = self._partial.close()
        text = "".join(self._said(self._summary.finish()))
        if fault is not None or self._shape != "edits":
            return Reading(text=text, fault=fault)
        placed = self._placer.edits(self._edits, label=label)
        return Reading(text=text, edit=placed.edit, notices=placed.notices)

    def _said(self, text: str) -> Iterator[str]:
        if not text:
            return
        if self._listing:
            # A summary that follows the list stands apart from it.
            self._listing = False
            yield "\n"
        self._written = True
        yield text

    def _element(self, element: Element) -> Iterator[str | Placed]:
        # The summary is a value of its own: nothing of it is left open once a list has begun.
        yield from self._said(self._summary.finish())
        self._summary = Neutraliser()
        if element.key == "edits":
            self._edits.append(element.value)
            yield from self._listed(edit_line(element.value, self._placer.sources))
            return
        placed = self._placer.finding(element.value)
        if placed is None:
            return
        if isinstance(placed, Unplaced):
            yield Placed(notices=(placed.notice,))
            return
        finding = placed.finding
        yield from self._listed(finding_line(finding, self._line(finding)))
        yield Placed(finding, placed.notices)

    def _line(self, finding: Finding) -> int:
        documents = self._placer.sources.documents(finding.path)
        document = next((one for one in documents if one.uri == finding.uri), None)
        return document.line_at(finding.span.start) + 1 if document else 1

    def _listed(self, line: str) -> Iterator[str]:
        if not self._listing:
            self._listing = True
            if self._written:
                yield "\n\n"
        self._written = True
        yield line + "\n"


def finding_line(finding: Finding, line: int) -> str:
    """A finding as an item of a Markdown list; `line` counts from 1."""
    message = neutralise(finding.message).replace("\n", "\n  ")
    return f"- **{finding.severity}** {code_span(f'{finding.path}:{line}')} {message}"


def edit_line(item: dict[str, Any], sources: Sources) -> str:
    """An edit, placed or not, as an item of a Markdown list: where it is and how many lines it takes and gives."""
    path = shown(item["path"], 200) if isinstance(item.get("path"), str) else "?"
    old = item["old_text"] if isinstance(item.get("old_text"), str) else ""
    new = item["new_text"] if isinstance(item.get("new_text"), str) else ""
    where = path
    for document in sources.documents(path)[:1]:
        at = document.text.find(old) if old else 0
        where = f"{path}:{document.line_at(at) + 1}" if at != -1 else path
    return f"- {code_span(where)} (+{_lines(new)} −{_lines(old)})"


def _lines(text: str) -> int:
    return text.count("\n") + (0 if text.endswith("\n") or not text else 1)
