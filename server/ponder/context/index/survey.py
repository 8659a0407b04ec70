"""Reads the files that may matter, off the loop, and ranks them by how often they are imported. Sends nothing."""

import os
from collections.abc import Callable

from msgspec import Struct

from ponder.context.index.index import WorkspaceIndex
from ponder.context.index.outline import MOST_READ, others, rank, worth_reading
from ponder.context.index.resolve import Resolver
from ponder.context.index.scope import below
from ponder.files.jail import Place
from ponder.files.load import LeftOut, load_text
from ponder.syntax.imports import imports
from ponder.syntax.languages import language_of

_MOST_BYTES = 262_144


class Survey(Struct, frozen=True):
    """Files by rank: name (as the model reads it) to score, and to place."""

    scores: dict[str, float]
    places: dict[str, Place]


class Surveyor:
    """Remembers each file's imports by size and time of change, so that a second survey costs little."""

    def __init__(self, index: WorkspaceIndex) -> None:
        self._index = index
        self._known: dict[tuple[str, str], tuple[tuple[int, int], tuple[str, ...]]] = {}

    def survey(self, going: Callable[[], bool] = lambda: True) -> Survey:
        """Look at every folder. Blocks: call it in a thread. `going` False ends it early with what there is."""
        scores: dict[str, float] = {}
        places: dict[str, Place] = {}
        share = max(1, MOST_READ // max(1, len(self._index.watched)))
        for folder in self._index.watched:
            found = self._folder(folder, share, going)
            for relative, score in found.items():
                label = self._index.labels.of(folder, relative)
                scores[label] = score
                places[label] = Place(folder, relative)
        return Survey(scores, places)

    def _folder(self, folder: str, most: int, going: Callable[[], bool]) -> dict[str, float]:
        files = self._index.files[folder]
        resolver = Resolver(files)
        targets: dict[str, set[str]] = {}
        # A copy in one step: the loop may change the set meanwhile.
        for relative in worth_reading(tuple(files), most):
            if not going():
                break
            language = language_of(relative)
            named = self._imports(folder, relative)
            targets[relative] = {
                target for module in named for target in resolver.files(module, relative, language)
            }
        return others(tuple(files)) | rank(targets)

    def _imports(self, folder: str, relative: str) -> tuple[str, ...]:
        path = below(folder, relative)
        try:
            details = os.lstat(path)
        except OSError:
            return ()
        mark = (details.st_mtime_ns, details.st_size)
        known = self._known.get((folder, relative))
        if known is not None and known[0] == mark:
            return known[1]
        place = self._index.jail.place(path)
        # A link counts where its target is.
        if place is None or place.relative != relative or details.st_size > _MOST_BYTES:
            return ()
        loaded = load_text(self._index.jail, place, max_bytes=_MOST_BYTES)
        found = () if isinstance(loaded, LeftOut) else imports(loaded.text, language_of(relative))
        self._known[folder, relative] = (mark, found)
        return found
