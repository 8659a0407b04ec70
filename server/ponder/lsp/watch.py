"""Ends the process for certain when the client is gone, even if the loop is stuck. Looks at nothing else.

The loop sees the end of its input by itself; this thread is the second line: it waits for the death of the client's
process, and for a hang-up of the input that the loop has not acted on.
"""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

GRACE = 0.25
"""Seconds in which what the client sent before it died may still be read: it may hold a proper farewell."""
PATIENCE = 1.25
"""Seconds the loop then gets to end by itself."""
_POLL = 0.5

Stop = Callable[[int], None]


def watch_client(process_id: int | None, source: int, stop: Stop, force: Stop) -> None:
    """Call `stop(1)` soon after the client's process died, and `force(1)` if the process lives on all the same.

    A hang-up of `source` alone only leads to `force`: the loop reads the end of it by itself. Both are called on the
    watching thread.
    """
    known = process_id if process_id is not None and process_id > 0 else None
    threading.Thread(
        target=_watch, args=(known, source, stop, force), name="ponder-watch", daemon=True
    ).start()


def _watch(process_id: int | None, source: int, stop: Stop, force: Stop) -> None:
    if _wait_for_end(process_id, source):
        time.sleep(GRACE)
        stop(1)
    else:
        time.sleep(GRACE)
    time.sleep(PATIENCE)
    force(1)


def _wait_for_end(process_id: int | None, source: int) -> bool:
    """Wait for the end of the process (True) or of the pipe (False)."""
    if not hasattr(select, "poll"):
        while process_id is None or _alive(process_id):
            time.sleep(_POLL)
        return True
    poll = select.poll()
    # No POLLIN: only the end of the pipe is of interest, not its content.
    poll.register(source, getattr(select, "POLLRDHUP", 0))
    handle = _open_process(process_id)
    if handle is not None:
        poll.register(handle, select.POLLIN)
    asks = process_id is not None and handle is None
    try:
        while True:
            ready = poll.poll(_POLL * 1000 if asks else None)
            if ready:
                return any(descriptor == handle for descriptor, _ in ready)
            if process_id is not None and not _alive(process_id):
                return True
    finally:
        if handle is not None:
            os.close(handle)


def _open_process(process_id: int | None) -> int | None:
    """A descriptor that becomes readable when the process ends (Linux); None elsewhere or if it is dead already."""
    if process_id is None or not hasattr(os, "pidfd_open"):
        return None
    with contextlib.suppress(OSError):
        return os.pidfd_open(process_id)
    return None


def _alive(process_id: int) -> bool:
    if os.name == "nt":
        return _alive_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _alive_on_windows(process_id: int) -> bool:
    import ctypes

    windows = getattr(ctypes, "windll", None)
    if windows is None:
        return True
    synchronize, timed_out = 0x00100000, 0x102
    handle = windows.kernel32.OpenProcess(synchronize, False, process_id)
    if not handle:
        return False
    try:
        return bool(windows.kernel32.WaitForSingleObject(handle, 0) == timed_out)
    finally:
        windows.kernel32.CloseHandle(handle)
