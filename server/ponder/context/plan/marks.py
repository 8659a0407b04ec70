"""Places the breakpoints of a request: at most four, 1 h before 5 min, every live prefix within reach. Pure."""

from collections.abc import Sequence

from ponder.context.plan.chain import Step
from ponder.context.plan.mirror import LOOK_BACK, Mirror

MAX_MARKS = 4
"""Breakpoints a request may carry (platform documentation, prompt caching)."""

Marks = tuple[tuple[int, int], ...]
"""(number of leading blocks, seconds to live), rising."""


def place(steps: Sequence[Step], kept: int, ttl: int, mirror: Mirror, minimum: int) -> Marks:
    """Breakpoints for a request whose first `kept` blocks were sent before and whose rest is new.

    `ttl` is the life of new entries; 0 writes nothing and only reads what is live. Ends of new blocks come first,
    then the live position to read from, then the live ones that would expire first (a mark renews them).
    """
    alive = mirror.alive(steps)
    hit = alive[-1] if alive else 0
    first_new = max(min(kept, len(steps) - 1), hit)
    new = [q for q in range(len(steps), first_new, -1) if steps[q - 1].cumulated >= minimum] if ttl else []
    chosen = new[:MAX_MARKS]
    if hit and not any(q - LOOK_BACK < hit <= q for q in chosen):
        chosen = [*chosen[: MAX_MARKS - 1], hit]
    spare = [q for q in alive if q not in chosen]
    spare.sort(key=lambda q: (_expires(mirror, steps[q - 1]), -q))
    chosen += spare[: MAX_MARKS - len(chosen)]
    return _ordered(steps, sorted(chosen), ttl, mirror)


def _expires(mirror: Mirror, step: Step) -> float:
    entry = mirror.entry(step)
    return entry.expires if entry else 0.0


def _ordered(steps: Sequence[Step], chosen: Sequence[int], ttl: int, mirror: Mirror) -> Marks:
    """Live entries keep their life; nothing longer stands after something shorter, nor on top of it."""
    hit = mirror.hit(steps, chosen)
    base = mirror.entry(steps[hit - 1]) if hit else None
    longest = 3600
    marks = []
    for q in chosen:
        entry = mirror.entry(steps[q - 1])
        wanted = entry.ttl if entry else min(ttl, base.ttl) if base else ttl
        longest = min(longest, wanted)
        marks.append((q, longest))
    return tuple(marks)
