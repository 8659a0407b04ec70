"""The repository map: which files matter by how often they are imported, and what they define. Pure.

The same files give the same text, whatever order they come in.
"""

import heapq
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct

from ponder.context.plan.units import encoded, tokens
from ponder.syntax.languages import language_of
from ponder.syntax.symbols import Symbol

MOST_READ = 1_500
"""Files whose imports are looked at; in larger workspaces those nearest to the top of the tree."""
MOST_OTHERS = 2_000
"""Files that nothing imports (documents, data, settings) that are considered at all."""
_SHOWN = frozenset(
    {"function", "method", "class", "struct", "interface", "enum", "type", "module", "implementation"}
)
_MOST_LINES_A_FILE = 30
_MOST_LINE = 160
# Code that is rarely what a question is about: tests, generated and vendored files.
_BESIDES = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|testdata|fixtures|vendor|third_party|examples?|docs?|migrations|dist|build"
    r"|generated|node_modules|\.[^/]+)/|(?:^|/)(?:test_[^/]*|[^/]*(?:_test|\.test|\.spec|\.min|\.d|_pb2|\.pb)\.[^/]+)$"
)


class Outline(Struct, frozen=True):
    """What a file defines: lines as they stand in the map."""

    path: str
    lines: tuple[str, ...]


# Written by tools and read by nobody: never worth a place among the files.
_GENERATED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|go\.sum|pnpm-lock\.yaml|[^/]+\.(?:lock|map|svg|ipynb|min\.(?:js|css)))$"
)


def worth_reading(paths: Iterable[str], most: int = MOST_READ) -> list[str]:
    """The source files whose imports decide the ranking: ordinary code first, then by depth and name."""
    return _first(
        most,
        (path for path in paths if language_of(path).imports is not None and not _GENERATED.search(path)),
    )


def others(paths: Iterable[str], most: int = MOST_OTHERS) -> dict[str, float]:
    """The remaining files, with scores below every source file: those near the top of the tree count more."""
    found = _first(
        most, (path for path in paths if language_of(path).imports is None and not _GENERATED.search(path))
    )
    return {path: 0.0 if _BESIDES.search(path) else 0.01 / (1 + path.count("/")) for path in found}


def _first(most: int, paths: Iterable[str]) -> list[str]:
    # Not a sort of everything: that would hold the interpreter for a third of a second.
    return heapq.nsmallest(
        most, paths, key=lambda path: (_BESIDES.search(path) is not None, path.count("/"), path)
    )


def rank(imports: Mapping[str, Collection[str]]) -> dict[str, float]:
    """How much each file matters: one for each file that imports it, a little for being ordinary code.

    `imports` is file to the files it imports, as resolved.
    """
    scores = dict.fromkeys(imports, 0.0)
    for path, found in imports.items():
        weight = 0.25 if _BESIDES.search(path) else 1.0
        for target in found:
            scores[target] = scores.get(target, 0.0) + weight
    return {
        path: score + (0.0 if _BESIDES.search(path) else 0.5 / (1 + path.count("/")))
        for path, score in scores.items()
    }


def ranked(scores: Mapping[str, float]) -> list[str]:
    """Files by rank; equal ones by name."""
    return sorted(scores, key=lambda path: (-scores[path], path))


def outline(path: str, found: Iterable[Symbol]) -> Outline:
    """The lines of one file: what it defines down to methods, indented by depth; private names last to be shown."""
    shown = [s for s in found if s.kind in _SHOWN and s.signature and s.path.count(".") < 3]
    names = {s.path for s in shown if s.kind not in {"function", "method"}}
    # What is inside a function is nobody else's business.
    shown = [s for s in shown if not s.parent or s.parent in names or "." not in s.path]
    if len(shown) > _MOST_LINES_A_FILE:
        public = [s for s in shown if not s.name.startswith("_")]
        shown = (public or shown)[:_MOST_LINES_A_FILE]
    return Outline(path, tuple(f"{'  ' * s.path.count('.')}{s.signature[:_MOST_LINE]}" for s in shown))


def repository_map(
    order: Iterable[str], outline_of: Callable[[str], Outline | None], budget_tokens: int
) -> str:
    """The text of the map: files in the order of their names, the best ranked that fit the budget.

    `outline_of` is asked in order of rank and no further than the budget goes.
    """
    chosen: dict[str, str] = {}
    left = budget_tokens
    misses = 0
    for path in order:
        found = outline_of(path)
        if found is None or not found.lines:
            continue
        text = "".join(f"{line}\n" for line in (path, *(f"  {line}" for line in found.lines)))
        size = tokens(len(encoded(text)))
        if size > left:
            misses += 1
            if misses == 8:
                break
            continue
        left -= size
        chosen[path] = text
    return "".join(chosen[path] for path in sorted(chosen, key=_by_directory))


def _by_directory(path: str) -> tuple[str, str]:
    return posixpath.dirname(path), path
