"""Where the baseline is, and how it is read and written. A workspace cannot name one outside of it, nor link to one."""

# Names that are no UTF-8 and descriptors are the business of os, not of pathlib.
# ruff: noqa: PTH105, PTH118, PTH123
import os
import stat

from msgspec import Struct

from ponder.errors import PonderError
from ponder.files.jail import Jail
from ponder.files.uris import relative_inside
from ponder.review.baseline import EMPTY, MOST_BYTES, Baseline, parse


class BaselineFile(Struct, frozen=True):
    """A baseline's real absolute path, and what it is called in messages: relative to where the user stands."""

    path: str
    name: str


def of_setting(setting: str, folder: str, here: str) -> BaselineFile:
    """The file that `review.baseline` names in a (real) workspace folder. Raises PonderError where it is not in there."""
    relative = relative_inside(setting)
    wanted = None if relative is None else os.path.join(folder, *relative.parts)
    place = Jail((folder,)).place(wanted) if wanted is not None else None
    if wanted is None or place is None or ".git" in map(str.casefold, place.relative.split("/")):
        raise PonderError(f"`review.baseline` names `{setting}`, which is not inside the workspace folder.")
    return BaselineFile(place.path, os.path.relpath(wanted, here))


def of_user(path: str, folder: str, here: str) -> BaselineFile:
    """A file that the user named. Raises PonderError for a link in the workspace that leads out of it."""
    wanted = os.path.normpath(os.path.join(here, path))
    inside = os.path.commonpath((folder, wanted)) == folder
    place = Jail((folder,)).place(wanted) if inside else None
    if inside and place is None:
        raise PonderError(f"`{path}` is a link that leads out of the workspace folder.")
    real = place.path if place is not None else os.path.realpath(wanted)
    return BaselineFile(real, os.path.relpath(wanted, here))


def read(file: BaselineFile, *, must_exist: bool = False) -> Baseline:
    """What the file holds; nothing where there is none. Raises PonderError: a baseline that is not understood silences nothing."""
    try:
        # A pipe would be waited for.
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, encoding="utf-8") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PonderError(f"The baseline `{file.name}` is no regular file.")
            return parse(opened.read(MOST_BYTES + 1), file.name)
    except FileNotFoundError:
        if must_exist:
            raise PonderError(
                f"The baseline `{file.name}` does not exist. `ponder baseline` writes one."
            ) from None
        return EMPTY
    except (OSError, UnicodeDecodeError) as error:
        raise PonderError(f"The baseline `{file.name}` cannot be read ({type(error).__name__}).") from None


def write(file: BaselineFile, text: str) -> None:
    """Put the text in its place, whole or not at all. Raises PonderError."""
    beside = f"{file.path}.{os.getpid()}.new"
    try:
        with open(beside, "x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        os.replace(beside, file.path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PonderError(f"`{file.name}` cannot be written ({why}).") from None
