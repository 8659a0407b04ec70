"""Finders of conditions in Python that ask the wrong thing: always true, the wrong way round, never checked."""

import ast
from collections.abc import Iterator

from .python_module import Hit, Module

_TYPES = frozenset(
    {"int", "str", "float", "bool", "list", "dict", "tuple", "set", "bytes", "bytearray", "frozenset"}
)


def swapped_isinstance(module: Module) -> Iterator[Hit]:
    """`isinstance(str, value)`."""
    for node in module.nodes(ast.Call):
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=kind) as first, second]):
                if (
                    kind in _TYPES
                    and isinstance(second, ast.Name)
                    and second.id in module.bound - _TYPES
                    and second.id.islower()
                ):
                    changes = (*module.replace(first, second.id), *module.replace(second, kind))
                    yield Hit(node, {"kind": kind, "value": second.id}, changes)


def always_true_or(module: Module) -> Iterator[Hit]:
    """`x == "a" or "b"` as a condition."""
    for node in module.nodes(ast.BoolOp):
        match node:
            case ast.BoolOp(
                op=ast.Or(),
                values=[ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant() as one]), *rest],
            ) if rest and all(isinstance(value, ast.Constant) and value.value for value in rest):
                parent = module.parents[node]
                if isinstance(
                    parent, ast.If | ast.While | ast.IfExp | ast.comprehension | ast.Assert | ast.UnaryOp
                ):
                    options = ", ".join(module.text(value) for value in (one, *rest))
                    new = f"{module.text(left)} in ({options})"
                    yield Hit(node, {"last": module.text(rest[-1])}, module.replace(node, new))


def inexact_equality(module: Module) -> Iterator[Hit]:
    """A comparison for equality with a decimal fraction that binary floats cannot hold."""
    for node in module.nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            if (
                isinstance(side, ast.Constant)
                and isinstance(side.value, float)
                and isinstance(other, ast.BinOp)
            ):
                denominator = (
                    side.value.as_integer_ratio()[1]
                    if side.value == side.value and abs(side.value) != float("inf")
                    else 1
                )
                if denominator > 1 << 20:
                    yield Hit(node, {"value": module.text(side)})


def unchecked_lookup(module: Module) -> Iterator[Hit]:
    """`d.get(k)[…]`, `re.match(…).group()`: None where there is nothing."""
    uses: list[ast.Subscript | ast.Attribute] = [*module.nodes(ast.Subscript), *module.nodes(ast.Attribute)]
    for node in uses:
        match node.value:
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[_], keywords=[]):
                kind = f"{module.text(owner)}.get"
                if isinstance(owner, ast.Name) and owner.id in {
                    "requests",
                    "httpx",
                    "session",
                    "client",
                    "queue",
                    "q",
                }:
                    continue
                if not (
                    isinstance(node, ast.Subscript)
                    or node.attr in {"lower", "upper", "strip", "split", "items", "append", "startswith"}
                ):
                    continue
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr="match" | "search" | "fullmatch" as name)
            ):
                kind = f"re.{name}"
            case _:
                continue
        yield Hit(node.value, {"call": kind})
