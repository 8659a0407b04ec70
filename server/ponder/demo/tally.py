"""The table of tokens and cost at the end of the demo. Formats what the server reported; computes nothing."""

from typing import Any, ClassVar

from msgspec import Struct


class Tally(Struct, frozen=True):
    """One run: its name, model, `usage` object (wire form) and duration in milliseconds."""

    name: str
    model: str
    usage: dict[str, Any]
    milliseconds: int

    WIDTHS: ClassVar[tuple[int, ...]] = (8, 18, 8, 10, 8, 9, 9, 7)

    @staticmethod
    def heads() -> tuple[str, ...]:
        """The column heads."""
        return ("run", "model", "input", "from cache", "output", "thinking", "cost", "time")

    def cells(self) -> tuple[str, ...]:
        """One row of text; a figure that is not known is a dash."""
        usage = self.usage
        cost = usage.get("costUsd")
        return (
            self.name,
            self.model,
            _count(usage.get("inputTokens")),
            _count(usage.get("cacheReadTokens")),
            _count(usage.get("outputTokens")),
            _count(usage.get("thinkingTokens")),
            "–" if cost is None else f"${cost:.4f}",
            f"{self.milliseconds / 1000:.1f} s",
        )


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
