"""Which finding is which: ids that stay with a remark while lines move, and never pass to another place. Places nothing."""

import hashlib
import time
from collections.abc import Sequence

from msgspec import Struct

from ponder.answers.locate import words_of
from ponder.documents import Document
from ponder.syntax.languages import language_of
from ponder.syntax.parsing import parse
from ponder.syntax.symbols import Symbol, symbols_of

_AROUND = 2
"""Lines before and after that tell lines apart that read the same."""


class Standing(Struct, frozen=True):
    """Where a line stands, as far as that tells it from lines that read the same.

    `symbol` is the dotted name of the innermost definition around it, empty outside of all. `around` is empty for
    the only line of its words in there, else the lines next to it; `which` says which one of how many, where those
    read the same too.
    """

    symbol: str
    around: str = ""
    which: str = ""


class Standings:
    """The lines of one text, each with the definition it belongs to.

    What other definitions hold, and how often, never matters: a finding keeps its id while they are written, renamed
    or removed, and none of them ever gets it. Definitions of one name in one place (overloads) count as one. Inside a
    definition a line that reads like another one is known by its neighbours, and by their number where these are
    alike as well: when one of such lines goes, the ids of the others are new. So a dismissal may lapse, but never
    hides what nobody dismissed.
    """

    def __init__(self, document: Document) -> None:
        self._words = [
            words_of(document.slice(document.line_span(line))) for line in range(document.line_count)
        ]
        self._owners = _owners(document)
        self._alike: dict[tuple[str, str], list[int]] = {}
        self._lines: dict[int, list[int]] = {}
        self._index: dict[int, int] = {}
        for line, (words, (number, name)) in enumerate(zip(self._words, self._owners, strict=True)):
            if words:
                self._alike.setdefault((name, words), []).append(line)
                lines = self._lines.setdefault(number, [])
                self._index[line] = len(lines)
                lines.append(line)

    def of(self, line: int) -> Standing:
        """Where a line (from 0) stands."""
        name = self._owners[line][1]
        alike = self._alike.get((name, self._words[line]), [line])
        if len(alike) == 1:
            return Standing(name)
        around = self._around(line)
        same = [one for one in alike if _may_be(self._around(one), around)]
        which = f"{same.index(line) + 1} of {len(same)}" if len(same) > 1 else ""
        return Standing(name, "\n\n".join("\n".join(side) for side in around), which)

    def words(self, line: int) -> str:
        """A line (from 0) without its layout."""
        return self._words[line]

    def _around(self, line: int) -> tuple[list[str], list[str]]:
        """The lines next to a line in the same definition, nearest first; blank ones and inner definitions do not count."""
        at, lines = self._index[line], self._lines[self._owners[line][0]]
        before, after = lines[max(0, at - _AROUND) : at], lines[at + 1 : at + 1 + _AROUND]
        return [self._words[one] for one in reversed(before)], [self._words[one] for one in after]


def finding_id(path: str, code: str, words: str, standing: Standing, repeat: int = 0) -> str:
    """A stable id: 16 hexadecimal digits of SHA-256 over path, code, the quoted line without layout, and its standing.

    `repeat` counts different remarks of one rule on one line.
    """
    parts = (path, code, words, standing.symbol, standing.around, standing.which, str(repeat))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _may_be(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> bool:
    """Whether two lines could change places without a trace: at either end of a definition neighbours are missing."""
    pairs = (pair for sides in zip(one, other, strict=True) for pair in zip(*sides, strict=False))
    return all(first == second for first, second in pairs)


def _owners(document: Document) -> list[tuple[int, str]]:
    """For each line the innermost definition that its first letter is in, as number and dotted name; (0, "") outside."""
    owners = [(0, "")] * document.line_count
    for number, symbol in enumerate(_symbols(document), 1):
        first, last = document.line_at(symbol.span.start), document.line_at(symbol.span.end)
        # A definition that begins behind other code on a line does not take the line from its owner.
        if document.text[document.line_starts[first] : symbol.span.start].strip():
            first += 1
        # Inner ones come later and overwrite.
        for line in range(first, last + 1):
            if document.line_starts[line] < symbol.span.end:
                owners[line] = (number, symbol.path)
    return owners


def _symbols(document: Document) -> Sequence[Symbol]:
    language = language_of(document.path, document.language)
    # Counted in this thread's work: a busy machine must not make other ids.
    parsed = parse(document.text, language.grammar, clock=time.thread_time)
    return symbols_of(parsed, language) if parsed is not None else ()
