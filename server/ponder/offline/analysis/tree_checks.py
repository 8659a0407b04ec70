"""Runs the table of checks over a document of any language but Python. Loads tree-sitter on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .counting import count
from .languages import language_of
from .source import Problem
from .symbols import Outline
from .tree_table import CHECKS, TreeCheck

if TYPE_CHECKING:
    from .source import Source
    from .tree_finders import Hit


class TreeReport(Struct, frozen=True):
    """What the checks found in a document of any language, and how it was read."""

    problems: tuple[Problem, ...]
    outline: Outline
    checked: tuple[str, ...]
    readable: bool


def check(source: Source) -> TreeReport:
    """Read a document with the grammar of its language and run the rows that fit. Never raises for any text."""
    from . import tree_parse
    from .tree_outline import outline

    parsed = tree_parse.parse(source)
    if parsed is None:
        name = source.language or source.path.rsplit(".", 1)[-1] or "this document"
        why = (
            "too long for me"
            if len(source.data) > tree_parse.MOST_BYTES
            else (
                "not a language I have a grammar for"
                if language_of(source) is None
                else "not readable with the grammar of its language"
            )
        )
        return TreeReport(
            (), Outline(), (f"`{name}` is {why}, so its meaning was not checked.",), readable=False
        )
    rows = [row for row in CHECKS if not row.families or parsed.language.family in row.families]
    found = [_problem(row, hit) for row in rows for hit in row.find(parsed)]
    symbols = outline(parsed)
    walked = sum(map(len, parsed.by_kind.values()))
    told = (
        f"tree-sitter read the text with its {parsed.language.grammar} grammar; {len(rows)} checks walked "
        f"{walked:,} nodes and {count(len(symbols.symbols), 'definition')}: {count(len(found), 'report')}."
    )
    checked = [told]
    if parsed.broken and not parsed.language.exact:
        checked.append(
            "The grammar did not understand every place; that may be the grammar's limit, so it is not reported."
        )
    if not parsed.complete:
        checked.append("The document is very long or deeply nested: a part of it was not walked.")
    return TreeReport(tuple(found), symbols, tuple(checked), readable=True)


def _problem(row: TreeCheck, hit: Hit) -> Problem:
    return Problem(
        rule=row.rule,
        severity=row.severity,
        start=hit.start,
        end=max(hit.end, hit.start),
        message=row.message.format_map(hit.words),
        topic=row.topic,
        origin="tree-sitter",
        changes=hit.changes,
    )
