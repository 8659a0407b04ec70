"""What one run used, request by request, as the endpoint reported it. Knows no price and no limit."""

from dataclasses import dataclass, field

from msgspec import structs

from ponder.engine.events import (
    AnswerEnded,
    AnswerStarted,
    BlockDelta,
    CountsChanged,
    EngineEvent,
    RequestSent,
)
from ponder.session.events import UsageChanged
from ponder.usage import TokenCounts, Usage


@dataclass
class Account:
    """Of one run. `money` puts prices to it and carries it into the ledger."""

    counts: list[TokenCounts] = field(default_factory=list)
    """One for each request that was answered, the newest as far as it is known."""
    sent: int = 0
    """Requests that left this machine, as far as they were told one by one."""
    recorded: int = 0
    """How many of the counts the ledger has."""
    written_off: int = 0
    """How many of the unanswered requests the ledger has."""
    usage: Usage = field(default_factory=Usage)
    outdated: float = 0.0
    """The share of the request's prefix that is there only because it is cached."""
    cache_miss: str | None = None
    """Why less came out of the cache than might have; None where nothing was missed."""
    _bytes: int = 0
    """Bytes of text that the newest answer has brought."""
    _counted: bool = True
    """Whether the endpoint has counted all that the newest answer has brought."""

    def take(self, event: EngineEvent) -> None:
        """Take in what an event of the engine says of counts."""
        match event:
            case RequestSent():
                self.sent += 1
            case AnswerStarted(counts=counts):
                self.counts.append(counts)
                self._bytes, self._counted = 0, False
            case BlockDelta(text=text):
                self._bytes += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
                self._counted = False
            case CountsChanged(counts=counts):
                self.counts[-1:] = [counts]
                self._counted = True
            case AnswerEnded():
                # With the requests before it, where the answer took several; one that was never answered used nothing.
                answered = event.message_id is not None or event.counts != TokenCounts()
                last = [event.counts] if answered or event.status == "done" else []
                self.counts = [*event.earlier, *last]
                self._counted = self._counted or event.status not in {"failed", "cancelled"} or not last
                self.sent = len(self.counts) + event.unanswered
            case _:
                return

    def close(self) -> None:
        """Nothing more comes: the counts of an answer that was cut are those it opened with, and are marked as such."""
        if self.counts and not self._counted and self.counts[-1].output is not None:
            self.counts[-1] = structs.replace(self.counts[-1], cut_bytes=self._bytes)
            self._counted = True

    @property
    def unanswered(self) -> int:
        """Requests that were sent and used nothing that is known: refused, or never answered."""
        return max(0, self.sent - len(self.counts))

    @property
    def empty(self) -> bool:
        """Whether no request has been sent, as far as is known."""
        return not self.counts and not self.unanswered

    def count(self, usage: Usage) -> UsageChanged:
        """Set the usage so far."""
        self.usage = usage
        return UsageChanged(usage)
