"""Turns the events of one answer into ours. Pure: no socket, no clock; retries and outcomes are decided elsewhere.

`Reducer.reduce` takes what arrived together and merges deltas only within it.
"""

from collections.abc import Iterable
from typing import Any, Final

from ponder.engine import counts
from ponder.engine.blocks import Block
from ponder.engine.events import (
    AnswerStarted,
    BlockDelta,
    BlockFinished,
    BlockStarted,
    CountsChanged,
    EngineEvent,
)
from ponder.engine.wire import ProtocolError, WireEvent
from ponder.usage import TokenCounts

# More blocks than any answer has; each costs memory.
_MAX_BLOCKS: Final = 10_000


class StreamError(Exception):
    """The endpoint reported an error inside the stream. `body` is its `error` object, unchecked."""

    def __init__(self, body: Any) -> None:
        super().__init__("in-stream error")
        self.body = body


class Reducer:
    """The state of one answer while it streams. `first_index` is the number of blocks the run had before."""

    def __init__(self, first_index: int = 0) -> None:
        self.counts = TokenCounts()
        self.message_id: str | None = None
        self.stop_reason: str | None = None
        self.stop_details: Any = None
        self.started = False
        self.finished = False
        self.delivered = False
        """Whether any content was given out; after that a request is not sent again."""
        self.progress = 0
        """Grows with everything that is content; pings, comments and empty deltas are none."""
        self.next_index = first_index
        self._blocks: list[Block] = []
        self._open: dict[int, Block] = {}
        self._out: list[EngineEvent] = []

    @property
    def open_kind(self) -> str | None:
        """The kind of the last block, for the word on where an answer was cut."""
        return self._blocks[-1].kind if self._blocks else None

    def content(self) -> list[dict[str, Any]] | None:
        """All blocks in their order, as sent; None where one of them cannot be sent back exactly."""
        return [block.raw for block in self._blocks] if all(block.exact for block in self._blocks) else None

    def reduce(self, events: Iterable[WireEvent]) -> list[EngineEvent]:
        """What these events mean. Raises ProtocolError or StreamError; what came before stays in `drain`."""
        parts: list[str] = []
        current: Block | None = None
        try:
            for event in events:
                if self.finished:
                    break
                if event.type != "content_block_delta" or event.delta is None:
                    self._flush(current, parts)
                    current = None
                    self._apply(event)
                    continue
                block = self._open.get(event.index)
                if block is None:
                    raise ProtocolError("it adds to a block that is not open")
                if block is not current:
                    self._flush(current, parts)
                    current = block
                if text := block.add(event.delta):
                    parts.append(text)
        finally:
            self._flush(current, parts)
        return self.drain()

    def drain(self) -> list[EngineEvent]:
        """The events made so far and not yet handed over."""
        out, self._out = self._out, []
        return out

    def abandon(self) -> list[EngineEvent]:
        """Close what is still open, for an answer that was cut off: readers see each block end."""
        for block in list(self._open.values()):
            if block.shown:
                self._finish(block)
        self._open.clear()
        return self.drain()

    def _apply(self, event: WireEvent) -> None:
        match event.type:
            case "message_start":
                self._start(event.message or {})
            case "content_block_start":
                self._start_block(event.index, event.content_block or {})
            case "content_block_stop":
                self._stop_block(event.index)
            case "message_delta":
                self._message_delta(event)
            case "message_stop":
                self._stop()
            case "error":
                raise StreamError(event.error)
            case _:
                # The one place where events nobody knows yet (and pings) go: the API adds kinds.
                return

    def _start(self, message: dict[str, Any]) -> None:
        if self.delivered:
            raise ProtocolError("it begins a second time")
        self._blocks.clear()
        self._open.clear()
        self.started = True
        self.progress += 1
        self.counts = counts.read(message.get("usage"), TokenCounts())
        identity = message.get("id")
        self.message_id = identity if isinstance(identity, str) else None
        model = message.get("model")
        diagnostics = message.get("diagnostics")
        miss = diagnostics.get("cache_miss_reason") if isinstance(diagnostics, dict) else None
        self._out.append(
            AnswerStarted(
                self.message_id or "",
                model if isinstance(model, str) else "",
                self.counts,
                miss if isinstance(miss, dict) else None,
            )
        )

    def _start_block(self, index: int, raw: dict[str, Any]) -> None:
        if not self.started:
            raise ProtocolError("it has content before it begins")
        # Some local servers use a number again once its block has ended.
        if index in self._open or not 0 <= index < _MAX_BLOCKS or len(self._blocks) >= _MAX_BLOCKS:
            raise ProtocolError("it numbers its blocks wrongly")
        block = Block(-1, raw)
        self._blocks.append(block)
        self._open[index] = block
        self.progress += 1
        if text := block.opening_text():
            self._flush(block, [text])

    def _stop_block(self, index: int) -> None:
        block = self._open.pop(index, None)
        if block is None:
            raise ProtocolError("it ends a block that is not open")
        self._finish(block)

    def _finish(self, block: Block) -> None:
        self.progress += 1
        if block.surrogate:
            lone, block.surrogate = block.surrogate, ""
            self._show(block)
            self._out.append(BlockDelta(block.index, lone))
        block.finished()
        if block.kind is not None:
            self._show(block)
            self._out.append(BlockFinished(block.index))

    def _message_delta(self, event: WireEvent) -> None:
        self.progress += 1
        if event.delta is not None and event.delta.stop_reason is not None:
            self.stop_reason = event.delta.stop_reason
            self.stop_details = event.delta.stop_details
        newer = counts.read(event.usage, self.counts)
        if newer != self.counts:
            self.counts = newer
            self._out.append(CountsChanged(newer))

    def _stop(self) -> None:
        if not self.started:
            raise ProtocolError("it ends before it begins")
        # Some local servers leave out the last stop of a block; nothing can follow, so it is complete.
        for index in list(self._open):
            self._stop_block(index)
        self.finished = True

    def _flush(self, block: Block | None, parts: list[str]) -> None:
        """Hand over the merged text of one block; a first half of a character waits for its second."""
        if block is None or not parts:
            return
        text = "".join((block.surrogate, *parts))
        parts.clear()
        if not text.isascii():
            text, block.surrogate = _whole(text)
        else:
            block.surrogate = ""
        if text:
            self.progress += 1
            self._show(block)
            self._out.append(BlockDelta(block.index, text))

    def _show(self, block: Block) -> None:
        # A block is announced with its first content, so that a retry before content leaves no trace.
        if not block.shown and block.kind is not None:
            block.shown = self.delivered = True
            block.index = self.next_index
            self.next_index += 1
            self._out.append(BlockStarted(block.index, block.kind, block.name))


def _whole(text: str) -> tuple[str, str]:
    """The text with its halved characters joined, and a first half at its end that is still alone."""
    rest = ""
    if "\ud800" <= text[-1] <= "\udbff":
        text, rest = text[:-1], text[-1]
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text, rest
