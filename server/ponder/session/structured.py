"""A structured answer while it streams: summary text for the reader, findings in their places, edits at the end. Does no IO."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ponder.answers.partial import Element, PartialAnswer, SummaryText
from ponder.answers.placing import Placed, Placer
from ponder.engine.events import Notice
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding

Item = SummaryText | Element
"""A piece of the JSON that is complete, as it stands there."""


_DATA = ("{", "[", "`")
"""How an answer begins that is data, whole or not, and not for reading."""


class Closed(Struct, frozen=True, kw_only=True):
    """What a complete answer comes to beside its text and findings."""

    error: ErrorInfo | None = None
    """What is wrong with the answer."""
    edit: Edit | None = None
    notices: tuple[str, ...] = ()
    """What was left out of the edit, in sentences."""
    unplaced: bool = False
    """Whether changes were proposed of which none is left."""


class StructuredAnswer:
    """Takes the JSON text in pieces, each first by `items`, then by `placed`. `shape` is one of `answers.schema`."""

    def __init__(self, placer: Placer, shape: str) -> None:
        self._partial = PartialAnswer("edits" if shape == "edits" else "findings")
        self._placer = placer
        self._edits: list[object] = []
        self._prose: bool | None = None
        """Whether the answer is words where JSON was asked for; None before its first character."""
        self._readable = False
        """Whether anything of the answer was shown."""

    @property
    def edited(self) -> tuple[str, ...]:
        """The paths of the files that the edits are for."""
        return tuple(_paths(self._edits))

    @property
    def unsure(self) -> int:
        """How many findings were left out because the model was not sure enough of them."""
        return self._placer.unsure

    def items(self, text: str) -> tuple[Item, ...]:
        """What the next piece of the JSON completes.

        An answer that is no JSON but words is passed on as they are: it was paid for, and says why.
        """
        if self._prose is None and (begun := text.lstrip()):
            self._prose = not begun.startswith(_DATA)
        elif self._prose and text.lstrip().startswith('{"'):
            # The data comes after all, too late to be used.
            self._prose = False
        found = tuple(self._partial.feed(text))
        return (SummaryText(text),) if self._prose else found

    def placed(self, items: Iterable[Item]) -> Iterator[str | Finding | Notice]:
        """Readable text, findings and notices that these items are. Edits are kept for `close`."""
        for item in items:
            match item:
                case SummaryText(text=summary):
                    self._readable = self._readable or bool(summary.strip())
                    yield summary
                case Element(key="findings", value=value):
                    yield from self._finding(value)
                case Element(value=value):
                    self._edits.append(value)

    def close(self, label: str) -> Closed:
        """Place the edits."""
        fault = self._partial.close()
        if fault is not None:
            message = f"The answer cannot be used: {fault}."
            hint = "Run the action again; what could be read of it is shown."
            hint = hint if self._readable else "Run the action again."
            return Closed(error=ErrorInfo(kind="malformed", message=message, hint=hint, retryable=True))
        placed = self._placer.edits(self._edits, label=label)
        unplaced = bool(self._edits) and placed.edit is None
        return Closed(edit=placed.edit, notices=placed.notices, unplaced=unplaced)

    def _finding(self, value: object) -> Iterator[Finding | Notice]:
        placed = self._placer.finding(value)
        if placed is None:
            return
        if isinstance(placed, Placed):
            self._readable = True
            yield placed.finding
            yield from map(Notice, placed.notices)
        else:
            yield Notice(placed.notice)


def paths_of(items: Iterable[Item]) -> tuple[str, ...]:
    """The paths that the findings among these name, those of their fixes included, as the model wrote them."""
    values = [item.value for item in items if isinstance(item, Element) and item.key == "findings"]
    return (*_paths(values), *(path for value in values for path in _paths(_fix(value))))


def _paths(items: Iterable[object]) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict) and isinstance(path := item.get("path"), str):
            yield path


def _fix(item: object) -> Iterable[object]:
    fix = item.get("fix") if isinstance(item, dict) else None
    return fix if isinstance(fix, list) else ()
