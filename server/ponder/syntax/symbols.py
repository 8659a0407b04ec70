"""The definitions in a text, with their spans, signatures and docstrings. Resolves no names across files."""

import inspect
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from ponder.documents import Span
from ponder.syntax.definitions import CONTAINERS, SymbolKind, query
from ponder.syntax.languages import Language
from ponder.syntax.parsing import Parsed, parse

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_SYMBOLS = 20_000
_FORMATTED = re.compile(r"(?i)[rbu]*f")
_WRAPPERS = {"decorated_definition", "export_statement", "template_declaration", "ambient_declaration"}
_DECLARATORS = {
    "lexical_declaration",
    "variable_declaration",
    "type_declaration",
    "const_declaration",
    "var_declaration",
}
_NAME_NODES = re.compile(
    r"(?:\w+_)?(?:identifier|name)|constant|word|operator_name|atom|inline|heading_content|variable"
    r"|object_reference|IDENTIFIER"
)


class Symbol(Struct, frozen=True, kw_only=True):
    """One definition. `span` covers all of it, decorators included; `name_span` its name alone.

    `parent` is the dotted name of what it is inside of. `signature` is its head on one line; `docstring` the
    documentation without comment marks; either is empty where there is none.
    """

    name: str
    kind: SymbolKind
    span: Span
    name_span: Span
    parent: str = ""
    signature: str = ""
    docstring: str = ""

    @property
    def path(self) -> str:
        """The dotted name from the top of the file."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


def symbols(text: str, language: Language) -> tuple[Symbol, ...]:
    """The definitions of a text in the order of their starts; none where the language has no grammar.

    Texts with syntax errors give what can be made out. Bounded in time and size (`parsing`).
    """
    try:
        return _remembered(text, language)
    except _NoTreeError:
        return ()


class _NoTreeError(Exception):
    """There is no grammar, or no tree in time: next time there may be one."""


@lru_cache(maxsize=16)
def _remembered(text: str, language: Language) -> tuple[Symbol, ...]:
    """One save, hover or answer asks for the definitions of one text several times."""
    parsed = parse(text, language.grammar)
    if parsed is None or not language.grammar:
        raise _NoTreeError
    return symbols_of(parsed, language)


def symbols_of(parsed: Parsed, language: Language) -> tuple[Symbol, ...]:
    """The definitions of a tree."""
    from tree_sitter import QueryCursor

    captures = QueryCursor(query(parsed.grammar, language.grammar or "")).captures(parsed.root)
    kinds: dict[int, tuple[Node, SymbolKind]] = {}
    for kind, nodes in captures.items():
        for node in nodes[:MOST_SYMBOLS]:
            # A function bound to a constant is a function: rows are ordered by what they say.
            if node.id not in kinds or kinds[node.id][1] == "constant":
                kinds[node.id] = (node, kind)  # type: ignore[assignment]  # captures are named after kinds
    ordered = sorted(kinds.values(), key=lambda pair: (pair[0].start_byte, -pair[0].end_byte))
    found: list[Symbol] = []
    inside: list[tuple[int, Symbol]] = []
    for node, kind in ordered:
        while inside and inside[-1][0] <= node.start_byte:
            inside.pop()
        symbol = _symbol(parsed, language, node, kind, inside[-1][1] if inside else None)
        if symbol is not None:
            found.append(symbol)
            inside.append((node.end_byte, symbol))
    return tuple(found)


def _symbol(
    parsed: Parsed, language: Language, node: "Node", kind: SymbolKind, parent: Symbol | None
) -> Symbol | None:
    # A local variable is no constant; most of the table's patterns say "top of the file" themselves.
    if node.type == "assignment" and (node.parent is None or node.parent.type not in {"module", "ERROR"}):
        return None
    name = _name(node)
    if name is None or not (label := _one_line(parsed.slice(name))):
        return None
    outer = _outer(node)
    receiver = node.child_by_field_name("receiver")
    owner = _receiver_type(parsed.slice(receiver)) if receiver is not None else ""
    if kind == "function" and parent is not None and parent.kind in CONTAINERS:
        kind = "method"
    return Symbol(
        name=label,
        kind=kind,
        span=Span(parsed.offset(outer.start_byte), parsed.offset(outer.end_byte)),
        name_span=Span(parsed.offset(name.start_byte), parsed.offset(name.end_byte)),
        parent=parent.path if parent is not None else owner,
        signature=_signature(parsed, node, language),
        docstring=_docstring(parsed, node, outer),
    )


def _name(node: "Node") -> "Node | None":
    """The node of the name: a field where the grammar has one, through C's declarators, else the first name."""
    if node.type == "section":
        heading = node.named_child(0) if node.named_child_count else None
        content = heading.child_by_field_name("heading_content") if heading is not None else None
        return content if content is not None else _first_name(heading) if heading is not None else None
    if node.type == "assignment":
        return node.child_by_field_name("left")
    if node.type == "impl_item":
        return node.child_by_field_name("type")
    name = node.child_by_field_name("name")
    if name is not None:
        return name
    inner = node.child_by_field_name("declarator")
    while inner is not None:
        deeper = inner.child_by_field_name("declarator")
        if deeper is None and inner.type.endswith(("_declarator", "declaration")):
            return _first_name(inner)
        if deeper is None:
            return inner
        inner = deeper
    return _first_name(node)


def _first_name(node: "Node", depth: int = 3) -> "Node | None":
    children = node.named_children
    name = next((child for child in children if _NAME_NODES.fullmatch(child.type)), None)
    # Some grammars put the head into a node of its own.
    return name if name is not None or not children or not depth else _first_name(children[0], depth - 1)


def _outer(node: "Node") -> "Node":
    """The node with its decorators, `export` or template head."""
    parent = node.parent
    while parent is not None and (
        parent.type in _WRAPPERS or (parent.type in _DECLARATORS and parent.named_child_count == 1)
    ):
        node, parent = parent, parent.parent
    return node


def _receiver_type(text: str) -> str:
    found = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)?\)", text)
    return found.group(1) if found else ""


def _signature(parsed: Parsed, node: "Node", language: Language) -> str:
    """The head of a definition: up to its body, or its first line."""
    body = node.child_by_field_name("body")
    if body is None:
        value = node.child_by_field_name("value")
        body = value.child_by_field_name("body") if value is not None else None
    if body is None:
        body = next(
            (child for child in node.named_children if child.type.endswith(("_body", "body", "block"))), None
        )
    if body is not None:
        head = parsed.data[node.start_byte : body.start_byte].decode("utf-8", "replace")
    else:
        head = parsed.data[node.start_byte : min(node.end_byte, node.start_byte + 2000)].decode(
            "utf-8", "replace"
        )
        head = head.split("\n", 1)[0]
    if language.line and language.line in head:
        # A comment between head and body is no part of either.
        head = re.sub(rf"(?m)(?:^|\s){re.escape(language.line)}(?:\s.*)?$", "", head)
    return _one_line(head).rstrip(":{=; ").removesuffix("=>").rstrip(" =")


def _docstring(parsed: Parsed, node: "Node", outer: "Node") -> str:
    if node.type in {"function_definition", "class_definition"}:
        body = node.child_by_field_name("body")
        if body is not None and body.type == "block":
            first = body.named_child(0) if body.named_child_count else None
            if first is not None and first.type == "expression_statement" and first.named_child_count:
                first = first.named_child(0)
            return _python_string(parsed.slice(first)) if first is not None and first.type == "string" else ""
    comments: list[str] = []
    line = outer.start_point.row
    before = outer.prev_sibling
    while before is not None and before.type in {"attribute_item", "annotation", "marker_annotation"}:
        line, before = before.start_point.row, before.prev_sibling
    # Some grammars count the line end as part of a comment.
    while before is not None and "comment" in before.type and _last_row(before) >= line - 1:
        if before.prev_sibling is not None and before.prev_sibling.end_point.row == before.start_point.row:
            break  # It stands behind code and speaks of that.
        comments.append(parsed.slice(before))
        line, before = before.start_point.row, before.prev_sibling
    return _uncommented("\n".join(reversed(comments)))


def _last_row(node: "Node") -> int:
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point.row else row


def _python_string(literal: str) -> str:
    """What a string says; nothing where it is none, or formatted."""
    if _FORMATTED.match(literal):
        return ""
    try:
        # Not by way of a tree: before 3.11.8, trees that are made at the same time disturb each other (CPython gh-106905).
        value = compile(literal, "<docstring>", "eval", dont_inherit=True).co_consts[0]
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    return inspect.cleandoc(value) if isinstance(value, str) else ""


def _uncommented(comment: str) -> str:
    lines = (
        re.sub(r"\s*\*+/\s*$", "", re.sub(r"^\s*(?:/\*+!?|\*+(?!/)|//+!?|#+|--+|;+|%+)?[ \t]?", "", line))
        for line in comment.split("\n")
    )
    return "\n".join(line.rstrip() for line in lines).strip()


def _one_line(text: str) -> str:
    joined = " ".join(text.split())
    # Brackets that stood on lines of their own.
    if any(mark in joined for mark in ("( ", "[ ", " )", " ]")):
        joined = re.sub(r",? ([)\]])", r"\1", re.sub(r"([(\[]) ", r"\1", joined))
    return joined[:1000]
