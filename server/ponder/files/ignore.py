"""Which paths of a workspace folder are ignored: `.gitignore` and `.ponderignore` at every level, git's excludes.

Runs no git and follows no link. A path is left out as soon as either kind of file ignores it; what cannot be
read or is too large ignores everything beside it, so that a limit never opens what it should close.
"""

# Names that are no UTF-8, flags of open and cheap joins are the business of os, not of pathlib.
# ruff: noqa: PTH118, PTH120
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ponder.files.ignore_patterns import IgnorePattern, as_git_sees, parse_ignore
from ponder.files.reasons import Reason

IGNORE_FILES = (".gitignore", ".ponderignore")
_MAX_IGNORE_BYTES = 1_000_000
_MAX_LEVELS_UP = 40
_EVERYTHING = parse_ignore("*")
_Patterns = tuple[IgnorePattern, ...]
_Verdict = Reason | Literal[False] | None
"""Why a path is ignored, False where a negated line decides, None where no line speaks of it."""


class IgnoreRules:
    """The rules of one workspace folder, read level by level on first use and kept until `forget`.

    `folder` is a real path. Where it lies below the root of a git repository, the files above it count too.
    `global_excludes` is the user's own ignore file (see `global_excludes_file`).
    """

    def __init__(self, folder: str | os.PathLike[str], *, global_excludes: str | None = None) -> None:
        self._folder = os.fspath(folder)
        self._git_root = _git_root(self._folder)
        prefix = os.path.relpath(self._folder, self._git_root)
        self._above: tuple[str, ...] = () if prefix == os.curdir else Path(prefix).parts
        self._global_excludes = global_excludes
        self._levels: dict[tuple[str, ...], Mapping[str, _Patterns]] = {}
        self._directories: dict[str, Reason | None] = {}
        self._repository: tuple[tuple[str, _Patterns], ...] | None = None

    def ignored(self, path: str, is_dir: bool = False) -> Reason | None:
        """Why a path relative to the folder is ignored, or None.

        `path` has forward slashes and its links are resolved. An ignored directory ignores all below it.
        """
        if not path:
            return None
        parts = tuple(path.split("/"))
        if ".git" in (part.casefold() for part in parts):
            return Reason("insideGit")
        for depth in range(1, len(parts)):
            reason = self._directory(parts[:depth])
            if reason is not None:
                return reason
        return self._directory(parts) if is_dir else self._decide(parts, is_dir=False)

    def forget(self, path: str | None = None) -> None:
        """Drop what is remembered, after an ignore file (or anything, with None) changed. Cheap; read again on use."""
        if path is None or path.rsplit("/", 1)[-1] in IGNORE_FILES or path.startswith(".git/"):
            self._levels.clear()
            self._directories.clear()
            self._repository = None

    def _directory(self, parts: tuple[str, ...]) -> Reason | None:
        key = "/".join(parts)
        if key not in self._directories:
            self._directories[key] = self._decide(parts, is_dir=True)
        return self._directories[key]

    def _decide(self, parts: tuple[str, ...], *, is_dir: bool) -> Reason | None:
        """The verdict on one path whose parents are not ignored: the deepest file decides, its last line first."""
        full = (*self._above, *parts)
        for name in IGNORE_FILES:
            verdict = self._by_levels(name, full, is_dir=is_dir)
            if verdict is None and name == ".gitignore":
                verdict = self._by_repository(full, is_dir=is_dir)
            if verdict:
                return verdict
        return None

    def _by_levels(self, name: str, full: tuple[str, ...], *, is_dir: bool) -> _Verdict:
        names = tuple(as_git_sees(part) for part in full)
        for depth in range(len(full) - 1, -1, -1):
            patterns = self._level(full[:depth]).get(name, ())
            verdict = _last_word(patterns, names[depth:], is_dir=is_dir)
            if verdict is not None:
                below = full[len(self._above) : depth]
                return verdict and Reason("ignored", "/".join((*below, name)))
        return None

    def _by_repository(self, full: tuple[str, ...], *, is_dir: bool) -> _Verdict:
        names = tuple(as_git_sees(part) for part in full)
        for label, patterns in self._excludes():
            verdict = _last_word(patterns, names, is_dir=is_dir)
            if verdict is not None:
                return verdict and Reason("ignored", label)
        return None

    def _level(self, directory: tuple[str, ...]) -> Mapping[str, _Patterns]:
        if directory not in self._levels:
            base = os.path.join(self._git_root, *directory)
            found = {name: _read_patterns(os.path.join(base, name)) for name in IGNORE_FILES}
            self._levels[directory] = {name: patterns for name, patterns in found.items() if patterns}
        return self._levels[directory]

    def _excludes(self) -> tuple[tuple[str, _Patterns], ...]:
        if self._repository is None:
            own = _read_patterns(os.path.join(self._git_root, ".git", "info", "exclude"))
            users = _read_patterns(self._global_excludes, follow=True) if self._global_excludes else ()
            self._repository = ((".git/info/exclude", own), ("git's global excludes", users))
        return self._repository


def global_excludes_file(environment: Mapping[str, str]) -> str | None:
    """Where the user's own git ignore file is: `core.excludesFile` of the user's settings, else git's default."""
    home = environment.get("HOME") or environment.get("USERPROFILE")
    config = environment.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else None)
    settings = [os.path.join(home, ".gitconfig")] if home else []
    settings += [os.path.join(config, "git", "config")] if config else []
    for file in settings:
        text = _bounded_text(file, follow=True) or ""
        section = re.search(r"(?im)^[ \t]*\[core\](?:\n(?![ \t]*\[).*)*", text)
        named = re.search(
            r'(?im)^[ \t]*excludesfile[ \t]*=[ \t]*"?([^"\n]+?)"?[ \t]*$', section.group() if section else ""
        )
        if named:
            return (
                named.group(1).replace("~", home, 1)
                if home and named.group(1).startswith("~/")
                else named.group(1)
            )
    return os.path.join(config, "git", "ignore") if config else None


def _last_word(patterns: _Patterns, parts: tuple[str, ...], *, is_dir: bool) -> bool | None:
    """Whether the last line that speaks of the path ignores it; None where none does."""
    for pattern in reversed(patterns):
        if pattern.matches(parts, is_dir=is_dir):
            return not pattern.negated
    return None


def _git_root(folder: str) -> str:
    """The repository the folder lies in, or the folder itself."""
    here = folder
    for _ in range(_MAX_LEVELS_UP):
        if os.path.lexists(os.path.join(here, ".git")):
            return here
        parent = os.path.dirname(here)
        if parent == here:
            break
        here = parent
    return folder


def _read_patterns(path: str, *, follow: bool = False) -> _Patterns:
    """The patterns of a file; none where there is no such file, a pattern for everything where it is unreadable."""
    text = _bounded_text(path, follow=follow)
    if text is None:
        return _EVERYTHING
    return parse_ignore(text) if text else ()


def _bounded_text(path: str, *, follow: bool) -> str | None:
    """The text of a small regular file, empty where there is none, None where it is too large or unreadable."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    flags |= 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        # git reads no linked ignore file either; not even looking away from one is safe, so it closes.
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        data = b""
        while len(data) <= _MAX_IGNORE_BYTES and (part := os.read(descriptor, 1 << 16)):
            data += part
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "surrogateescape") if len(data) <= _MAX_IGNORE_BYTES else None
