"""The texts of a workspace as the model may see them, each read and taken apart once. Chooses nothing of what is told.

May be asked from several threads at once: at worst something is made twice.
"""

import os
from collections.abc import Mapping

from msgspec import Struct

from ponder.context.index.index import WorkspaceIndex
from ponder.context.index.outline import Outline, outline
from ponder.context.pieces import pieces
from ponder.context.selection import Piece
from ponder.files.jail import Place
from ponder.files.load import LeftOut
from ponder.files.read import FileText, read_for_model, text_for_model
from ponder.files.reasons import Reason
from ponder.syntax.languages import Language, language_of
from ponder.syntax.symbols import symbols

_MOST_TEXTS = 2_000


class OpenText(Struct, frozen=True):
    """A document open in the editor: the truth about its file, saved or not."""

    text: str
    language: str = ""


class _Known:
    """One file's text, and what was made of exactly this text."""

    def __init__(self, mark: object, found: FileText | LeftOut) -> None:
        self.mark = mark
        self.found = found
        self.outline: Outline | None = None
        self.pieces: dict[tuple[str, int], tuple[Piece, ...]] = {}


class Texts:
    """One for a workspace. `max_file_bytes` bounds what is read of one file."""

    def __init__(self, index: WorkspaceIndex, max_file_bytes: int) -> None:
        self._index = index
        self._max_file_bytes = max_file_bytes
        self._known: dict[str, _Known] = {}

    def text(self, place: Place, open_texts: Mapping[str, OpenText]) -> FileText | LeftOut:
        """The text as the model may see it now; read again only when it is another."""
        path = place.path
        opened = open_texts.get(path)
        mark: object
        if opened is not None:
            mark = opened.text
        else:
            try:
                details = os.stat(path)  # noqa: PTH116 -- names that are no UTF-8
            except OSError:
                return LeftOut(place.relative, Reason("missing"))
            mark = (details.st_mtime_ns, details.st_size, details.st_ino)
        reason = self._index.ignored(place)
        if reason is not None:
            return LeftOut(place.relative, reason)
        known = self._known.get(path)
        if known is None or known.mark != mark:
            if len(self._known) >= _MOST_TEXTS:
                self._known.clear()
            known = self._known[path] = _Known(mark, self._read(place, opened))
        return known.found

    def outline(self, place: Place, label: str, found: FileText) -> Outline:
        """What the file defines, for the repository map; `found` is what `text` gave."""
        known = self._of(place, found)
        if known.outline is None:
            known.outline = outline(label, symbols(found.text, language_of(place.relative)))
        return known.outline

    def pieces(
        self, place: Place, label: str, found: FileText, language: Language, most_tokens: int
    ) -> tuple[Piece, ...]:
        """The units of the file; `found` is what `text` gave."""
        known = self._of(place, found)
        key = language.id, most_tokens
        units = known.pieces.get(key)
        if units is None:
            units = known.pieces[key] = pieces(label, found.text, language, most_tokens)
        return units

    def _of(self, place: Place, found: FileText) -> _Known:
        known = self._known.get(place.path)
        # It may have been read anew since, or forgotten.
        return known if known is not None and known.found is found else _Known(None, found)

    def _read(self, place: Place, opened: OpenText | None) -> FileText | LeftOut:
        index, most = self._index, self._max_file_bytes
        if opened is not None:
            found = text_for_model(opened.text, place, index.ignored, max_bytes=most)
        else:
            found = read_for_model(place.path, index.jail, index.ignored, max_bytes=most)
        if isinstance(found, FileText) and found.place != place:
            return LeftOut(place.relative, Reason("link"))
        if isinstance(found, FileText) and found.key:
            return LeftOut(place.relative, Reason("key"))
        return found
