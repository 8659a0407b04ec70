"""Answers in words: explain, ask, hover, architecture. Says what can be read off the code, and what cannot."""

import re

from .counting import count
from .inspection import Inspection
from .question import Question
from .report import Reply
from .source import Problem
from .symbols import Outline, Symbol
from .wording import IDENTITY, account, code, line_of, listed, place

_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_COMMON = frozenset(
    [
        "the",
        "and",
        "what",
        "does",
        "this",
        "that",
        "why",
        "how",
        "for",
        "with",
        "are",
        "is",
        "was",
        "can",
        "you",
        "not",
        "from",
        "where",
        "when",
        "which",
        "who",
    ]
)


def explain(question: Question, inspection: Inspection) -> Reply:
    """What the selected symbol does, or what the whole document holds, read off the code."""
    symbol = _selected(question, inspection)
    text = describe(symbol, inspection) if symbol else overview(inspection)
    problems = _near(symbol, inspection)
    body = [f"**{IDENTITY}.** This is read off the code, not understood.", "", text]
    body += _watch_out(problems, inspection)
    return _reply(question, inspection, "\n".join(body), problems)


def hover(question: Question, inspection: Inspection) -> Reply:
    """Two to four sentences about the symbol at the selection."""
    symbol = _selected(question, inspection)
    if symbol is None:
        text = (
            f"{count(len(inspection.outline.symbols), 'definition')} in {code(inspection.source.path)}; none at this "
            "place. *(Offline engine: read off the code.)*"
        )
        return _reply(question, inspection, text, ())
    sentences = [_purpose(symbol), *_flow(symbol)[:2]]
    problems = _near(symbol, inspection)
    if problems:
        sentences.append(f"Beware, line {line_of(inspection.source, problems[0])}: {problems[0].message}")
    sentences.append("*(Offline engine: read off the code.)*")
    return _reply(question, inspection, " ".join(sentences), problems)


def ask(question: Question, inspection: Inspection) -> Reply:
    """What the analysis knows about the words of the question; its limits where it knows nothing."""
    words = question.instruction or _selected_text(question, inspection)
    named = _mentioned(words, inspection.outline)
    if not named and (symbol := _selected(question, inspection)) is not None:
        named = [symbol]
    body = [f"**{IDENTITY}.** I cannot reason about a question; I can say what the code shows."]
    problems: tuple[Problem, ...] = ()
    for symbol in named[:3]:
        body += ["", describe(symbol, inspection)]
        problems += tuple(problem for problem in _near(symbol, inspection) if problem not in problems)
    if not named:
        body += ["", overview(inspection)]
        wanted = re.search(r"bug|wrong|error|fail|problem|issue|safe|crash", words, re.IGNORECASE)
        problems = inspection.problems[: 6 if wanted else 3]
    body += _watch_out(problems, inspection)
    if words.strip():
        body += [
            "",
            "What the question needs beyond this, a model has to answer: set a credential and ask again.",
        ]
    return _reply(question, inspection, "\n".join(body), problems)


def architecture(question: Question, inspection: Inspection, others: tuple[Inspection, ...] = ()) -> Reply:
    """The parts, what they import, and which is the largest: an outline of every document at hand."""
    parts = [inspection, *others]
    body = [f"**{IDENTITY}.** Parts and dependencies as they stand in {count(len(parts), 'document')}.", ""]
    for part in parts:
        body += [f"### {code(part.source.path)}", "", overview(part), ""]
    risks = _risks(inspection)
    if risks:
        body += ["### Where a change is dear", "", *risks, ""]
    hidden = f"I saw {count(len(parts), 'document')} and nothing of how it is called from outside."
    if question.context_blocks:
        hidden += f" {count(question.context_blocks, 'workspace block')} came along; I do not read those."
    return _reply(question, inspection, "\n".join([*body, hidden]), ())


def describe(symbol: Symbol, inspection: Inspection) -> str:
    """A symbol in Markdown: signature, purpose, parameters, flow, calls."""
    fence = "python" if inspection.module else (inspection.source.language or "")
    lines = [f"**{code(symbol.full_name)}**, lines {symbol.line} to {symbol.end_line}", ""]
    lines += [f"```{fence}", symbol.signature, "```", "", _purpose(symbol), ""]
    flow = _flow(symbol)
    lines += [f"- {sentence}" for sentence in flow]
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


def _reply(question: Question, inspection: Inspection, text: str, problems: tuple[Problem, ...]) -> Reply:
    thinking = account(question, inspection, problems, most=2)
    return Reply(thinking=thinking, summary=text, problems=problems, markdown=text)


def _selected(question: Question, inspection: Inspection) -> Symbol | None:
    if question.selection is not None:
        return inspection.outline.at(*question.selection)
    if question.diagnostics:
        return inspection.outline.at(question.diagnostics[0].line, question.diagnostics[0].line)
    return None


def _selected_text(question: Question, inspection: Inspection) -> str:
    if question.selection is None:
        return ""
    first, last = question.selection
    return "\n".join(inspection.source.line(line) for line in range(first, min(last, first + 50) + 1))


def _mentioned(words: str, outline: Outline) -> list[Symbol]:
    asked = {word for word in _WORD.findall(words) if word.lower() not in _COMMON}
    return [symbol for symbol in outline.symbols if symbol.name in asked]


def _near(symbol: Symbol | None, inspection: Inspection) -> tuple[Problem, ...]:
    found = [problem for problem in inspection.problems if problem.severity in {"error", "warning"}]
    if symbol is not None:
        found = [p for p in found if symbol.line <= line_of(inspection.source, p) <= symbol.end_line]
    return tuple(found[:3])


def _watch_out(problems: tuple[Problem, ...], inspection: Inspection) -> list[str]:
    if not problems:
        return []
    rows = [f"- {place(inspection.source, problem)}: {problem.message}" for problem in problems]
    return ["", "**Watch out:**", "", *rows]


def _purpose(symbol: Symbol) -> str:
    if symbol.doc:
        return " ".join(symbol.doc.split("\n\n")[0].split())
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", symbol.name).strip().lower()
    return f"It has no documentation; by its name it is about “{words}”."


def _flow(symbol: Symbol) -> list[str]:
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


def _risks(inspection: Inspection) -> list[str]:
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
