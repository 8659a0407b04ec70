"""Puts the workspace context together: what the selector wants, read through the choke point, off the loop.

Open documents count before files on disk. Sends nothing and decides nothing about order or caching.
"""

import asyncio
import os
from collections.abc import Mapping

from msgspec import Struct

from ponder.context.index.index import Applied, WorkspaceIndex
from ponder.context.index.outline import Outline, ranked, repository_map
from ponder.context.index.resolve import Resolver
from ponder.context.index.survey import Survey, Surveyor
from ponder.context.plan.units import BYTES_PER_TOKEN, encoded, tokens
from ponder.context.select import Selector, Touch
from ponder.context.selection import Frame, Piece, Selection
from ponder.context.texts import OpenText, Texts
from ponder.files.jail import Place
from ponder.files.load import LeftOut
from ponder.files.read import FileText
from ponder.files.reasons import Reason
from ponder.files.secret_names import secret_name
from ponder.syntax.imports import imports
from ponder.syntax.languages import language_of

INSTRUCTION_FILES = ("AGENTS.md", "CLAUDE.md", "ponder.md")
READMES = ("README.md", "README.rst", "README.txt", "README")
_README_BYTES = 2_000
_MAP_SHARE = 8
_INSTRUCTIONS_SHARE = 4
_LARGE_SHARE = 8
_IMPORTS_SHARE = 12
_READ_AHEAD = 1.3
_MOST_OUTLINES = 200


class Gatherer:
    """One for a workspace; several selectors (one for each budget) share what it has read."""

    def __init__(self, index: WorkspaceIndex, *, max_file_bytes: int = 262_144) -> None:
        self._index = index
        self._texts = Texts(index, max_file_bytes)
        self._surveyor = Surveyor(index)
        self._survey = Survey({}, {})
        self._surveyed: int | None = None
        self._outdated = False
        self._surveying: asyncio.Task[None] | None = None
        self._places: dict[str, Place] = {}

    def label(self, place: Place) -> str:
        """The name of a file as the model reads it; remembered, so that the selector's names lead back."""
        name = self._index.labels.of_place(place)
        self._places[name] = place
        return name

    def touch(
        self, selector: Selector, place: Place, now: float, why: Touch, symbols: tuple[str, ...] = ()
    ) -> None:
        """Note that a file was edited, opened or named; its imports come with the next `gather` for it."""
        selector.touch(self.label(place), now, why, symbols)

    def changed(self, selector: Selector, applied: Applied) -> None:
        """Note what `WorkspaceIndex.apply` returned."""
        for place in applied.places:
            selector.changed(self.label(place))
        if applied.everything:
            selector.changed(None)

    async def prepare(self, day: int) -> None:
        """List and rank the workspace, once a day and after `outdated`; `gather` does it where nobody did before."""
        if not self._index.ready:
            await self._index.scan()
        if (self._surveyed != day or self._outdated) and self._surveying is None:
            self._surveying = asyncio.create_task(self._look(day))
            # Also where nobody waits for it: a failure shows to whoever does.
            self._surveying.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Where only some files are others, nobody waits for the new ranking.
        if self._surveyed != day and self._surveying is not None:
            await asyncio.shield(self._surveying)

    def outdated(self) -> None:
        """Many files came or went: the next request has them ranked anew, beside it."""
        self._outdated = True

    async def _look(self, day: int) -> None:
        self._outdated = False
        try:
            self._survey = await asyncio.to_thread(self._surveyor.survey)
            self._surveyed = day
        finally:
            self._surveying = None

    async def gather(
        self,
        selector: Selector,
        *,
        day: int,
        now: float,
        open_texts: Mapping[str, OpenText],
        at_hand: Place | None = None,
    ) -> Selection:
        """The context as it is now. `open_texts` is by real absolute path (`Place.path`).

        `at_hand` is the file a question is about: what it imports enters. Once a day (any number as `day`) the
        ranking and the repository map are made anew.
        """
        await self.prepare(day)
        if at_hand is not None:
            room = int(selector.budget * BYTES_PER_TOKEN) // _IMPORTS_SHARE
            targets = await asyncio.to_thread(self._imported, at_hand, open_texts, room)
            selector.imported(self.label(at_hand), [self.label(place) for place in targets], now)
        order = selector.wanted(self._survey.scores)
        read = await asyncio.to_thread(
            self._read, order, open_texts, selector.budget, with_map=selector.wants_frame(day)
        )
        return selector.select(read.candidates, self._survey.scores, read.frame, day)

    async def look_ahead(
        self,
        selector: Selector,
        *,
        day: int,
        open_texts: Mapping[str, OpenText],
        at_hand: Place | None = None,
    ) -> None:
        """Read what the next `gather` is likely to want, so that it finds it read. Chooses nothing.

        What is another text by then is read again.
        """
        await self.prepare(day)
        if at_hand is not None:
            await asyncio.to_thread(self._imported, at_hand, open_texts, 0)
        order, with_map = selector.wanted(self._survey.scores), selector.wants_frame(day)
        await asyncio.to_thread(self._read, order, open_texts, selector.budget, with_map=with_map)

    def _read(
        self, order: list[str], open_texts: Mapping[str, OpenText], budget: int, *, with_map: bool
    ) -> "_Read":
        frame_text, files = self._instructions(open_texts, budget // _INSTRUCTIONS_SHARE)
        map_, map_files = self._map(open_texts, budget // _MAP_SHARE) if with_map else ("", ())
        left = budget * _READ_AHEAD
        candidates: dict[str, tuple[Piece, ...] | LeftOut] = {}
        for label in order:
            place = self._places.get(label) or self._survey.places.get(label)
            if place is None:
                continue
            found = self._texts.text(place, open_texts) if left > 0 else self._unread(place)
            if isinstance(found, LeftOut):
                candidates[label] = found
                continue
            opened = open_texts.get(place.path)
            language = language_of(place.relative, opened.language if opened else "")
            most = max(budget // _LARGE_SHARE, 1)
            candidates[label] = self._texts.pieces(place, label, found, language, most)
            left -= min(tokens(len(encoded(found.text))), budget // _INSTRUCTIONS_SHARE)
        frame = Frame(instructions=frame_text, instruction_files=files, map=map_, map_files=map_files)
        return _Read(candidates, frame)

    def _unread(self, place: Place) -> LeftOut:
        reason = secret_name(place.relative) or self._index.ignored(place)
        return LeftOut(place.relative, reason or Reason("room"))

    def _instructions(
        self, open_texts: Mapping[str, OpenText], most_tokens: int
    ) -> tuple[str, tuple[str, ...]]:
        parts: list[str] = []
        files: list[str] = []
        seen: set[str] = set()
        for folder in sorted(self._index.watched):
            readme = False
            for name in (*INSTRUCTION_FILES, *READMES):
                place = self._index.jail.place(os.path.join(folder, name))  # noqa: PTH118
                # One is often a link to another.
                if place is None or place.path in seen or (name in READMES and readme):
                    continue
                found = self._texts.text(place, open_texts)
                if isinstance(found, LeftOut):
                    continue
                seen.add(place.path)
                readme = readme or name in READMES
                text = _head(found.text, _README_BYTES if name in READMES else most_tokens * 3)
                if text.strip():
                    files.append(self._index.labels.of_place(place))
                    parts.append(f"## {files[-1]}\n\n{text.strip()}\n")
        return _head("\n".join(parts), most_tokens * 3), tuple(files)

    def _map(self, open_texts: Mapping[str, OpenText], most_tokens: int) -> tuple[str, tuple[str, ...]]:
        shown: list[str] = []

        def outline_of(label: str) -> Outline | None:
            place = self._survey.places.get(label)
            if place is None or len(shown) >= _MOST_OUTLINES:
                return None
            found = self._texts.text(place, open_texts)
            if isinstance(found, LeftOut):
                return None
            shown.append(label)
            return self._texts.outline(place, label, found)

        text = repository_map(ranked(self._survey.scores), outline_of, most_tokens)
        inside = {line for line in text.split("\n") if line and not line.startswith(" ")}
        return text, tuple(sorted(label for label in shown if label in inside))

    def _imported(self, at_hand: Place, open_texts: Mapping[str, OpenText], room: int) -> list[Place]:
        """The files it imports, in the order of the imports, as far as they fit into `room` bytes together.

        What enters is written to the cache: every file one looks into would else replace most of what is there.
        """
        found = self._texts.text(at_hand, open_texts)
        if isinstance(found, LeftOut):
            return []
        language = language_of(at_hand.relative)
        resolver = Resolver(self._index.files[at_hand.folder])
        targets = [
            target
            for module in imports(found.text, language)
            for target in resolver.files(module, at_hand.relative, language)
        ]
        places = []
        for target in dict.fromkeys(targets):
            place = Place(at_hand.folder, target)
            text = self._texts.text(place, open_texts)
            if isinstance(text, FileText) and text.size <= room:
                room -= text.size
                places.append(place)
        return places


class _Read(Struct, frozen=True):
    candidates: dict[str, tuple[Piece, ...] | LeftOut]
    frame: Frame


def _head(text: str, most_bytes: int) -> str:
    """The first whole lines of a text that fit."""
    if len(encoded(text)) <= most_bytes:
        return text
    kept = encoded(text)[:most_bytes].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1]
