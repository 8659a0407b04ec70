"""A request as the log holds it, and the workspace context that a trace describes."""

from dataclasses import dataclass
from typing import Any

INSTRUCTIONS = "#1509:2400"
"""Stands for instructions and tools: 2,400 tokens."""
PING_TAIL = 8


@dataclass(frozen=True)
class Request:
    """One request of a log, and what its sender expected to be read (None: it does not say)."""

    t: float
    model: str
    kind: str
    tail: int
    bps: dict[int, int]
    blocks: list[str]
    predicted: int | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object of a log line."""
        bps = {str(count): ttl for count, ttl in sorted(self.bps.items())}
        return {
            "t": self.t,
            "model": self.model,
            "kind": self.kind,
            "tail": self.tail,
            "bps": bps,
            "blocks": self.blocks,
        }

    @staticmethod
    def of(line: dict[str, Any]) -> "Request":
        """The request of a log line."""
        bps = {int(count): ttl for count, ttl in line["bps"].items()}
        return Request(line["t"], line["model"], line["kind"], line["tail"], bps, line["blocks"])


def apply(context: dict[str, str], changes: dict[str, str | None]) -> None:
    """Bring W(t) up to date with a `units` event."""
    for unit, text in changes.items():
        if text is None:
            context.pop(unit, None)
        else:
            context[unit] = text
