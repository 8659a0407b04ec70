"""Finders of things begun and not ended in Python: coroutines never awaited, files never closed, lost cancellations."""

import ast
from collections.abc import Iterator

from .python_module import FUNCTIONS, Hit, Module, call_name
from .source import Change


def lost_await(module: Module) -> Iterator[Hit]:
    """A coroutine function of this file, called in an async function and neither awaited nor kept."""
    top = {node.name for node in module.tree.body if isinstance(node, ast.AsyncFunctionDef)}
    plain = {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in module.nodes(ast.Call):
        parent = module.parents[node]
        if not isinstance(parent, ast.Expr | ast.If | ast.While | ast.UnaryOp) or not isinstance(
            module.function_of(node), ast.AsyncFunctionDef
        ):
            continue
        name = call_name(node)
        if name.startswith("self."):
            owner = next((up for up in module.ancestors(node) if isinstance(up, ast.ClassDef)), None)
            methods = (
                [part for part in owner.body if isinstance(part, FUNCTIONS) and part.name == name[5:]]
                if owner
                else []
            )
            found = (
                len(methods) == 1
                and isinstance(methods[0], ast.AsyncFunctionDef)
                and not methods[0].decorator_list
            )
        else:
            found = name in top - plain
        if found:
            start = module.span(node)[0]
            yield Hit(node, {"name": name}, (Change(start, start, "await "),))


def swallowed_cancel(module: Module) -> Iterator[Hit]:
    """`except BaseException` or `except CancelledError` that neither raises nor returns, in async code."""
    for handler in module.nodes(ast.ExceptHandler):
        kind = module.text(handler.type) if handler.type is not None else ""
        if kind not in {"asyncio.CancelledError", "CancelledError", "BaseException"}:
            continue
        function = module.function_of(handler)
        if isinstance(function, ast.AsyncFunctionDef) and all(
            isinstance(node, ast.Pass | ast.Continue) for node in handler.body
        ):
            changes = (Change(*module.span(handler.body[0]), "raise"),) if len(handler.body) == 1 else ()
            yield Hit(handler, {"kind": kind}, changes)


def unclosed_file(module: Module) -> Iterator[Hit]:
    """`x = open(…).read()`: nobody closes the file."""
    for node in module.nodes(ast.Call):
        if call_name(node) != "open" or "open" in module.bound:
            continue
        parent = module.parents[node]
        if isinstance(parent, ast.Attribute) and parent.attr in {
            "read",
            "readlines",
            "readline",
            "write",
            "writelines",
        }:
            yield Hit(node, {"code": module.text(node)}, _with_open(module, node))
        elif call_name(parent) in {
            "json.load",
            "json.dump",
            "csv.reader",
            "csv.DictReader",
            "yaml.safe_load",
            "pickle.load",
        }:
            yield Hit(
                node,
                {"code": module.text(node)},
                _with_open(module, node) if call_name(parent).endswith(("load", "dump")) else (),
            )


def _with_open(module: Module, node: ast.Call) -> tuple[Change, ...]:
    """Put the statement under `with open(…) as handle:`, where it stands alone on one line."""
    up: ast.AST = node
    while not isinstance(up, ast.stmt):
        up = module.parents[up]
    source = module.source
    start, end = source.line_span(up.lineno)
    indent = source.indent(up.lineno)
    simple = isinstance(up, ast.Assign | ast.Return | ast.Expr | ast.AnnAssign) and up.lineno == up.end_lineno
    if not simple or module.span(up)[0] != start + len(indent) or "handle" in module.bound:
        return ()
    inner, outer = module.span(node), source.text[start + len(indent) : end]
    if ";" in source.text[module.span(up)[1] : end] or any(
        isinstance(part, ast.Lambda | ast.comprehension) for part in ast.walk(up)
    ):
        return ()
    base = start + len(indent)
    body = outer[: inner[0] - base] + "handle" + outer[inner[1] - base :]
    step = "\t" if indent.startswith("\t") else "    "
    new = f"{indent}with {module.text(node)} as handle:{source.newline}{indent}{step}{body}"
    return (Change(start, end, new),)
