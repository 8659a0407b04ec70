"""Answers in words: explain, ask, hover, architecture. Says what can be read off the code, and what cannot."""

import re

from .counting import count
from .inspection import Inspection
from .portrait import describe, flow, overview, purpose, risks
from .question import Question
from .report import Reply
from .source import Problem
from .symbols import Outline, Symbol
from .wording import IDENTITY, account, code, line_of, place

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
    sentences = [purpose(symbol), *flow(symbol)[:2]]
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
    dear = risks(inspection)
    if dear:
        body += ["### Where a change is dear", "", *dear, ""]
    hidden = f"I saw {count(len(parts), 'document')} and nothing of how it is called from outside."
    if question.context_blocks:
        hidden += f" {count(question.context_blocks, 'workspace block')} came along; I do not read those."
    return _reply(question, inspection, "\n".join([*body, hidden]), ())


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
