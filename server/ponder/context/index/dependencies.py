"""Folders of code that nobody here wrote: packages that were fetched, caches of tools. Reads nothing.

They are usually ignored; where they are not, they are kept out of what is told all the same.
"""

from collections.abc import Collection, Iterable

from ponder.files.reasons import Reason

_FETCHED = frozenset({"node_modules"})
_CACHES = frozenset({"__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
MARK = "pyvenv.cfg"
"""The file at the root of a virtual environment (PEP 405)."""
ENVIRONMENT = Reason("fetched", "a virtual environment")


def reason_of(name: str) -> Reason | None:
    """Why a directory of this name is not told; None where its name says nothing."""
    if name in _FETCHED:
        return Reason("fetched", "a folder of dependencies")
    return Reason("fetched", "a folder of caches") if name in _CACHES else None


def environments(files: Iterable[str]) -> frozenset[str]:
    """The virtual environments among these files, by the paths of their roots."""
    return frozenset(path.removesuffix(f"/{MARK}") for path in files if path.endswith(f"/{MARK}"))


def kept_out(path: str, roots: Collection[str]) -> Reason | None:
    """Why a file is not told, by its relative path; `roots` are those of virtual environments."""
    *directories, _name = path.split("/")
    for depth, name in enumerate(directories, 1):
        reason = reason_of(name)
        if reason is None and roots and "/".join(directories[:depth]) in roots:
            reason = ENVIRONMENT
        if reason is not None:
            return Reason("fetched", f"in {reason.words} (`{'/'.join(directories[:depth])}`)")
    return None
