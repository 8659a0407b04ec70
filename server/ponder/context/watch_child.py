"""The process that watches folders for changes and writes them as JSON lines. Imports nothing else of Ponder.

A process of its own because watchfiles holds the interpreter lock while it sets up a watch (0.4 s for 78,000 files),
stops for good at a name that is not UTF-8, and goes deaf when its root is replaced.
Lines: `{"armed": bool}`, `{"changes": [[kind, path], …]}`, `{"rescan": true}`, `{"limit": true}`, `{"alive": true}`.
"""

# ruff: noqa: PTH112, PTH116
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

HEARTBEAT_SECONDS = 1.0
POLL_SECONDS = 8.0
_MOST_CHANGES = 2_000
_DEBOUNCE_MS = 100
_STEP_MS = 10
_REMOVED = 3
_SKIPPED = frozenset(
    {"node_modules", "__pycache__", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)
_GIT_FILES = ("/info/exclude", "/HEAD")

Raw = set[tuple[int, str]] | str


class Notify(Protocol):
    """A watch that was set up."""

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop: None) -> Raw:
        """Changes, or a word for a time-out."""

    def close(self) -> None:
        """Let go of the watch."""


def arm(roots: list[str]) -> Notify:
    """Set up a recursive watch. OSError where the system refuses, FileNotFoundError where a root is gone."""
    from watchfiles._rust_notify import RustNotify

    notify: Notify = RustNotify(roots, False, False, 300, True, True)
    return notify


def serve(
    roots: list[str],
    emit: Callable[[dict[str, object]], None],
    *,
    set_up: Callable[[list[str]], Notify] = arm,
    pause: Callable[[float], None] = time.sleep,
    going: Callable[[], bool] = lambda: True,
) -> None:
    """Watch until `going` says no. Whatever happens to the watch, it is set up again and a rescan is asked for."""
    failures = 0
    while going():
        present = [root for root in roots if os.path.isdir(root)]
        armed = _identities(roots)
        try:
            notify = set_up(present) if present else None
        except FileNotFoundError:
            pause(min(0.2 * 2**failures, 2.0))
            failures += 1
            continue
        except OSError:
            # The system's limit of watches: look again from time to time.
            emit({"limit": True})
            _poll(emit, pause, going)
            return
        emit({"armed": notify is not None})
        emit({"rescan": True})
        if notify is None:
            _wait_for_roots(roots, armed, emit, pause, going)
            continue
        failures = _follow(notify, roots, armed, emit, going) and failures + 1
        notify.close()
        if failures:
            pause(min(0.2 * 2**failures, 5.0))


def _follow(
    notify: Notify,
    roots: list[str],
    armed: list[tuple[int, int] | None],
    emit: Callable[[dict[str, object]], None],
    going: Callable[[], bool],
) -> bool:
    """Pass on changes until the watch is no longer good. True where it broke, False where a root was replaced."""
    while going():
        try:
            raw = notify.watch(_DEBOUNCE_MS, _STEP_MS, int(HEARTBEAT_SECONDS * 1000), None)
        except (RuntimeError, OSError):
            return True
        if isinstance(raw, set):
            emit(_told(raw))
        else:
            emit({"alive": True})
        if _identities(roots) != armed:
            return False
    return False


def _told(raw: Iterable[tuple[int, str]]) -> dict[str, object]:
    changes = []
    for kind, path in sorted(raw):
        parts = path.replace("\\", "/").split("/")
        if not _SKIPPED.isdisjoint(parts) or (".git" in parts and not path.endswith(_GIT_FILES)):
            continue
        if kind == _REMOVED:
            changes.append(["removed", path])
        else:
            is_dir = os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH114
            # A directory that was moved in names none of its files; one that only changed matters not.
            if not is_dir:
                changes.append(["written", path])
            elif kind == 1:
                changes.append(["directory", path])
    return {"rescan": True} if len(changes) > _MOST_CHANGES else {"changes": changes}


def _identities(roots: list[str]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    for root in roots:
        try:
            details = os.stat(root)
        except OSError:
            found.append(None)
        else:
            found.append((details.st_dev, details.st_ino))
    return found


def _wait_for_roots(
    roots: list[str],
    armed: list[tuple[int, int] | None],
    emit: Callable[[dict[str, object]], None],
    pause: Callable[[float], None],
    going: Callable[[], bool],
) -> None:
    while going() and _identities(roots) == armed:
        emit({"alive": True})
        pause(0.5)


def _poll(
    emit: Callable[[dict[str, object]], None], pause: Callable[[float], None], going: Callable[[], bool]
) -> None:
    waited = 0.0
    while going():
        pause(HEARTBEAT_SECONDS)
        waited += HEARTBEAT_SECONDS
        if waited >= POLL_SECONDS:
            waited = 0.0
            emit({"rescan": True})
        else:
            emit({"alive": True})


def main() -> None:
    """Watch the folders named on the command line until stdin ends: the server is gone then."""

    def emit(line: dict[str, object]) -> None:
        try:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        except OSError:
            os._exit(0)

    def until_eof() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=until_eof, daemon=True).start()
    serve([os.fsdecode(os.fsencode(root)) for root in sys.argv[1:]], emit)


if __name__ == "__main__":
    main()
