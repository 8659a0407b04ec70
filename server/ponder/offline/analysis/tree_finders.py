"""Finders that work on many languages: broken syntax, dead code, empty handlers, repeated keys. Each finds one thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from .source import Change

if TYPE_CHECKING:
    from tree_sitter import Node

    from .tree_parse import Parsed

_BLOCKS = frozenset({"statement_block", "block", "compound_statement", "statement_list"})
_LEAVES = (
    "return_statement",
    "throw_statement",
    "break_statement",
    "continue_statement",
    "return_expression",
)


class Hit(Struct, frozen=True):
    """A place a check found, in code points. `words` fill the check's message; `changes` mend it surely."""

    start: int
    end: int
    words: dict[str, str] = {}
    changes: tuple[Change, ...] = ()


def hit(
    parsed: Parsed, node: Node, words: dict[str, str] | None = None, changes: tuple[Change, ...] = ()
) -> Hit:
    """A hit on a node."""
    start, end = parsed.span(node)
    return Hit(start, end, words or {}, changes)


def syntax_errors(parsed: Parsed) -> Iterator[Hit]:
    """The first places the grammar could not read, where the grammar is exact."""
    if not parsed.language.exact:
        return
    for node in parsed.broken[:3]:
        start, end = parsed.span(node)
        if node.is_missing:
            token = node.type
            certain = len(parsed.broken) == 1 and token in {")", "]", "}", ";", ","}
            changes = (Change(start, start, token),) if certain else ()
            yield Hit(
                start,
                start,
                {"what": f"Here a `{token}` is missing; the text cannot be read without it."},
                changes,
            )
        else:
            line_end = parsed.source.line_span(parsed.source.line_at(start))[1]
            text = " ".join(parsed.source.text[start : min(end, line_end)].split())[:40].replace("`", "'")
            yield Hit(
                start,
                max(start, min(end, line_end)),
                {"what": f"This cannot be read as {parsed.language.grammar}: `{text}` is not expected here."},
            )


def unreachable(parsed: Parsed) -> Iterator[Hit]:
    """A statement right after one that always leaves the block."""
    for node in parsed.nodes(*_LEAVES):
        statement = node
        parent = node.parent
        if parent is not None and parent.type == "expression_statement":
            statement, parent = parent, parent.parent
        after = statement.next_named_sibling
        while after is not None and "comment" in after.type:
            after = after.next_named_sibling
        if parent is None or parent.type not in _BLOCKS or after is None or node.has_error or after.has_error:
            continue
        kind = after.type
        if kind.endswith(("_declaration", "_item", "_definition")) and kind not in {
            "lexical_declaration",
            "local_variable_declaration",
        }:
            continue
        if kind.startswith(
            ("preproc", "labeled", "case", "label", "else", "empty")
        ) or "yield" in parsed.text(after):
            continue
        yield hit(
            parsed, after, {"end": node.type.split("_", maxsplit=1)[0], "line": str(parsed.lines(node)[0])}
        )


def empty_handlers(parsed: Parsed) -> Iterator[Hit]:
    """A handler with nothing in it, not even a comment that says why."""
    for node in parsed.nodes("catch_clause"):
        body = node.child_by_field_name("body") or (node.named_children[-1] if node.named_children else None)
        if body is not None and body.type in _BLOCKS and not body.named_children:
            yield hit(parsed, node)
    for node in parsed.nodes("catch_block"):
        if parsed.text(node).replace(" ", "").replace("\n", "").endswith("{}"):
            yield hit(parsed, node)
    for node in parsed.nodes("rescue"):
        after = node.next_sibling
        if (
            node.child_by_field_name("body") is None
            and (after is None or "comment" not in after.type)
            and "#" not in parsed.text(node)
        ):
            yield hit(parsed, node)


def duplicate_keys(parsed: Parsed) -> Iterator[Hit]:
    """A key that stands twice in one object literal."""
    for node in parsed.nodes("object"):
        seen: dict[str, int] = {}
        for child in node.named_children:
            key = child.child_by_field_name("key") if child.type == "pair" else None
            if key is None or key.type not in {"property_identifier", "string", "number"}:
                continue
            text = parsed.text(key).strip("\"'")
            if text in seen:
                yield hit(parsed, child, {"key": f"`{text}`", "line": str(seen[text])})
            seen.setdefault(text, parsed.lines(key)[0])


def duplicate_cases(parsed: Parsed) -> Iterator[Hit]:
    """A `case` whose value an earlier one of the same switch has."""
    seen: dict[tuple[int, str], int] = {}
    for node in parsed.nodes("switch_case", "case_statement", "expression_case"):
        value = node.child_by_field_name("value")
        if value is None or node.parent is None or "call" in value.type:
            continue
        key = (node.parent.id, parsed.text(value))
        line = parsed.lines(value)[0]
        if key in seen:
            yield hit(parsed, value, {"case": key[1], "line": str(seen[key])})
        seen.setdefault(key, line)


def identical_operands(parsed: Parsed) -> Iterator[Hit]:
    """`a && a`, `a.id === a.id`. `x != x` asks for NaN and is left alone, like `x == x`."""
    for node in parsed.nodes("binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None or left.type != right.type:
            continue
        if (
            left.end_byte - left.start_byte != right.end_byte - right.start_byte
            or "literal" in left.type
            or left.type == "number"
        ):
            continue
        side = parsed.text(left)
        sign = parsed.text(operator)
        wanted = sign in {"&&", "||", "<", ">", "<=", ">="} or (
            sign in {"==", "==="} and ("." in side or "[" in side)
        )
        if wanted and side == parsed.text(right) and "(" not in side and "++" not in side:
            yield hit(parsed, node, {"side": side})


def assignment_in_condition(parsed: Parsed) -> Iterator[Hit]:
    """`if (a = b)`. A loop that assigns as it goes, and doubled parentheses, are meant."""
    for node in parsed.nodes("assignment_expression"):
        condition = node.parent
        if condition is None or condition.type != "parenthesized_expression" or condition.parent is None:
            continue
        if (
            condition.parent.type != "if_statement"
            or condition.parent.child_by_field_name("condition") != condition
        ):
            continue
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if (
            left is None
            or right is None
            or "call" in right.type
            or "await" in right.type
            or "subscript" in right.type
        ):
            continue
        between = (parsed.span(left)[1], parsed.span(right)[0])
        text = parsed.source.text[slice(*between)]
        if text.strip() == "=":
            at = between[0] + text.index("=")
            changes = (Change(at, at + 1, "===" if parsed.language.family == "js" else "=="),)
            yield hit(parsed, node, {}, changes)
