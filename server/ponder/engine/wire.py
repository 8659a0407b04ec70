"""Decodes the data of one stream event. Judges nothing: order and sense are checked where events are reduced."""

import json
from typing import Any, Final

import msgspec
from msgspec import Struct

# What some gateways of other makes send after the last event.
_END_MARK: Final = b"[DONE]"


class ProtocolError(Exception):
    """The stream is not one of the Messages API. Its text names the fault without quoting the stream."""


class WireDelta(Struct):
    """The `delta` of `content_block_delta` and of `message_delta`; which fields count is said by `type`."""

    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    citation: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


class WireEvent(Struct):
    """One event; which fields count is said by `type`. Fields that are not known are skipped."""

    type: str = ""
    index: int = -1
    delta: WireDelta | None = None
    content_block: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    usage: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(WireEvent).decode
_END: Final = WireEvent(type="end_mark")


def decode(data: bytes) -> WireEvent:
    """The event in this data. Raises ProtocolError where it is not UTF-8, not JSON or of the wrong shape."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return _decode_rarity(data, error)


def _decode_rarity(data: bytes, error: Exception) -> WireEvent:
    if data.strip() == _END_MARK:
        return _END
    if isinstance(error, UnicodeDecodeError):
        raise ProtocolError("it is not valid UTF-8") from None
    # A lone surrogate is legal in JSON and refused by msgspec; the text has to survive exactly.
    if b"\\u" in data:
        try:
            return msgspec.convert(json.loads(data), WireEvent)
        except (ValueError, RecursionError, msgspec.ValidationError):
            pass
    raise ProtocolError("it holds an event that is not valid JSON") from None
