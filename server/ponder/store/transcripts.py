"""Transcripts of runs as Markdown files in the state directory, for their owner alone. Writes no words of its own."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ponder.store.place import UnsafePlaceError, open_new, private_directory

_NAME = re.compile(r"[a-z0-9-]{1,40}-[0-9a-f]{32}\.md")


class Transcripts:
    """The directory of transcripts. Its methods block: call them off the event loop.

    `token` gives 32 unpredictable hexadecimal digits (`secrets.token_hex(16)`).
    """

    def __init__(self, directory: Path, token: Callable[[], str]) -> None:
        self.directory = directory
        self._token = token

    def new_path(self, action: str) -> Path:
        """A name nobody can foresee. Nothing is written yet."""
        readable = re.sub(r"[^a-z0-9]+", "-", action.lower()).strip("-")[:40] or "run"
        return self.directory / f"{readable}-{self._token()}.md"

    def write(self, path: Path, text: str) -> bool:
        """Put the whole text in the place of what was there, at once or not at all. False where the disk refused.

        `path` comes from `new_path`; anything else raises ValueError.
        """
        if path.parent != self.directory or not _NAME.fullmatch(path.name):
            raise ValueError("not the path of a transcript")
        part = path.with_name(f".{path.stem}-{self._token()}.part")
        try:
            private_directory(self.directory)
            with os.fdopen(open_new(part), "wb") as file:
                file.write(text.encode("utf-8", "replace"))
            part.replace(path)
        except (OSError, UnsafePlaceError):
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True

    def read(self, path: Path) -> str | None:
        """A transcript's text; None where it is gone or no transcript."""
        if path.parent != self.directory or not _NAME.fullmatch(path.name):
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                return file.read().decode("utf-8", "replace")
        except OSError:
            return None

    def prune(self, now: float, *, most_files: int = 500, most_bytes: int = 64 * 1024 * 1024) -> int:
        """Remove the oldest transcripts above these limits, and what writes left that were cut off an hour ago.

        `now` is seconds since the epoch. Returns how many were removed.
        """
        found: list[tuple[int, str, int]] = []
        removed = 0
        with suppress(OSError), os.scandir(self.directory) as entries:
            for entry in entries:
                with suppress(OSError):
                    details = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".part") and details.st_mtime < now - 3600:
                        removed += _remove(Path(entry.path))
                    elif _NAME.fullmatch(entry.name):
                        found.append((details.st_mtime_ns, entry.name, details.st_size))
        total = 0
        for count, (_, name, size) in enumerate(sorted(found, reverse=True), start=1):
            total += size
            if count > most_files or total > most_bytes:
                removed += _remove(self.directory / name)
        return removed


def _remove(path: Path) -> int:
    try:
        path.unlink()
    except OSError:
        return 0
    return 1
