"""What a change really changes, which definitions it touches, and which names it brings or takes. Pure; decides nothing."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ponder.documents import Document
from ponder.findings import TextChange
from ponder.syntax.languages import language_of
from ponder.syntax.places import innermost
from ponder.syntax.symbols import Symbol, symbols

MOST_PARSED = 400_000
"""Longer texts are not parsed for this: a hunk is not worth a pause."""
FUNCTIONS = frozenset({"function", "method", "macro"})
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NAME = re.compile(r"[^\W\d]\w*")
# The lines that come and go are no whole text that could be parsed, and parsing the text with the change in it takes 14 ms
# for 2,000 lines where these patterns take 0.1. A head is told from prose by what follows its name.
_HEAD = re.compile(
    r"^[ \t]*(?:(?:export|default|pub(?:\([^)\n]*\))?|async|static|abstract|public|private|protected|final)\s+)*"
    r"(?:def|class|function\*?|func|fn|struct|enum|trait|interface|type|const|let|var|val|object)\s+([^\W\d]\w*)"
    r"(?=\s*(?:[(:{<=\[]|extends\b|implements\b|struct\b|interface\b))",
    re.MULTILINE,
)
_ASSIGNED = re.compile(
    r"^([^\W\d]\w*)\s*(?::[^=\n]+)?=(?!=)|\b(?:self|this)\.([^\W\d]\w*)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
_IMPORT = re.compile(
    r"^[ \t]*(?:from\s+[\w.]+\s+import\s*(?:\([^)]*\)|[^\n]*)|import\s[^\n]*|use\s+[^\n;]*;|using\s+[\w.=\s]+;|#include\s[^\n]*"
    r"|(?:const|let|var)\s[^\n=]*=\s*require\([^\n]*|(?:\w+\s+)?\"[\w./-]+\"$)",
    re.MULTILINE,
)
_WORDS_OF_IMPORTS = frozenset(
    [
        "import",
        "from",
        "as",
        "use",
        "using",
        "include",
        "require",
        "const",
        "let",
        "var",
        "static",
        "type",
        "self",
        "super",
        "crate",
    ]
)


class Core(Struct, frozen=True):
    """A change without the lines it leaves as they are. `first` and `end` are lines of the base, from 0, half open."""

    first: int
    end: int
    old: str
    new: str
    touched: frozenset[tuple[int, int]] = frozenset()
    """The innermost definitions it lies in or goes across, by their spans."""
    functions: frozenset[tuple[int, int]] = frozenset()
    """Those of them that are code one runs."""

    @property
    def defines(self) -> frozenset[str]:
        """Names whose definition or import comes, goes or reads differently."""
        heads = set(_heads(self.old)) ^ set(_heads(self.new))
        imports = set(_imported(self.old)) ^ set(_imported(self.new))
        return frozenset(imports | {name for name, _ in heads})

    @property
    def mentions(self) -> frozenset[str]:
        """Names in the lines that come or go."""
        return frozenset(_NAME.findall(self.old)) | frozenset(_NAME.findall(self.new))


class Layout:
    """The definitions of one text, found once."""

    def __init__(self, document: Document | None) -> None:
        self._document = document
        self.symbols: tuple[Symbol, ...] = ()
        if document is not None and len(document.text) <= MOST_PARSED:
            found = symbols(document.text, language_of(document.path))
            self.symbols = tuple(symbol for symbol in found if symbol.kind != "heading")

    def core(self, change: TextChange) -> Core:
        """The core of a change of this text."""
        old, new = _LINE.findall(change.old_text), _LINE.findall(change.new_text)
        head = _alike(old, new)
        tail = _alike(old[head:][::-1], new[head:][::-1])
        start = change.span.start + sum(map(len, old[:head]))
        gone, come = "".join(old[head : len(old) - tail]), "".join(new[head : len(new) - tail])
        if self._document is None:
            return Core(0, 0, gone, come)
        first = self._document.line_at(start)
        end = self._document.line_at(start + len(gone) - 1) + 1 if gone else first
        touched = {symbol.span: symbol for symbol in self._touched(start, gone)}
        return Core(
            first,
            end,
            gone,
            come,
            frozenset((span.start, span.end) for span in touched),
            frozenset((span.start, span.end) for span, symbol in touched.items() if symbol.kind in FUNCTIONS),
        )

    def _touched(self, start: int, gone: str) -> Iterator[Symbol]:
        code = gone.strip()
        if not code:
            # An insertion belongs to what it stands behind.
            yield from _present(innermost(self.symbols, max(0, start - 1)))
            return
        first = start + len(gone) - len(gone.lstrip())
        last = start + len(gone.rstrip()) - 1
        yield from _present(innermost(self.symbols, first), innermost(self.symbols, last))
        yield from (symbol for symbol in self.symbols if first < symbol.span.start <= last)


def _present(*found: Symbol | None) -> Iterator[Symbol]:
    return (symbol for symbol in found if symbol is not None)


def _alike(old: list[str], new: list[str]) -> int:
    """How many lines two texts begin with in common."""
    count = 0
    while count < min(len(old), len(new)) and old[count] == new[count]:
        count += 1
    return count


def _heads(text: str) -> Iterator[tuple[str, str]]:
    """Each name defined in a text, with the line that does it."""
    for pattern in (_HEAD, _ASSIGNED):
        for match in pattern.finditer(text):
            end = text.find("\n", match.end())
            name = next(filter(None, match.groups()))
            yield name, text[match.start() : end if end != -1 else len(text)].strip()


def _imported(text: str) -> Iterable[str]:
    for match in _IMPORT.finditer(text):
        yield from (name for name in _NAME.findall(match.group()) if name not in _WORDS_OF_IMPORTS)
