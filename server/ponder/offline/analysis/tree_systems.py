"""Finders for Go, Rust, C and the shell. Each finds one mistake that is typical there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .source import Change
from .tree_finders import Hit, hit

if TYPE_CHECKING:
    from tree_sitter import Node

    from .tree_parse import Parsed

# Packages of Go's standard library whose functions report failure in their last result.
_FALLIBLE = frozenset(
    {"os", "strconv", "json", "io", "ioutil", "http", "url", "sql", "time", "xml", "csv", "hex", "base64"}
)
_DELICATE = frozenset(
    {"rm", "cp", "mv", "mkdir", "rmdir", "cd", "chmod", "chown", "ln", "cat", "touch", "tar", "source", "."}
)
_LISTS = re.compile(r"(?:opts?|options|flags|args|arguments)$", re.IGNORECASE)


def go_ignored_error(parsed: Parsed) -> Iterator[Hit]:
    """`n, _ := strconv.Atoi(text)`."""
    for node in parsed.nodes("short_var_declaration", "assignment_statement"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or not left.named_children or len(right.named_children) != 1:
            continue
        call = right.named_children[0]
        called = call.child_by_field_name("function") if call.type == "call_expression" else None
        if called is None or parsed.text(left.named_children[-1]) != "_":
            continue
        name = parsed.text(called)
        # A failing Close after reading loses nothing, and `_ =` says so on purpose.
        if name.split(".")[0] in _FALLIBLE and "." in name:
            yield hit(parsed, node, {"call": name})


def go_defer_in_loop(parsed: Parsed) -> Iterator[Hit]:
    """`defer` inside `for`, with no function between."""
    for node in parsed.nodes("defer_statement"):
        up = node.parent
        while up is not None and up.type not in {
            "func_literal",
            "function_declaration",
            "method_declaration",
        }:
            if up.type == "for_statement":
                yield hit(parsed, node)
                break
            up = up.parent


def rust_unwrap(parsed: Parsed) -> Iterator[Hit]:
    """`.unwrap()` outside of tests."""
    tests = parsed.source.text.find("#[cfg(test)]")
    for node in parsed.nodes("call_expression"):
        called = node.child_by_field_name("function")
        field = (
            called.child_by_field_name("field")
            if called is not None and called.type == "field_expression"
            else None
        )
        if field is None or parsed.text(field) != "unwrap" or "test" in parsed.source.path:
            continue
        start, end = parsed.span(node)
        if not 0 <= tests < start:
            yield Hit(parsed.span(field)[0], end, {"method": "unwrap"})


def c_unbounded(parsed: Parsed) -> Iterator[Hit]:
    """`gets`, and copies into an array whose size nobody asks for."""
    for node in parsed.nodes("call_expression"):
        name, arguments = _c_call(parsed, node)
        if name not in {"gets", "strcpy", "strcat", "sprintf"} or not arguments:
            continue
        if name == "strcpy" and len(arguments) == 2 and arguments[1].type == "string_literal":
            continue
        target = parsed.text(arguments[0])
        array = re.search(rf"\b(?:char|wchar_t)\s+{re.escape(target)}\s*\[\s*\w+\s*\]", parsed.source.text)
        parameter = re.search(
            rf"[(,]\s*(?:const\s+)?char\s*(?:\*\s*{re.escape(target)}|{re.escape(target)}\s*\[)",
            parsed.source.text,
        )
        changes: tuple[Change, ...] = ()
        if array and not parameter and name == "strcpy" and len(arguments) == 2:
            new = f'snprintf({target}, sizeof({target}), "%s", {parsed.text(arguments[1])})'
            changes = (Change(*parsed.span(node), new),)
        elif array and not parameter and name == "sprintf" and len(arguments) >= 2:
            new = f"snprintf({target}, sizeof({target}), {', '.join(parsed.text(part) for part in arguments[1:])})"
            changes = (Change(*parsed.span(node), new),)
        yield hit(parsed, node, {"call": name}, changes)


def c_format(parsed: Parsed) -> Iterator[Hit]:
    """`printf(text)`."""
    for node in parsed.nodes("call_expression"):
        name, arguments = _c_call(parsed, node)
        at = {"printf": 0, "fprintf": 1, "syslog": 1}.get(name)
        if (
            at is None
            or len(arguments) != at + 1
            or arguments[at].type not in {"identifier", "subscript_expression", "field_expression"}
        ):
            continue
        text = parsed.text(arguments[at])
        start = parsed.span(arguments[at])[0]
        if not text.isupper():
            yield hit(parsed, node, {"name": text}, (Change(start, start, '"%s", '),))


def shell_unquoted(parsed: Parsed) -> Iterator[Hit]:
    """`rm $name` and `[ $name = x ]`."""
    for node in parsed.nodes("command"):
        name = node.child_by_field_name("name")
        if name is None or parsed.text(name) not in _DELICATE:
            continue
        for argument in node.children_by_field_name("argument"):
            parts = argument.named_children if argument.type == "concatenation" else [argument]
            yield from _unquoted(parsed, parts)
    for node in parsed.nodes("test_command"):
        if parsed.text(node).startswith("[["):
            continue
        for child in node.named_children:
            yield from _unquoted(
                parsed,
                child.named_children if child.type in {"binary_expression", "unary_expression"} else [child],
            )


def _unquoted(parsed: Parsed, parts: list[Node]) -> Iterator[Hit]:
    for part in parts:
        text = parsed.text(part)
        name = text.strip("${}")
        if (
            part.type in {"simple_expansion", "expansion"}
            and text not in {"$#", "$?", "$$", "$!", "$*"}
            and not _LISTS.search(name)
        ):
            start, end = parsed.span(part)
            yield Hit(start, end, {"name": text}, (Change(start, end, f'"{text}"'),))


def shell_cd(parsed: Parsed) -> Iterator[Hit]:
    """`cd` with commands after it and nobody asking whether it worked."""
    if re.search(r"^\s*set\s+-\w*e|^#!.*\s-\w*e\b", parsed.source.text, re.MULTILINE):
        return
    for node in parsed.nodes("command"):
        name, parent = node.child_by_field_name("name"), node.parent
        if name is None or parsed.text(name) != "cd" or parent is None or node.next_named_sibling is None:
            continue
        if parent.type not in {"program", "compound_statement", "subshell", "do_group"}:
            continue
        function = (
            parent.type == "compound_statement"
            and parent.parent is not None
            and parent.parent.type == "function_definition"
        )
        start, end = parsed.span(node)
        yield Hit(
            start,
            end,
            {"cd": parsed.source.text[start:end]},
            (Change(end, end, " || return 1" if function else " || exit 1"),),
        )


def _c_call(parsed: Parsed, node: Node) -> tuple[str, list[Node]]:
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None or called.type != "identifier":
        return "", []
    return parsed.text(called), arguments.named_children
