"""The table from exceptions to what a user reads, and what the retry policy makes of it."""

import math
from email.utils import parsedate_to_datetime

import anthropic
import httpx2
import pytest
from anthropic import _error_classes

from ponder.config.settings import ApiSettings
from ponder.engine.retry import Breaker, Stop, Wait, decide, retry_after
from ponder.engine.sdk_errors import ROWS, TYPES
from ponder.engine.timeouts import Timeouts
from ponder.engine.trouble import Trouble, clean, describe, describe_stream_error
from ponder.errors import ErrorInfo

EXPORTED = sorted(
    name
    for name in dir(anthropic)
    if isinstance(getattr(anthropic, name), type) and issubclass(getattr(anthropic, name), BaseException)
)
HTTP = sorted(
    name
    for name in dir(httpx2)
    if isinstance(getattr(httpx2, name), type)
    and issubclass(getattr(httpx2, name), Exception)
    and not issubclass(getattr(httpx2, name), Warning)
)
REQUEST = httpx2.Request("POST", "http://x.invalid")


def status_error(
    kind: type[anthropic.APIStatusError], status: int, message: str = "?"
) -> anthropic.APIStatusError:
    body = {"type": "error", "error": {"type": "x", "message": message}}
    response = httpx2.Response(status, json=body, request=REQUEST, headers={"request-id": "req_1"})
    return kind("raw " + message, response=response, body=body)


def test_every_class_of_the_sdk_has_a_row() -> None:
    """A class that a new SDK exports has to be looked at before it ships."""
    assert EXPORTED
    assert [name for name in EXPORTED if name not in ROWS] == []


@pytest.mark.parametrize("name", HTTP)
def test_every_class_of_the_http_client_is_known(name: str) -> None:
    """Each has a row, its own or that of a base."""
    assert any(kind.__name__ in ROWS for kind in getattr(httpx2, name).__mro__)


def test_every_code_of_the_api_keeps_the_kind_of_its_status() -> None:
    """The SDK's classes for error codes take the row of their status, unless they have one of their own."""
    for (status, code), kind in _error_classes.ERROR_CLASSES.items():
        if status == 0 or not isinstance(kind, type):
            continue
        found = describe(status_error(kind, status))
        assert found.info.kind != "internal" or status in (409, 500), (status, code, found)


@pytest.mark.parametrize(("kind", "row"), TYPES.items())
def test_errors_inside_a_stream(kind: str, row: object) -> None:
    """Each type of error has its row, and its words are shown clean."""
    found = describe_stream_error({"type": kind, "message": "No\nwith sk-ant-abcdefgh1234"}, secrets=("No",))
    assert found.info.kind == TYPES[kind].kind
    assert "sk-ant" not in found.info.message
    assert found.info.message.endswith("[redacted] with [redacted]")


def test_words_of_the_endpoint_are_bounded() -> None:
    """A long, multi-line message with control characters becomes one short line."""
    said = clean("a\x00b\r\n\tc" + "x" * 10_000)
    assert len(said) == 300
    assert said.startswith("a�b c")


def test_each_row_says_what_to_do() -> None:
    """A message is a sentence, and so is its hint."""
    for row in (*ROWS.values(), *TYPES.values()):
        assert row.message.endswith(".")
        assert row.hint.endswith(".")


DATE = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1"}, 1),
        ({"retry-after": "61"}, 61),
        ({"retry-after": "86400"}, 86_400),
        ({"retry-after": "inf"}, math.inf),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "1500", "retry-after": "60"}, 1.5),
        ({"retry-after-ms": "nan", "retry-after": "7"}, 7),
        ({"retry-after-ms": "99999999999"}, 99_999_999.999),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:00 GMT", "date": DATE}, 86_400),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": DATE}, 20),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": "never"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """A-09: the local clock counts only for a date without `date`; what makes no sense asks for nothing."""
    now = parsedate_to_datetime(DATE).timestamp() - 20
    assert retry_after(headers, now) == (pytest.approx(seconds) if seconds is not None else None)


def check(headers: dict[str, str], **more: float) -> Wait | Stop:
    failure = Trouble(
        info=ErrorInfo(kind="rateLimit", message="?"), resend=bool(more.pop("resend", 1)), headers=headers
    )
    known = {"tries": 1, "max_tries": 4, "elapsed_s": 0.0, "jitter": 0.0, "now": 0.0} | more
    return decide(failure, **known)  # type: ignore[arg-type]  # a table of figures


@pytest.mark.parametrize(
    ("headers", "more", "decision"),
    [
        ({}, {}, Wait(0.5)),
        ({}, {"tries": 2}, Wait(1.0)),
        ({}, {"tries": 3}, Wait(2.0)),
        ({}, {"tries": 4}, Stop()),
        ({}, {"jitter": 1.0}, Wait(0.375)),
        ({}, {"tries": 9, "max_tries": 20}, Wait(8.0)),
        ({}, {"elapsed_s": 44.4}, Wait(0.5)),
        ({}, {"elapsed_s": 44.6}, Stop()),
        ({}, {"resend": 0}, Stop()),
        ({"retry-after": "0"}, {}, Wait(0.5)),
        ({"retry-after": "60"}, {}, Wait(60.0)),
        ({"retry-after": "60"}, {"elapsed_s": 50.0}, Stop(60.0)),
        ({"retry-after": "61"}, {}, Stop(61.0)),
        ({"retry-after": "inf"}, {}, Stop(math.inf)),
        ({"retry-after": "3"}, {"resend": 0}, Stop(3.0)),
    ],
)
def test_decisions(headers: dict[str, str], more: dict[str, float], decision: Wait | Stop) -> None:
    """A-02, A-09: at most the tries and the window, never a wait beyond 60 s."""
    assert check(headers, **more) == decision


def test_breaker() -> None:
    """A-11: the fifth failure in a row closes background work for five minutes, one success opens it."""
    breaker = Breaker()
    for count in range(5):
        assert breaker.allows(0.0), count
        breaker = breaker.after(failed=True, now=100.0)
    assert [breaker.allows(now) for now in (100.0, 399.0, 400.0)] == [False, False, True]
    assert breaker.after(failed=False, now=101.0) == Breaker()


def test_timeouts_of_the_settings() -> None:
    """What the settings name is taken over; built-in patience and built-in settings are the same."""
    assert Timeouts.of(ApiSettings()) == Timeouts()
    given = ApiSettings(connect_ms=1, first_byte_ms=2, stall_ms=3, max_tries=5)
    assert Timeouts.of(given) == Timeouts(connect_ms=1, first_byte_ms=2, stall_ms=3, max_tries=5)
