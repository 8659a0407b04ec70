"""Portraits of symbols and documents in Markdown: what can be read off signatures, guards and calls. Answers nothing."""

import re

from .counting import count
from .inspection import Inspection
from .symbols import Symbol
from .wording import code, listed


def describe(symbol: Symbol, inspection: Inspection) -> str:
    """A symbol in Markdown: signature, purpose, parameters, flow, calls."""
    fence = "python" if inspection.module else (inspection.source.language or "")
    lines = [f"**{code(symbol.full_name)}**, lines {symbol.line} to {symbol.end_line}", ""]
    lines += [f"```{fence}", symbol.signature, "```", "", purpose(symbol), ""]
    lines += [f"- {sentence}" for sentence in flow(symbol)]
    if symbol.kind == "class":
        members = [other for other in inspection.outline.symbols if other.owner == symbol.name]
        lines += [f"- {code(member.signature)}{_first(member.doc, ': ')}" for member in members[:20]]
    callers = [other.full_name for other in inspection.outline.symbols if _calls(other, symbol)]
    if callers:
        lines.append(f"- Called in this file by {listed([code(name) for name in callers[:6]])}.")
    return "\n".join(lines).rstrip()


def overview(inspection: Inspection) -> str:
    """A document in Markdown: what it says of itself, imports, definitions."""
    outline, source = inspection.outline, inspection.source
    if not inspection.readable and not outline.symbols:
        return " ".join(inspection.checked)
    lines = [_first(outline.doc, "") + "\n"] if outline.doc else []
    counted = source.text.count("\n") + 1
    functions = sum(symbol.kind == "function" for symbol in outline.symbols)
    classes = sum(symbol.kind == "class" for symbol in outline.symbols)
    methods = sum(symbol.kind == "method" for symbol in outline.symbols)
    sizes = [count(classes, "type"), count(functions, "function"), count(methods, "method")]
    lines.append(
        f"{count(counted, 'line')}: {listed([size for size in sizes if not size.startswith('no')]) or 'no definitions'}."
    )
    if outline.imports:
        more = f" and {len(outline.imports) - 12} more" if len(outline.imports) > 12 else ""
        lines.append(f"Imports {', '.join(code(name) for name in outline.imports[:12])}{more}.")
    lines.append("")
    for symbol in outline.symbols[:30]:
        depth = "  " if symbol.owner else ""
        lines.append(f"{depth}- {code(symbol.signature, 100)} (line {symbol.line}){_first(symbol.doc, ': ')}")
    if len(outline.symbols) > 30:
        lines.append(f"- … and {len(outline.symbols) - 30} more.")
    return "\n".join(lines).rstrip()


def purpose(symbol: Symbol) -> str:
    """The first paragraph of its documentation, else what its name says."""
    if symbol.doc:
        return " ".join(symbol.doc.split("\n\n")[0].split())
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", symbol.name).strip().lower()
    return f"It has no documentation; by its name it is about “{words}”."


def flow(symbol: Symbol) -> list[str]:
    """Sentences on what goes in, what comes out and what happens between."""
    said = []
    if symbol.parameters and symbol.kind != "class":
        taken = [
            code(f"{p.name}: {p.type}" if p.type else p.name)
            for p in symbol.parameters
            if p.name not in {"self", "cls"}
        ]
        if taken:
            said.append(
                f"Takes {listed(taken)}{f', gives {code(symbol.returns)}' if symbol.returns else ''}."
            )
    for guard in symbol.guards[:3]:
        end = f"raises {code(guard.error)}" if guard.error else f"returns {code(guard.value)} at once"
        said.append(f"If {code(guard.text)}, it {end}.")
    shape = [
        count(number, noun)
        for number, noun in ((symbol.branches, "branch"), (symbol.loops, "loop"))
        if number
    ]
    if shape:
        said.append(f"Has {listed(shape)} in lines {symbol.line} to {symbol.end_line}.")
    if symbol.calls:
        said.append(f"Calls {listed([code(name) for name in symbol.calls[:8]])}.")
    others = [name for name in symbol.raises if name not in {guard.error for guard in symbol.guards}]
    if others:
        said.append(f"Can raise {listed([code(name) for name in others])}.")
    if symbol.is_async:
        said.append("It is a coroutine function: call it with `await`.")
    if symbol.is_generator:
        said.append("It is a generator: its result can be walked once.")
    return said


def _calls(caller: Symbol, called: Symbol) -> bool:
    return any(name.rsplit(".", 1)[-1] == called.name for name in caller.calls) and caller != called


def _first(doc: str, before: str) -> str:
    line = doc.strip().split("\n", 1)[0].strip()
    return before + line if line else ""


def risks(inspection: Inspection) -> list[str]:
    """The symbols whose change costs most, as rows of a list."""
    symbols = [symbol for symbol in inspection.outline.symbols if symbol.kind != "class"]
    dear = sorted(symbols, key=lambda symbol: (-(symbol.branches + 2 * symbol.loops), symbol.line))[:1]
    called = sorted(symbols, key=lambda s: (-sum(_calls(other, s) for other in symbols), s.line))[:1]
    rows = [
        f"- {code(symbol.full_name)} decides most: {symbol.branches} branches and {symbol.loops} loops. Its cases can be tested one by one."
        for symbol in dear
        if symbol.branches + symbol.loops > 2
    ]
    for symbol in called:
        callers = sum(_calls(other, symbol) for other in symbols)
        if callers > 1:
            rows.append(
                f"- {code(symbol.full_name)} is called by {callers} others here; a change of its signature reaches them all."
            )
    return rows
