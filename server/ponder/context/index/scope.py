"""Which folders are looked at: none that is too wide, each file in one folder. Lists nothing."""

# Real paths are the business of os, not of pathlib.
# ruff: noqa: PTH118
import os
import unicodedata
from pathlib import Path

from ponder.files.jail import Jail, Place


def too_wide(folder: str, home: str | None) -> str | None:
    """Why a (real) folder is not scanned: the whole disk, or a home directory with everything in it."""
    path = Path(folder)
    if path == Path(path.anchor):
        return "the whole file system"
    if home is not None and Path(os.path.realpath(home)).is_relative_to(path):
        return "your home directory"
    return None


class Labels:
    """Names of files as the model reads them, one for each file of all folders.

    With one folder the name is the relative path; with more, the folder's name stands before it. What would
    break a line or hide a letter is written as an escape, so that one name is always one line.
    """

    def __init__(self, jail: Jail) -> None:
        self._jail = jail
        self._prefixes: dict[str, str] = {}
        taken: set[str] = set()
        for folder in sorted(jail.folders):
            name = label = plain(Path(folder).name or "root")
            number = 1
            while label in taken:
                number += 1
                label = f"{name}-{number}"
            taken.add(label)
            self._prefixes[folder] = f"{label}/" if len(jail.folders) > 1 else ""

    def of(self, folder: str, relative: str) -> str:
        """The name of a file in a folder."""
        return self._prefixes[folder] + plain(relative)

    def named(self, name: str) -> tuple[str, str] | None:
        """The folder that a name begins with, where there are several, and the path in it as the name has it."""
        for folder, prefix in self._prefixes.items():
            if prefix and name.startswith(prefix):
                return folder, name[len(prefix) :]
        return None

    def of_place(self, place: Place) -> str:
        """The name of a place."""
        return self.of(place.folder, place.relative)


def plain(name: str) -> str:
    """The name on one line: control, format and unpaired characters as escapes."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(
        letter
        if letter.isprintable() and unicodedata.category(letter) not in {"Cf", "Zl", "Zp"}
        else letter.encode("unicode_escape").decode()
        for letter in name
    )


def below(folder: str, path: str) -> str:
    """The path of something in a folder, for the system."""
    return os.path.join(folder, *path.split("/"))
