"""A clock that two processes share and one of them moves: real time plus an offset in a file."""

import asyncio
import mmap
import struct
import time
from pathlib import Path

_OFFSET = struct.Struct("d")
_FILE = struct.Struct("dq")
_STEP_S = 0.005


class SharedClock:
    """Stands in for the module `time` in one place. `advance` moves it for everybody who has the same file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_FILE.pack(0.0, 0))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _FILE.size)

    @property
    def offset(self) -> float:
        """Seconds ahead of real time."""
        offset: float = _OFFSET.unpack(self._bytes[: _OFFSET.size])[0]
        return offset

    @property
    def looks(self) -> int:
        """How often anybody who sleeps by this clock has looked at it."""
        looks: int = _FILE.unpack(self._bytes[:])[1]
        return looks

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._bytes[: _OFFSET.size] = _OFFSET.pack(self.offset + seconds)

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.offset

    def monotonic(self) -> float:
        """Seconds that never fall."""
        return time.monotonic() + self.offset

    async def sleep(self, seconds: float) -> None:
        """Wait until so much of this clock's time has passed."""
        until = self.monotonic() + seconds
        while self.monotonic() < until:
            self._bytes[_OFFSET.size :] = struct.pack("q", self.looks + 1)
            await asyncio.sleep(min(_STEP_S, until - self.monotonic()))
