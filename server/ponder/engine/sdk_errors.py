"""The one table from what the SDK, its HTTP client and the endpoint report to what a user reads.

Decides nothing about waiting: `resend` says only whether the policy may send the request again by itself.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from ponder.errors import ErrorInfo, ErrorKind
from ponder.log import redact


class Row(Struct, frozen=True):
    """How one kind of trouble is told. `resend`: it may pass by itself, so the request may be sent again."""

    kind: ErrorKind
    message: str
    hint: str
    resend: bool = False


class Trouble(Struct, frozen=True, kw_only=True):
    """One failed request: what the user reads, and what the retry policy needs to know."""

    info: ErrorInfo
    resend: bool = False
    headers: dict[str, str] = {}
    status: int | None = None
    api_message: str = ""
    """The endpoint's own words, unshortened, to tell causes apart; never shown as it stands."""


_NETWORK: Final = Row(
    "network",
    "The endpoint could not be reached, or the connection broke.",
    "Check the network, the proxy and `ANTHROPIC_BASE_URL`, then run it again; `ponder doctor` tests the endpoint.",
    resend=True,
)
_TIMEOUT: Final = Row(
    "network",
    "The endpoint took too long.",
    "Run it again; `api.firstByteMs` and `api.connectMs` set how long to wait.",
    resend=True,
)
_CREDENTIAL: Final = Row(
    "authentication",
    "The endpoint does not accept the credential.",
    "Set a valid `ANTHROPIC_API_KEY` and restart the server; `ponder doctor` checks it.",
)
_BILLING: Final = Row(
    "billing",
    "The account cannot pay for this request: a spend limit or the balance is used up.",
    "Raise the limit or add credit in the account's billing settings.",
)
_INVALID: Final = Row(
    "invalidRequest",
    "The endpoint refuses this request.",
    "See `ponder routes` for what is sent to which model.",
)
_UNKNOWN_MODEL: Final = Row(
    "invalidRequest",
    "The endpoint does not know this model or address.",
    "Pick a model that `ponder routes` lists, and check `ANTHROPIC_BASE_URL`.",
)
_TOO_LARGE: Final = Row(
    "tooLarge",
    "The request is larger than the model or the endpoint takes.",
    "Select less text, or lower `context.budgetTokens`.",
)
_PERMISSION: Final = Row(
    "permission",
    "The credential is not allowed to do this.",
    "Use a key of a workspace that may use this model, or choose another model for the action.",
)
_RATE: Final = Row(
    "rateLimit", "The endpoint's rate limit is reached.", "Wait a moment, then run it again.", resend=True
)
_OVERLOADED: Final = Row(
    "overloaded",
    "The endpoint is overloaded.",
    "Run it again in a minute, or choose another model.",
    resend=True,
)
_SERVER: Final = Row(
    "internal",
    "The endpoint failed inside.",
    "Run it again; if it stays, look at the endpoint's status page.",
    resend=True,
)
_MALFORMED: Final = Row(
    "malformed",
    "The answer is not one of the Messages API.",
    "Check that `ANTHROPIC_BASE_URL` is a Messages API; `ponder doctor` tests it.",
)
_HOLD: Final = Row(
    "permission", "The organization of this key cannot use the endpoint now.", "Ask who manages the account."
)
_OURS: Final = Row("internal", "Ponder could not make the request.", "Please report this with the log.")

ROWS: Final[dict[str, Row]] = {
    # What the SDK raises, by class; a class without a row of its own takes that of its base.
    "AnthropicError": _OURS,
    "APIError": _SERVER,
    "APIConnectionError": _NETWORK,
    "APITimeoutError": _TIMEOUT,
    "APIResponseValidationError": _MALFORMED,
    "APIWebhookValidationError": _MALFORMED,
    "APIStatusError": _INVALID,
    "BadRequestError": _INVALID,
    "AuthenticationError": _CREDENTIAL,
    "PaymentRequiredError": _BILLING,
    "PermissionDeniedError": _PERMISSION,
    "NotFoundError": _UNKNOWN_MODEL,
    "RequestTimeoutError": _TIMEOUT,
    "ConflictError": Row(
        "internal", "The endpoint met a conflict with another request.", "Run it again.", resend=True
    ),
    "PreconditionFailedError": _INVALID,
    "ContentTooLargeError": _TOO_LARGE,
    "RequestTooLargeError": _TOO_LARGE,
    "RequestBodyTooLargeAfterDecodingError": _TOO_LARGE,
    "UnprocessableEntityError": _INVALID,
    "RateLimitError": _RATE,
    "RampLimitExceededError": _RATE,
    "ContractSpendLimitReachedError": _BILLING,
    "EnforcedSpendLimitReachedError": _BILLING,
    "LinkedOrganizationBillingUnavailableError": _BILLING,
    "LinkedOrganizationSpendLimitReachedError": _BILLING,
    "RequestHeaderFieldsTooLargeError": _TOO_LARGE,
    "ClientClosedRequestError": _NETWORK,
    "InternalServerError": _SERVER,
    "HTTPNotImplementedError": _INVALID,
    "ServiceUnavailableError": _OVERLOADED,
    "GatewayTimeoutError": _TIMEOUT,
    "DeadlineExceededError": _TIMEOUT,
    "OverloadedError": _OVERLOADED,
    "RetryableError": _SERVER,
    "CredentialsError": _CREDENTIAL,
    "IdentityTokenFileError": _CREDENTIAL,
    "WorkloadIdentityError": _CREDENTIAL,
    "CMEKContextUnavailableError": _OVERLOADED,
    "CMEKKeyUnreachableError": _OVERLOADED,
    "CMEKKeyDisabledError": _HOLD,
    "CMEKKeyNetworkBlockedError": _HOLD,
    "ClaudeCodeKeyCreatorNotMemberError": _PERMISSION,
    "ClaudeCodeVersionTooOldError": _PERMISSION,
    "OrganizationOnHoldError": _HOLD,
    "OrganizationTypeNotSupportedError": _HOLD,
    "ParentOrganizationRequiredError": _HOLD,
    "RequestBodyEncodingInvalidError": _INVALID,
    "RequestBodyEncodingUnsupportedError": _INVALID,
    "SandboxEgressRestrictedError": _PERMISSION,
    # What the HTTP client raises while an answer is read: the SDK does not wrap these.
    "HTTPError": _NETWORK,
    "TimeoutException": _TIMEOUT,
    "DecodingError": _MALFORMED,
    "TooManyRedirects": _UNKNOWN_MODEL,
    "UnsupportedProtocol": _UNKNOWN_MODEL,
    "LocalProtocolError": _OURS,
    "StreamError": _NETWORK,
    "InvalidURL": _UNKNOWN_MODEL,
    "CookieConflict": _MALFORMED,
    "OSError": _NETWORK,
}

# `error.type` inside a stream, where no status code tells; any other is an inner failure of the endpoint.
TYPES: Final[dict[str, Row]] = {
    "overloaded_error": _OVERLOADED,
    "api_error": _SERVER,
    "rate_limit_error": _RATE,
    "timeout_error": _TIMEOUT,
    "invalid_request_error": _INVALID,
    "authentication_error": _CREDENTIAL,
    "billing_error": _BILLING,
    "permission_error": _PERMISSION,
    "not_found_error": _UNKNOWN_MODEL,
    "request_too_large": _TOO_LARGE,
    "conflict_error": ROWS["ConflictError"],
}
_SPENT: Final = re.compile(r"credit balance|spend(ing)? limit|usage limits?", re.IGNORECASE)
_LONG: Final = re.compile(
    r"prompt is too long|too many tokens|context (window|length|limit)|maximum context|request_too_large",
    re.IGNORECASE,
)
_REDIRECT: Final = Row(
    "invalidRequest",
    "The endpoint redirects to another address, which Ponder does not follow.",
    "Set `ANTHROPIC_BASE_URL` to the address itself.",
)
_SPACE: Final = re.compile(r"\s+")
_LONGEST_QUOTE: Final = 300


def describe(error: BaseException, *, secrets: Iterable[str] = ()) -> Trouble:
    """What an exception of a request means. `secrets` never appear in the text, whatever the endpoint says."""
    row = next((ROWS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in ROWS), _OURS)
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return Trouble(info=_info(row), resend=row.resend)
    quote = _quote(getattr(error, "api_message", None) or "")
    row = _refined(row, status, getattr(error, "type", None), quote)
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


def is_known(error: BaseException) -> bool:
    """Whether the table expects this exception; any other is a fault of Ponder's own."""
    return any(kind.__name__ in ROWS for kind in type(error).__mro__)


def describe_stream_error(
    body: Any, *, secrets: Iterable[str] = (), request_id: str | None = None
) -> Trouble:
    """What an `error` event inside a stream means. `body` is its `error` object, of any shape."""
    fields = body if isinstance(body, dict) else {}
    kind = fields.get("type")
    quote = _quote(fields.get("message"))
    row = TYPES.get(kind, _SERVER) if isinstance(kind, str) else _SERVER
    row = _refined(row, 400 if row is _INVALID else 0, kind, quote)
    return Trouble(
        info=_info(row, "", clean(quote, secrets), request_id), resend=row.resend, api_message=quote
    )


def malformed(what: str, *, hint: str | None = None, request_id: str | None = None) -> Trouble:
    """An answer that cannot be used; `what` is a clause that says why."""
    message = f"The endpoint's answer is unusable: {what}."
    return Trouble(
        info=ErrorInfo(
            kind="malformed",
            message=message,
            hint=hint or _MALFORMED.hint,
            request_id=request_id,
            retryable=True,
        )
    )


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Words of the endpoint made fit to be shown: one line, short, without credentials."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[redacted]")
    line = _SPACE.sub(" ", redact(text)).strip()
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def _refined(row: Row, status: int, kind: object, quote: str) -> Row:
    """Tell apart what one status stands for. The endpoint has no codes for these, only words."""
    if kind == "billing_error" or (status in (400, 403, 429) and _SPENT.search(quote)):
        return _BILLING
    if status == 400 and (kind == "request_too_large" or _LONG.search(quote)):
        return _TOO_LARGE
    return _REDIRECT if 300 <= status < 400 else row


def _info(row: Row, where: str = "", quote: str = "", request_id: str | None = None) -> ErrorInfo:
    message = row.message
    if where:
        message = f"{message.removesuffix('.')} ({where})."
    if quote:
        message = f"{message} It says: {quote}"
    return ErrorInfo(
        kind=row.kind, message=message, hint=row.hint, request_id=request_id, retryable=row.resend
    )


def _quote(message: object) -> str:
    return message[:10_000] if isinstance(message, str) else ""


def _identity(value: object) -> str | None:
    return clean(value)[:100] if isinstance(value, str) else None


def _headers(error: BaseException) -> list[tuple[str, str]]:
    headers = getattr(getattr(error, "response", None), "headers", None)
    return list(headers.items()) if headers is not None else []
