"""An edit as a unified diff in git's style, for people and for `git apply`. Works from the changes alone."""

import difflib
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.apply import apply_changes
from ponder.findings import Edit, FileChange

_CONTEXT = 3
# difflib is quadratic where lines repeat; beyond this a changed region is shown as removed and added whole.
_DIFFLIB_LINES = 2_000
_PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f-\uffff\"\\]*")


class _Region(Struct, frozen=True):
    """Lines `old_start:old_end` became lines `new_start:new_end`, from 0, half open."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def unified_diff(edit: Edit, documents: Iterable[Document]) -> str:
    """The diff of all files. `documents` are those the edit was computed on; line ends are kept as they are."""
    texts = {document.uri: document.text for document in documents}
    return "".join(file_diff(file, texts.get(file.uri, "")) for file in edit.files)


def file_diff(change: FileChange, base: str) -> str:
    """The diff of one file; empty where nothing changes. Errors: ChangeError where the changes do not fit."""
    result = apply_changes(base, change.changes)
    if result == base:
        return ""
    old, new = _lines(base), _lines(result)
    name = (_quoted(f"a/{change.path}"), _quoted(f"b/{change.path}"))
    header = f"diff --git {name[0]} {name[1]}\n"
    if change.created:
        header += "new file mode 100644\n"
    header += f"--- {'/dev/null' if change.created else name[0]}\n+++ {name[1]}\n"
    body = "".join(_hunk(old, new, regions) for regions in _grouped(list(_regions(old, new, base, change))))
    return header + body


def _lines(text: str) -> list[str]:
    r"""Lines as git counts them: only `\n` ends one, and `\r` before it belongs to the line."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _regions(old: list[str], new: list[str], base: str, change: FileChange) -> Iterator[_Region]:
    """The changed lines, refined by difflib inside each stretch the edit touches."""
    shift = 0
    stretches: list[_Region] = []
    for one in change.changes:
        first = base.count("\n", 0, one.span.start)
        last = base.count("\n", 0, one.span.end)
        grown = one.new_text.count("\n") - one.old_text.count("\n")
        old_end = min(last + 1, len(old))
        region = _Region(first, old_end, first + shift, min(last + 1 + shift + grown, len(new)))
        if stretches and region.old_start < stretches[-1].old_end:
            before = stretches.pop()
            region = _Region(before.old_start, region.old_end, before.new_start, region.new_end)
        stretches.append(region)
        shift += grown
    for stretch in stretches:
        yield from _refined(old, new, stretch)


def _refined(old: list[str], new: list[str], stretch: _Region) -> Iterator[_Region]:
    old_part = old[stretch.old_start : stretch.old_end]
    new_part = new[stretch.new_start : stretch.new_end]
    if len(old_part) + len(new_part) > _DIFFLIB_LINES:
        yield stretch
        return
    matcher = difflib.SequenceMatcher(None, old_part, new_part, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield _Region(
                stretch.old_start + old_start,
                stretch.old_start + old_end,
                stretch.new_start + new_start,
                stretch.new_start + new_end,
            )


def _grouped(regions: list[_Region]) -> Iterator[list[_Region]]:
    """Regions whose context would touch make one hunk."""
    group: list[_Region] = []
    for region in regions:
        if group and region.old_start - group[-1].old_end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(region)
    if group:
        yield group


def _hunk(old: list[str], new: list[str], regions: list[_Region]) -> str:
    start = max(0, regions[0].old_start - _CONTEXT)
    end = min(len(old), regions[-1].old_end + _CONTEXT)
    new_start = regions[0].new_start - (regions[0].old_start - start)
    new_end = regions[-1].new_end + (end - regions[-1].old_end)
    parts = [f"@@ -{_extent(start, end)} +{_extent(new_start, new_end)} @@\n"]
    at = start
    for region in regions:
        parts += [_marked(" ", line) for line in old[at : region.old_start]]
        parts += [_marked("-", line) for line in old[region.old_start : region.old_end]]
        parts += [_marked("+", line) for line in new[region.new_start : region.new_end]]
        at = region.old_end
    parts += [_marked(" ", line) for line in old[at:end]]
    return "".join(parts)


def _extent(start: int, end: int) -> str:
    """First line (from 1; the line before where there is none) and number of lines, one left unsaid."""
    size = end - start
    first = start + 1 if size else start
    return f"{first}" if size == 1 else f"{first},{size}"


def _marked(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    """As git quotes names: C style, bytes in octal, where there are controls, quotes or letters beyond ASCII."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    quoted = "".join(
        f"\\{letter}" if letter in '"\\' else letter if " " <= letter <= "~" else _octal(letter)
        for letter in name
    )
    return f'"{quoted}"'


def _octal(letter: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))
