"""The live cache entries of one lane as far as this side can know: what was written, renewed, refused. No clock."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ponder.context.plan.chain import Step

LOOK_BACK = 20
"""Positions, itself included, at which a breakpoint finds an entry (platform documentation, prompt caching)."""


class Entry(Struct, frozen=True):
    """A live entry: when it expires, and the life (seconds) that each read gives it again."""

    expires: float
    ttl: int


class Mirror:
    """Entries by the identity of the prefix they hold."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self.measured: dict[str, int] = {}
        """Prefix lengths in tokens as the endpoint counted them."""

    def expire(self, now: float) -> None:
        """Forget what is no longer live."""
        self._entries = {prefix: entry for prefix, entry in self._entries.items() if now < entry.expires}
        self.measured = {prefix: count for prefix, count in self.measured.items() if prefix in self._entries}

    def entry(self, step: Step) -> Entry | None:
        """The live entry that ends with this step."""
        return self._entries.get(step.prefix)

    def alive(self, steps: Sequence[Step]) -> list[int]:
        """Positions (numbers of leading blocks) that end live entries, rising."""
        return [q for q, step in enumerate(steps, 1) if step.prefix in self._entries]

    def hit(self, steps: Sequence[Step], marks: Iterable[int]) -> int:
        """The longest live position that these breakpoints find; 0 for none."""
        for mark in sorted(marks, reverse=True):
            for q in range(mark, max(0, mark - LOOK_BACK), -1):
                if steps[q - 1].prefix in self._entries:
                    return q
        return 0

    def renew(self, prefixes: Iterable[str], at: float) -> None:
        """Entries were read by a request that started at this time."""
        for prefix in prefixes:
            entry = self._entries.get(prefix)
            if entry is not None:
                self._entries[prefix] = Entry(max(entry.expires, at + entry.ttl), entry.ttl)

    def wrote(self, prefix: str, ttl: int, at: float) -> None:
        """A request that started at this time wrote an entry."""
        self._entries[prefix] = Entry(at + ttl, ttl)

    def drop(self, prefixes: Iterable[str]) -> None:
        """Entries turned out not to be there."""
        for prefix in prefixes:
            self._entries.pop(prefix, None)
