"""A parsed Python document with what checks ask for: nodes by kind, parents, scopes, spans. Judges nothing."""

import ast
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TypeVar, cast

from msgspec import Struct

from .source import Change, Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)

# Compiling warns about odd escapes in the text; the text is the user's, not ours to warn about on stderr.
_FILENAME = "ponder_offline_document.py"
_TRIES = 5


class Hit(Struct, frozen=True):
    """A place a check found. `words` fill the check's message; `changes` mend it surely, or are empty."""

    node: ast.expr | ast.stmt | ast.excepthandler | ast.arg
    words: dict[str, str] = {}
    changes: tuple[Change, ...] = ()


def parse(text: str) -> ast.Module | None:
    """The syntax tree of a text, or None where it is not Python."""
    warnings.filterwarnings("ignore", module="ponder_offline_document")
    try:
        return _undisturbed(lambda: ast.parse(text, _FILENAME))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def literal(text: str) -> object:
    """The value of a literal. Raises ValueError or SyntaxError where it is none, MemoryError or RecursionError where it is deep."""
    return _undisturbed(lambda: ast.literal_eval(text))


def _undisturbed(parsed: Callable[[], T]) -> T:
    """What comes of parsing, whatever else is parsed meanwhile.

    Before 3.11.8, CPython counts the depth of all trees that are being made in one place (gh-106905). Where the collector
    runs other code in the midst of one, and that parses as well (another thread, or a finaliser whose traceback is
    printed), a whole tree is refused with SystemError. A lock keeps no finaliser out; a second try finds nothing to collect.
    """
    for _ in range(_TRIES - 1):
        with suppress(SystemError):
            return parsed()
    return parsed()


class Module:
    """A document and its tree. Made once for each answer; everything in it is computed on first use."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self.source = source
        self.tree = tree

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        """All nodes, by their class."""
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            found.setdefault(type(node), []).append(node)
        return found

    def nodes(self, kind: type[N]) -> list[N]:
        """All nodes of exactly this class."""
        return cast("list[N]", self.by_kind.get(kind, []))

    @cached_property
    def functions(self) -> list[Function]:
        """Every function of the module, nested ones included, in the order of the text."""
        return sorted(
            [*self.nodes(ast.FunctionDef), *self.nodes(ast.AsyncFunctionDef)], key=lambda node: node.lineno
        )

    @cached_property
    def scopes(self) -> list[tuple[ast.Module | Function, list[ast.AST]]]:
        """The module and every function, each with the nodes of its own scope."""
        return [(scope, list(own_nodes(scope))) for scope in (self.tree, *self.functions)]

    @cached_property
    def blocks(self) -> list[list[ast.stmt]]:
        """Every block of statements."""
        return list(bodies(self.tree))

    def after(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements after one in its block."""
        parent = self.parents[statement]
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and statement in block:
                return block[block.index(statement) + 1 :]
        return []

    @cached_property
    def imported(self) -> frozenset[str]:
        """First parts of the names of all imported modules."""
        names = [alias.name for node in self.nodes(ast.Import) for alias in node.names]
        names += [node.module or "" for node in self.nodes(ast.ImportFrom)]
        return frozenset(name.split(".")[0] for name in names)

    @cached_property
    def bound(self) -> frozenset[str]:
        """Names the document binds anywhere: such a name is not the builtin of that name."""
        stored = {node.id for node in self.nodes(ast.Name) if not isinstance(node.ctx, ast.Load)}
        stored |= {node.name for node in (*self.functions, *self.nodes(ast.ClassDef))}
        stored |= {node.arg for node in self.nodes(ast.arg)}
        return frozenset(stored | {node.asname or node.name for node in self.nodes(ast.alias)})

    def span(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg) -> tuple[int, int]:
        """Start and end of a node, in code points."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return (
            self.source.at_bytes(node.lineno, node.col_offset),
            self.source.at_bytes(end_line, end_column),
        )

    def text(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg) -> str:
        """The text of a node as it stands in the document."""
        start, end = self.span(node)
        return self.source.text[start:end]

    def replace(self, node: ast.expr | ast.stmt, new: str) -> tuple[Change, ...]:
        """One change: this node by that text."""
        return (Change(*self.span(node), new),)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parents of a node, from the nearest to the module."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> Function | None:
        """The function a node stands in, or None."""
        return next((up for up in self.ancestors(node) if isinstance(up, FUNCTIONS)), None)


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the scopes inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, SCOPES):
            waiting.extend(ast.iter_child_nodes(node))


def bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every block of statements in a tree."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def same(first: ast.AST, second: ast.AST) -> bool:
    """Whether two nodes are the same code, wherever they stand and whether read or written."""
    return _shape(first) == _shape(second)


def _shape(node: ast.AST) -> str:
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()").replace("ctx=Del()", "ctx=Load()")


def call_name(node: ast.AST) -> str:
    """`f` for `f(…)`, `a.b` for `a.b(…)`; empty for other nodes and deeper expressions."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
            return f"{owner}.{name}"
        case _:
            return ""
