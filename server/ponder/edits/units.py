"""Which changes of an edit belong together, so that none is taken without what it needs. Pure; applies nothing."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import structs

from ponder.documents import Document, Span
from ponder.edits.cores import Core, Layout
from ponder.findings import Edit, FileChange, TextChange

NEAR = 3
"""Unchanged lines between two changes that are still read as one; git shows as many lines around a change."""


def joined(edit: Edit, documents: Iterable[Document]) -> Edit:
    """The edit with neighbouring changes made one. `documents` are those it was computed on.

    Neighbours have at most `NEAR` unchanged lines between them and do not lie in different definitions.
    """
    known = {document.uri: document for document in documents}
    files = [_joined(file, known[file.uri]) if file.uri in known else file for file in edit.files]
    return structs.replace(edit, files=tuple(files))


def units(edit: Edit, documents: Iterable[Document]) -> tuple[tuple[int, ...], ...]:
    """The numbers (from 1, in order of file and place) of the changes that go together, in order of the first.

    Together are changes within one function, and a change that brings, takes or redefines a name with those
    that speak of the name: an import without its use, or the use without it, is no working code.
    """
    known = {document.uri: document for document in documents}
    cores: list[tuple[str, Core]] = []
    for file in edit.files:
        layout = Layout(known.get(file.uri) if not file.created and _several(edit) else None)
        cores += [(file.uri, layout.core(change)) for change in file.changes]
    groups = _Groups(len(cores))
    by_function: dict[object, int] = {}
    mentioned: defaultdict[str, list[int]] = defaultdict(list)
    for index, (uri, core) in enumerate(cores):
        for function in core.functions:
            groups.unite(index, by_function.setdefault((uri, function), index))
        for name in core.mentions:
            mentioned[name].append(index)
    for index, (_, core) in enumerate(cores):
        for name in core.defines:
            for other in mentioned[name]:
                groups.unite(index, other)
    return groups.all()


def _several(edit: Edit) -> bool:
    return sum(len(file.changes) for file in edit.files) > 1


def _joined(file: FileChange, document: Document) -> FileChange:
    if file.created or len(file.changes) < 2:
        return file
    layout = Layout(document)
    runs: list[list[TextChange]] = [[file.changes[0]]]
    for before, after in itertools.pairwise(file.changes):
        if _neighbours(layout.core(before), layout.core(after)):
            runs[-1].append(after)
        else:
            runs.append([after])
    return structs.replace(file, changes=tuple(_one(run, document.text) for run in runs))


def _neighbours(before: Core, after: Core) -> bool:
    between = after.first - before.end
    if between < 0:
        return True  # on one line
    return between <= NEAR and (before.touched == after.touched or bool(before.touched & after.touched))


def _one(run: Sequence[TextChange], text: str) -> TextChange:
    """Changes in a row as one that spans what stands between them."""
    if len(run) == 1:
        return run[0]
    span = Span(run[0].span.start, run[-1].span.end)
    parts = [run[0].new_text]
    for before, after in itertools.pairwise(run):
        parts += (text[before.span.end : after.span.start], after.new_text)
    return TextChange(span, text[span.start : span.end], "".join(parts))


class _Groups:
    """Numbers that were united, directly or by way of others."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def unite(self, one: int, other: int) -> None:
        low, high = sorted((self._root(one), self._root(other)))
        self._parent[high] = low

    def all(self) -> tuple[tuple[int, ...], ...]:
        members: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(len(self._parent)):
            members[self._root(index)].append(index + 1)
        return tuple(map(tuple, members.values()))

    def _root(self, index: int) -> int:
        while self._parent[index] != index:
            index = self._parent[index]
        return index
