"""Finders of security holes in Python that have a sure repair: safe loaders, bound parameters, constant-time compares."""

import ast
import re
from collections.abc import Callable, Iterator

from .python_module import Hit, Module, call_name
from .source import Change, Severity

_SECRET = re.compile(
    r"(?:^|_)(?:token|secret|password|passwd|otp|nonce|api_?key|session_?id|csrf|salt)(?:_|$)"
)
_DIGEST = re.compile(r"(?:^|_)(?:digest|signature|hmac|mac)(?:_|$)")


def unsafe_yaml(module: Module) -> Iterator[Hit]:
    """`yaml.load(text)` without a safe loader."""
    for node in module.nodes(ast.Call):
        if call_name(node) == "yaml.load" and len(node.args) == 1 and not node.keywords:
            yield Hit(node, {}, module.replace(node.func, "yaml.safe_load"))


def endless_request(module: Module) -> Iterator[Hit]:
    """`requests.get(url)` without a time-out."""
    verbs = {f"requests.{verb}" for verb in ("get", "post", "put", "patch", "delete", "head", "request")}
    for node in module.nodes(ast.Call):
        if call_name(node) not in verbs or any(word.arg in {"timeout", None} for word in node.keywords):
            continue
        last = max(
            (*node.args, *(word.value for word in node.keywords)),
            key=lambda part: module.span(part)[1],
            default=None,
        )
        end = module.span(last)[1] if last is not None else module.span(node)[1] - 1
        yield Hit(
            node,
            {"call": call_name(node)},
            (Change(end, end, ", timeout=10" if last is not None else "timeout=10"),),
        )


def unverified_tls(module: Module) -> Iterator[Hit]:
    """`verify=False` of an HTTP call."""
    for node in module.nodes(ast.Call):
        if call_name(node).split(".")[0] not in {"requests", "httpx", "session", "client"}:
            continue
        for word in node.keywords:
            if word.arg == "verify" and isinstance(word.value, ast.Constant) and word.value.value is False:
                yield Hit(word.value, {"call": call_name(node)}, module.replace(word.value, "True"))


def predictable_secret(module: Module) -> Iterator[Hit]:
    """A secret made with `random`, which is predictable."""
    statements: list[ast.Assign | ast.Return] = [*module.nodes(ast.Assign), *module.nodes(ast.Return)]
    for node in statements:
        if isinstance(node, ast.Assign):
            names = [
                part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)
            ]
        else:
            function = module.function_of(node)
            names = [function.name] if function is not None else []
        if not any(_SECRET.search(name.lower()) for name in names) or node.value is None:
            continue
        calls = [
            part
            for part in ast.walk(node.value)
            if call_name(part)
            in {"random.choice", "random.randint", "random.choices", "random.random", "random.getrandbits"}
        ]
        for call in calls[:1]:
            if isinstance(call, ast.Call):
                yield Hit(call, {"call": call_name(call), "name": names[0]}, _secure_random(module, calls))


def _secure_random(module: Module, calls: list[ast.AST]) -> tuple[Change, ...]:
    """Use the operating system's randomness; `SystemRandom` has the same methods."""
    return tuple(
        change
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        for change in module.replace(call.func, f"random.SystemRandom().{call.func.attr}")
    )


def leaky_compare(module: Module) -> Iterator[Hit]:
    """`signature == expected`: the time it takes tells how much was right."""
    for node in module.nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = (node.left, node.comparators[0])
        names = [
            side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""
            for side in sides
        ]
        if all(names) and any(_DIGEST.search(name.lower()) for name in names):
            text = f"hmac.compare_digest({module.text(sides[0])}, {module.text(sides[1])})"
            negated = "not " if isinstance(node.ops[0], ast.NotEq) else ""
            changes = module.replace(node, negated + text) if "hmac" in module.imported else ()
            yield Hit(node, {"one": names[0], "two": names[1]}, changes)


def unbound_query(module: Module) -> Iterator[Hit]:
    """`execute(f"… {value} …")` on sqlite3: values put into the query's text."""
    for node in module.nodes(ast.Call):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="execute"), args=[ast.JoinedStr(values=parts) as text], keywords=[]
            ):
                inserts = [part for part in parts if isinstance(part, ast.FormattedValue)]
                if inserts and re.match(r"(?i)f[\"']\s*(select|insert|update|delete)\b", module.text(text)):
                    yield Hit(
                        text, {"value": module.text(inserts[0].value)}, _bound_query(module, text, parts)
                    )


def _bound_query(module: Module, text: ast.JoinedStr, parts: list[ast.expr]) -> tuple[Change, ...]:
    """Placeholders and a tuple, where every value stands where SQL allows a value and the driver is known."""
    if "sqlite3" not in module.imported or text.lineno != text.end_lineno:
        return ()
    query, values = "", []
    for part in parts:
        match part:
            case ast.Constant(value=str(piece)):
                query += piece
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                if not re.search(r"(?:=|<|>|\blike|\bvalues\s*\(|,)\s*'?$", query, re.IGNORECASE):
                    return ()
                query += "?"
                values.append(module.text(value))
            case _:
                return ()
    query = query.replace("'?'", "?")
    if any(bad in query for bad in ('"', "\\", "\n", "'")):
        return ()
    comma = "," if len(values) == 1 else ""
    return module.replace(text, f'"{query}", ({", ".join(values)}{comma})')


Row = tuple[str, Severity, Callable[[Module], Iterator[Hit]], str]

ROWS: tuple[Row, ...] = (
    (
        "sql-injection",
        "error",
        unbound_query,
        "`{value}` becomes part of the query's text, so whoever controls it can change the query. Bind it as a parameter.",
    ),
    (
        "unsafe-yaml-load",
        "error",
        unsafe_yaml,
        "`yaml.load` makes any Python object a document names, so a hostile document runs code. `safe_load` makes plain data only.",
    ),
    (
        "tls-not-verified",
        "error",
        unverified_tls,
        "`{call}` accepts any certificate: anyone between here and the server can read and change what is sent.",
    ),
    (
        "predictable-secret",
        "warning",
        predictable_secret,
        "`{name}` comes from `{call}`, whose next values can be computed from earlier ones.",
    ),
    (
        "request-without-timeout",
        "warning",
        endless_request,
        "`{call}` waits for ever for a server that does not answer, and its caller with it.",
    ),
    (
        "timing-leak",
        "information",
        leaky_compare,
        "`==` stops at the first difference, so its time tells how much of `{two}` was right; `compare_digest` does not.",
    ),
)
