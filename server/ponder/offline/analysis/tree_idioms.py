"""Finders for JavaScript, TypeScript, Java and their kin. Each finds one mistake that is typical there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .source import Change
from .tree_finders import Hit, hit

if TYPE_CHECKING:
    from tree_sitter import Node

    from .tree_parse import Parsed

_SIZES = ("length", "Length", "Count", "length()", "size()")


def java_string_identity(parsed: Parsed) -> Iterator[Hit]:
    """`name == "x"` in Java."""
    for node in parsed.nodes("binary_expression"):
        left, sign, right = operands(parsed, node)
        if sign not in {"==", "!="} or left is None or right is None:
            continue
        if "string_literal" not in {left.type, right.type}:
            continue
        text, other = (left, right) if left.type == "string_literal" else (right, left)
        negated = "!" if sign == "!=" else ""
        new = f"{negated}{parsed.text(text)}.equals({parsed.text(other)})"
        yield hit(parsed, node, {"operator": sign}, (Change(*parsed.span(node), new),))


def loop_past_end(parsed: Parsed) -> Iterator[Hit]:
    """`i <= items.length` in a loop that reads `items[i]`."""
    for loop in parsed.nodes("for_statement"):
        condition, body = loop.child_by_field_name("condition"), loop.child_by_field_name("body")
        if condition is not None and condition.type == "expression_statement" and condition.named_children:
            condition = condition.named_children[0]
        if condition is None or body is None or condition.type != "binary_expression":
            continue
        left, sign, right = operands(parsed, condition)
        if sign != "<=" or left is None or right is None or left.type != "identifier":
            continue
        items, _, size = parsed.text(right).rpartition(".")
        if size not in _SIZES or not items:
            continue
        read = re.compile(
            rf"{re.escape(items)}(?:\[\s*{re.escape(parsed.text(left))}\s*\]|\.get\(\s*{re.escape(parsed.text(left))}\s*\))"
        )
        if read.search(parsed.text(body)):
            place = condition.child_by_field_name("operator")
            changes = (Change(*parsed.span(place), "<"),) if place is not None else ()
            yield hit(parsed, condition, {"items": items, "size": size}, changes)


def async_for_each(parsed: Parsed) -> Iterator[Hit]:
    """`items.forEach(async …)`."""
    for node in parsed.nodes("call_expression"):
        called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if (
            called is None
            or arguments is None
            or called.type != "member_expression"
            or not arguments.named_children
        ):
            continue
        name, items = called.child_by_field_name("property"), called.child_by_field_name("object")
        callback = arguments.named_children[0]
        is_async = callback.type in {"arrow_function", "function_expression"} and any(
            part.type == "async" for part in callback.children
        )
        if name is None or items is None or not is_async or parsed.text(name) != "forEach":
            continue
        changes: tuple[Change, ...] = ()
        if node.parent is not None and node.parent.type == "expression_statement" and _in_async(node):
            new = f"await Promise.all({parsed.text(items)}.map{parsed.text(arguments)})"
            changes = (Change(*parsed.span(node), new),)
        start = parsed.span(node)[0]
        yield Hit(start, parsed.source.line_span(parsed.source.line_at(start))[1], {}, changes)


def default_sort(parsed: Parsed) -> Iterator[Hit]:
    """`numbers.sort()` on an array this file shows to hold numbers."""
    text = parsed.source.text
    for node in parsed.nodes("call_expression"):
        called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if (
            called is None
            or arguments is None
            or called.type != "member_expression"
            or arguments.named_children
        ):
            continue
        name, items = called.child_by_field_name("property"), called.child_by_field_name("object")
        if name is None or items is None or items.type != "identifier" or parsed.text(name) != "sort":
            continue
        word = re.escape(parsed.text(items))
        shown = re.search(
            rf"\b{word}\b\s*(?::\s*number\[\]|=\s*\[\s*-?[\d.]+\s*,|=[^;\n]*\.map\(Number\))", text
        )
        if shown:
            yield hit(parsed, node, {}, (Change(*parsed.span(arguments), "((a, b) => a - b)"),))


def loose_equality(parsed: Parsed) -> Iterator[Hit]:
    """`==` of JavaScript, but for `== null`, which also asks for undefined on purpose."""
    for node in parsed.nodes("binary_expression"):
        left, sign, right = operands(parsed, node)
        if sign not in {"==", "!="} or left is None or right is None:
            continue
        if {left.type, right.type} & {"null", "undefined"} or "undefined" in {
            parsed.text(left),
            parsed.text(right),
        }:
            continue
        place = node.child_by_field_name("operator")
        certain = {left.type, right.type} & {"string"} or any(
            parsed.text(side).startswith("typeof ") for side in (left, right)
        )
        changes = (Change(*parsed.span(place), f"{sign}="),) if certain and place is not None else ()
        yield hit(parsed, node, {"operator": sign}, changes)


def var_declaration(parsed: Parsed) -> Iterator[Hit]:
    """`var`, with the word to use instead where every use comes after it in the same function."""
    declared: dict[str, int] = {}
    for node in parsed.nodes("variable_declarator"):
        name = node.child_by_field_name("name")
        text = parsed.text(name) if name is not None else ""
        declared[text] = declared.get(text, 0) + 1
    uses: dict[str, list[Node]] = {}
    for node in parsed.nodes("identifier", "shorthand_property_identifier_pattern"):
        uses.setdefault(parsed.text(node), []).append(node)
    for node in parsed.nodes("variable_declaration"):
        declarator = node.named_children[0] if len(node.named_children) == 1 else None
        name = declarator.child_by_field_name("name") if declarator is not None else None
        if (
            declarator is None
            or name is None
            or name.type != "identifier"
            or not _whole_scope(parsed, node.parent)
        ):
            continue
        text, block = parsed.text(name), node.parent
        here = [use for use in uses.get(text, ()) if use.id != name.id]
        inside = block is not None and all(node.end_byte <= use.start_byte <= block.end_byte for use in here)
        if inside and declared[text] == 1:
            fixed = declarator.child_by_field_name("value") is not None and not any(map(_written, here))
            better = "const" if fixed else "let"
            start, end = parsed.span(node)
            yield Hit(start, end, {"better": better}, (Change(start, start + 3, better),))


def _whole_scope(parsed: Parsed, block: Node | None) -> bool:
    """Whether a block is all of a function, or all of a module: a script's `var` is seen by other scripts."""
    if block is None:
        return False
    if block.type == "program":
        return bool(parsed.nodes("import_statement", "export_statement")) or "require(" in parsed.source.text
    up = block.parent
    return (
        block.type == "statement_block"
        and up is not None
        and ("function" in up.type or up.type == "method_definition")
    )


def _written(use: Node) -> bool:
    """Whether a name is, or may be, given another value here."""
    up = use.parent
    if up is None or "pattern" in use.type or "pattern" in up.type:
        return True
    if up.type in {"assignment_expression", "augmented_assignment_expression"}:
        return up.child_by_field_name("left") == use
    return up.type in {"update_expression", "for_in_statement"}


def operands(parsed: Parsed, node: Node) -> tuple[Node | None, str, Node | None]:
    """Left side, operator and right side of an expression."""
    sign = node.child_by_field_name("operator")
    return (
        node.child_by_field_name("left"),
        parsed.text(sign) if sign is not None else "",
        node.child_by_field_name("right"),
    )


def _in_async(node: Node) -> bool:
    up = node.parent
    while up is not None:
        if up.type in {"arrow_function", "function_expression", "function_declaration", "method_definition"}:
            return any(part.type == "async" for part in up.children)
        up = up.parent
    return False
