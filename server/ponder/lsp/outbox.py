"""What waits to be written to the client. Writes nothing itself; decides order, merging and numbering.

A message is kept as a value until the transport can take it. While the client reads, that is once in a loop tick;
while it does not, deltas of one block are merged and a newer status, progress or list of diagnostics takes the place
of the older, so memory grows with the text of the answers alone. `seq` of an event is given out when it is written:
merged events never leave a gap. Nothing is ever dropped that is not replaced by something newer, and no two messages
of one run change places.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any

from ponder.lsp import decoding

log = logging.getLogger(__name__)

BATCH = 256 * 1024
"""Bytes handed to the transport at a time; what is behind them can still be merged."""
MAX_WAITING = 256 * 1024 * 1024
"""Bytes (about) that may wait. A client that leaves more unread is taken to be gone."""
_REMEMBERED = 512
"""Finished runs that are remembered, to refuse events after the last."""

Json = dict[str, Any]


class _Waiting:
    """A message not yet written. Exactly one of `data`, `message`, `payload` is set; none after it was replaced."""

    __slots__ = ("data", "index", "message", "payload", "pieces", "run_id", "size")

    def __init__(self) -> None:
        self.data: bytes | None = None
        self.message: object = None
        self.payload: Json | None = None
        self.pieces: list[str] | None = None
        self.run_id = ""
        self.index: object = None
        self.size = 0


class Outbox:
    """A queue towards the client. `wake` is called when something waits; the transport then calls `take`.

    `overflow` is called when more waits than any client that still reads would leave.
    """

    def __init__(self, wake: Callable[[], None], overflow: Callable[[], None]) -> None:
        self._wake = wake
        self._overflow = overflow
        self._queue: deque[_Waiting] = deque()
        self._latest: dict[Hashable, _Waiting] = {}
        self._tails: dict[str, _Waiting] = {}
        self._next_seq: dict[str, int] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def size(self) -> int:
        """Bytes that wait, about."""
        return self._size

    def send(self, message: object) -> None:
        """Queue a message whose content is settled now: a response or a request."""
        waiting = _Waiting()
        waiting.data = decoding.write(message)
        self._put(waiting, len(waiting.data))

    def notify(self, method: str, params: object, *, replaces: Hashable = None) -> None:
        """Queue a notification. With `replaces`, an unwritten one of the same key is replaced by this."""
        waiting = _Waiting()
        if replaces is None:
            waiting.data = decoding.write({"jsonrpc": "2.0", "method": method, "params": params})
            self._put(waiting, len(waiting.data))
            return
        older = self._latest.get(replaces)
        if older is not None:
            older.message = None
        waiting.message = {"jsonrpc": "2.0", "method": method, "params": params}
        self._latest[replaces] = waiting
        self._put(waiting, 0)

    def event(self, run_id: str, payload: Json) -> None:
        """Queue a `ponder/event`. A delta joins the delta before it if that is unwritten and of the same block."""
        if run_id in self._finished:
            log.error("invariant: a run had an event of type %s after its last", payload.get("type"))
            return
        kind = payload["type"]
        if kind == "blockDelta":
            tail = self._tails.get(run_id)
            if tail is not None and tail.pieces is not None and tail.index == payload["index"]:
                tail.pieces.append(payload["text"])
                self._grow(tail, len(payload["text"]))
                return
        waiting = _Waiting()
        waiting.run_id, waiting.payload = run_id, payload
        if kind == "blockDelta":
            waiting.pieces, waiting.index = [payload["text"]], payload["index"]
        elif kind == "finished":
            self._finished[run_id] = None
            if len(self._finished) > _REMEMBERED:
                self._finished.popitem(last=False)
        self._tails[run_id] = waiting
        self._put(waiting, len(payload.get("text", "")) + 200)

    def take(self) -> bytes:
        """The next bytes to write, about BATCH of them; empty when nothing waits."""
        chunks: list[bytes] = []
        total = 0
        while self._queue and total < BATCH:
            waiting = self._queue.popleft()
            self._size -= waiting.size
            data = waiting.data if waiting.data is not None else self._encoded(waiting)
            chunks.append(data)
            total += len(data)
        if not self._queue:
            self._latest.clear()
        return b"".join(chunks)

    def _encoded(self, waiting: _Waiting) -> bytes:
        if waiting.payload is None:
            message, waiting.message = waiting.message, None
            return b"" if message is None else decoding.write(message)
        run_id, payload = waiting.run_id, waiting.payload
        if self._tails.get(run_id) is waiting:
            del self._tails[run_id]
        seq = self._next_seq.get(run_id, 0)
        if payload["type"] == "finished":
            self._next_seq.pop(run_id, None)
        else:
            self._next_seq[run_id] = seq + 1
        params = {"runId": run_id, "seq": seq, **payload}
        if waiting.pieces is not None and len(waiting.pieces) > 1:
            params["text"] = "".join(waiting.pieces)
        return decoding.write({"jsonrpc": "2.0", "method": "ponder/event", "params": params})

    def _put(self, waiting: _Waiting, size: int) -> None:
        self._queue.append(waiting)
        if len(self._queue) == 1:
            self._wake()
        self._grow(waiting, size)

    def _grow(self, waiting: _Waiting, size: int) -> None:
        waiting.size += size
        self._size += size
        if self._size > MAX_WAITING:
            self._overflow()
