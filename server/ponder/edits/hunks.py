"""A pending edit, taken or left piece by piece while the text moves on. Immutable; applies nothing itself."""

import itertools
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, structs

from ponder.documents import Document, Span
from ponder.edits.anchor import AlreadyApplied, Stale, reanchor, reanchor_edit
from ponder.edits.apply import apply_changes
from ponder.findings import Edit, FileChange, TextChange


class Hunk(Struct, frozen=True):
    """One change of an edit. `number` and `line` count from 1; `line` is in the text the edit was computed on."""

    number: int
    total: int
    path: str
    line: int | None
    change: FileChange


def hunks(edit: Edit, documents: Iterable[Document] = ()) -> tuple[Hunk, ...]:
    """The changes of an edit, one by one, in order of file and place. `documents` are those it was computed on."""
    known = {document.uri: document for document in documents}
    total = sum(len(file.changes) for file in edit.files)
    found: list[Hunk] = []
    for file in edit.files:
        base = known.get(file.uri)
        for change in file.changes:
            line = 1 if file.created else base.line_at(change.span.start) + 1 if base else None
            found.append(Hunk(len(found) + 1, total, file.path, line, _only(file, change)))
    return tuple(found)


class Unit(Struct, frozen=True):
    """Hunks that are taken or left together. `number` counts from 1 among `total`."""

    number: int
    total: int
    hunks: tuple[Hunk, ...]

    def label(self, at_hand: str) -> str:
        """Which change it is, as `change 2 of 3`; where it reaches beyond the document at hand (a URI), also where."""
        which = f"change {self.number} of {self.total}"
        by_path: dict[str, list[str]] = {}
        for hunk in self.hunks:
            if hunk.change.uri != at_hand:
                by_path.setdefault(hunk.path, []).extend(() if hunk.line is None else (f"{hunk.line}",))
        places = ", ".join(f"{path}:{', '.join(lines)}" if lines else path for path, lines in by_path.items())
        return f"{which}: {places}" if places else which


class PendingEdit(Struct, frozen=True):
    """An edit that is offered. `bases` are the texts by URI it was computed on; `groups` the numbers of the hunks
    that go together (empty: each by itself); `applied` and `discarded` those that are decided.
    """

    edit: Edit
    bases: Mapping[str, str]
    groups: tuple[tuple[int, ...], ...] = ()
    applied: frozenset[int] = frozenset()
    discarded: frozenset[int] = frozenset()

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """All hunks, decided or not."""
        return hunks(self.edit, (Document(uri, text) for uri, text in self.bases.items()))

    @property
    def remaining(self) -> tuple[Hunk, ...]:
        """The hunks that are neither applied nor discarded."""
        decided = self.applied | self.discarded
        return tuple(hunk for hunk in self.hunks if hunk.number not in decided)

    @property
    def units(self) -> tuple[Unit, ...]:
        """What can still be taken or left, in the order of the first place of each."""
        found = self.hunks
        groups = self.groups or tuple((hunk.number,) for hunk in found)
        left = {hunk.number: hunk for hunk in self.remaining}
        return tuple(
            Unit(number, len(groups), tuple(left[one] for one in group if one in left))
            for number, group in enumerate(groups, 1)
            if any(one in left for one in group)
        )

    def together(self, number: int) -> tuple[int, ...]:
        """The numbers that go with this one, itself included."""
        return next((group for group in self.groups if number in group), (number,))

    def after(self, *numbers: int) -> "PendingEdit":
        """The pending edit once these hunks are in the text."""
        gone = frozenset(numbers)
        return structs.replace(self, applied=self.applied | gone, discarded=self.discarded - gone)

    def without(self, *numbers: int) -> "PendingEdit":
        """The pending edit once the user left these hunks; those in the text stay there."""
        return structs.replace(self, discarded=self.discarded | (frozenset(numbers) - self.applied))

    def for_hunk(self, number: int, current: Document | None) -> FileChange | Stale | AlreadyApplied:
        """The change of one hunk as it fits the text now. Errors: KeyError for a number there is not.

        Where the text is exactly the first text with the hunks applied so far, the place follows by counting;
        any other text is searched for the old text, which must stand there once.
        """
        hunk = next((hunk for hunk in self.hunks if hunk.number == number), None)
        if hunk is None:
            raise KeyError(number)
        if number in self.applied:
            return AlreadyApplied()
        base = self.bases.get(hunk.change.uri)
        if current is None or base is None or hunk.change.created:
            return reanchor(hunk.change, current, base)
        done = [one for one in self.hunks if one.number in self.applied and one.change.uri == hunk.change.uri]
        changes = [one.change.changes[0] for one in done]
        if current.text != apply_changes(base, changes):
            return reanchor(hunk.change, current)
        only = hunk.change.changes[0]
        shift = sum(
            len(one.new_text) - len(one.old_text) for one in changes if one.span.end <= only.span.start
        )
        span = Span(only.span.start + shift, only.span.end + shift)
        change = TextChange(span, only.old_text, only.new_text)
        return FileChange(
            uri=current.uri, path=hunk.path, version=current.version, changes=(change,), created=False
        )

    def rest(self, current: Callable[[FileChange], Document | None]) -> Edit | Stale | AlreadyApplied:
        """All that remains as one edit that fits the texts now."""
        if not self.applied and not self.discarded:
            return reanchor_edit(self.edit, current, self.bases)
        return self.chosen([hunk.number for hunk in self.remaining], current)

    def chosen(
        self, numbers: Iterable[int], current: Callable[[FileChange], Document | None]
    ) -> Edit | Stale | AlreadyApplied:
        """These hunks as one edit that fits the texts now; those that are in the text are left out."""
        wanted = frozenset(numbers)
        files: dict[str, list[TextChange]] = {}
        first: dict[str, FileChange] = {}
        for hunk in self.hunks:
            if hunk.number not in wanted:
                continue
            moved = self.for_hunk(hunk.number, current(hunk.change))
            if isinstance(moved, Stale):
                return moved
            if isinstance(moved, FileChange):
                first.setdefault(moved.uri, moved)
                files.setdefault(moved.uri, []).extend(moved.changes)
        if not files:
            return AlreadyApplied()
        merged = [_merged(first[uri], changes) for uri, changes in files.items()]
        if any(_overlap(file) for file in merged):
            return Stale("The text has changed: the places of the change have moved into each other.")
        return Edit(files=tuple(merged), label=self.edit.label, warnings=self.edit.warnings)


def _only(file: FileChange, change: TextChange) -> FileChange:
    return FileChange(
        uri=file.uri, path=file.path, version=file.version, changes=(change,), created=file.created
    )


def _merged(file: FileChange, changes: list[TextChange]) -> FileChange:
    ordered = tuple(sorted(changes, key=lambda change: change.span))
    return FileChange(
        uri=file.uri, path=file.path, version=file.version, changes=ordered, created=file.created
    )


def _overlap(file: FileChange) -> bool:
    return any(one.span.end > other.span.start for one, other in itertools.pairwise(file.changes))
