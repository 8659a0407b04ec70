"""How long a request may take, phase by phase. A value; the waiting is done elsewhere."""

from msgspec import Struct

from ponder.config.settings import ApiSettings


class Timeouts(Struct, frozen=True, kw_only=True):
    """Patience of one request, in milliseconds, and its tries. Defaults are those of the settings table `[api]`."""

    connect_ms: int = 10_000
    first_byte_ms: int = 60_000
    stall_ms: int = 120_000
    max_tries: int = 4
    notice_ms: int = 30_000
    """Quiet time after which the user is told that nothing arrives."""
    total_ms: int = 3_600_000
    """Longest life of one request; 128k output tokens take about 45 minutes."""

    @classmethod
    def of(cls, api: ApiSettings) -> "Timeouts":
        """The timeouts of the settings table `[api]`."""
        return cls(
            connect_ms=api.connect_ms,
            first_byte_ms=api.first_byte_ms,
            stall_ms=api.stall_ms,
            max_tries=api.max_tries,
        )
