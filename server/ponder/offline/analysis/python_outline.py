"""Reads the outline of a Python document: signatures, docstrings, calls, guards. Judges nothing."""

import ast

from .python_module import FUNCTIONS, Function, Module, own_nodes
from .symbols import Guard, Outline, Parameter, Symbol


def outline(module: Module) -> Outline:
    """Every class and function that is not local to another function."""
    symbols: list[Symbol] = []
    for node in module.tree.body:
        if isinstance(node, FUNCTIONS):
            symbols.append(_function(module, node, ""))
        elif isinstance(node, ast.ClassDef):
            symbols.append(_class(module, node))
            symbols += [
                _function(module, part, node.name) for part in node.body if isinstance(part, FUNCTIONS)
            ]
    constants = [
        target.id
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id.isupper()
    ]
    doc = ast.get_docstring(module.tree) or ""
    return Outline(tuple(symbols), tuple(sorted(set(_imports(module)))), doc, tuple(constants))


def _imports(module: Module) -> list[str]:
    names = [alias.name for node in module.nodes(ast.Import) for alias in node.names]
    for node in module.nodes(ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        names += [base] if node.module else [base + alias.name for alias in node.names]
    return names


def _class(module: Module, node: ast.ClassDef) -> Symbol:
    bases = ", ".join(module.text(base) for base in node.bases)
    return Symbol(
        name=node.name,
        kind="class",
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        signature=f"class {node.name}({bases})" if bases else f"class {node.name}",
        doc=ast.get_docstring(node) or "",
    )


def _function(module: Module, node: Function, owner: str) -> Symbol:
    own = list(own_nodes(node))
    parameters = _parameters(module, node)
    returns = module.text(node.returns) if node.returns else ""
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    arrow = f" -> {returns}" if returns else ""
    raised = [part.exc for part in own if isinstance(part, ast.Raise) and part.exc is not None]
    names = [module.text(exc.func if isinstance(exc, ast.Call) else exc) for exc in raised]
    return Symbol(
        name=node.name,
        kind="method" if owner else "function",
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        signature=f"{word} {node.name}({', '.join(_written(parameters))}){arrow}",
        owner=owner,
        doc=ast.get_docstring(node) or "",
        parameters=tuple(parameters),
        returns=returns,
        guards=tuple(_guards(module, node)),
        raises=tuple(sorted({name for name in names if name[:1].isupper()})),
        calls=tuple(dict.fromkeys(_calls(module, own))),
        branches=sum(isinstance(part, ast.If | ast.IfExp | ast.Match | ast.ExceptHandler) for part in own),
        loops=sum(isinstance(part, ast.For | ast.AsyncFor | ast.While | ast.comprehension) for part in own),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own),
    )


def _calls(module: Module, own: list[ast.AST]) -> list[str]:
    calls = [part for part in own if isinstance(part, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    names = [module.text(call.func) for call in calls if isinstance(call.func, ast.Name | ast.Attribute)]
    return [name for name in names if len(name) <= 60 and "\n" not in name and "(" not in name]


def _parameters(module: Module, node: Function) -> list[Parameter]:
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    found = []
    for at, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        found.append(
            _parameter(module, arg, default, "positional" if at < len(args.posonlyargs) else "plain")
        )
    if args.vararg:
        found.append(_parameter(module, args.vararg, None, "rest"))
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        found.append(_parameter(module, arg, value, "keyword"))
    if args.kwarg:
        found.append(_parameter(module, args.kwarg, None, "keywords"))
    return found


def _parameter(module: Module, arg: ast.arg, default: ast.expr | None, kind: str) -> Parameter:
    written = module.text(arg.annotation) if arg.annotation else ""
    return Parameter(arg.arg, written, module.text(default) if default else "", kind)


def _written(parameters: list[Parameter]) -> list[str]:
    marks = {"rest": "*", "keywords": "**"}
    written = []
    starred = False
    for parameter in parameters:
        if parameter.kind == "keyword" and not starred:
            written.append("*")
        starred = starred or parameter.kind in {"keyword", "rest"}
        text = marks.get(parameter.kind, "") + parameter.name
        text += f": {parameter.type}" if parameter.type else ""
        if parameter.default:
            text += f" = {parameter.default}" if parameter.type else f"={parameter.default}"
        written.append(text)
    return written


def _guards(module: Module, node: Function) -> list[Guard]:
    """The checks a function begins with, up to the first statement that is none."""
    found = []
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    for statement in body:
        match statement:
            case ast.If(test=test, body=[ast.Raise(exc=ast.expr() as exc)], orelse=[]):
                error = module.text(exc.func if isinstance(exc, ast.Call) else exc)
                found.append(Guard(module.text(test), statement.lineno, error=error))
            case ast.If(test=test, body=[ast.Return(value=value)], orelse=[]):
                text = module.text(value) if value is not None else "None"
                found.append(Guard(module.text(test), statement.lineno, value=text))
            case _:
                break
    return found
