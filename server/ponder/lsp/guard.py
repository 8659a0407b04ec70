"""Turns what a handler raised into the error a client may see, and keeps count per document. Handles no message.

The client gets a sentence and an error id; the log gets the type and the places in our code. Neither gets the
exception's own text: it may hold the user's code, a path or a key.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import PurePath

from ponder.errors import PonderError
from ponder.log import redact
from ponder.lsp.decoding import INTERNAL_ERROR, INVALID_PARAMS, REQUEST_FAILED, Refused
from ponder.session.ports import BadArgument

log = logging.getLogger(__name__)

STRIKES = 2
"""Crashes on one document before it is left alone: VS Code gives a server up after five in three minutes."""

Json = dict[str, object]


def error_object(code: int, message: str) -> Json:
    """A JSON-RPC error."""
    return {"code": code, "message": message}


def error_for(error: BaseException, what: str, new_id: Callable[[], str]) -> Json:
    """The JSON-RPC error for what a handler raised; unexpected failures are logged under a new id."""
    if isinstance(error, Refused):
        return error_object(error.code, redact(str(error)))
    if isinstance(error, BadArgument):
        return error_object(INVALID_PARAMS, redact(str(error)))
    if isinstance(error, PonderError):
        return error_object(REQUEST_FAILED, redact(str(error)))
    error_id = new_id()
    log.error("error %s in %s: %s", error_id, what, describe(error))
    return error_object(INTERNAL_ERROR, f"Ponder failed to do this (error {error_id}).")


def describe(error: BaseException) -> str:
    """Type and places of an exception, without its text, the lines of code, or any directory."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    return f"{type(error).__name__} at {places or 'nowhere'}"


class Quarantine:
    """Counts crashes by document. A document is forgotten when it is closed."""

    def __init__(self) -> None:
        self._crashes: dict[str, int] = {}

    def holds(self, uri: str | None) -> bool:
        """Whether this document crashed too often to be handled again."""
        return uri is not None and self._crashes.get(uri, 0) >= STRIKES

    def crashed(self, uri: str | None) -> bool:
        """Count a crash; True when this one puts the document into quarantine."""
        if uri is None:
            return False
        count = self._crashes[uri] = self._crashes.get(uri, 0) + 1
        return count == STRIKES

    def forget(self, uri: str) -> None:
        """Start anew with a document."""
        self._crashes.pop(uri, None)
