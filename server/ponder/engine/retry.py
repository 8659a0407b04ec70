"""When a failed request is sent again, and when background work holds back. Pure: the clock's figures are handed in."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct, structs

from ponder.engine.trouble import Trouble

LONGEST_WAIT_S: Final = 60.0
"""A longer `retry-after` is told to the user instead of waited for: an editor must not hang."""
RETRY_WINDOW_S: Final = 45.0
"""Nothing is sent again later than this after the first try."""
_FIRST_BACKOFF_S: Final = 0.5
_LONGEST_BACKOFF_S: Final = 8.0


class Wait(Struct, frozen=True):
    """Send the request again after `seconds`."""

    seconds: float


class Stop(Struct, frozen=True):
    """Do not send it again. `asked_s` is the wait the endpoint asks for, where that is why."""

    asked_s: float | None = None


def decide(
    trouble: Trouble, *, tries: int, max_tries: int, elapsed_s: float, jitter: float, now: float
) -> Wait | Stop:
    """Whether to send again after `tries` failed requests. `jitter` is a random figure from 0 to 1, `now` the time
    in seconds since the epoch.

    The caller asks only while no content has been delivered.
    """
    asked = retry_after(trouble.headers, now)
    if not trouble.resend:
        return Stop(asked)
    if asked is not None and asked > LONGEST_WAIT_S:
        return Stop(asked)
    if tries >= max_tries:
        return Stop()
    backoff = min(_FIRST_BACKOFF_S * 2 ** (tries - 1), _LONGEST_BACKOFF_S) * (1 - 0.25 * jitter)
    # A wait that was asked for is kept even beyond the window: it was measured by the endpoint.
    if asked is not None and asked > 0:
        return Wait(asked) if elapsed_s < RETRY_WINDOW_S else Stop(asked)
    return Wait(backoff) if elapsed_s + backoff <= RETRY_WINDOW_S else Stop()


def retry_after(headers: dict[str, str], now: float) -> float | None:
    """Seconds the endpoint asks to wait; None where it asks for nothing that makes sense.

    A date is read against the response's own `date`: the local clock (`now`) may be wrong by days, and counts only
    where there is none.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            seconds = _until(value, headers.get("date"), now)
        if not math.isnan(seconds):
            return max(0.0, seconds)
    return None


def _until(value: str, said: str | None, now: float) -> float:
    try:
        since = datetime.fromtimestamp(now, UTC) if said is None else parsedate_to_datetime(said)
        return (parsedate_to_datetime(value) - since).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan


class Breaker(Struct, frozen=True):
    """Consecutive failures of the endpoint. Background work asks `allows`; what a user starts never does.

    Five failures in a row close background work for five minutes, counted on the monotonic clock.
    """

    failures: int = 0
    opened_at: float | None = None

    def after(self, *, failed: bool, now: float) -> "Breaker":
        """The breaker after one more run."""
        if not failed:
            return Breaker()
        failures = self.failures + 1
        return structs.replace(self, failures=failures, opened_at=now if failures >= 5 else None)

    def allows(self, now: float) -> bool:
        """Whether background work may start."""
        return self.opened_at is None or now - self.opened_at >= 300.0
