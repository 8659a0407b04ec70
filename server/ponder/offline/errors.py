"""How the Messages API says no: status, `error.type`, message. Raises nothing by itself."""

from typing import Any

import msgspec

ERROR_TYPES: dict[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    415: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""`error.type` by HTTP status (platform documentation, "Errors", 2026-10-08)."""

_USUAL_MESSAGES: dict[int, str] = {
    400: "Invalid request.",
    401: "invalid x-api-key",
    402: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
    403: "Your API key does not have permission to use the specified resource.",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request timed out.",
    409: "Conflict",
    413: "Request exceeds the maximum allowed number of bytes.",
    422: "Unprocessable request.",
    429: "This request would exceed your organization's rate limit. Please try again later.",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "The request timed out while processing.",
    529: "Overloaded",
}


class ApiError(Exception):
    """A request is refused; becomes the HTTP answer in one place (`body`)."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        kind: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status = status
        self.message = message or _USUAL_MESSAGES.get(status, "Error")
        self.kind = kind or ERROR_TYPES.get(status, "api_error")
        self.code = code
        self.headers = headers or {}
        super().__init__(self.message)

    def payload(self, request_id: str | None) -> dict[str, Any]:
        """Return the JSON shape `{"type": "error", "error": {...}, "request_id": ...}`."""
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}

    def body(self, request_id: str | None) -> bytes:
        """Return the body bytes of the answer."""
        return msgspec.json.encode(self.payload(request_id))


def invalid(path: str, message: str) -> ApiError:
    """Return the 400 for a place in the request: `messages.0.role: Input should be …`."""
    return ApiError(400, f"{path}: {message}" if path else message)
