"""Finds the file an import stands for, among the files there are. Reads no file system."""

import posixpath
from collections.abc import Collection

from ponder.syntax.imports import candidates
from ponder.syntax.languages import ImportStyle, Language

_ENDINGS: dict[ImportStyle, tuple[str, ...]] = {
    "python": (".py", "/__init__.py", ".pyi"),
    "script": (
        *("", ".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts"),
        *("/index.ts", "/index.tsx", "/index.js", "/index.jsx"),
    ),
    "rust": (".rs", "/mod.rs", "/lib.rs"),
    "java": (".java", ".kt", ".scala"),
    "c": (".h", ".hpp", ".hh", ".hxx", ".cuh", ".inl"),
    "go": (),
}
# Where a dotted or slashed module name may start, beside every directory above the importing file.
_ROOTS: dict[ImportStyle, tuple[str, ...]] = {
    "python": ("src", "lib", "server", "python"),
    "java": ("src/main/java", "src/test/java", "src"),
    "c": ("include", "src"),
    "rust": ("src",),
    "script": (),
    "go": (),
}
_MOST_FILES_OF_A_PACKAGE = 12


class Resolver:
    """Resolves imports against one set of relative paths; remembers what it found."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = paths
        self._known: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._go: dict[str, list[str]] | None = None

    def files(self, module: str, path: str, language: Language) -> tuple[str, ...]:
        """The files that `module`, imported in `path`, stands for: one, a Go package's, or none."""
        if language.imports is None:
            return ()
        folder = posixpath.dirname(path)
        key = (module, folder, language.imports)
        if key not in self._known:
            self._known[key] = self._find(module, path, folder, language)
        return tuple(found for found in self._known[key] if found != path)

    def _find(self, module: str, path: str, folder: str, language: Language) -> tuple[str, ...]:
        style = language.imports
        if style is None:
            return ()
        for stem in candidates(module, path, language):
            if style == "go":
                if package := self._package(stem):
                    return package
                continue
            starts = [""] if stem.startswith("/") else _starts(folder, _ROOTS[style])
            for start in starts:
                for ending in _ENDINGS[style]:
                    name = f"{start}{stem.lstrip('/')}{ending}"
                    if name in self._paths:
                        return (name,)
        return ()

    def _package(self, stem: str) -> tuple[str, ...]:
        if self._go is None:
            self._go = {}
            for path in sorted(path for path in tuple(self._paths) if path.endswith(".go")):
                self._go.setdefault(posixpath.dirname(path), []).append(path)
        found = self._go.get(stem, [])
        return tuple(path for path in found if not path.endswith("_test.go"))[:_MOST_FILES_OF_A_PACKAGE]


def _starts(folder: str, roots: tuple[str, ...]) -> list[str]:
    """Directories a module may be below of, the nearest first, each ending with a slash (or empty)."""
    above = [folder]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    starts = [f"{place}/" if place else "" for place in above]
    return starts + [f"{place}{root}/" for place in reversed(starts) for root in roots]
