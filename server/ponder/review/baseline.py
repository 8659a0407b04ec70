"""The committed file of accepted findings: read leniently, written the same way for the same findings. Opens no file."""

import json
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from ponder.errors import PonderError
from ponder.findings import Finding

VERSION = 1
MOST_BYTES = 10_000_000
"""Of the file: its letters at most."""


class Entry(Struct, frozen=True, kw_only=True):
    """One accepted finding. The id alone decides; the rest is for those who read the file."""

    id: str
    path: str
    rule: str
    message: str = ""


class Baseline(Struct, frozen=True, kw_only=True):
    """What the file holds."""

    version: int
    findings: tuple[Entry, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the accepted findings."""
        return frozenset(entry.id for entry in self.findings)


EMPTY = Baseline(version=VERSION)


def parse(text: str, name: str) -> Baseline:
    """The baseline in a file's text. Raises PonderError: a baseline that is not understood silences nothing."""
    if len(text) > MOST_BYTES:
        raise PonderError(f"`{name}` is too large for a baseline.")
    try:
        read = msgspec.convert(json.loads(text), Baseline)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise PonderError(
            f"`{name}` is no baseline ({str(error)[:120]}). Remove it; then `ponder baseline` writes a new one."
        ) from None
    if read.version != VERSION:
        raise PonderError(
            f"`{name}` is of another version of Ponder. Remove it; then `ponder baseline` writes a new one."
        )
    return read


def text_of(baseline: Baseline) -> str:
    """The file's text: sorted by path, rule and id, one entry an object, ending with a line end."""
    entries = sorted(baseline.findings, key=lambda entry: (entry.path, entry.rule, entry.id))
    whole = {"version": VERSION, "findings": [msgspec.to_builtins(entry) for entry in entries]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def updated(before: Baseline, findings: Iterable[Finding], *, keep: Callable[[Entry], bool]) -> Baseline:
    """With these findings, and those of before that `keep` wants. A finding that was known keeps its words."""
    known = {entry.id: entry for entry in before.findings}
    entries = {entry.id: entry for entry in before.findings if keep(entry)}
    for finding in findings:
        fresh = Entry(id=finding.id, path=finding.path, rule=finding.code, message=_one_line(finding.message))
        entries[finding.id] = known.get(finding.id, fresh)
    return Baseline(version=VERSION, findings=tuple(entries.values()))


def _one_line(message: str) -> str:
    line = " ".join(message.encode("utf-8", "replace").decode().split())
    return line if len(line) <= 300 else line[:299] + "…"
