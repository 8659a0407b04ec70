"""Code that a change keeps out of its own review, by an ignore file that it brings along. Sends nothing."""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH118, PTH120
import os
from collections.abc import Callable, Sequence

from ponder.files.ignore import IGNORE_FILES
from ponder.files.reasons import Reason
from ponder.review.diff import Repository
from ponder.review.targets import Skipped, is_code


def withheld(
    directories: Sequence[str],
    revision: str,
    repository: Repository,
    reason_of: Callable[[str], tuple[str, Reason] | None],
) -> tuple[Skipped, ...]:
    """Changed code below these (real) directories that an ignore file keeps out which the same change adds or edits.

    `reason_of` gives for an absolute path what it is called and why it is ignored. Whoever writes the change must not
    choose unseen what of it is looked at.
    """
    wanted = [
        path for path in repository.files() if is_code(path) and any(_below(path, top) for top in directories)
    ]
    ignored = {path: found for path in wanted if (found := reason_of(path)) is not None}
    rules = {path: _ignore_files(path, found[1], repository.root) for path, found in ignored.items()}
    changed = repository.differing(revision, {file for files in rules.values() for file in files}, new=True)
    suspects = [path for path, files in rules.items() if not changed.isdisjoint(files)]
    return tuple(
        Skipped(name, Reason("touched", reason.words), path)
        for path in sorted(repository.differing(revision, suspects))
        for name, reason in [ignored[path]]
    )


def _ignore_files(path: str, reason: Reason, root: str) -> set[str]:
    """The files that may be meant by `ignored by src/.gitignore`: those of that name from the root down to the path."""
    name = reason.detail.rsplit("/", 1)[-1]
    found: set[str] = set()
    if reason.kind != "ignored" or name not in IGNORE_FILES:
        return found
    while _below(path, root) and path != root:
        path = os.path.dirname(path)
        found.add(os.path.join(path, name))
    return found


def _below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)
