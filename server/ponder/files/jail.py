"""Which paths lie inside the workspace folders, and how a file there is opened. Never follows a link out.

A hard link to an outside file cannot be told from an ordinary file; creating one needs write access to the
workspace and a right to the target, so it gives nobody more than they had.
"""

# Descriptors, real paths and names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH114, PTH116, PTH117, PTH118, PTH208
import os
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ponder.files.uris import path_of_uri, relative_inside, uri_of_path

_STEP = (
    os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)
# Without O_NONBLOCK, opening a FIFO waits for its writer for ever.
_FILE = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_WALKS = os.open in os.supports_dir_fd


class JailError(OSError):
    """The path is not inside the workspace folders, or is no longer what it was when it was checked."""


class Place(Struct, frozen=True):
    """A checked path: the real folder, and the real path below it with forward slashes (links resolved)."""

    folder: str
    relative: str

    @property
    def path(self) -> str:
        """The real absolute path."""
        return os.path.join(self.folder, *self.relative.split("/")) if self.relative else self.folder


class Jail:
    """The workspace folders as real paths. Immutable: folders added at run time make another jail."""

    def __init__(self, folders: Iterable[str | os.PathLike[str]]) -> None:
        real = {os.path.realpath(folder) for folder in folders}
        # The innermost folder owns a file, so that nested folders give each file one home.
        self.folders: tuple[str, ...] = tuple(sorted(real, key=lambda folder: (-len(folder), folder)))

    def place(self, path: str | os.PathLike[str]) -> Place | None:
        """Where an absolute path really lies, or None outside. The file need not exist; loops are outside."""
        text = os.fspath(path)
        if "\0" in text or not os.path.isabs(text) or text.startswith(("//", "\\\\")):
            return None
        try:
            real = os.path.realpath(text, strict=False)
        except (OSError, ValueError):
            return None
        if os.path.islink(real):  # a loop: realpath gives up and returns the link itself
            return None
        for folder in self.folders:
            if Path(real).is_relative_to(folder):
                relative = Path(real).relative_to(folder).as_posix()
                return Place(folder, "" if relative == "." else relative)
        return None

    def place_uri(self, uri: str) -> Place | None:
        """As `place`, for a `file:` URI."""
        path = path_of_uri(uri)
        return None if path is None else self.place(path)

    def place_relative(self, path: str, folder: str | None = None) -> Place | None:
        """As `place`, for a path as the model writes it, relative to a folder (by default the only one)."""
        relative = relative_inside(path)
        if relative is None or (folder is None and len(self.folders) != 1):
            return None
        base = os.path.realpath(folder) if folder is not None else self.folders[0]
        return self.place(os.path.join(base, *relative.parts)) if base in self.folders else None

    def new_file_uri(self, path: str, folder: str | None = None) -> str | None:
        """The URI of a file that may be created there; None outside, or where anything by that name exists.

        Names that differ only in case or in Unicode normal form count as existing: on many file systems they
        are the same file.
        """
        relative = relative_inside(path)
        place = self.place_relative(path, folder)
        if relative is None or place is None or not place.relative:
            return None
        base = os.path.realpath(folder) if folder is not None else self.folders[0]
        wanted = os.path.join(base, *relative.parts)
        if os.path.lexists(wanted) or _twin_exists(place.path):
            return None
        return uri_of_path(wanted)

    def open(self, place: Place) -> int:
        """A read-only descriptor of a regular file, reached without following any link.

        Errors: JailError where a component is a link by now or the file is not regular; OSError as usual.
        """
        if place.folder not in self.folders or ".." in place.relative.split("/"):
            raise JailError(f"not a workspace folder: {place.relative}")
        descriptor = self._walk(place) if _WALKS else os.open(place.path, _FILE)
        try:
            self._check_opened(place, os.fstat(descriptor))
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _check_opened(self, place: Place, opened: os.stat_result) -> None:
        if not stat.S_ISREG(opened.st_mode):
            raise JailError(f"not a regular file: {place.relative}")
        # Where directories cannot be walked by descriptor, the path must still lead to the opened file.
        if not _WALKS and not (
            self.place(place.path) == place and os.path.samestat(opened, os.stat(place.path))
        ):
            raise JailError(f"moved while it was opened: {place.relative}")

    def _walk(self, place: Place) -> int:
        """Open component by component: a directory swapped for a link after the check fails with ELOOP."""
        *directories, name = place.relative.split("/")
        here = os.open(place.folder, _STEP)
        try:
            for directory in directories:
                below = os.open(directory, _STEP, dir_fd=here)
                os.close(here)
                here = below
            # Opening some devices acts on them, so the kind is looked at first; the descriptor is checked again.
            if not stat.S_ISREG(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                raise JailError(f"not a regular file: {place.relative}")
            return os.open(name, _FILE, dir_fd=here)
        finally:
            os.close(here)


def _twin_exists(path: str) -> bool:
    """Whether a sibling has the same name up to case and Unicode normal form, at any missing level."""
    while True:
        parent, name = os.path.split(path)
        if parent == path:
            return False
        try:
            siblings = os.listdir(parent)
        except FileNotFoundError:
            path = parent
            continue
        except OSError:
            return True  # cannot be listed: fail closed
        if name in siblings:
            return False
        return _folded(name) in {_folded(sibling) for sibling in siblings}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
