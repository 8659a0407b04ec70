"""What has arrived of a run's answer: thinking, text, findings in their places. A reducer; starts nothing, waits for nothing."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ponder.engine.events import (
    AnswerEnded,
    BlockDelta,
    BlockFinished,
    BlockStarted,
    EngineEvent,
    Notice,
    Retrying,
)
from ponder.findings import Finding
from ponder.session.events import BlockEnded, FindingFound, RunEvent
from ponder.session.found import Found
from ponder.session.structured import Closed, Item, StructuredAnswer, paths_of
from ponder.session.thoughts import Thought, newest_line

Millis = Callable[[], float]
"""A monotonic clock in milliseconds."""


class Arrived(Struct, frozen=True):
    """An event of the engine, and what it completes of a structured answer's JSON; not yet placed in any text."""

    event: EngineEvent
    items: tuple[Item, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it speaks of, as the model wrote them: their texts are needed to place it."""
        return paths_of(self.items)


class Answer:
    """The answer of one run. Its findings go to `found`; `hides` are those that the user silenced, and nobody is told."""

    def __init__(self, found: Found, now: Millis) -> None:
        self.thoughts: list[Thought] = []
        self.ended: AnswerEnded | None = None
        self.hides: Callable[[Finding], bool] = lambda _finding: False
        self._found = found
        self._now = now
        self._text: list[str] = []
        self._blocks: dict[int, tuple[str, float]] = {}
        self._reader: StructuredAnswer | None = None
        self._unsure = 0

    @property
    def text(self) -> str:
        """The answer so far, as Markdown."""
        return "".join(self._text)

    @property
    def unsure(self) -> int:
        """How many findings were left out because the model was not sure enough of them."""
        return self._reader.unsure if self._reader is not None else self._unsure

    @property
    def edited(self) -> tuple[str, ...]:
        """The paths that the edits of a complete answer name."""
        return self._reader.edited if self._reader is not None else ()

    def newest_line(self) -> str:
        """The last line that has arrived, for a progress message."""
        return newest_line(self._text, self.thoughts)

    def read_with(self, reader: StructuredAnswer) -> None:
        """The answer is structured: this turns its JSON into text and placed items."""
        self._reader = reader

    def say(self, text: str) -> None:
        """Add to the answer."""
        self._text.append(text)

    def arrived(self, event: EngineEvent) -> Arrived:
        """Read one event of the engine, once; `take` is given what comes of it."""
        if self._reader is None or not isinstance(event, BlockDelta) or self._kind(event.index) != "text":
            return Arrived(event)
        return Arrived(event, self._reader.items(event.text))

    def take(self, arrived: Arrived) -> Iterator[RunEvent]:
        """Take in what `arrived` has read; yields what the editor is told."""
        match arrived.event:
            case BlockStarted(index=index, kind=kind) as event:
                yield self._block_started(event, index, kind)
            case BlockDelta(index=index, text=text):
                yield from self._delta(index, text, arrived.items)
            case BlockFinished(index=index):
                began, since = self._blocks.pop(index, ("text", self._now()))
                taken = int(self._now() - since)
                if began == "thinking":
                    self.thoughts[-1].milliseconds = taken
                yield BlockEnded(index, taken)
            case Notice() | Retrying() as told:
                yield told
            case AnswerEnded() as event:
                self.ended = event
            case _:
                # Counts: they are the account's.
                return

    def close(self, label: str) -> Closed:
        """The answer is complete: place its edit."""
        return self._reader.close(label) if self._reader is not None else Closed()

    def let_go(self) -> None:
        """Nothing more is read: what it was placed with, which holds whole texts line by line, is not kept."""
        self._unsure, self._reader = self.unsure, None

    def _kind(self, index: int) -> str:
        return self._blocks.get(index, ("text", 0.0))[0]

    def _block_started(self, event: BlockStarted, index: int, kind: str) -> BlockStarted:
        self._blocks[index] = (kind, self._now())
        if kind in {"thinking", "redactedThinking"}:
            self.thoughts.append(Thought(redacted=kind == "redactedThinking"))
        if kind == "tool" and self._reader is not None:
            # A structured answer that came through a tool is read like any other.
            self._blocks[index] = ("text", self._now())
            return BlockStarted(index, "text")
        return event

    def _delta(self, index: int, text: str, items: tuple[Item, ...]) -> Iterator[RunEvent]:
        kind = self._kind(index)
        if kind == "thinking":
            self.thoughts[-1].text += text
            yield BlockDelta(index, text)
        elif kind != "text":
            return
        elif self._reader is None:
            self._text.append(text)
            yield BlockDelta(index, text)
        else:
            for piece in self._reader.placed(items):
                if not (isinstance(piece, Finding) and self.hides(piece)):
                    yield self._read(index, piece)

    def _read(self, index: int, piece: str | Finding | Notice) -> RunEvent:
        if isinstance(piece, str):
            self._text.append(piece)
            return BlockDelta(index, piece)
        if isinstance(piece, Notice):
            return piece
        self._found.findings.append(piece)
        return FindingFound(piece, tuple(self._found.bases.values()))
