"""What of the workspace goes into the prefix: instructions, repository map, files by relevance. Pure: no file, no clock.

Membership is sticky, because a unit that enters costs more than one that stays: it enters when it is edited, opened,
imported or named, and leaves only when the whole has grown past 1.1 × the budget, or on a new day.
"""

import itertools
from collections.abc import Iterable, Mapping
from typing import Literal

from ponder.context.plan.units import encoded, file_of, tokens
from ponder.context.selection import Frame, Piece, Segment, Selection
from ponder.files.load import LeftOut
from ponder.files.reasons import Reason

INSTRUCTIONS = "@instructions"
REPOSITORY_MAP = "@repomap"
Touch = Literal["named", "edited", "opened", "imported"]
_WEIGHTS: dict[Touch, float] = {"named": 4.0, "edited": 3.0, "opened": 2.0, "imported": 1.0}
_GROWTH = 1.1
_REFILL = 0.75
_MOST_LEFT_OUT = 200
_NO_ROOM = Reason("room").words
MOST_WANTED = 400


class Selector:
    """The context of one budget. Owned by the event loop; the same calls give the same units."""

    def __init__(self, budget_tokens: int) -> None:
        self.budget = budget_tokens
        self._touched: dict[str, tuple[float, float]] = {}
        self._symbols: dict[str, frozenset[str]] = {}
        self._fresh: set[str] = set()
        self._imports: set[tuple[str, str]] = set()
        self._members: dict[str, str] = {}
        self._frame = Frame()
        # Scores come once a day, questions all the time.
        self._ranked: tuple[Mapping[str, float], list[str]] = ({}, [])
        self._day: int | None = None
        self._shown: set[str] = set()
        self._stale: set[str] = set()

    def touch(self, path: str, now: float, why: Touch, symbols: Iterable[str] = ()) -> None:
        """A file was edited, opened, imported or named. `symbols` are dotted names of what was touched in it."""
        before, weight = self._touched.get(path, (0.0, 0.0))
        # The same moment again must not make it matter less.
        self._touched[path] = (max(now, before), max(_WEIGHTS[why], weight if before >= now else 0.0))
        self._symbols[path] = self._symbols.get(path, frozenset()) | frozenset(symbols)
        self._fresh.add(path)

    def imported(self, path: str, targets: Iterable[str], now: float) -> None:
        """The file at hand imports these. Each enters once a day for it: asking again is no reason to come back."""
        for target in targets:
            if (path, target) not in self._imports:
                self._imports.add((path, target))
                self.touch(target, now, "imported")

    def changed(self, path: str | None) -> None:
        """A file changed or went (None: any file may have): what was shown of it and has left is out of date."""
        left = self._shown - self._members.keys()
        self._stale.update(unit for unit in left if path is None or file_of(unit) == path)

    def wants_frame(self, day: int) -> bool:
        """Whether the next selection takes a new repository map: it is frozen for a day."""
        return day != self._day

    def wanted(self, scores: Mapping[str, float]) -> list[str]:
        """The files whose texts the next selection needs, the most wanted first."""
        members = {file_of(unit) for unit in self._members} - {INSTRUCTIONS, REPOSITORY_MAP}
        first = sorted(
            self._touched.keys() | members, key=lambda path: (*_negated(self._rank(path, scores)), path)
        )
        if self._ranked[0] is not scores:
            self._ranked = scores, sorted(scores, key=lambda path: (-scores[path], path))
        named = set(first)
        rest = (path for path in self._ranked[1] if path not in named)
        return list(itertools.islice(itertools.chain(first, rest), MOST_WANTED))

    def select(
        self,
        candidates: Mapping[str, tuple[Piece, ...] | LeftOut],
        scores: Mapping[str, float],
        frame: Frame,
        day: int,
    ) -> Selection:
        """Choose units from the current texts of the files that `wanted` named.

        `day` is any number that is another one each day: then everything is chosen anew. `frame` counts when
        `wants_frame` says so, except for the instructions, which are always current.
        """
        anew = day != self._day
        if anew:
            self._day = day
            self._forget_old()
        map_ = frame if anew else self._frame
        self._frame = Frame(
            instructions=frame.instructions,
            instruction_files=frame.instruction_files,
            map=map_.map,
            map_files=map_.map_files,
        )
        texts = {
            piece.unit: piece.text
            for found in candidates.values()
            if not isinstance(found, LeftOut)
            for piece in found
        }
        priority = {unit: self._priority(unit, scores) for unit in texts}
        members = self._choose(texts, priority, anew=anew)
        return self._settled(members, texts, priority, candidates)

    def _choose(
        self, texts: Mapping[str, str], priority: Mapping[str, tuple[float, float]], *, anew: bool
    ) -> dict[str, str]:
        fixed = _size(self._frame.instructions) + _size(self._frame.map)
        kept = set() if anew else {unit for unit in self._members if unit in texts}
        fresh = {unit for unit in texts if self._enters(unit)}
        order = sorted(texts, key=lambda unit: (*_negated(priority[unit]), unit))
        sizes = {unit: _size(texts[unit]) for unit in texts}
        inside = kept | fresh
        total = fixed + sum(sizes[unit] for unit in inside)
        if total > self.budget * (_GROWTH if kept else 1.0):
            for unit in reversed(order):
                if total <= self.budget:
                    break
                if unit in inside:
                    inside.discard(unit)
                    total -= sizes[unit]
        # Room is filled when all is chosen anew, or when much of it has become free.
        if anew or not kept or total < self.budget * _REFILL:
            for unit in order:
                if unit not in inside and not _stretch(unit) and total + sizes[unit] <= self.budget:
                    inside.add(unit)
                    total += sizes[unit]
        return {unit: texts[unit] for unit in sorted(inside)}

    def _settled(
        self,
        members: dict[str, str],
        texts: Mapping[str, str],
        priority: Mapping[str, tuple[float, float]],
        candidates: Mapping[str, tuple[Piece, ...] | LeftOut],
    ) -> Selection:
        frame = {INSTRUCTIONS: self._frame.instructions, REPOSITORY_MAP: self._frame.map}
        units = members | {unit: text for unit, text in frame.items() if text and self.budget}
        changes: dict[str, str | None] = {
            unit: text for unit, text in sorted(units.items()) if self._members.get(unit) != text
        }
        changes |= dict.fromkeys(sorted(self._members.keys() - units.keys()))
        gone = {
            unit
            for unit in self._shown
            if unit not in units and file_of(unit) in candidates and unit not in texts
        }
        withdrawn = tuple(sorted((self._stale | (gone & self._members.keys())) - units.keys()))
        self._shown |= units.keys()
        self._shown -= set(withdrawn)
        self._members, self._stale, self._fresh = units, set(), set()
        endless = (float("inf"), 0.0)
        return Selection(
            units=dict(sorted(units.items())),
            changes=changes,
            priority={unit: priority.get(unit, endless) for unit in sorted(units)},
            withdrawn=withdrawn,
            left_out=_left_out(candidates, units),
            segments=self._segments(members),
        )

    def _rank(self, path: str, scores: Mapping[str, float]) -> tuple[float, float]:
        touched, weight = self._touched.get(path, (0.0, 0.0))
        return touched, weight + scores.get(path, 0.0) / 1000

    def _priority(self, unit: str, scores: Mapping[str, float]) -> tuple[float, float]:
        path = file_of(unit)
        touched, score = self._rank(path, scores)
        if unit == path or self._symbol_touched(unit):
            return touched, score
        # Of a large file only what was touched is as dear as the touch; its head comes next.
        return 0.0, score + (0.5 if unit.endswith("::@head") else 0.0)

    def _symbol_touched(self, unit: str) -> bool:
        path = file_of(unit)
        name = unit[len(path) + 2 :]
        wanted = self._symbols.get(path, frozenset())
        return any(
            symbol == name or symbol.startswith(f"{name}.") or name.startswith(f"{symbol}.")
            for symbol in wanted
        )

    def _enters(self, unit: str) -> bool:
        path = file_of(unit)
        first = unit == path or unit.endswith(("::@head", "::@1"))
        return path in self._fresh and (first or self._symbol_touched(unit))

    def _forget_old(self) -> None:
        """A touch of days ago still orders, but what was only imported then does not count any more."""
        self._imports.clear()
        self._touched = {
            path: touch for path, touch in self._touched.items() if touch[1] > _WEIGHTS["imported"]
        }

    def _segments(self, members: Mapping[str, str]) -> tuple[Segment, ...]:
        parts: tuple[
            tuple[Literal["instructions", "repositoryMap", "files"], Iterable[str], tuple[str, ...]], ...
        ] = (
            ("instructions", [self._frame.instructions], self._frame.instruction_files),
            ("repositoryMap", [self._frame.map], self._frame.map_files),
            ("files", members.values(), tuple(members)),
        )
        sized = [(kind, sum(len(encoded(text)) for text in texts), files) for kind, texts, files in parts]
        return tuple(
            Segment(kind=kind, bytes=size, tokens=tokens(size), files=files)
            for kind, size, files in sized
            if size and self.budget
        )


def _left_out(
    candidates: Mapping[str, tuple[Piece, ...] | LeftOut], units: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    shown = {file_of(unit) for unit in units}
    found = []
    for path in sorted(candidates):
        candidate = candidates[path]
        if isinstance(candidate, LeftOut):
            found.append((path, candidate.reason.words))
        elif path not in shown:
            found.append((path, _NO_ROOM))
        elif any(piece.unit not in units for piece in candidate):
            found.append((path, f"only in part: {_NO_ROOM}"))
    return tuple(found[:_MOST_LEFT_OUT])


def _stretch(unit: str) -> bool:
    """A part of a large file without symbols: data or prose, which does not come in of itself."""
    return "::@" in unit and not unit.endswith("::@head")


def _size(text: str) -> int:
    return tokens(len(encoded(text)))


def _negated(rank: tuple[float, float]) -> tuple[float, float]:
    return -rank[0], -rank[1]
