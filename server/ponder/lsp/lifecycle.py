"""Which messages are let in at which point of the server's life. Pure.

LSP 3.17, "Server lifecycle": before `initialize` a request is refused with -32002 and a notification dropped;
`initialize` comes once; after `shutdown` a request is refused with -32600 and only `exit` counts.
"""

from typing import Literal

from ponder.lsp.decoding import INVALID_REQUEST, NOT_INITIALIZED

Phase = Literal["started", "running", "ending"]
Verdict = tuple[int, str] | Literal["in", "drop"]


def verdict(phase: Phase, method: str, *, is_request: bool) -> Verdict:
    """Let a message in, drop it, or refuse it with a code and a sentence."""
    if method == "exit" and not is_request:
        return "in"
    if phase == "started":
        if method == "initialize" and is_request:
            return "in"
        return (NOT_INITIALIZED, "The server has not been initialized yet.") if is_request else "drop"
    if phase == "ending":
        return (INVALID_REQUEST, "The server is shutting down.") if is_request else "drop"
    if method == "initialize":
        return (INVALID_REQUEST, "The server has been initialized already.") if is_request else "drop"
    return "in"
