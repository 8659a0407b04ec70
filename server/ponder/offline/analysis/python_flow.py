"""Finders of wrong flow in Python: dead code, early returns, lost awaits, lists changed under a loop."""

import ast
import itertools
from collections.abc import Iterator

from .python_module import FUNCTIONS, Hit, Module, bodies, call_name, own_nodes, same
from .source import Change

_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_LIST_MUTATORS = frozenset({"remove", "pop", "insert", "clear", "append", "extend"})


def unreachable(module: Module) -> Iterator[Hit]:
    """A statement right after one that always leaves the block."""
    for block in bodies(module.tree):
        for before, after in itertools.pairwise(block):
            # A bare `yield` after `return` is how an empty generator is written.
            if isinstance(before, _ENDS) and not any(
                isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(after)
            ):
                yield Hit(after, {"end": type(before).__name__.lower(), "line": str(before.lineno)})
                break


def return_in_loop(module: Module) -> Iterator[Hit]:
    """A loop that adds something up and returns the sum in its first round."""
    for loop in module.nodes(ast.For):
        last = loop.body[-1]
        match last:
            case ast.Return(value=ast.Name(id=name)):
                pass
            case _:
                continue
        inside = [node for statement in loop.body[:-1] for node in ast.walk(statement)]
        grown = any(
            (isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name)
            or call_name(node) in {f"{name}.append", f"{name}.add", f"{name}.extend", f"{name}.update"}
            for node in inside
        )
        if not grown or loop.orelse or any(isinstance(node, ast.Continue | ast.Break) for node in inside):
            continue
        yield Hit(last, {"name": name, "line": str(loop.lineno)}, _dedented(module, loop, last))


def _dedented(module: Module, loop: ast.For, last: ast.Return) -> tuple[Change, ...]:
    """Bring the statement to the depth of the loop, where it stands alone on its line and ends the block."""
    if last.lineno != last.end_lineno or loop.body[-1] is loop.body[0]:
        return ()
    source = module.source
    start, end = source.line_span(last.lineno)
    place = module.span(last)[0]
    if source.text[start:place].strip() or loop.body[-2].end_lineno == last.lineno:
        return ()
    following = any(
        block[at + 1 :] for block in bodies(module.tree) for at, held in enumerate(block) if held is loop
    )
    if following:
        return ()
    return (Change(start, end, source.indent(loop.lineno) + source.text[place:end]),)


def changed_while_iterating(module: Module) -> Iterator[Hit]:
    """`for x in xs: xs.remove(x)`, `for k in d: del d[k]`."""
    loops: list[ast.For | ast.AsyncFor] = [*module.nodes(ast.For), *module.nodes(ast.AsyncFor)]
    for loop in loops:
        items = loop.iter
        views = (
            items.func.value
            if isinstance(items, ast.Call)
            and isinstance(items.func, ast.Attribute)
            and items.func.attr in {"items", "keys", "values"}
            and not items.args
            else None
        )
        held = views if views is not None else items
        if not isinstance(held, ast.Name | ast.Attribute):
            continue
        for block in bodies(loop):
            for at, statement in enumerate(block):
                if _changes_items(statement, held) and not any(
                    isinstance(after, ast.Break | ast.Return | ast.Raise) for after in block[at + 1 :]
                ):
                    text = module.text(items)
                    changes = module.replace(items, f"list({text})") if "list" not in module.bound else ()
                    yield Hit(statement, {"items": module.text(held), "line": str(loop.lineno)}, changes)
                    break
            else:
                continue
            break


def _changes_items(statement: ast.stmt, held: ast.expr) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method))):
            return method in _LIST_MUTATORS and same(owner, held)
        case ast.Delete(targets=targets):
            return any(isinstance(target, ast.Subscript) and same(target.value, held) for target in targets)
        case _:
            return False


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


def called_after_shadowing(module: Module) -> Iterator[Hit]:
    """A builtin's name bound to a literal, then called in the same scope."""
    literals = (ast.List, ast.Dict, ast.Set, ast.Constant, ast.JoinedStr, ast.ListComp, ast.DictComp)
    builtin = {
        "list",
        "dict",
        "set",
        "str",
        "int",
        "max",
        "min",
        "sum",
        "input",
        "type",
        "id",
        "filter",
        "map",
        "len",
        "sorted",
    }
    for _, own in module.scopes:
        bound: dict[str, int] = {}
        other: set[str] = set()
        for node in own:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in builtin and isinstance(
                    value, literals
                ):
                    bound[name] = min(node.lineno, bound.get(name, node.lineno))
                case ast.Assign(targets=[ast.Name(id=name)]):
                    other.add(name)
        for node in own:
            name = call_name(node)
            if (
                name in bound
                and name not in other
                and isinstance(node, ast.Call)
                and node.lineno > bound[name]
            ):
                yield Hit(node, {"name": name, "line": str(bound[name])})


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


def unused_result(module: Module) -> Iterator[Hit]:
    """`text.strip()` as a statement: strings do not change."""
    pure = {
        "strip",
        "lstrip",
        "rstrip",
        "upper",
        "lower",
        "title",
        "capitalize",
        "casefold",
        "removeprefix",
        "removesuffix",
    }
    for statement in module.nodes(ast.Expr):
        match statement.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name) as owner, attr=method)) if (
                method in pure
            ):
                new = f"{name} = {module.text(statement.value)}"
                yield Hit(statement, {"name": name, "method": method}, module.replace(statement, new))
                del owner


def literal_text_braces(module: Module) -> Iterator[Hit]:
    """`raise Error("… {name} …")` without the `f`, where the function has that name."""
    for function in module.functions:
        arguments = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
        for node in own_nodes(function):
            match node:
                case ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(text)) as place])):
                    start = module.span(place)[0]
                    plain = module.source.text[start : start + 1] in {'"', "'"}
                    names = [name for name in sorted(arguments) if "{" + name + "}" in text]
                    if (
                        names
                        and plain
                        and text.count("{") == sum(text.count("{" + name + "}") for name in names)
                    ):
                        yield Hit(place, {"name": names[0]}, (Change(start, start, "f"),))
