"""JSON in and out: msgspec where it can, the standard library where it must. Knows no method and keeps no state.

msgspec refuses what JSON text in the wild holds (half surrogate pairs, NaN, a byte-order mark); such a message is
read again by `json`. What neither reads is answered, not guessed.
"""

import json
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct

from ponder.errors import PonderError
from ponder.lsp import faults

T = TypeVar("T")

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
CANCELLED = -32800
REQUEST_FAILED = -32803


class Refused(PonderError):  # noqa: N818 - the name says what happened
    """A message that gets an error for an answer. `id` is None where none could be read."""

    def __init__(self, code: int, message: str, request_id: int | str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.id = request_id


class Message(Struct, frozen=True):
    """A message in order. `method` is None for a response; `is_request` says whether an answer is due."""

    id: int | str | None
    method: str | None
    params: object = None
    result: object = None
    error: object = None

    @property
    def is_request(self) -> bool:
        """Whether this must be answered."""
        return self.method is not None and self.id is not None


class _RawEnvelope(Struct):
    """An envelope whose payload is left as bytes, to be read by its own type."""

    jsonrpc: Any = None
    id: Any = UNSET
    method: Any = UNSET
    # Bytes as msgspec left them; plain data where `json` had to read the message.
    params: Raw = Raw(b"null")
    result: Raw = Raw(b"null")
    error: Any = UNSET


_FIELDS = _RawEnvelope.__struct_fields__
_ENVELOPE = msgspec.json.Decoder(_RawEnvelope)
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def read_message(body: bytes) -> Message:
    """One message from its bytes. Raises Refused with -32700 for no JSON and -32600 for no JSON-RPC."""
    try:
        envelope = _ENVELOPE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        sent = _read_leniently(body)
        if not isinstance(sent, dict):
            raise Refused(INVALID_REQUEST, "A message must be one JSON object.") from None
        return _checked(_RawEnvelope(**{name: sent[name] for name in _FIELDS if name in sent}))
    return _checked(envelope)


def _checked(sent: _RawEnvelope) -> Message:
    message_id, method, error = sent.id, sent.method, sent.error
    plain_id = message_id if type(message_id) is int or type(message_id) is str else None
    if method is UNSET:
        if plain_id is None or (sent.jsonrpc != "2.0"):
            if message_id is None and error is not UNSET:
                # An error for a message of ours the client could not read: there is nobody to tell.
                return Message(None, None, error=error)
            raise Refused(INVALID_REQUEST, "This is neither a request nor a response.", plain_id)
        return Message(plain_id, None, result=sent.result, error=None if error is UNSET else error)
    if message_id is not UNSET and plain_id is None:
        raise Refused(INVALID_REQUEST, "`id` must be a whole number or a string.")
    if type(method) is not str:
        raise Refused(INVALID_REQUEST, "`method` must be a string.", plain_id)
    if sent.jsonrpc != "2.0":
        raise Refused(INVALID_REQUEST, '`jsonrpc` must be "2.0".', plain_id)
    return Message(plain_id, method, sent.params)


def _read_leniently(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(PARSE_ERROR, "The message is no JSON.") from None


def read_params(params: object, kind: type[T]) -> T:
    """Parameters as a struct. Raises Refused with -32602 whose text names the field."""
    try:
        if isinstance(params, Raw):
            decoder = _DECODERS.get(kind) or _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))
            try:
                decoded: T = decoder.decode(params)
            except msgspec.ValidationError:
                raise
            except (msgspec.DecodeError, UnicodeDecodeError):
                params = _read_leniently(bytes(params))
            else:
                return decoded
        return msgspec.convert(params, kind)
    except msgspec.ValidationError as error:
        raise Refused(INVALID_PARAMS, f"Invalid parameters: {faults.words(error)[:300]}.") from None
    except RecursionError:
        raise Refused(INVALID_PARAMS, "Invalid parameters: nested too deep") from None


def read_plain(params: object) -> Any:
    """Parameters or a result as plain data; None where they cannot be read."""
    try:
        return read_params(params, object)
    except Refused:
        return None


def write(message: object) -> bytes:
    """One message with its header. Half surrogate pairs leave as escapes, which JSON allows."""
    try:
        body = msgspec.json.encode(message)
    except UnicodeEncodeError:
        body = json.dumps(msgspec.to_builtins(message), separators=(",", ":")).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
