"""Lists a folder without git: one pass over the directories under the ignore rules. Follows no link, reads no file
but the ignore files.

The rules are exact but cost microseconds for each name. So a name is first held against all patterns in force by
their last component, in one expression; only what might match is decided by the rules.
"""

# Directory entries and names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH118
import os
import re
from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from ponder.context.index import dependencies
from ponder.files.ignore import IGNORE_FILES, IgnoreRules
from ponder.files.ignore_patterns import as_git_sees, parse_ignore
from ponder.files.reasons import Reason

_MOST_IGNORE_BYTES = 1_000_000
_MOST_REFUSED = 500
_Doubt = re.Pattern[str]
_ALWAYS = re.compile(r"", re.DOTALL)


class Walked(Struct, frozen=True):
    """The files found, sorted, and how many directories could not be read."""

    files: list[str]
    unreadable: int


def files(
    folder: str,
    rules: IgnoreRules,
    *,
    skip: Collection[str] = (),
    most: int = 500_000,
    excludes: str | None = None,
    refused: dict[str, Reason] | None = None,
) -> Walked:
    """Every regular file that is not ignored, relative to the folder. `skip` are directories of other folders.

    `excludes` is the user's own ignore file, which `rules` know too. Stops at `most` files.
    What is ignored goes into `refused` (directories end with a slash) with the reason, where that is given.
    """
    walk = _Walk(folder, rules, skip, {} if refused is None else refused)
    start = [*_above(folder), *([_doubts(excludes)] if excludes else [])]
    stack: list[tuple[str, tuple[_Doubt, ...]]] = [("", tuple(doubt for doubt in start if doubt))]
    while stack and len(walk.found) < most:
        prefix, doubts = stack.pop()
        stack.extend(walk.directory(prefix, doubts))
    walk.found.sort()
    return Walked(walk.found, walk.unreadable)


class _Walk:
    """What a walk has found so far."""

    def __init__(
        self, folder: str, rules: IgnoreRules, skip: Collection[str], refused: dict[str, Reason]
    ) -> None:
        self._folder = folder
        self._rules = rules
        self._skip = skip
        self._refused = refused
        self.found: list[str] = []
        self.unreadable = 0

    def directory(self, prefix: str, doubts: tuple[_Doubt, ...]) -> list[tuple[str, tuple[_Doubt, ...]]]:
        """Take the files of one directory; returns the directories below it that are not ignored."""
        here = os.path.join(self._folder, prefix)
        try:
            with os.scandir(here) as listing:
                entries = list(listing)
        except OSError:
            self.unreadable += 1
            return []
        names = {entry.name for entry in entries}
        if prefix and dependencies.MARK in names:
            self._refuse(prefix, dependencies.ENVIRONMENT)
            return []
        own = [_doubts(os.path.join(here, name)) for name in IGNORE_FILES if name in names]
        doubts = (*doubts, *(doubt for doubt in own if doubt))
        below = []
        for entry in entries:
            path = prefix + entry.name
            kind = _kind(entry)
            if kind is None or self._left_out(entry.name, path, doubts, is_dir=kind == "directory"):
                continue
            if kind == "directory":
                below.append((path + "/", doubts))
            else:
                self.found.append(path)
        return below

    def _left_out(self, name: str, path: str, doubts: tuple[_Doubt, ...], *, is_dir: bool) -> bool:
        if is_dir and (name.casefold() == ".git" or path in self._skip):
            return True
        if is_dir and (fetched := dependencies.reason_of(name)) is not None:
            self._refuse(f"{path}/", fetched)
            return True
        seen = name if name.isascii() else as_git_sees(name)
        for doubt in doubts:
            if doubt.match(seen) is not None:
                reason = self._rules.ignored(path, is_dir)
                if reason is None:
                    return False
                self._refuse(f"{path}/" if is_dir else path, reason)
                return True
        return False

    def _refuse(self, path: str, reason: Reason) -> None:
        if len(self._refused) < _MOST_REFUSED:
            self._refused[path] = reason


def _kind(entry: os.DirEntry[str]) -> Literal["directory", "file"] | None:
    """None for links, devices, pipes and sockets."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return "directory"
        return "file" if entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None


def _above(folder: str) -> list[_Doubt | None]:
    """Doubts from ignore files above the folder, which count inside a repository, and from its own excludes."""
    found: list[_Doubt | None] = []
    here = folder
    while not os.path.lexists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)  # noqa: PTH120
        if parent == here:
            return []
        here = parent
        found.extend(_doubts(os.path.join(here, name)) for name in IGNORE_FILES)
    return [*found, _doubts(os.path.join(here, ".git", "info", "exclude"))]


def _doubts(path: str) -> _Doubt | None:
    """An expression that fits every name the file's patterns may ignore; None where it ignores nothing."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError:
        return _ALWAYS
    try:
        data = os.read(descriptor, _MOST_IGNORE_BYTES + 1)
    except OSError:
        return _ALWAYS
    finally:
        os.close(descriptor)
    patterns = [p for p in parse_ignore(data.decode("utf-8", "surrogateescape")) if not p.negated]
    lasts = [pattern.segments[-1] for pattern in patterns]
    if len(data) > _MOST_IGNORE_BYTES or None in lasts:
        return _ALWAYS
    parts = [rf"(?:{last.pattern})\Z" for last in dict.fromkeys(lasts) if last is not None]
    return re.compile("|".join(parts), re.DOTALL) if parts else None
