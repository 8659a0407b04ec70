"""Reads the outline of a document in any language: functions, types, imports, calls. Judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .symbols import Outline, Parameter, Symbol

if TYPE_CHECKING:
    from tree_sitter import Node

    from .tree_parse import Parsed

FUNCTIONS = (
    "function_declaration",
    "function_definition",
    "function_item",
    "generator_function_declaration",
    "method_declaration",
    "method_definition",
    "constructor_declaration",
    "method",
    "singleton_method",
)
TYPES = (
    "class_declaration",
    "abstract_class_declaration",
    "class",
    "class_definition",
    "class_specifier",
    "struct_item",
    "struct_specifier",
    "enum_item",
    "trait_item",
    "interface_declaration",
    "type_spec",
    "struct_declaration",
    "enum_declaration",
    "record_declaration",
    "module",
    "impl_item",
)
_IMPORTS = (
    "import_statement",
    "import_declaration",
    "import_spec",
    "use_declaration",
    "preproc_include",
    "using_directive",
    "import_header",
    "namespace_use_declaration",
)
_CALLS = (
    "call_expression",
    "method_invocation",
    "invocation_expression",
    "function_call_expression",
    "member_call_expression",
    "call",
    "function_call",
    "command",
)
_BRANCHES = frozenset(
    {"if_statement", "if_expression", "switch_statement", "match_expression", "catch_clause", "if", "case"}
    | {"expression_switch_statement", "conditional_expression", "ternary_expression", "when_expression"}
)
_LOOPS = frozenset(
    {
        "for_statement",
        "for_in_statement",
        "while_statement",
        "for_expression",
        "while_expression",
        "do_statement",
    }
    | {"enhanced_for_statement", "foreach_statement", "loop_expression", "while", "for"}
)
_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "doc_comment", "multiline_comment"})


def outline(parsed: Parsed) -> Outline:
    """Named functions and types of a document with what can be read off them."""
    symbols = [
        _symbol(parsed, node, "function") for node in parsed.nodes(*FUNCTIONS) if name_of(parsed, node)
    ]
    symbols += [_symbol(parsed, node, "class") for node in parsed.nodes(*TYPES) if name_of(parsed, node)]
    for node in parsed.nodes("variable_declarator"):
        value = node.child_by_field_name("value")
        if value is not None and value.type in {"arrow_function", "function_expression", "function"}:
            symbols.append(_symbol(parsed, node, "function", value))
    symbols.sort(key=lambda symbol: (symbol.line, -symbol.end_line))
    imports = [" ".join(parsed.text(node).split())[:80] for node in parsed.nodes(*_IMPORTS)]
    imports = [text for text in imports if not text.startswith("import (")]
    return Outline(tuple(symbols), tuple(dict.fromkeys(imports)))


def name_of(parsed: Parsed, node: Node) -> str:
    """The name a definition gives; empty where it has none."""
    name = node.child_by_field_name("name") or node.child_by_field_name(
        "type" if node.type == "impl_item" else "name"
    )
    declarator = node.child_by_field_name("declarator")
    while name is None and declarator is not None:
        inner = declarator.child_by_field_name("declarator")
        if inner is None:
            name = declarator
        declarator = inner
    if name is None:
        name = next(
            (
                child
                for child in node.named_children
                if child.type in {"simple_identifier", "type_identifier"}
            ),
            None,
        )
    return parsed.text(name) if name is not None and name.end_byte - name.start_byte <= 100 else ""


def _symbol(parsed: Parsed, node: Node, kind: str, value: Node | None = None) -> Symbol:
    whole = node.parent if value is not None and node.parent is not None else node
    if whole.parent is not None and whole.parent.type == "export_statement":
        whole = whole.parent
    first, last = parsed.lines(whole)
    body = (value or node).child_by_field_name("body")
    head_end = parsed.span(body)[0] if body is not None else parsed.span(whole)[1]
    start = parsed.span(whole)[0]
    head = parsed.source.text[start:head_end] if body is not None else parsed.source.line(first)
    inside = _inside(body) if body is not None and kind == "function" else []
    return Symbol(
        name=name_of(parsed, node),
        kind="method" if kind == "function" and _owner(parsed, node) else kind,
        line=first,
        end_line=last,
        signature=" ".join(head.split()).rstrip("{=> :").rstrip()[:200],
        owner=_owner(parsed, node) if kind == "function" else "",
        doc=_doc(parsed, whole),
        parameters=_parameters(parsed, value or node),
        calls=tuple(
            dict.fromkeys(filter(None, (_callee(parsed, part) for part in inside if part.type in _CALLS)))
        ),
        branches=sum(part.type in _BRANCHES for part in inside),
        loops=sum(part.type in _LOOPS for part in inside),
        is_async=any(child.type == "async" for child in (value or node).children),
    )


def _inside(body: Node) -> list[Node]:
    """The named nodes of a body in the order of the text, up to 5,000."""
    found: list[Node] = []
    waiting = [body]
    while waiting and len(found) < 5000:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.named_children))
    return found


def _owner(parsed: Parsed, node: Node) -> str:
    up = node.parent
    while up is not None:
        if up.type in TYPES:
            return name_of(parsed, up)
        up = up.parent
    return ""


def _callee(parsed: Parsed, node: Node) -> str:
    for field in ("function", "name", "method"):
        called = node.child_by_field_name(field)
        if called is not None:
            text = parsed.text(called)
            return text if len(text) <= 60 and "\n" not in text and "(" not in text else ""
    return ""


def _parameters(parsed: Parsed, node: Node) -> tuple[Parameter, ...]:
    holder = node.child_by_field_name("parameters")
    declarator = node.child_by_field_name("declarator")
    if holder is None and declarator is not None:
        holder = declarator.child_by_field_name("parameters")
    if holder is None:
        return ()
    found = []
    for child in holder.named_children:
        if child.type in _COMMENTS or "self" in child.type:
            continue
        name = (
            child.child_by_field_name("name")
            or child.child_by_field_name("pattern")
            or child.child_by_field_name("declarator")
        )
        left = child.child_by_field_name("left")
        text = parsed.text(name or left or child)
        kind = child.child_by_field_name("type")
        written = parsed.text(kind).lstrip(": ") if kind is not None else ""
        if text.replace("_", "").replace("$", "").isalnum():
            found.append(Parameter(text, " ".join(written.split())))
    return tuple(found)


def _doc(parsed: Parsed, node: Node) -> str:
    """The comment right above a definition."""
    lines: list[str] = []
    before = node.prev_named_sibling
    line = parsed.lines(node)[0]
    while before is not None and before.type in _COMMENTS and parsed.lines(before)[1] >= line - 1:
        lines.insert(0, parsed.text(before))
        line = parsed.lines(before)[0]
        before = before.prev_named_sibling
    cleaned = [
        part.strip().lstrip("/*#!-; ").removesuffix("*/").rstrip()
        for text in lines
        for part in text.splitlines()
    ]
    return "\n".join(part for part in cleaned if part)
