"""Why a file is not given out: a kind to decide by, and the words for people. Looks at no file and decides nothing."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal[
    "binary",
    "changing",
    "encoding",
    "excluded",
    "fetched",
    "folders",
    "forbidden",
    "ignored",
    "insideGit",
    "invalid",
    "irregular",
    "key",
    "large",
    "link",
    "missing",
    "name",
    "notIncluded",
    "outside",
    "room",
    "secret",
    "touched",
    "unreadable",
    "untracked",
    "wide",
]

_WORDS: Mapping[Kind, str] = {
    "binary": "binary",
    "changing": "changes while it is read",
    "encoding": "unknown encoding",
    "excluded": "excluded by `context.exclude`",
    "fetched": "{}",
    "folders": "{} in it cannot be read",
    "forbidden": "permission denied",
    "ignored": "ignored by {}",
    "insideGit": "inside .git",
    "invalid": "not valid {}",
    "irregular": "not a regular file inside the workspace",
    "key": "its text looks like a key",
    "large": "larger than {} bytes",
    "link": "a link to another file",
    "missing": "not found",
    "name": "named {}",
    "notIncluded": "not among `context.include`",
    "outside": "outside the workspace folders",
    "room": "no room in the budget",
    "secret": "secret file",
    "touched": "{}, which this change touches",
    "unreadable": "{}",
    "untracked": "not tracked by git",
    "wide": "the workspace folder is {}",
}
_NOUNS: Mapping[Kind, str] = {"secret": "a secret file"}
RULES: frozenset[Kind] = frozenset({"excluded", "ignored", "insideGit"})
"""Somebody wants the file kept out; with the others it cannot be read, or must not be."""


class Reason(Struct, frozen=True):
    """One reason. `detail` is what its words name: the ignore file, the limit, the system's own words."""

    kind: Kind
    detail: str = ""

    @property
    def words(self) -> str:
        """In a few words, after a colon: `ignored by src/.gitignore`."""
        return _WORDS[self.kind].format(self.detail)

    @property
    def noun(self) -> str:
        """The words as they follow "it is"."""
        return _NOUNS.get(self.kind) or self.words


def too_large(most_bytes: int) -> Reason:
    """Larger than so many bytes."""
    return Reason("large", f"{most_bytes:,}")
