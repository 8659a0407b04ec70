"""Whether somebody is at work: request times of all lanes together, and how idle stretches went on. No clock."""

import bisect
import math

_PRIOR_STRETCHES = (400.0, 600.0, 900.0, 1500.0, 2400.0, 3300.0, 50000.0, 50000.0)
"""Idle stretches believed in before any was seen: breaks, and two nights."""
_UNSEEN = 0.5
_UNSEEN_HALF_LIFE = 1800.0
"""Belief in a return that no stretch seen so far would explain; it fades with the idle time (seconds)."""
_KEPT = 4096
_IDLE_FROM = 300.0
_AT_WORK = 900.0
"""Of a longer pause only so much counts as time at work (seconds)."""


class Presence:
    """Times at which anything was asked, and the idle stretches (seconds) between them, sorted."""

    def __init__(self) -> None:
        self.at_work = 0.0
        """Seconds that somebody was there, short pauses included."""
        self._times: list[float] = []
        self._stretches = sorted(_PRIOR_STRETCHES)

    def seen(self, now: float) -> None:
        """Something was asked."""
        pause = now - self._times[-1] if self._times else 0.0
        self.at_work += min(pause, _AT_WORK)
        if pause > _IDLE_FROM:
            bisect.insort(self._stretches, pause)
        self._times.append(now)
        if len(self._times) > 2 * _KEPT:
            del self._times[:_KEPT]

    def idle(self, at: float) -> float:
        """Seconds since the last request before (or at) this time."""
        row = bisect.bisect_right(self._times, at)
        return at - self._times[row - 1] if row else float("inf")

    def returns(self, idle: float, window: float) -> float:
        """The chance that somebody who has been idle for so long comes back within `window` seconds."""
        if idle < _IDLE_FROM:
            return 1.0
        longer = len(self._stretches) - bisect.bisect_right(self._stretches, idle)
        still = len(self._stretches) - bisect.bisect_right(self._stretches, idle + window)
        unseen = _UNSEEN * math.pow(0.5, idle / _UNSEEN_HALF_LIFE)
        return (longer - still + unseen) / (longer + unseen + 0.1)
