"""Keeps a watch over the workspace folders alive, whatever happens to it. Looks at no file and indexes nothing."""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence

from ponder.context import watch_child
from ponder.context.index.index import ChangeKind, PathChange

log = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0
"""A watching process says something every second; after this it counts as stuck and is replaced."""
_BACK_OFF_SECONDS = (0.1, 0.3, 1.0, 3.0)
_MOST_LINE_BYTES = 8 * 1024 * 1024
_PASSED_ON = frozenset(
    {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "TEMP", "TMPDIR", "LD_LIBRARY_PATH"}
)
_KINDS: Mapping[str, ChangeKind] = {"written": "written", "removed": "removed", "directory": "directory"}


class Watcher:
    """Watches folders in a child process. `run` until cancelled.

    `on_changes` gets what changed, on the event loop; a change of kind `directory` for a folder itself means that
    anything below it may have changed. `on_notice` gets a sentence where watching falls back to looking again.
    """

    def __init__(
        self,
        folders: Sequence[str],
        on_changes: Callable[[list[PathChange]], None],
        on_notice: Callable[[str], None],
        *,
        environ: Mapping[str, str],
        command: Sequence[str] = (sys.executable, "-P", watch_child.__file__),
    ) -> None:
        self.armed = asyncio.Event()
        """Set while changes are seen as they happen."""
        self._folders = tuple(folders)
        self._on_changes = on_changes
        self._on_notice = on_notice
        self._environ = {name: value for name, value in environ.items() if name.upper() in _PASSED_ON}
        self._command = tuple(command)
        self._told = False

    async def run(self) -> None:
        """Watch; replace the child when it ends or falls silent. Returns only by cancellation."""
        failures = 0
        while self._folders:
            try:
                heard = await self._one_child()
            except OSError as error:
                heard = False
                log.warning("The watching process could not be started: %s", type(error).__name__)
            self.armed.clear()
            failures = 0 if heard else failures + 1
            if failures > len(_BACK_OFF_SECONDS):
                self._notice("File changes cannot be watched")
                self._rescan()
                await asyncio.sleep(watch_child.POLL_SECONDS)
            else:
                await asyncio.sleep(_BACK_OFF_SECONDS[max(failures - 1, 0)])

    async def _one_child(self) -> bool:
        """Follow one child to its end; whether it ever said something."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *self._folders,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environ,
            limit=_MOST_LINE_BYTES,
        )
        heard = False
        try:
            # The first line comes after the watch is set up, which takes its time in a large tree.
            patience = 60.0
            while True:
                # Not wait_for: in Python 3.11 it can lose a cancellation that comes together with a line.
                async with asyncio.timeout(patience):
                    line = await _line(process)
                if not line:
                    break
                heard, patience = True, SILENCE_SECONDS
                self._take(line)
        except TimeoutError:
            log.warning("The watching process fell silent.")
        finally:
            await _end(process)
        return heard

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "armed" in said:
            if said["armed"]:
                self.armed.set()
            else:
                self.armed.clear()
        if said.get("limit"):
            self._notice("The system's limit of watched files is reached")
        if said.get("rescan"):
            self._rescan()
        if changes := said.get("changes"):
            self._on_changes([PathChange(_KINDS[kind], path) for kind, path in changes])

    def _rescan(self) -> None:
        self._on_changes([PathChange("directory", folder) for folder in self._folders])

    def _notice(self, reason: str) -> None:
        if not self._told:
            self._told = True
            self._on_notice(f"{reason}; Ponder looks for changes every few seconds instead.")


async def _line(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        return b""
    try:
        return await process.stdout.readline()
    except ValueError:  # Longer than any line should be.
        return b""


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
