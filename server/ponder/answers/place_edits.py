"""Edit items of an answer to an edit that fits the documents. What cannot be placed is left out, with the reason."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ponder.answers.items import EditItem, read_edit, shown_path
from ponder.answers.locate import Searchable, fitted, line_end_of, only_place, unified
from ponder.answers.sources import Sources
from ponder.documents import Document, Span
from ponder.edits.apply import apply_changes
from ponder.edits.doubts import doubts
from ponder.findings import Edit, FileChange, TextChange


class PlacedEdits(Struct, frozen=True):
    """`edit` is None where nothing could be placed or nothing would change; `notices` are for the user."""

    edit: Edit | None
    notices: tuple[str, ...] = ()
    dropped: int = 0
    """How many items were left out for a reason (an item that changes nothing is not counted)."""


class _Placed(Struct, frozen=True):
    uri: str
    path: str
    change: TextChange
    document: Document | None


def place_edits(items: Iterable[object], sources: Sources, *, label: str = "Ponder") -> PlacedEdits:
    """One edit from `{"path", "old_text", "new_text"}` objects of any trustworthiness.

    `old_text` must stand exactly once in its file; empty, it creates a file or fills an empty one. All items are
    placed in the same version of the text. Overlapping items are both left out. If anything was left out, the
    rest carries a warning, so that half an edit is never applied unasked.
    """
    searchables: dict[str, Searchable] = {}
    placed: list[_Placed] = []
    notices: list[str] = []
    for item in items:
        one = _place(item, sources, searchables)
        if isinstance(one, str):
            notices.append(f"A change to {shown_path(item)} was left out: {one}.")
        elif one is not None and one not in placed:
            placed.append(one)
    kept, overlapping = _without_overlaps(placed)
    notices += [f"A change to `{one.path}` was left out: it overlaps another change." for one in overlapping]
    files, warnings = _by_file(kept)
    if files and notices:
        warnings = [f"{len(notices)} of {len(notices) + len(kept)} changes could not be placed.", *warnings]
    edit = Edit(files=tuple(files), label=label, warnings=tuple(warnings)) if files else None
    return PlacedEdits(edit, tuple(notices), len(notices))


def _place(item: object, sources: Sources, searchables: dict[str, Searchable]) -> _Placed | str | None:
    """The place, or the reason why there is none, or None where nothing would change."""
    edit = read_edit(item)
    if isinstance(edit, str):
        return edit
    documents = sources.documents(edit.path)
    if not documents:
        return _new_file(edit, sources)
    found: list[_Placed | None] = []
    reason = ""
    for document in documents:
        if document.uri not in searchables:
            searchables[document.uri] = Searchable(document)
        one = _in_document(edit, searchables[document.uri])
        if isinstance(one, str):
            reason = one
        else:
            found.append(one)
    if len(found) > 1:
        return "more than one workspace folder has this file and its old text"
    return found[0] if found else reason


def _new_file(edit: EditItem, sources: Sources) -> _Placed | str | None:
    if edit.old_text:
        return sources.why(edit.path)
    uri = sources.new_file_uri(edit.path)
    if uri is None:
        return "no file may be created there"
    if not edit.new_text:
        return None
    change = TextChange(Span(0, 0), "", unified(edit.new_text))
    return _Placed(uri, edit.path.removeprefix("./"), change, None)


def _in_document(edit: EditItem, searchable: Searchable) -> _Placed | str | None:
    document = searchable.document
    if not edit.old_text:
        if document.text not in ("", "\ufeff"):
            return "it has no old text and the file is not empty"
        span, new_text = Span(len(document.text), len(document.text)), edit.new_text
    else:
        place = only_place(searchable, edit.old_text)
        if isinstance(place, str):
            return place
        span, covered = place
        new_text = unified(edit.new_text)
        if covered < len(unified(edit.old_text)):
            # The old text had a last line end that the file has not; the new text loses its own.
            new_text = new_text.removesuffix("\n")
    old_text = document.slice(span)
    line_end = line_end_of(document.text, span.start)
    change = TextChange(span, old_text, fitted(new_text, old_text, line_end))
    return None if change.new_text == old_text else _Placed(document.uri, document.path, change, document)


def _without_overlaps(placed: Sequence[_Placed]) -> tuple[list[_Placed], list[_Placed]]:
    """Those that touch no other, and those that do. Two changes of a file to be created overlap."""
    ordered = sorted(placed, key=lambda one: (one.uri, one.change.span))
    bad: set[int] = set()
    reach = 0
    owner = -1
    for index, one in enumerate(ordered):
        if owner < 0 or ordered[owner].uri != one.uri:
            owner, reach = index, one.change.span.end
            continue
        if one.change.span.start < reach or one.change.span == ordered[owner].change.span:
            bad |= {owner, index}
        if one.change.span.end >= reach:
            owner, reach = index, one.change.span.end
    kept = [one for index, one in enumerate(ordered) if index not in bad]
    return kept, [ordered[index] for index in sorted(bad)]


def _by_file(placed: Sequence[_Placed]) -> tuple[list[FileChange], list[str]]:
    files: dict[str, list[_Placed]] = {}
    for one in placed:
        files.setdefault(one.uri, []).append(one)
    changes: list[FileChange] = []
    warnings: list[str] = []
    for uri, several in files.items():
        document = several[0].document
        text = document.text if document else ""
        changed = tuple(one.change for one in several)
        changes.append(
            FileChange(
                uri=uri,
                path=several[0].path,
                version=document.version if document else None,
                changes=changed,
                created=document is None,
            )
        )
        warnings += [
            f"`{several[0].path}`: {doubt}" for doubt in doubts(text, apply_changes(text, changed), changed)
        ]
    return changes, warnings
