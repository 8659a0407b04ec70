"""Finders of code that is hard to hold in mind, in any language: long, deeply nested, noted as unfinished."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .tree_finders import Hit, hit
from .tree_outline import FUNCTIONS, name_of

if TYPE_CHECKING:
    from .tree_parse import Parsed


LONG_FUNCTION = 80


DEEP = 5


_MARKER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b[:\s(]*(.{0,80})")


_MOST_CLIMBED = 2000


_NESTING = frozenset(
    {
        "if_statement",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "switch_statement",
    }
    | {"if_expression", "for_expression", "while_expression", "match_expression", "enhanced_for_statement"}
    | {"foreach_statement", "try_statement", "expression_switch_statement", "case_statement"}
)


def long_functions(parsed: Parsed) -> Iterator[Hit]:
    """Functions of more than 80 lines."""
    for node in parsed.nodes(*FUNCTIONS):
        first, last = parsed.lines(node)
        name = name_of(parsed, node)
        if last - first + 1 > LONG_FUNCTION and name:
            start = parsed.span(node)[0]
            end = parsed.source.line_span(first)[1]
            words = {"name": name, "lines": str(last - first + 1), "most": str(LONG_FUNCTION)}
            yield Hit(start, max(start, end), words)


def deep_nesting(parsed: Parsed) -> Iterator[Hit]:
    """The first place in each function where five branches and loops stand in each other."""
    told: set[int] = set()
    for node in parsed.nodes(*sorted(_NESTING))[:_MOST_CLIMBED]:
        depth, up, below = 1, node.parent, node
        for _ in range(6 * DEEP):
            if (
                up is None
                or up.type in FUNCTIONS
                or up.type in {"arrow_function", "function_expression", "func_literal"}
            ):
                break
            # `else if` is a chain, not a nest.
            chained = (
                below.type == up.type == "if_statement" and up.child_by_field_name("alternative") == below
            )
            chained = chained or (below.type == "else_clause" and up.type == "if_statement")
            depth += up.type in _NESTING and not chained
            below, up = up, up.parent
        if depth >= DEEP and up is not None and up.id not in told:
            told.add(up.id)
            start = parsed.span(node)[0]
            yield Hit(start, parsed.source.line_span(parsed.source.line_at(start))[1], {"depth": str(depth)})


def debt_markers(parsed: Parsed) -> Iterator[Hit]:
    """Comments that note unfinished work."""
    for node in parsed.nodes("comment", "line_comment", "block_comment", "multiline_comment"):
        if match := _MARKER.search(parsed.text(node)):
            yield hit(parsed, node, {"text": " ".join(match.group().split()).rstrip("*/ ")})
