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
_SCOPES = frozenset({"statement_block", "program"})


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
    """`var`, with the word to use instead where every use comes after it in the same block."""
    declared = parsed.nodes("variable_declaration")
    names = [
        parsed.text(name)
        for node in parsed.nodes("variable_declarator")
        if (name := node.child_by_field_name("name")) is not None
    ]
    uses: dict[str, list[Node]] = {}
    for node in parsed.nodes("identifier"):
        uses.setdefault(parsed.text(node), []).append(node)
    for node in declared[:200]:
        name = node.named_children[0].child_by_field_name("name") if len(node.named_children) == 1 else None
        value = node.named_children[0].child_by_field_name("value") if name is not None else None
        if (
            node.parent is None
            or node.parent.type not in _SCOPES
            or name is None
            or name.type != "identifier"
        ):
            continue
        text = parsed.text(name)
        block = node.parent
        here = [use for use in uses.get(text, ()) if use.id != name.id]
        inside = all(node.end_byte <= use.start_byte <= block.end_byte for use in here)
        whole = block.type == "program" or (
            block.parent is not None
            and "function" in block.parent.type + "function" * (block.parent.type == "method_definition")
        )
        top = (
            block.type == "program"
            and not parsed.nodes("import_statement", "export_statement")
            and "require(" not in parsed.source.text
        )
        if not inside or names.count(text) != 1 or not whole or top:
            continue
        written = any(
            use.parent is not None
            and use.parent.type
            in {
                "assignment_expression",
                "augmented_assignment_expression",
                "update_expression",
                "for_in_statement",
            }
            and (
                use.parent.type in {"update_expression", "for_in_statement"}
                or use.parent.child_by_field_name("left") == use
            )
            for use in here
        )
        patterns = any(use.parent is not None and "pattern" in use.parent.type for use in here)
        better = "const" if value is not None and not written and not patterns else "let"
        start = parsed.span(node)[0]
        yield Hit(start, parsed.span(node)[1], {"better": better}, (Change(start, start + 3, better),))


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
