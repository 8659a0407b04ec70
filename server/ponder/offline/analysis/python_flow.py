"""Finders of wrong flow in Python: dead code, early returns, lost awaits, lists changed under a loop."""

import ast
import itertools
from collections.abc import Iterator

from .python_module import Hit, Module, bodies, call_name, own_nodes, same
from .source import Change

_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_LIST_MUTATORS = frozenset({"remove", "pop", "insert", "clear", "append", "extend"})


def unreachable(module: Module) -> Iterator[Hit]:
    """A statement right after one that always leaves the block."""
    for block in module.blocks:
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
    following = module.after(loop)
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
