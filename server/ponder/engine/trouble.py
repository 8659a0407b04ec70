"""Tells one failed request: from an exception to the words a user reads and the facts the retry policy needs.

Shows nothing the endpoint said without taking out credentials, line ends and excess.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct, structs

from ponder.engine.causes import reason
from ponder.engine.platforms import Platform
from ponder.engine.sdk_errors import MALFORMED, NETWORK, OURS, Row, refined, row_of, row_of_type
from ponder.errors import ErrorInfo
from ponder.log import redact

_SPACE: Final = re.compile(r"\s+")
_LONGEST_QUOTE: Final = 300


class Trouble(Struct, frozen=True, kw_only=True):
    """One failed request: what the user reads, and what the retry policy needs to know."""

    info: ErrorInfo
    resend: bool = False
    headers: dict[str, str] = {}
    status: int | None = None
    api_message: str = ""
    """The endpoint's own words, unshortened, to tell causes apart; never shown as it stands."""


def describe(error: BaseException, *, secrets: Iterable[str] = ()) -> Trouble:
    """What an exception of a request means. `secrets` never appear in the text, whatever the endpoint says."""
    row = row_of(error) or OURS
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return Trouble(info=_unreached(row, error), resend=row.resend)
    quote = _quote(getattr(error, "api_message", None) or "")
    row = refined(row, status=status, kind=getattr(error, "type", None), message=quote)
    headers = {str(name).lower(): str(value) for name, value in _headers(error)}
    return Trouble(
        info=_info(
            row, f"HTTP {status}", clean(quote, secrets), _identity(getattr(error, "request_id", None))
        ),
        resend=row.resend and headers.get("x-should-retry") != "false",
        headers=headers,
        status=status,
        api_message=quote,
    )


def describe_stream_error(
    body: Any, *, secrets: Iterable[str] = (), request_id: str | None = None
) -> Trouble:
    """What an `error` event inside a stream means. `body` is its `error` object, of any shape."""
    fields = body if isinstance(body, dict) else {}
    kind = fields.get("type")
    quote = _quote(fields.get("message"))
    row = row_of_type(kind)
    # There is no status inside a stream; the words of a refusal are those of a 400.
    row = refined(row, status=400 if row.kind == "invalidRequest" else 0, kind=kind, message=quote)
    return Trouble(
        info=_info(row, "", clean(quote, secrets), request_id), resend=row.resend, api_message=quote
    )


def on_platform(trouble: Trouble, platform: Platform) -> Trouble:
    """The same with the words of a cloud platform: its own variables, its own way to sign in."""
    info = trouble.info
    hint = info.hint
    if info.kind in ("authentication", "permission"):
        hint = (
            f"Check the sign-in ({platform.sign_in}) and that it may use the model; `ponder doctor` tests it."
        )
    elif hint is not None:
        hint = hint.replace("ANTHROPIC_BASE_URL", platform.base_url)
    return structs.replace(trouble, info=structs.replace(info, hint=hint))


def malformed(what: str, *, hint: str | None = None, request_id: str | None = None) -> Trouble:
    """An answer that cannot be used; `what` is a clause that says why."""
    message = f"The endpoint's answer is unusable: {what}."
    return Trouble(
        info=ErrorInfo(
            kind="malformed",
            message=message,
            hint=hint or MALFORMED.hint,
            request_id=request_id,
            retryable=True,
        )
    )


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Words of the endpoint made fit to be shown: one line, short, without credentials."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[redacted]")
    line = redact(_SPACE.sub(" ", text)).strip()
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def _info(row: Row, where: str = "", quote: str = "", request_id: str | None = None) -> ErrorInfo:
    message = row.message
    if where:
        message = f"{message.removesuffix('.')} ({where})."
    if quote:
        message = f"{message} It says: {quote}"
    return ErrorInfo(
        kind=row.kind, message=message, hint=row.hint, request_id=request_id, retryable=row.resend
    )


def _unreached(row: Row, error: BaseException) -> ErrorInfo:
    """The words for a request that had no answer; with the reason, where the system gave one."""
    info = _info(row)
    why = reason(error) if row is NETWORK else None
    return (
        info if why is None else structs.replace(info, message=f"The endpoint could not be reached: {why}.")
    )


def _quote(message: object) -> str:
    return message[:10_000] if isinstance(message, str) else ""


def _identity(value: object) -> str | None:
    return clean(value)[:100] if isinstance(value, str) else None


def _headers(error: BaseException) -> list[tuple[str, str]]:
    headers = getattr(getattr(error, "response", None), "headers", None)
    return list(headers.items()) if headers is not None else []
