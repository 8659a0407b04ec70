"""Finders of wrong values in Python: bad indexes, lost precision, spent iterators. Each finds one kind of mistake."""

import ast
import re
from collections.abc import Iterator

from .python_module import Hit, Module, call_name, own_nodes, same
from .source import Change

_MONEY = re.compile(
    r"(?:^|_)(?:price|amount|total|subtotal|cost|fee|balance|tax|discount|euros?|eur|dollars?|usd|gbp|charge|payment|sum)s?(?:_|$)"
)
_LAZY = frozenset({"map", "filter", "zip", "reversed", "iter", "enumerate"})
_SORT_GIVES = frozenset({"pandas", "polars", "torch", "django", "jax", "pyspark", "numpy"})
_CONSUMERS = frozenset(
    {"sum", "list", "max", "min", "sorted", "any", "all", "set", "tuple", "dict", "frozenset"}
)


def _len_of(node: ast.AST) -> ast.expr | None:
    """`x` of `len(x)`."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[argument], keywords=[]):
            return argument
    return None


def range_past_end(module: Module) -> Iterator[Hit]:
    """`for i in range(len(x) + 1)` where the body reads `x[i]`."""
    for loop in module.nodes(ast.For):
        match loop:
            case ast.For(
                target=ast.Name(id=index),
                iter=ast.Call(
                    func=ast.Name(id="range"),
                    args=[*_, ast.BinOp(op=ast.Add(), right=ast.Constant(value=1)) as stop],
                ),
            ):
                items = _len_of(stop.left)
            case _:
                continue
        if items is None or any(isinstance(node, ast.Try | ast.If | ast.IfExp) for node in ast.walk(loop)):
            continue
        if any(
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Name)
            and node.slice.id == index
            and same(node.value, items)
            for statement in loop.body
            for node in ast.walk(statement)
        ):
            yield Hit(stop, {"items": module.text(items)}, module.replace(stop, module.text(stop.left)))


def index_at_length(module: Module) -> Iterator[Hit]:
    """`x[len(x)]`, read."""
    for node in module.nodes(ast.Subscript):
        items = _len_of(node.slice)
        if items is not None and isinstance(node.ctx, ast.Load) and same(items, node.value):
            yield Hit(node, {"items": module.text(items)}, module.replace(node.slice, "-1"))


def result_of_in_place(module: Module) -> Iterator[Hit]:
    """`y = x.sort()`: the result is None."""
    for node in module.nodes(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(value=items, attr="sort" | "reverse" as method), args=[]):
                pass
            case _:
                continue
        parent = module.parents[node]
        target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
        kept = target is not None or isinstance(parent, ast.Return | ast.For)
        kept = kept or (method == "sort" and isinstance(parent, ast.Tuple | ast.Call | ast.keyword))
        # In these libraries a method of that name gives a new object.
        if not kept or not isinstance(items, ast.Name | ast.Attribute) or module.imported & _SORT_GIVES:
            continue
        start, end = module.span(node)
        if target is not None and same(target, items):
            changes: tuple[Change, ...] = module.replace(parent, module.text(node))  # type: ignore[arg-type] # an assignment
        elif method == "sort" and "sorted" not in module.bound:
            arguments = ", ".join(
                f"{word.arg}={module.text(word.value)}" for word in node.keywords if word.arg
            )
            changes = (
                Change(start, end, f"sorted({', '.join(filter(None, [module.text(items), arguments]))})"),
            )
        else:
            changes = ()
        yield Hit(node, {"items": module.text(items), "method": method}, changes)


def truncated_money(module: Module) -> Iterator[Hit]:
    """`int(price * 100)`: cents cut off, not rounded."""
    for node in module.nodes(ast.Call):
        match node:
            case ast.Call(
                func=ast.Name(id="int") as called, args=[ast.BinOp(op=ast.Mult()) as product], keywords=[]
            ):
                pass
            case _:
                continue
        names = {part.id for part in ast.walk(product) if isinstance(part, ast.Name)}
        names |= {part.attr for part in ast.walk(product) if isinstance(part, ast.Attribute)}
        money = sorted(name for name in names if _MONEY.search(name) and "cents" not in name)
        hundred = any(
            isinstance(part, ast.Constant) and part.value in (100, 1000)
            for part in (product.left, product.right)
        )
        if (
            money
            and hundred
            and not {"Decimal", "decimal", "Fraction"} & (module.bound | names)
            and "round" not in module.bound
        ):
            yield Hit(node, {"code": module.text(node), "money": money[0]}, module.replace(called, "round"))


def spent_iterator(module: Module) -> Iterator[Hit]:
    """A generator kept in a name and consumed twice."""
    for block in module.blocks:
        for at, statement in enumerate(block):
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    lazy = call_name(value) in _LAZY and call_name(value) not in module.bound
                    if lazy or isinstance(value, ast.GeneratorExp):
                        yield from _second_use(module, name, value, block[at + 1 :])


def _second_use(module: Module, name: str, value: ast.expr, later: list[ast.stmt]) -> Iterator[Hit]:
    uses: list[ast.expr] = []
    for statement in later:
        inside = list(ast.walk(statement)) if not isinstance(statement, ast.If | ast.Try | ast.Match) else []
        if any(
            isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
            for node in ast.walk(statement)
        ):
            break
        for node in inside:
            match node:
                case ast.Call(func=ast.Name(id=consumer), args=[ast.Name(id=used) as place, *_]) if (
                    consumer in _CONSUMERS and used == name
                ):
                    uses.append(place)
                case (
                    ast.For(iter=ast.Name(id=used) as place)
                    | ast.comprehension(iter=ast.Name(id=used) as place)
                ) if used == name:
                    uses.append(place)
    if len(uses) < 2:
        return
    uses.sort(key=lambda use: (use.lineno, use.col_offset))
    text = module.text(value)
    new = f"[{text[1:-1]}]" if isinstance(value, ast.GeneratorExp) else f"list({text})"
    yield Hit(uses[1], {"name": name, "line": str(uses[0].lineno)}, module.replace(value, new))


def unguarded_mean(module: Module) -> Iterator[Hit]:
    """`sum(x) / len(x)` in a function that never asks whether `x` is empty."""
    for function in module.functions:
        own = list(own_nodes(function))
        for node in own:
            if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv)):
                continue
            items = _len_of(node.right)
            if not isinstance(items, ast.Name):
                continue
            guards = [
                part
                for part in own
                if isinstance(
                    part, ast.If | ast.IfExp | ast.Assert | ast.Try | ast.While | ast.BoolOp | ast.Match
                )
            ]
            lists = [
                part
                for part in own
                if isinstance(part, ast.Assign) and isinstance(part.value, ast.List) and part.value.elts
            ]
            known = any(same(target, items) for part in lists for target in part.targets)
            if not known and not any(
                isinstance(part, ast.Name) and part.id == items.id
                for guard in guards
                for part in ast.walk(guard)
            ):
                yield Hit(node, {"items": items.id})
