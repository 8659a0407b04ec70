"""Finds values that make a stated condition hold, and says whether it holds for values. Runs no code of the user."""

import ast
import re

from .python_module import literal, parse
from .symbols import Parameter

_EMPTY = {
    "int": "0",
    "float": "0.0",
    "str": '""',
    "list": "[]",
    "dict": "{}",
    "set": "set()",
    "tuple": "()",
    "bool": "False",
}


def stopped_by(condition: str, parameter: Parameter) -> str | None:
    """A value of the parameter for which the condition may hold."""
    name = re.escape(parameter.name)
    base = re.split(r"[\[ |]", parameter.type)[0]
    if re.search(rf"\b{name}\s*(?:==|is)\s*None\b|\b{name} is None", condition):
        return "None"
    if match := re.search(rf"(?<![\w.]){name}\s*(<=|<|>=|>|==)\s*(-?\d+(?:\.\d+)?)", condition):
        sign, number = match.groups()
        step = {"<": -1, ">": 1}.get(sign, 0)
        if not step:
            return number
        return str(float(number) + step) if "." in number else str(int(number) + step)
    if match := re.search(rf"(-?\d+(?:\.\d+)?)\s*<=?\s*{name}\b", condition):
        return str(int(float(match.group(1))) - 1)
    if match := re.search(rf"(?<![\w.]){name}\s*==\s*(\"[^\"]*\"|'[^']*')", condition):
        return match.group(1)
    if re.search(rf"\bnot {name}\b(?![.(\[])|len\({name}\) == 0", condition):
        return _EMPTY.get(base)
    return None


def holds(condition: str, values: dict[str, str]) -> bool | None:
    """Whether a condition holds for these values; None where it needs more than comparing literals."""
    tree = parse(condition.strip())
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    try:
        return bool(
            _evaluate(
                tree.body[0].value,
                {name: literal(text.replace("set()", "()")) for name, text in values.items()},
            )
        )
    except (ValueError, TypeError, KeyError, SyntaxError):
        return None


def _evaluate(node: ast.expr, values: dict[str, object]) -> object:
    """The value of an expression made of names, literals, comparisons, `and`, `or`, `not` and `len`; else KeyError."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, values)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BoolOp(op=op, values=parts):
            given = [bool(_evaluate(part, values)) for part in parts]
            return all(given) if isinstance(op, ast.And) else any(given)
        case ast.Call(func=ast.Name(id="len"), args=[argument], keywords=[]):
            return len(_evaluate(argument, values))  # type: ignore[arg-type] # a TypeError is the answer for others
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_evaluate(side, values) for side in (left, *comparators)]
            return all(
                _compared(op, one, other) for op, one, other in zip(ops, sides, sides[1:], strict=False)
            )
        case _:
            raise KeyError(type(node).__name__)


def _compared(op: ast.cmpop, one: object, other: object) -> bool:
    match op:
        case ast.Eq():
            return one == other
        case ast.NotEq():
            return one != other
        case ast.Is():
            return one is other
        case ast.IsNot():
            return one is not other
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() if isinstance(one, int | float) and isinstance(
            other, int | float
        ):
            return {ast.Lt: one < other, ast.LtE: one <= other, ast.Gt: one > other, ast.GtE: one >= other}[
                type(op)
            ]
        case _:
            raise KeyError(type(op).__name__)


def is_literal(text: str) -> bool:
    """Whether a text is a literal of Python."""
    try:
        literal(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
