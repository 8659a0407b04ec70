"""Exact accounting of the prompt cache: what a request reads, what it writes, for how long. Stores no text.

Rules of the published API (platform documentation, "Prompt caching", 2026-10-08). Where it is silent the
dearer reading is taken: a prefix cannot outlive the prefix it was built on.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ponder.offline.prompt import Position

LOOK_BACK = 20
"""Positions a breakpoint looks at for an entry, its own included."""


class Entry(Struct):
    """A cached prefix: its own life in seconds, and when it ends."""

    ttl: int
    expires: float


class Reading(Struct, frozen=True):
    """What the cache means for one request, in tokens. `keys` are the prefixes it will have written."""

    read: int
    write_5m: int
    write_1h: int
    uncached: int
    keys: tuple[tuple[str, int], ...]
    base: str | None
    started: float

    def usage(self) -> dict[str, Any]:
        """Return the input side of `usage`."""
        return {
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.write_5m + self.write_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.write_5m,
                "ephemeral_1h_input_tokens": self.write_1h,
            },
        }


class PrefixCache:
    """The entries of one workspace, over all models (the model is part of every key)."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def begin(self, positions: Sequence[Position], minimum: int, now: float) -> Reading:
        """Look the prompt up and refresh what it reads. Writes nothing yet.

        `minimum` is the shortest prefix of the model that is cached, in tokens; `now` in seconds. Lives count
        from the start of the request.
        """
        self._drop_expired(now)
        marks = [position for position in positions if position.ttl and position.total >= minimum]
        hit = self._longest_hit(positions, marks)
        if hit is not None:
            self._refresh(hit.key, now)
            for mark in marks:
                if mark.total < hit.total:
                    self._refresh(mark.key, now)
        read = hit.total if hit else 0
        total = positions[-1].total if positions else 0
        last_1h = max((mark.total for mark in marks if mark.ttl == 3600), default=0)
        last = max((mark.total for mark in marks), default=0)
        write_1h = max(0, last_1h - read)
        write_5m = max(0, last - max(read, last_1h))
        return Reading(
            read=read,
            write_5m=write_5m,
            write_1h=write_1h,
            uncached=total - read - write_1h - write_5m,
            keys=tuple((mark.key, mark.ttl or 0) for mark in marks if mark.total > read),
            base=hit.key if hit else None,
            started=now,
        )

    def commit(self, reading: Reading) -> None:
        """Make the written prefixes usable: the response has begun."""
        base = self._entries.get(reading.base) if reading.base else None
        longest = base.ttl if base else None
        for key, ttl in reading.keys:
            longest = ttl if longest is None else min(ttl, longest)
            known = self._entries.get(key)
            life = max(longest, known.ttl) if known else longest
            self._entries[key] = Entry(life, reading.started + life)

    def __len__(self) -> int:
        return len(self._entries)

    def _longest_hit(self, positions: Sequence[Position], marks: Sequence[Position]) -> Position | None:
        for mark in reversed(marks):
            for position in reversed(positions):
                if position.total > mark.total or position.place > mark.place:
                    continue
                if mark.place - position.place >= LOOK_BACK:
                    break
                if position.key in self._entries:
                    return position
        return None

    def _refresh(self, key: str, now: float) -> None:
        entry = self._entries.get(key)
        if entry is not None:
            entry.expires = now + entry.ttl

    def _drop_expired(self, now: float) -> None:
        for key in [key for key, entry in self._entries.items() if entry.expires <= now]:
            del self._entries[key]
