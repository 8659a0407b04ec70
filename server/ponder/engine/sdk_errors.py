"""The one table from what the SDK, its HTTP client and the endpoint report to what a user reads.

Imports neither of them: rows stand under the names of their classes. Decides nothing about waiting.
"""

import re
from typing import Final

from msgspec import Struct

from ponder.errors import ErrorKind


class Row(Struct, frozen=True):
    """How one kind of trouble is told. `resend`: it may pass by itself, so the request may be sent again."""

    kind: ErrorKind
    message: str
    hint: str
    resend: bool = False


NETWORK: Final = Row(
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
    "Sign in again where the editor asks for a key, or set a valid `ANTHROPIC_API_KEY` and restart the server;"
    " `ponder doctor` checks it.",
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
MALFORMED: Final = Row(
    "malformed",
    "The answer is not one of the Messages API.",
    "Check that `ANTHROPIC_BASE_URL` is a Messages API; `ponder doctor` tests it.",
)
_HOLD: Final = Row(
    "permission", "The organization of this key cannot use the endpoint now.", "Ask who manages the account."
)
OURS: Final = Row("internal", "Ponder could not make the request.", "Please report this with the log.")

ROWS: Final[dict[str, Row]] = {
    # What the SDK raises, by class; a class without a row of its own takes that of its base.
    "AnthropicError": OURS,
    "APIError": _SERVER,
    "APIConnectionError": NETWORK,
    "APITimeoutError": _TIMEOUT,
    "APIResponseValidationError": MALFORMED,
    "APIWebhookValidationError": MALFORMED,
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
    "ClientClosedRequestError": NETWORK,
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
    "HTTPError": NETWORK,
    "TimeoutException": _TIMEOUT,
    "DecodingError": MALFORMED,
    "TooManyRedirects": _UNKNOWN_MODEL,
    "UnsupportedProtocol": _UNKNOWN_MODEL,
    "LocalProtocolError": OURS,
    "StreamError": NETWORK,
    "InvalidURL": _UNKNOWN_MODEL,
    "CookieConflict": MALFORMED,
    "OSError": NETWORK,
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
# There is no code for these either: the endpoint names the field that it refuses.
_BUDGET: Final = re.compile(r"budget_tokens|max_tokens")
_THINKING: Final = re.compile(r"thinking|effort|output_config|output_format|adaptive", re.IGNORECASE)
_BAD_BUDGET: Final = Row(
    "invalidRequest",
    "The endpoint refuses the thinking budget or the room for the answer.",
    "Set `thinking` of the action to 1024 or more (0 for none), `answerTokens` above 0, and the model's own"
    ' `maxTokens` under [models."ID"] in your settings; `ponder routes` shows what is sent.',
)
_BAD_THINKING: Final = Row(
    "invalidRequest",
    "The endpoint refuses how thinking, effort or the answer's form was asked for.",
    'Say what the model takes: `thinkingTypes`, `efforts` or `structuredOutputs` under [models."ID"] in your'
    " settings; `ponder routes` shows what is sent.",
)
_REDIRECT: Final = Row(
    "invalidRequest",
    "The endpoint redirects to another address, which Ponder does not follow.",
    "Set `ANTHROPIC_BASE_URL` to the address itself.",
)


def row_of(error: BaseException) -> Row | None:
    """The row of an exception, or None for one that nothing outside Ponder raises."""
    # The SDK wraps all that goes wrong while a request is sent; the cause knows more.
    if type(error).__name__ == "APIConnectionError" and error.__cause__ is not None:
        return _named(error.__cause__) or NETWORK
    return _named(error)


def _named(error: BaseException) -> Row | None:
    return next((ROWS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in ROWS), None)


def row_of_type(kind: object) -> Row:
    """The row of an `error.type` inside a stream."""
    return TYPES.get(kind, _SERVER) if isinstance(kind, str) else _SERVER


def refined(row: Row, *, status: int, kind: object, message: str) -> Row:
    """Tell apart what one status stands for. The endpoint has no codes for these, only words."""
    if kind == "billing_error" or (status in (400, 403, 429) and _SPENT.search(message)):
        return _BILLING
    if status == 400 and (kind == "request_too_large" or _LONG.search(message)):
        return _TOO_LARGE
    if status in (400, 422) and row is _INVALID:
        # The budget first: its refusals name thinking as well.
        if _BUDGET.search(message):
            return _BAD_BUDGET
        if _THINKING.search(message):
            return _BAD_THINKING
    return _REDIRECT if 300 <= status < 400 else row
