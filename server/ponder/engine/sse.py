"""Splits the bytes of an event stream into events. Knows nothing of what the events say, and does no IO.

Follows "Parsing an event stream" of the HTML standard: any of CR LF, LF, CR ends a line, comments and unknown
fields are skipped, an event that the end of the stream cuts off is dropped.
"""

from typing import Final

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
MAX_STREAM_BYTES: Final = 512 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"


class StreamTooLargeError(Exception):
    """An event or the whole stream is larger than any answer can be."""


class Splitter:
    """Takes the stream in pieces of any size; gives the `data` of each event that became complete."""

    def __init__(self, *, max_event: int = MAX_EVENT_BYTES, max_stream: int = MAX_STREAM_BYTES) -> None:
        self.received = 0
        self._max_event = max_event
        self._max_stream = max_stream
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, piece: bytes) -> list[bytes]:
        """The events completed by these bytes. Raises StreamTooLargeError when a bound is passed."""
        self.received += len(piece)
        if self.received > self._max_stream:
            raise StreamTooLargeError
        if self._after_cr or b"\r" in piece:
            piece = self._normalised(piece)
        pending = self._pending
        # Joined only when an event ends: a large event in small pieces stays linear.
        if b"\n\n" not in piece and not (pending and piece[:1] == b"\n" and pending[-1][-1:] == b"\n"):
            if piece:
                pending.append(piece)
                self._pending_size += len(piece)
                if self._pending_size > self._max_event:
                    raise StreamTooLargeError
            return []
        if pending:
            piece = b"".join((*pending, piece))
        frames = piece.split(b"\n\n")
        rest = frames.pop()
        self._pending = [rest] if rest else []
        self._pending_size = len(rest)
        if self._at_start:
            self._at_start = False
            frames[0] = frames[0].removeprefix(_BOM)
        return self._payloads(frames)

    def _payloads(self, frames: list[bytes]) -> list[bytes]:
        payloads = []
        for frame in frames:
            head, mark, payload = frame.partition(b"data: ")
            # Nearly every event is one `event:` line and one `data:` line; the rest takes the long way.
            plain = mark and b"\n" not in payload and (not head or _is_event_line(head))
            found = payload if plain else _long_way(frame)
            if found:
                if len(found) > self._max_event:
                    raise StreamTooLargeError
                payloads.append(found)
        return payloads

    def _normalised(self, piece: bytes) -> bytes:
        if self._after_cr and piece:
            self._after_cr = False
            # The CR before it was taken for a whole line end.
            piece = piece.removeprefix(b"\n")
        if piece.endswith(b"\r"):
            self._after_cr = True
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _is_event_line(head: bytes) -> bool:
    return head.startswith(b"event:") and head.find(b"\n") == len(head) - 1


def _long_way(frame: bytes) -> bytes:
    data = []
    for line in frame.split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" "))
    return b"\n".join(data)
