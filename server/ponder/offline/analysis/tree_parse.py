"""Parses any language with a grammar into nodes by kind. Judges nothing; loads tree-sitter on first use."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, cast

from .languages import Language, language_of

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

    from .source import Source

MOST_BYTES = 2_000_000
STEPS = 500
BYTES_A_STEP = 40
"""How far parsing may go before it is given up: three times what real code needs (115 bytes a step, measured).
On some junk the recovery of a grammar never ends."""
_READ = 65_536
DEEPEST = 200
"""Levels of the tree that are walked; real code has some forty, and going up costs time with each."""
PUNCTUATION = frozenset("()[]{};,")
MOST_NODES = 400_000
"""Where walking stops: some 25,000 lines. The rest of a longer document is not looked at."""


class Parsed:
    """A document, its tree and its named nodes in the order of the text."""

    def __init__(self, source: Source, language: Language, tree: Tree) -> None:
        self.source = source
        self.language = language
        self.tree = tree
        self.by_kind: dict[str, list[Node]] = {}
        self.broken: list[Node] = []
        """Error nodes, and tokens that the grammar missed."""
        self.complete = True
        self._walk()

    def nodes(self, *kinds: str) -> list[Node]:
        """The nodes of these kinds, kind by kind."""
        return [node for kind in kinds for node in self.by_kind.get(kind, ())]

    def text(self, node: Node) -> str:
        """The text of a node as it stands in the document."""
        if self.source.ascii:
            shift = self.source.shift
            return self.source.text[node.start_byte + shift : node.end_byte + shift]
        return self.source.data[node.start_byte : node.end_byte].decode(errors="replace")

    def span(self, node: Node) -> tuple[int, int]:
        """Start and end of a node, in code points, not past the end of the document."""
        end = len(self.source.text)
        return (
            min(self.source.from_byte(node.start_byte), end),
            min(self.source.from_byte(node.end_byte), end),
        )

    def lines(self, node: Node) -> tuple[int, int]:
        """First and last line of a node, from 1."""
        start, end = self.span(node)
        return self.source.line_at(start), self.source.line_at(max(start, end - 1))

    def _walk(self) -> None:
        cursor = self.tree.walk()
        seen = depth = 0
        while seen < MOST_NODES:
            node = cursor.node
            if node is None:
                return
            seen += 1
            # Some grammars miss a line end at the end of the text; that is no mistake.
            at_end = (
                node.is_missing and node.type not in PUNCTUATION and node.start_byte >= len(self.source.data)
            )
            if (node.is_error or node.is_missing) and not at_end:
                self.broken.append(node)
            if node.is_named:
                self.by_kind.setdefault(node.type, []).append(node)
            if depth < DEEPEST and cursor.goto_first_child():
                depth += 1
                continue
            self.complete = self.complete and depth < DEEPEST
            if cursor.goto_next_sibling():
                continue
            while True:
                if not cursor.goto_parent():
                    return
                depth -= 1
                if cursor.goto_next_sibling():
                    break
        self.complete = False


def parse(source: Source) -> Parsed | None:
    """Parse a document; None where its language is not known or it is too long."""
    language = language_of(source)
    if language is None or len(source.data) > MOST_BYTES:
        return None
    tree = _tree(language, source.data)
    return None if tree is None else Parsed(source, language, tree)


def errors(source: Source, text: str) -> int:
    """How many nodes of another text of the same document are broken; 0 where nothing can tell."""
    from .source import Source

    other = Source(source.path, source.language, text)
    language = language_of(other)
    tree = _tree(language, other.data) if language is not None and len(other.data) <= MOST_BYTES else None
    if language is None or tree is None or not tree.root_node.has_error:
        return 0
    return len(Parsed(other, language, tree).broken)


def _tree(language: Language, data: bytes) -> Tree | None:

    import tree_sitter
    from tree_sitter_language_pack import get_language

    # A parser has state and is made anew, which costs microseconds; the grammar is shared.
    try:
        parser = tree_sitter.Parser(get_language(cast("Any", language.grammar)))
    except LookupError:
        return None
    text = data if data.endswith(b"\n") else data + b"\n"
    steps = itertools.count()
    most = STEPS + len(text) // BYTES_A_STEP
    try:
        return parser.parse(
            lambda offset, _: text[offset : offset + _READ], progress_callback=lambda *_: next(steps) > most
        )
    except ValueError:
        return None
