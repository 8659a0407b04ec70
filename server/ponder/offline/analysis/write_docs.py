"""Writes documentation that the code itself states: parameters, results, errors raised. Invents no purpose."""

import ast
import re

from .counting import count
from .inspection import Inspection, reads_as_well
from .languages import language_of
from .placing import replacements
from .python_module import FUNCTIONS, Function
from .question import Question
from .report import Reply
from .source import Change, Source
from .symbols import Symbol
from .wording import IDENTITY, account, code, listed

MOST = 30


def document(question: Question, inspection: Inspection) -> Reply:
    """Docstrings for what has none: the selected symbol, or every public one."""
    symbols = [symbol for symbol in _wanted(question, inspection) if not symbol.doc][:MOST]
    if inspection.module is not None:
        changes = _python(symbols, inspection)
    else:
        changes = tuple(
            change for symbol in symbols if (change := _comment(symbol, inspection.source)) is not None
        )
    if changes and not reads_as_well(inspection, inspection.source.apply(changes)):
        changes = ()
    named = [code(symbol.full_name) for symbol in symbols]
    if changes:
        summary = (
            f"{IDENTITY}. {count(len(changes), 'comment')} with what the code states: parameters, results and the "
            f"errors raised, for {listed(named[:8])}. What the code is for, I cannot know; please look over the first lines."
        )
    else:
        summary = f"{IDENTITY}. Nothing to write: what is in reach has documentation, or I have no form for this language."
    thinking = (*account(question, inspection, ()), f"Without documentation: {listed(named) or 'nothing'}.")
    return Reply(thinking=thinking, summary=summary, edits=tuple(replacements(inspection.source, changes)))


def _wanted(question: Question, inspection: Inspection) -> list[Symbol]:
    if question.selection is not None:
        first, last = question.selection
        symbol = inspection.outline.at(first, last)
        within = [s for s in inspection.outline.symbols if first <= s.line and s.end_line <= last]
        return within or ([symbol] if symbol else [])
    return [symbol for symbol in inspection.outline.symbols if symbol.public]


def _python(symbols: list[Symbol], inspection: Inspection) -> tuple[Change, ...]:
    module = inspection.module
    nodes: dict[int, ast.stmt] = {}
    if module is not None:
        nodes = {n.lineno: n for n in (*module.functions, *module.nodes(ast.ClassDef))}
    changes = []
    for symbol in symbols:
        node = nodes.get(symbol.line)
        if isinstance(node, Function | ast.ClassDef):
            change = _docstring(symbol, node, inspection.source)
            changes += [change] if change is not None else []
    return tuple(changes)


def _docstring(symbol: Symbol, node: Function | ast.ClassDef, source: Source) -> Change | None:
    """Insert a docstring before the first statement, where that has its own line."""
    first = node.body[0]
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    start = source.line_span(line)[0]
    indent = source.indent(line)
    if line <= node.lineno or source.text[start : start + len(indent)].strip():
        return None
    if isinstance(node, FUNCTIONS) and symbol.name.startswith("__"):
        return None
    body = [f'"""{_title(symbol)}.']
    arguments = [p for p in symbol.parameters if p.name not in {"self", "cls"}]
    if arguments:
        body += ["", "Args:", *(f"    {p.name}: {_about(p.type, p.default)}" for p in arguments)]
    if symbol.returns and symbol.returns != "None" and symbol.kind != "class":
        body += ["", f"{'Yields' if symbol.is_generator else 'Returns'}:", f"    {symbol.returns}."]
    raised = [
        f"    {guard.error}: If `{' '.join(guard.text.split())}`." for guard in symbol.guards if guard.error
    ]
    known = {guard.error for guard in symbol.guards}
    raised += [f"    {name}: See the code." for name in symbol.raises if name not in known]
    if raised:
        body += ["", "Raises:", *raised]
    body = [part.replace("\\", "\\\\").replace('"""', "'''") if at else part for at, part in enumerate(body)]
    if len(body) == 1:
        body[0] += '"""'
    else:
        body.append('"""')
    text = source.newline.join(indent + part if part else "" for part in body)
    return Change(start, start, text + source.newline)


def _comment(symbol: Symbol, source: Source) -> Change | None:
    """Insert a comment above a definition, in the form of its language."""
    language = language_of(source)
    start = source.line_span(symbol.line)[0]
    if (
        language is None
        or not (language.block or language.comment)
        or source.line(symbol.line - 1).lstrip().startswith(("@", "#["))
    ):
        return None
    indent = source.indent(symbol.line)
    title = (
        f"{symbol.name} {_title(symbol)[:1].lower()}{_title(symbol)[1:]}."
        if language.family == "go"
        else f"{_title(symbol)}."
    )
    lines = [title]
    if language.block:
        types = language.grammar == "javascript"
        lines += [f"@param {f'{{{p.type or chr(42)}}} ' if types else ''}{p.name}" for p in symbol.parameters]
        lines = [f"/** {title} */"] if len(lines) == 1 else ["/**", *(f" * {line}" for line in lines), " */"]
    else:
        lines = [language.comment + line for line in lines]
    text = source.newline.join(indent + line for line in lines)
    return Change(start, start, text + source.newline)


def _title(symbol: Symbol) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", symbol.name).strip().lower()
    return words[:1].upper() + words[1:] if words else symbol.kind.capitalize()


def _about(kind: str, default: str) -> str:
    flat = " ".join(kind.split())
    said = flat or "Not annotated"
    return f"{said}; {' '.join(default.split())} if left out." if default else f"{said}."
