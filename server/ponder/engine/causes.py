"""Why an endpoint could not be reached, from what the system said. Imports neither the SDK nor a socket."""

import errno
from collections.abc import Iterator

_MOST = 20
"""Exceptions that are looked at behind one."""
# By the name of the class, more special ones first: naming a class is cheaper than importing it.
_WORDS = (
    ("gaierror", "its name is not known (DNS)"),
    ("SSLCertVerificationError", "its certificate is not trusted (TLS)"),
    ("SSLError", "no secure connection came about (TLS)"),
    ("ConnectionRefusedError", "nothing listens at this address (connection refused)"),
    ("ConnectionResetError", "the connection was reset"),
    ("TimeoutError", "it did not answer in time"),
    ("ConnectTimeout", "it did not answer in time"),
    ("ProxyError", "the proxy refuses"),
)
_NUMBERS = {
    errno.ENETUNREACH: "there is no way to this network",
    errno.EHOSTUNREACH: "there is no way to this host",
}


def reason(error: BaseException) -> str | None:
    """A clause without a full stop; None where nothing more is known."""
    behind = list(_behind(error))
    for name, words in _WORDS:
        if any(name in {kind.__name__ for kind in type(one).__mro__} for one in behind):
            return words
    numbers = [one.errno for one in behind if isinstance(one, OSError) and one.errno is not None]
    return next((_NUMBERS[number] for number in numbers if number in _NUMBERS), None)


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, each once."""
    waiting, seen = [error], 0
    while waiting and seen < _MOST:
        one = waiting.pop(0)
        seen += 1
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        led = one.__cause__ or one.__context__
        if led is not None:
            waiting.append(led)
