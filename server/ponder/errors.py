"""What can go wrong, as a user meets it. Nothing here is shown with a traceback or a local path.

PonderError                 expected trouble; its text is shown as it stands
└── RunError                trouble that ends a run; carries the `error` object of a run result
"""

from typing import Literal

from msgspec import Struct

ErrorKind = Literal[
    "authentication",
    "permission",
    "billing",
    "rateLimit",
    "overloaded",
    "network",
    "stalled",
    "invalidRequest",
    "tooLarge",
    "budget",
    "malformed",
    "stale",
    "internal",
]


class ErrorInfo(Struct, frozen=True, kw_only=True, rename="camel"):
    """The `error` object of a run result: what happened, and what the user can do about it."""

    kind: ErrorKind
    message: str
    hint: str | None = None
    request_id: str | None = None
    retryable: bool = False


class PonderError(Exception):
    """Expected trouble. Its text is one sentence for the user: what is wrong and what to do next."""


class RunError(PonderError):
    """A run cannot go on. `info` becomes the `error` of its result."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info
