"""Background work that is owned: failures are logged, the newest replaces the older. Starts nothing by itself."""

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine, Hashable, Iterable

log = logging.getLogger(__name__)


class Background:
    """Owns tasks nobody awaits. Keeps them alive, logs how they fail, cancels them together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[object, object, object], name: str) -> asyncio.Task[object]:
        """Run a coroutine as a task; `name` stands in the log if it fails."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        # Asking a cancelled task for its exception raises; being cancelled is no error.
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed: %s", task.get_name(), type(error).__name__, exc_info=_frames_only(error))

    async def close(self, limit: float) -> None:
        """Cancel everything and wait for it at most `limit` seconds."""
        await cancel_all(self._tasks, limit)


class LatestOnly:
    """At most one task for each key: a newer one cancels the older, which never counts as a failure."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._running: dict[Hashable, asyncio.Task[object]] = {}

    def submit(
        self, key: Hashable, work: Coroutine[object, object, object], name: str
    ) -> asyncio.Task[object]:
        """Start `work` in place of whatever runs for this key."""
        self.cancel(key)
        task = self._background.start(work, name)
        self._running[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        return task

    def cancel(self, key: Hashable) -> bool:
        """Cancel what runs for this key; whether there was something."""
        task = self._running.pop(key, None)
        return task is not None and task.cancel()

    def _forget(self, key: Hashable, done: asyncio.Task[object]) -> None:
        if self._running.get(key) is done:
            del self._running[key]


async def cancel_all(tasks: Iterable[asyncio.Task[object]], limit: float) -> None:
    """Cancel tasks and wait for them at most `limit` seconds; what does not end by then is left behind."""
    waiting = [task for task in tasks if not task.done() and task is not asyncio.current_task()]
    for task in waiting:
        task.cancel()
    if waiting:
        await asyncio.wait(waiting, timeout=limit)


def preload(*imports: Callable[[], object]) -> None:
    """Run heavy imports in this (background) thread, so that the event loop hardly feels them.

    Short turns for each thread, and no full collections (100 ms each), keep a request during the import of the SDK
    at 2.5 ms p99 instead of 94; the youngest objects are collected all the same, or 10 MB of the import's garbage
    would stay. `gc.freeze` then spares every later collection the modules.
    """
    turn, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.set_threshold(thresholds[0], 1_000_000, 1_000_000)
    sys.setswitchinterval(0.0005)
    try:
        for load in imports:
            try:
                load()
            except Exception as error:
                log.exception("Loading ahead failed", exc_info=_frames_only(error))
    finally:
        sys.setswitchinterval(turn)
        gc.freeze()
        gc.set_threshold(*thresholds)


def _frames_only(error: BaseException) -> BaseException:
    """The same failure without its text, which may hold the user's content."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
