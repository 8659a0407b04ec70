"""The current units, and the pieces that bring a model's view up to date. One for all lanes; reads no files."""

from collections.abc import Iterable, Mapping

from ponder.context.plan.chain import Known
from ponder.context.plan.units import Piece, Version, change, file_of, gone, tokens, whole

WORTH_A_CHANGE = 0.6
"""Changes above this share of the whole text are not worth reading: the whole text is sent again."""
MOST_CHANGES = 16
"""Changes stacked upon one text before it is sent whole again: a reader has to apply them in the head."""


class Workspace:
    """Units by name. Texts and retention order as the selector gave them last."""

    def __init__(self) -> None:
        self.units: dict[str, Version] = {}
        self.priority: dict[str, tuple[float, ...]] = {}
        self._order: list[str] = []
        self._files: set[str] = set()
        self._withdrawn: set[str] = set()
        self._wholes: dict[str, Piece] = {}
        self._changes: dict[str, dict[str, Piece]] = {}
        """What leads to each current text, by what is known; with another text it goes, or all old texts would stay."""
        self._size = 0
        self._replaced = 0

    @property
    def tokens(self) -> int:
        """Estimated tokens of all current texts."""
        return tokens(self._size)

    @property
    def replaced(self) -> float:
        """How many times over the context has come in after the first time."""
        return self._replaced / max(self._size, 1)

    def update(
        self,
        changes: Mapping[str, str | None],
        priority: Mapping[str, tuple[float, ...]],
        withdrawn: Iterable[str] = (),
    ) -> None:
        """Take over new texts (None: left the context), the retention order, and what no longer exists."""
        first = not self.units
        for unit, text in changes.items():
            self._set(unit, text, counts=not first)
        self._order = sorted(self.units)
        self._files = {file_of(unit) for unit in self.units}
        self._size = sum(version.size for version in self.units.values())
        self._withdrawn.update(withdrawn)
        self._withdrawn.difference_update(self.units)
        self.priority = dict(priority)

    def _set(self, unit: str, text: str | None, *, counts: bool) -> None:
        old = self.units.get(unit)
        if old is None or old.text != text:
            self._changes.pop(unit, None)
        if text is None:
            if old is not None:
                del self.units[unit]
                del self._wholes[unit]
        elif old is None or old.text != text:
            version = self.units[unit] = Version.of(text)
            self._wholes[unit] = whole(unit, version)
            if counts and old is None:
                self._replaced += version.size

    def piece(self, unit: str, known: Known | None) -> Piece | None:
        """What has to be said about a current unit of which the model knows `known`; None: nothing."""
        version = self.units[unit]
        full = self._wholes[unit]
        if known is None:
            return full
        if known.version.digest == version.digest:
            return None
        if known.changes >= MOST_CHANGES:
            return full
        changes = self._changes.setdefault(unit, {})
        found = changes.get(known.version.digest)
        if found is None:
            found = change(unit, known.version, version)
            if found.size > WORTH_A_CHANGE * full.size:
                found = full
            changes[known.version.digest] = found
        return found

    def bound(self, unit: str, known: Known | None, changes: int) -> int:
        """At most so many bytes bring a current unit up to date from `known`, given a list of changes so large."""
        if known is None:
            return self._wholes[unit].size
        if known.version.digest == self.units[unit].digest:
            return 0
        return min(changes, self._wholes[unit].size)

    def fresh(self, view: Mapping[str, Known]) -> list[Piece]:
        """All that a view lacks: tombstones, then units by name."""
        pieces = [
            gone(unit) for unit in sorted(view) if unit not in self.units and self._contradicts(unit, view)
        ]
        for unit in self._order:
            piece = self.piece(unit, view.get(unit))
            if piece is not None:
                pieces.append(piece)
        return pieces

    def outdated(self, pieces: Iterable[Piece]) -> int:
        """How many bytes of these pieces it would not take to tell what they tell of the current texts."""
        said: dict[str, int] = {}
        for piece in pieces:
            said[piece.unit] = said.get(piece.unit, 0) + piece.size
        needed = {unit: self._wholes[unit].size for unit in said if unit in self._wholes}
        return sum(max(0, size - needed.get(unit, 0)) for unit, size in said.items())

    def _contradicts(self, unit: str, view: Mapping[str, Known]) -> bool:
        """Whether a unit that left the context is known to be out of date.

        It is when it was withdrawn, or when its file is in the context in the other form (whole or by symbol)
        with another text.
        """
        if unit in self._withdrawn:
            return True
        file = file_of(unit)
        if file not in self._files:
            return False
        if unit != file:
            return file in self.units and view[unit].version.text not in self.units[file].text
        start = file + "::"
        return any(
            version.text not in view[unit].version.text
            for name, version in self.units.items()
            if name.startswith(start)
        )
