"""A simple context selector for made traces: scores, entering by edit and opening, leaving by age. Keeps no files."""

import re
from typing import Any

from bench.cache.scorer import tokens_of

_TOP_LEVEL = re.compile(r"(?:async def|def|class) (\w+)")


class Selector:
    """W(t): units by name. Files above an eighth of the size are taken by top-level symbol."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.current: dict[str, str] = {}
        self.touched: dict[str, float] = {}
        self.score: dict[str, float] = {}
        self._before: dict[str, dict[str, str]] = {}

    def day(self, now: float, texts: dict[str, str]) -> dict[str, Any]:
        """Select anew: what was touched last, then by score."""
        wanted = self._fixed(texts)
        ranked = sorted(
            texts, key=lambda path: (-self.touched.get(path, 0.0), -self.score.get(path, 0.0), path)
        )
        used = sum(map(tokens_of, wanted.values()))
        self._before = {path: self._units(path, texts[path]) for path in texts}
        for path in ranked:
            for unit, text in self._before[path].items():
                if used + tokens_of(text) <= self.size:
                    wanted[unit] = text
                    used += tokens_of(text)
        return self._event(now, wanted)

    def edited(self, now: float, texts: dict[str, str], paths: list[str]) -> dict[str, Any]:
        """Changed units enter; those of the file that were in stay with their current text."""
        wanted = dict(self.current)
        for path in paths:
            self.score[path] = self.score.get(path, 0.0) + 1.0
            self.touched[path] = now
            units = self._units(path, texts[path])
            self._refresh(wanted, path, units)
            before = self._before.get(path, self.current)
            self._before[path] = units
            for unit, text in units.items():
                if before.get(unit) != text:
                    wanted[unit] = text
                    self.touched[unit] = now
        return self._event(now, self._trimmed(wanted))

    def opened(self, now: float, texts: dict[str, str], path: str) -> dict[str, Any]:
        """A file enters, up to an eighth of the size."""
        wanted = dict(self.current)
        used = 0
        self.touched[path] = now
        for unit, text in self._units(path, texts[path]).items():
            used += tokens_of(text)
            if used <= self.size / 8:
                wanted[unit] = text
                self.touched[unit] = now
        return self._event(now, self._trimmed(wanted))

    def pulled(self, now: float, texts: dict[str, str]) -> dict[str, Any]:
        """Files changed outside: units take their current text, nothing enters."""
        wanted = dict(self.current)
        for path in {unit.split("::")[0] for unit in self.current if not unit.startswith("@")}:
            self._refresh(wanted, path, self._units(path, texts[path]) if path in texts else {})
        return self._event(now, wanted | self._fixed(texts))

    def _refresh(self, wanted: dict[str, str], path: str, units: dict[str, str]) -> None:
        for unit in [unit for unit in wanted if unit.split("::")[0] == path]:
            if unit in units:
                wanted[unit] = units[unit]
            else:
                del wanted[unit]

    def _rank(self, unit: str) -> tuple[float, float]:
        path = unit.split("::", maxsplit=1)[0]
        return (self.touched.get(unit, -1.0), self.score.get(path, 0.0))

    def _trimmed(self, wanted: dict[str, str]) -> dict[str, str]:
        used = sum(map(tokens_of, wanted.values()))
        if used > 1.1 * self.size:
            for unit in sorted(
                (unit for unit in wanted if unit[0] != "@"), key=lambda unit: (self._rank(unit), unit)
            ):
                used -= tokens_of(wanted.pop(unit))
                if used <= self.size:
                    break
        return wanted

    def _event(self, now: float, wanted: dict[str, str]) -> dict[str, Any]:
        changes: dict[str, str | None] = {u: t for u, t in wanted.items() if self.current.get(u) != t}
        changes.update({unit: None for unit in self.current if unit not in wanted})
        self.current = wanted
        priority = {unit: list(self._rank(unit)) for unit in wanted}
        return {"e": "units", "t": now, "set": changes, "priority": priority}

    def _fixed(self, texts: dict[str, str]) -> dict[str, str]:
        lines, used = [], 0
        for path in sorted(texts):
            head = [line for line in texts[path].split("\n") if line.startswith(("def ", "class "))]
            used += tokens_of("\n".join([path, *head]))
            if used > self.size / 12:
                break
            lines += [path, *head]
        return {"@repomap": "\n".join(lines) + "\n", "@instructions": "Follow the project's style.\n" * 20}

    def _units(self, path: str, text: str) -> dict[str, str]:
        if tokens_of(text) <= self.size / 8:
            return {path: text}
        # By lines, not by syntax: half of a change seldom parses, and units must not flip their form then.
        units: dict[str, str] = {}
        name, lines = f"{path}::<head>", list[str]()
        for line in text.split("\n"):
            found = _TOP_LEVEL.match(line)
            if found:
                units[name] = "\n".join(lines)
                name, lines = f"{path}::{found[1]}", []
                while name in units:
                    name += "'"
            lines.append(line)
        units[name] = "\n".join(lines)
        return units
