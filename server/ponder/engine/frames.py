"""Splits the frames that AWS wraps an event stream in. Knows nothing of what the events say, and does no IO.

A frame: total length, length of the headers, checksum of both, headers, payload, checksum of all (Amazon's
"event stream encoding"); all numbers big-endian. The payload of a `chunk` holds one event in base64.
"""

import base64
import binascii
import json
import struct
import zlib
from typing import Final

from ponder.engine.sse import MAX_EVENT_BYTES, MAX_STREAM_BYTES, StreamTooLargeError
from ponder.engine.wire import ProtocolError

_PRELUDE: Final = struct.Struct(">III")
_TEXT_HEADER: Final = 7
_BROKEN: Final = "its frames are broken"


class FrameSplitter:
    """Takes the stream in pieces of any size; gives the event of each frame that became complete."""

    def __init__(self) -> None:
        self.received = 0
        self._pending = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """The events completed by these bytes. Raises StreamTooLargeError, or ProtocolError for a broken frame."""
        self.received += len(piece)
        self._pending += piece
        if self.received > MAX_STREAM_BYTES:
            raise StreamTooLargeError
        events = []
        while len(self._pending) >= _PRELUDE.size:
            total, headers, checksum = _PRELUDE.unpack_from(self._pending)
            if zlib.crc32(self._pending[:8]) != checksum or total < headers + 16:
                raise ProtocolError(_BROKEN)
            if total > MAX_EVENT_BYTES:
                raise StreamTooLargeError
            if len(self._pending) < total:
                break
            frame = bytes(self._pending[:total])
            del self._pending[:total]
            if zlib.crc32(frame[:-4]) != int.from_bytes(frame[-4:], "big"):
                raise ProtocolError(_BROKEN)
            if event := _event(frame[12 : 12 + headers], frame[12 + headers : -4]):
                events.append(event)
        return events


def _event(headers: bytes, payload: bytes) -> bytes:
    """The event of a frame as the Messages API writes it; an exception becomes an `error` event."""
    named = _texts(headers)
    try:
        content = json.loads(payload) if payload else {}
        if named.get(":message-type", "event") != "event":
            kind = named.get(":exception-type") or named.get(":error-code") or ""
            message = content.get("message") or named.get(":error-message") or ""
            error = {"type": _KINDS.get(kind, "api_error"), "message": str(message)}
            return json.dumps({"type": "error", "error": error}).encode()
        return base64.b64decode(content.get("bytes", ""), validate=True)
    except (ValueError, AttributeError, TypeError, binascii.Error):
        raise ProtocolError(_BROKEN) from None


# Exceptions of Bedrock's stream by the kind of error the Messages API has for them.
_KINDS: Final = {
    "throttlingException": "rate_limit_error",
    "serviceUnavailableException": "overloaded_error",
    "modelTimeoutException": "timeout_error",
    "validationException": "invalid_request_error",
    "internalServerException": "api_error",
    "modelStreamErrorException": "api_error",
}


def _texts(headers: bytes) -> dict[str, str]:
    """The headers up to the first that is no text: those that count are texts."""
    found: dict[str, str] = {}
    at = 0
    while at < len(headers):
        name_end = at + 1 + headers[at]
        value = name_end + 3
        if value > len(headers) or headers[name_end] != _TEXT_HEADER:
            break
        end = value + int.from_bytes(headers[name_end + 1 : value], "big")
        found[headers[at + 1 : name_end].decode("utf-8", "replace")] = headers[value:end].decode(
            "utf-8", "replace"
        )
        at = end
    return found
