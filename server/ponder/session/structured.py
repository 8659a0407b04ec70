"""A structured answer while it streams: summary text for the reader, findings in their places, edits at the end. Does no IO."""

from collections.abc import Iterable, Iterator

from ponder.answers.partial import Element, PartialAnswer, SummaryText
from ponder.answers.placing import Placed, Placer
from ponder.engine.events import Notice
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding


class StructuredAnswer:
    """Takes the JSON text in pieces. `edit` is there after `close`; `shape` is one of `answers.schema`."""

    def __init__(self, placer: Placer, shape: str) -> None:
        self._partial = PartialAnswer("edits" if shape == "edits" else "findings")
        self._placer = placer
        self._edits: list[object] = []
        self._ahead: list[SummaryText | Element] | None = None
        self.edit: Edit | None = None

    def ahead(self, text: str) -> tuple[str, ...]:
        """The paths of files that this piece completes a finding for, fixes included; `feed` the same piece next."""
        self._ahead = list(self._partial.feed(text))
        items = [item.value for item in self._ahead if isinstance(item, Element) and item.key == "findings"]
        return (*_paths(items), *(path for item in items for path in _paths(_fix(item))))

    @property
    def unplaced(self) -> bool:
        """Whether changes were proposed of which none is left after `close`."""
        return bool(self._edits) and self.edit is None

    @property
    def edited(self) -> tuple[str, ...]:
        """The paths of the files that the edits are for."""
        return tuple(_paths(self._edits))

    def feed(self, text: str) -> Iterator[str | Finding | Notice]:
        """Readable text, findings and notices that this piece completes."""
        items, self._ahead = self._ahead, None
        for item in items if items is not None else self._partial.feed(text):
            match item:
                case SummaryText(text=summary):
                    yield summary
                case Element(key="findings", value=value):
                    yield from self._finding(value)
                case Element(value=value):
                    self._edits.append(value)

    def close(self, label: str) -> tuple[ErrorInfo | None, tuple[str, ...]]:
        """Place the edits; returns what is wrong with the answer, and notices on what was left out."""
        fault = self._partial.close()
        if fault is not None:
            message = f"The answer cannot be used: {fault}."
            hint = "Run the action again; what arrived is shown."
            return ErrorInfo(kind="malformed", message=message, hint=hint, retryable=True), ()
        placed = self._placer.edits(self._edits, label=label)
        self.edit = placed.edit
        return None, placed.notices

    @property
    def unsure(self) -> int:
        """How many findings were left out because the model was not sure enough of them."""
        return self._placer.unsure

    def _finding(self, value: object) -> Iterator[Finding | Notice]:
        placed = self._placer.finding(value)
        if placed is None:
            return
        if isinstance(placed, Placed):
            yield placed.finding
            yield from map(Notice, placed.notices)
        else:
            yield Notice(placed.notice)


def _paths(items: Iterable[object]) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict) and isinstance(path := item.get("path"), str):
            yield path


def _fix(item: object) -> Iterable[object]:
    fix = item.get("fix") if isinstance(item, dict) else None
    return fix if isinstance(fix, list) else ()
