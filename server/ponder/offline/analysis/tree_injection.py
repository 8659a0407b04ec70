"""Finders of values that become code, in many languages: SQL, HTML, eval."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .tree_finders import Hit, hit

if TYPE_CHECKING:
    from .tree_parse import Parsed

from .tree_idioms import operands

_QUERY = re.compile(
    r"(?is)^[$@f]*[\"'`]{1,3}\s*(?:select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from)\b"
)


def evaluated_text(parsed: Parsed) -> Iterator[Hit]:
    """`eval(text)`, `new Function(text)`."""
    for node in parsed.nodes(
        "call_expression", "function_call_expression", "call", "new_expression", "command"
    ):
        called = next(
            (
                node.child_by_field_name(field)
                for field in ("function", "constructor", "method", "name")
                if node.child_by_field_name(field)
            ),
            None,
        )
        name = parsed.text(called) if called is not None else ""
        if name not in {"eval", "Function"} or (name == "Function" and node.type != "new_expression"):
            continue
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else node.named_children[1:]
        if given and any("string" not in part.type or part.named_child_count > 1 for part in given):
            yield hit(parsed, node, {"call": name})


def inner_html(parsed: Parsed) -> Iterator[Hit]:
    """`element.innerHTML = value`."""
    for node in parsed.nodes("assignment_expression", "augmented_assignment_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        name = (
            left.child_by_field_name("property")
            if left is not None and left.type == "member_expression"
            else None
        )
        if name is None or right is None or parsed.text(name) not in {"innerHTML", "outerHTML"}:
            continue
        fixed = right.type == "string" or (right.type == "template_string" and "${" not in parsed.text(right))
        if not fixed:
            yield hit(parsed, node, {"name": parsed.text(name)})


def built_queries(parsed: Parsed) -> Iterator[Hit]:
    """SQL put together from text and values."""
    for node in parsed.nodes("template_string", "interpolated_string_expression", "encapsed_string"):
        text = parsed.text(node)
        tagged = (
            node.parent is not None
            and node.parent.child_by_field_name("function") is not None
            and node.parent.child_by_field_name("arguments") == node
        )
        if _QUERY.match(text) and re.search(r"\$\{|\{\$|\{\w|\$\w", text) and not tagged:
            yield hit(parsed, node)
    for node in parsed.nodes("binary_expression"):
        left, sign, right = operands(parsed, node)
        if sign not in {"+", "."} or left is None or right is None or "string" in right.type:
            continue
        if "string" in left.type and _QUERY.match(parsed.text(left)):
            yield hit(parsed, node)
    for node in parsed.nodes("call_expression"):
        called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if (
            called is not None
            and arguments is not None
            and parsed.text(called) == "fmt.Sprintf"
            and arguments.named_children
        ):
            first = arguments.named_children[0]
            if _QUERY.match(parsed.text(first)) and re.search(r"%[sv]", parsed.text(first)):
                yield hit(parsed, node)
