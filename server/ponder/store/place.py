"""Where state lives on this machine, and files there that only their owner can read. Stores nothing itself."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from ponder.errors import PonderError

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)


class UnsafePlaceError(PonderError):
    """The place is a link, belongs to someone else, or is no directory or file; nothing was written."""


def state_directory(environ: Mapping[str, str], platform: str, home: Path | None) -> Path | None:
    """The directory for state: `$PONDER_STATE_DIR`, `$XDG_STATE_HOME/ponder`, else the platform's usual place.

    `platform` is `sys.platform`; `home` the user's home, None where there is none (then the answer may be None).
    A relative path in a variable is ignored, as the XDG base directory specification asks.
    """
    for name, tail in (("PONDER_STATE_DIR", ""), ("XDG_STATE_HOME", "ponder")):
        place = Path(environ.get(name, ""))
        if place.is_absolute():
            return place / tail
    if platform == "win32" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"]) / "ponder"
    if home is None or not home.is_absolute():
        return None
    usual = {"darwin": ("Library", "Application Support"), "win32": ("AppData", "Local")}
    return home.joinpath(*usual.get(platform, (".local", "state")), "ponder")


def private_directory(path: Path) -> Path:
    """Make the directory, mode 0700, or check that the one there is ours and tighten its mode.

    Raises UnsafePlaceError for a link, a file or another user's directory, OSError where it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=DIRECTORY_MODE)
    except FileExistsError:
        _check_ours(path, path.lstat(), wanted=stat.S_ISDIR)
    # The umask may have taken bits away, and an older directory may be open to others.
    if os.name == "posix" and stat.S_IMODE(path.lstat().st_mode) != DIRECTORY_MODE:
        path.chmod(DIRECTORY_MODE)
    return path


def private_file(path: Path) -> None:
    """Make an empty file, mode 0600, or check that the one there is ours: a plain file with one name.

    Raises UnsafePlaceError for a planted link (symbolic or hard), OSError where it cannot be made.
    """
    try:
        os.close(open_new(path))
    except FileExistsError:
        found = path.lstat()
        _check_ours(path, found, wanted=stat.S_ISREG)
        if found.st_nlink > 1:
            raise UnsafePlaceError(
                f"{path.name} in the state directory has a second name; remove it."
            ) from None
        if os.name == "posix" and stat.S_IMODE(found.st_mode) != FILE_MODE:
            path.chmod(FILE_MODE)


def open_new(path: Path) -> int:
    """A descriptor of a new file, mode 0600 whatever the umask; FileExistsError where anything has that name."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _CLOSE_ON_EXEC, FILE_MODE)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, FILE_MODE)
    return descriptor


def _check_ours(path: Path, found: os.stat_result, *, wanted: Callable[[int], bool]) -> None:
    if not wanted(found.st_mode):
        raise UnsafePlaceError(f"{path.name} in the state directory is a link or not what it should be.")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise UnsafePlaceError(f"{path.name} in the state directory belongs to another user.")
