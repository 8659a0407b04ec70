"""Names of files that a model cannot give back as they are. Looks at letters only; reads nothing."""

import re

from ponder.files.reasons import Reason

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_UTF8 = re.compile(r"[\ud800-\udfff]")


def untellable(path: str) -> Reason | None:
    """Why what a model says of this path could not be placed in it again; None where it could.

    `path` may hold the lone surrogates that stand for bytes which are no UTF-8.
    """
    if _NO_UTF8.search(path):
        return Reason("name", "in bytes that are no UTF-8")
    return Reason("name", "with control characters") if _CONTROL.search(path) else None
