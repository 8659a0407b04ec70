"""Bills a request log by the provider's cache rules, request by request. Knows nothing of the planner.

Rules (platform documentation, prompt caching): entries are written only at breakpoints and only from the
model's minimum length on; the longest live entry at one of the 20 positions that end at a breakpoint is read;
everything between it and the last breakpoint is written, up to the last 1 h mark at the 1 h price, then at the
5 min price; the rest is plain input. Life counts from the start of the request, a read renews the entry read
and the live entries at marked positions. An entry lives no longer than the kind it was built on: a 1 h mark on
top of a 5 min entry lives 5 min (conservative; undocumented).
"""

import hashlib
import math
from dataclasses import dataclass, field

WRITE = {300: 1.25, 3600: 2.0}
LOOK_BACK = 20
BYTES_PER_TOKEN = 3.5


@dataclass(frozen=True)
class Price:
    """One model: dollars a million input tokens, factor of a read, shortest cacheable prefix."""

    base: float
    read: float = 0.1
    minimum: int = 1024


PRICES = {
    "small": Price(1.0, minimum=4096),
    "mid": Price(3.0, minimum=1024),
    "large": Price(5.0, minimum=4096),
}


def tokens_of(block: str) -> int:
    """Tokens of a block; `#name:count` stands for text of that many tokens."""
    if block.startswith("#"):
        head, _, count = block.rpartition(":")
        if count.isdigit() and "\n" not in head:
            return int(count)
    return math.ceil(len(block.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)


@dataclass
class Bill:
    """What one request cost: tokens by price class and dollars."""

    read: int = 0
    write_1h: int = 0
    write_5m: int = 0
    plain: int = 0
    dollars: float = 0.0
    position: int = 0
    """Number of leading blocks that were read from the cache."""


@dataclass
class _Entry:
    expires: float
    ttl: int


@dataclass
class Cache:
    """The live entries of one model."""

    price: Price
    entries: dict[str, _Entry] = field(default_factory=dict)

    def ask(self, now: float, blocks: list[str], bps: dict[int, int], tail: int) -> Bill:
        """Bill one request and change the cache as the provider would."""
        marks = sorted(bps.items())
        check_marks(marks, len(blocks))
        keys, cumulated = _prefixes(blocks)
        self.entries = {key: entry for key, entry in self.entries.items() if now < entry.expires}
        hit = max(
            (q for b, _ in marks for q in range(max(1, b - LOOK_BACK + 1), b + 1) if keys[q] in self.entries),
            default=0,
        )
        written = [(q, ttl) for q, ttl in marks if q > hit and cumulated[q] >= self.price.minimum]
        last_1h = max((q for q, ttl in written if ttl == 3600), default=hit)
        last = max((q for q, _ in written), default=hit)
        bill = Bill(
            read=cumulated[hit],
            write_1h=cumulated[last_1h] - cumulated[hit],
            write_5m=cumulated[last] - cumulated[last_1h],
            plain=cumulated[-1] - cumulated[last] + tail,
            position=hit,
        )
        self._touch(now, keys, hit, marks, written)
        weighted = (
            bill.read * self.price.read
            + bill.write_1h * WRITE[3600]
            + bill.write_5m * WRITE[300]
            + bill.plain
        )
        bill.dollars = weighted * self.price.base / 1e6
        return bill

    def _touch(
        self,
        now: float,
        keys: list[str],
        hit: int,
        marks: list[tuple[int, int]],
        written: list[tuple[int, int]],
    ) -> None:
        for q in {hit, *(q for q, _ in marks)}:
            if q and q <= hit and keys[q] in self.entries:
                entry = self.entries[keys[q]]
                entry.expires = max(entry.expires, now + entry.ttl)
        longest = self.entries[keys[hit]].ttl if hit else max(WRITE)
        for q, ttl in written:
            longest = min(longest, ttl)
            self.entries[keys[q]] = _Entry(now + longest, longest)


def check_marks(marks: list[tuple[int, int]], count: int) -> None:
    """Refuse what the API refuses: more than four marks, a mark past the end, 1 h after 5 min."""
    if len(marks) > 4:
        raise ValueError(f"{len(marks)} breakpoints")
    if any(not 0 < q <= count or ttl not in WRITE for q, ttl in marks):
        raise ValueError(f"breakpoints {marks} of {count} blocks")
    ttls = [ttl for _, ttl in marks]
    if ttls != sorted(ttls, reverse=True):
        raise ValueError(f"a 300 before a 3600: {marks}")


def _prefixes(blocks: list[str]) -> tuple[list[str], list[int]]:
    running = hashlib.blake2b(digest_size=16)
    keys, cumulated = [""], [0]
    for block in blocks:
        data = block.encode("utf-8", "surrogatepass")
        running.update(len(data).to_bytes(8, "big") + data)
        keys.append(running.hexdigest())
        cumulated.append(cumulated[-1] + tokens_of(block))
    return keys, cumulated
