"""A pending edit, taken one hunk at a time while the text moves on. Immutable; applies nothing itself."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

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

    @property
    def label(self) -> str:
        """What a code action calls it, after the product's name."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"Apply change {self.number} of {self.total}: {place}"


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


class PendingEdit(Struct, frozen=True):
    """An edit that is offered. `bases` are the texts by URI it was computed on; `applied` the numbers done."""

    edit: Edit
    bases: Mapping[str, str]
    applied: frozenset[int] = frozenset()

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """All hunks, done or not."""
        return hunks(self.edit, (Document(uri, text) for uri, text in self.bases.items()))

    @property
    def remaining(self) -> tuple[Hunk, ...]:
        """The hunks not applied yet."""
        return tuple(hunk for hunk in self.hunks if hunk.number not in self.applied)

    def after(self, number: int) -> "PendingEdit":
        """The pending edit once this hunk is in the text."""
        return PendingEdit(self.edit, self.bases, self.applied | {number})

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
        """All hunks not applied yet as one edit that fits the texts now."""
        if not self.applied:
            return reanchor_edit(self.edit, current, self.bases)
        files: dict[str, list[TextChange]] = {}
        first: dict[str, FileChange] = {}
        for hunk in self.remaining:
            document = current(hunk.change)
            moved = self.for_hunk(hunk.number, document)
            if isinstance(moved, Stale):
                return moved
            if isinstance(moved, FileChange):
                first.setdefault(moved.uri, moved)
                files.setdefault(moved.uri, []).extend(moved.changes)
        if not files:
            return AlreadyApplied()
        merged = [_merged(first[uri], changes) for uri, changes in files.items()]
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
