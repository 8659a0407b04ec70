"""Reads windows of commits from a git repository. Changes nothing in it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

WINDOW = 60


@dataclass(frozen=True)
class Commit:
    """Python files of a commit: their texts after it, and those it removed."""

    after: dict[str, str]
    removed: tuple[str, ...]
    qualifies: bool


def window(repository: Path, number: int) -> tuple[dict[str, str], list[Commit]]:
    """The files before a window and its commits, oldest first; window 0 is the newest."""
    names = _git(repository, "rev-list", "--first-parent", "HEAD").split()
    commits: list[Commit] = []
    qualified = 0
    first = ""
    for name in names[:-1]:
        commit = _commit(repository, name)
        if commit is None:
            continue
        qualified += commit.qualifies
        if qualified > WINDOW * number:
            commits.append(commit)
            first = name
        if qualified == WINDOW * (number + 1):
            break
    else:
        raise ValueError(f"{repository} has only {qualified} qualifying commits")
    parent = f"{first}^"
    paths = _git(repository, "ls-tree", "-r", "--name-only", parent).split("\n")
    start = {path: _git(repository, "show", f"{parent}:{path}") for path in paths if path.endswith(".py")}
    return start, commits[::-1]


def _commit(repository: Path, name: str) -> Commit | None:
    rows = _git(repository, "diff", "--numstat", "--no-renames", f"{name}^", name, "--", "*.py").splitlines()
    if not rows:
        return None
    lines, after, removed = 0, {}, []
    for row in rows:
        added, gone, path = row.split("\t")
        lines += int(added) + int(gone) if added != "-" else 0
        try:
            after[path] = _git(repository, "show", f"{name}:{path}")
        except subprocess.CalledProcessError:
            removed.append(path)
    return Commit(after, tuple(removed), 1 <= len(rows) <= 12 and 3 <= lines <= 400)


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")
