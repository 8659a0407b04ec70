"""Tells when a request begins to leave this machine. Sends nothing itself."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import httpx2

SENDING: Final[ContextVar[Callable[[], None] | None]] = ContextVar("sending", default=None)
"""Called once the connection of this task's request stands and its first bytes go out."""


async def watch(request: "httpx2.Request") -> None:
    """A request hook: from here on `SENDING` of the task that sends is called in time."""
    tell = SENDING.get()
    if tell is None:
        return

    async def trace(step: str, about: dict[str, Any]) -> None:
        # A proxy is asked for a way first: that is no request to the endpoint.
        if step.endswith("send_request_headers.started") and about["request"].method != b"CONNECT":
            tell()

    request.extensions["trace"] = trace
