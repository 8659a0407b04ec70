"""Asks git for the files of a folder, without letting the repository run anything. Reads no file's content."""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH117, PTH118, PTH120
import os
import re
import shutil
import subprocess
from collections.abc import Mapping

_PASSED_ON = frozenset(
    {
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
        "APPDATA",
        "SYSTEMROOT",
        "TMPDIR",
        "TEMP",
    }
)
_TIMEOUT_SECONDS = 20.0
_MOST_LEVELS_UP = 40
_MOST_NESTED = 5
_PART_BYTES = 1 << 18
# A repository's own configuration may name programs to run; ls-files would run the file system monitor.
_HARMLESS = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.untrackedCache=false",
)
_LIST = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")


def repository(folder: str) -> str | None:
    """The root of the git repository the folder lies in, or None."""
    here = folder
    for _ in range(_MOST_LEVELS_UP):
        if os.path.lexists(os.path.join(here, ".git")):
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent
    return None


def holds_above(folder: str, name: str) -> bool:
    """Whether the folder, or one above it up to the repository's root, has an entry of this name."""
    root = repository(folder) or folder
    here = folder
    while True:
        if os.path.lexists(os.path.join(here, name)):
            return True
        if here == root:
            return False
        here = os.path.dirname(here)


def program(environ: Mapping[str, str]) -> str | None:
    """The git on the search path, by an absolute path outside the current directory; None where there is none."""
    places = [place for place in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(place)]
    return shutil.which("git", path=os.pathsep.join(places)) if places else None


def files(folder: str, git: str, environ: Mapping[str, str], *, depth: int = 0) -> set[str] | None:
    """Paths below the folder that git tracks or does not ignore, in nested repositories too.

    None where git refuses (not a repository, another owner) or takes too long. Names that are not UTF-8 come as
    `os.fsdecode` has them. A tracked file that was deleted is still named; an ignored one that is tracked too.
    """
    found = _run(folder, git, environ)
    if found is None:
        return None
    nested = {path for path in found if path.endswith("/")}
    nested |= {path for path in _submodules(folder) if os.path.isdir(os.path.join(folder, path))}
    for path in nested:
        inside = path.rstrip("/")
        found -= {path, inside}
        below = None
        if depth < _MOST_NESTED:
            below = files(os.path.join(folder, inside), git, environ, depth=depth + 1)
        found.update(f"{inside}/{name}" for name in below or ())
    return found


def _run(folder: str, git: str, environ: Mapping[str, str]) -> set[str] | None:
    if repository(folder) is None:
        return None
    # GIT_DIR and its like would answer for another repository, and no child needs a credential.
    clean = {name: value for name, value in environ.items() if name.upper() in _PASSED_ON}
    clean |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [git, *_HARMLESS, *_LIST],
            cwd=folder,
            env=clean,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    names: set[str] = set()
    # In parts: each step holds the interpreter, and a megabyte of names takes milliseconds.
    start, data = 0, done.stdout
    while start < len(data):
        end = data.rfind(b"\0", start, start + _PART_BYTES)
        end = len(data) if end < 0 else end
        names.update(os.fsdecode(data[start:end]).split("\0"))
        start = end + 1
    return names


def _submodules(folder: str) -> list[str]:
    """Directories that `.gitmodules` names; what is not a repository there is dropped later."""
    try:
        with open(os.path.join(folder, ".gitmodules"), "rb") as file:  # noqa: PTH123
            text = os.fsdecode(file.read(1_000_000))
    except OSError:
        return []
    paths = re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S.*?)[ \t]*$", text)
    return [path for path in paths if not path.startswith("/") and ".." not in path.split("/")]
