"""Which files a review left unreviewed, and why, until a review of them succeeds. Starts no review and decides none."""

from collections.abc import Callable

from msgspec import Struct

from ponder.engine.events import Status
from ponder.errors import ErrorInfo, ErrorKind
from ponder.session.run import Run

REVIEW = "review"
_CAUSES: dict[ErrorKind, str] = {
    "authentication": "the endpoint does not accept the credential",
    "permission": "the credential may not do this",
    "billing": "the account cannot pay for it",
    "rateLimit": "the endpoint's rate limit is reached",
    "overloaded": "the endpoint is overloaded",
    "network": "the endpoint could not be reached, or the connection broke",
    "stalled": "the answer stalled",
    "invalidRequest": "the endpoint refuses the request",
    "tooLarge": "it is too large for the model",
    "budget": "a spending limit is reached",
    "malformed": "the answer was unusable",
    "stale": "its text had changed",
    "internal": "something went wrong inside the endpoint or Ponder",
}
_ENDS: dict[Status, str] = {
    "refused": "the model declined",
    "truncated": "the answer was cut short",
    "failed": "it failed",
}


class _Left(Struct, frozen=True):
    path: str
    cause: str


class Unreviewed:
    """The files of one session, by uri."""

    def __init__(self) -> None:
        self._left: dict[str, _Left] = {}

    def ended(self, run: Run) -> str | None:
        """A run ended: remember what it left unreviewed. Returns a sentence where a review on save meets a new cause.

        What somebody asked for is told where it was asked. A review that was cancelled changes nothing, and one of a
        part says nothing of the rest.
        """
        uri, by_itself = run.document.uri, run.request.trigger == "save"
        if run.action.id != REVIEW or run.request.trigger not in {"save", "command"}:
            return None
        if run.status == "done":
            if by_itself or run.request.span is None:
                self.reviewed(uri)
            return None
        if run.status is None or run.status == "cancelled":
            return None
        left = _Left(run.document.path, _cause(run.status, run.error))
        # A spending limit is told by what holds reviews back.
        limit = run.status == "failed" and run.error is not None and run.error.kind == "budget"
        news = by_itself and not limit and all(one.cause != left.cause for one in self._left.values())
        # The newest stands last.
        self._left.pop(uri, None)
        self._left[uri] = left
        hint = f" {run.error.hint}" if run.error is not None and run.error.hint else ""
        return f"`{left.path}` is not reviewed: {left.cause}.{hint}" if news else None

    def reviewed(self, uri: str) -> None:
        """The file is reviewed as it is."""
        self._left.pop(uri, None)

    def words(self, is_open: Callable[[str], bool]) -> str:
        """The newest open file and its cause, and how many others there are, for a status bar; empty where there are none."""
        left = [one for uri, one in self._left.items() if is_open(uri)]
        if not left:
            return ""
        others = len(left) - 1
        more = f" (and {others:,} more {'file' if others == 1 else 'files'})" if others else ""
        return f"{left[-1].path} is not reviewed: {left[-1].cause}{more}"


def _cause(status: Status, error: ErrorInfo | None) -> str:
    if status != "failed" or error is None:
        return _ENDS[status]
    return _CAUSES[error.kind]
