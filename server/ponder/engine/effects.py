"""What the engine needs of the outside besides the endpoint: clocks, waiting, chance. Values only."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct


class Effects(Struct, frozen=True, kw_only=True):
    """Clocks in seconds, waiting, and chance from 0 to 1; tests hand in their own."""

    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
