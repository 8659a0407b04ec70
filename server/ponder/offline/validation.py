"""Everything a Messages request must pass, in the order the API checks it. Changes nothing."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ponder.offline.errors import ApiError
from ponder.offline.message_rules import check_message_rules
from ponder.offline.model_rules import check_model_rules
from ponder.offline.models import Catalogue, Model
from ponder.offline.prompt import Prompt, read_prompt
from ponder.offline.request_shape import BINDING_BETA, NEWEST_VERSION, VERSIONS, check_shape
from ponder.offline.schema_rules import check_schemas
from ponder.offline.thinking_rules import Checked, check_thinking

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes of a Messages or count_tokens request (platform documentation, "Errors", 2026-10-08)."""

DEEPEST = 200
"""Levels of JSON; a bound of our own, so that no body can exhaust the stack."""

_TOO_DEEP = "The request body is nested too deeply."


class Valid(Struct, frozen=True):
    """A request that passed: its model, the body as the model reads it, and its prompt."""

    model: Model
    checked: Checked
    prompt: Prompt
    binding: bool


def check_headers(headers: Mapping[str, str], *, with_body: bool, keys: frozenset[str] | None) -> None:
    """Check version, credentials and content type of a request (names in lower case).

    Any key is good that does not begin with `invalid`, or, where `keys` is given, one of these.
    """
    key = headers.get("x-api-key")
    bearer = headers.get("authorization", "")
    if key is None and not bearer:
        raise ApiError(401, "x-api-key header is required")
    if key is None:
        scheme, _, key = bearer.partition(" ")
        if scheme.lower() != "bearer":
            raise ApiError(401, "Invalid authorization header")
    key = key.strip()
    if not key or key.startswith("invalid") or (keys is not None and key not in keys):
        raise ApiError(401, "invalid x-api-key" if "x-api-key" in headers else "Invalid bearer token")
    version = headers.get("anthropic-version")
    if version is None:
        raise ApiError(400, "anthropic-version: header is required")
    if version not in VERSIONS:
        raise ApiError(400, f'anthropic-version: "{version}" is not a valid version')
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if with_body and kind != "application/json":
        raise ApiError(400, "content-type: must be application/json")


def parse_body(body: bytes, largest: int = LARGEST_BODY) -> dict[str, Any]:
    """Return the JSON object of a body. Raises `ApiError` 413 or 400."""
    if len(body) > largest:
        raise ApiError(413)
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, f"The request body is not valid JSON: {error}") from None
    except RecursionError:
        raise ApiError(400, _TOO_DEEP) from None
    if not isinstance(parsed, dict):
        raise ApiError(400, "Input should be an object")
    if _is_deeper(parsed, DEEPEST):
        raise ApiError(400, _TOO_DEEP)
    return parsed


def validate(
    body: dict[str, Any],
    catalogue: Catalogue,
    headers: Mapping[str, str],
    *,
    counting: bool = False,
    paused: Callable[[object], bool] = lambda _content: False,
) -> Valid:
    """Check a body completely. Raises `ApiError`: 404 for an unknown model, else 400.

    The version is taken from the headers; `counting` for `count_tokens`. `paused` knows the answers that ended in
    `pause_turn`: such an answer may stand last.
    """
    version = headers.get("anthropic-version", NEWEST_VERSION)
    betas = frozenset(name.strip() for name in headers.get("anthropic-beta", "").split(","))
    check_shape(body, version, betas, counting=counting)
    model = catalogue.find(body["model"])
    if model is None or model.lifecycle == "retired":
        raise ApiError(404, f"model: {body['model']}")
    check_message_rules(body, version, system_messages=model.system_messages)
    goes_on = bool(body["messages"]) and paused(body["messages"][-1].get("content"))
    check_model_rules(body, model, counting=counting, goes_on=goes_on)
    check_schemas(body)
    behaviour = ((body.get("thinking") or {}).get("block_binding") or {}).get("prefix_mismatch_behavior")
    checked = check_thinking(body, model, drop=behaviour == "drop_block")
    prompt = read_prompt(checked.body, model)
    if prompt.tokens > model.max_input_tokens:
        raise ApiError(400, f"prompt is too long: {prompt.tokens} tokens > {model.max_input_tokens} maximum")
    return Valid(model, checked, prompt, BINDING_BETA in betas)


def _is_deeper(value: Any, limit: int) -> bool:
    """Whether JSON has more than `limit` levels."""
    level = [value]
    for _ in range(limit):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
