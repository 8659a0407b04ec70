"""Answers a Messages API request: reads the question, inspects the code, gives the answer its shape. Calls no model."""

import json
import re
from collections.abc import Callable
from typing import Any

from ponder.offline.answer import Answer

from . import narrate, repairs, report, write_docs, write_tests
from .confidence import confidence
from .inspection import Inspection, inspect
from .placing import replacements
from .question import Question, read
from .report import Reply
from .ruff_rules import SELECTED
from .source import Problem
from .wording import IDENTITY, code, line_of, opening

_SURROGATE = re.compile("[\ud800-\udfff]")

MOST_DOCUMENTS = 20

# What each action is answered by. An action the table does not know is answered as a question is.
_ANSWERS: dict[str, Callable[[Question, Inspection], Reply]] = {
    "review": report.review,
    "security": report.security,
    "debug": report.debug,
    "fix": report.fix,
    "refactor": report.improve("simplify", "debt"),
    "simplify": report.improve("simplify", "debt"),
    "migrate": report.improve("migrate"),
    "explain": narrate.explain,
    "hover": narrate.hover,
    "ask": narrate.ask,
    "document": write_docs.document,
    "tests": write_tests.tests,
}


def answer(body: dict[str, Any]) -> Answer:
    """The answer to the parsed body of a request; the same body gives the same answer. Safe in any thread."""
    question = read(body)
    if not question.documents:
        reply = _without_document(question)
        return _shaped(question, None, reply)
    inspection = _inspect(question)
    if question.action == "architecture":
        others = tuple(inspect(source) for source in question.documents[1:MOST_DOCUMENTS])
        reply = narrate.architecture(question, inspection, others)
    else:
        reply = _ANSWERS.get(question.action, _by_shape(question))(question, inspection)
    return _shaped(question, inspection, reply)


def _by_shape(question: Question) -> Callable[[Question, Inspection], Reply]:
    """How an action that configuration added is answered: by what it wants back."""
    return {"findings": report.review, "edits": report.fix, "markdown": narrate.ask}[question.shape]


def _inspect(question: Question) -> Inspection:
    codes = repairs.ruff_codes(question)
    return inspect(question.documents[0], select=(*SELECTED, *codes) if codes else None)


def _without_document(question: Question) -> Reply:
    words = (
        f"**{IDENTITY}.** I answer without a key and without a network, from checks that run on this machine: ruff "
        "and syntax-tree checks for Python, tree-sitter for other languages. Send me a document from the editor and "
        "I can review it, look for security holes, explain what it defines, debug and fix what a checker reported, "
        "simplify and migrate it by fixed rules, write tests for what its code states, and add docstrings. "
        "I cannot converse; for that, set a credential and Ponder will ask Claude."
    )
    return Reply(thinking=(opening(question, None),), summary=words, markdown=words)


def _shaped(question: Question, inspection: Inspection | None, reply: Reply) -> Answer:
    """The reply in the shape that was asked for, keys in the order of the schema."""
    if question.shape == "markdown":
        return Answer(reply.thinking, reply.markdown or _markdown(inspection, reply))
    content: dict[str, Any] = {"summary": reply.summary}
    if question.shape == "findings":
        content["findings"] = (
            [_finding(inspection, problem, rated=question.rated) for problem in reply.problems]
            if inspection
            else []
        )
    else:
        content["edits"] = list(reply.edits)
    if question.tool is not None:
        return Answer(reply.thinking, "", stop_reason="tool_use", tools=((question.tool, content),))
    return Answer(reply.thinking, _json(content))


def _json(content: dict[str, Any]) -> str:
    """JSON with characters as they are; lone surrogates, which no wire takes, escaped."""
    text = json.dumps(content, ensure_ascii=False)
    return json.dumps(content) if _SURROGATE.search(text) else text


def _finding(inspection: Inspection, problem: Problem, *, rated: bool) -> dict[str, Any]:
    source = inspection.source
    line = line_of(source, problem)
    return {
        "path": source.path,
        "start_line": line,
        "end_line": source.line_at(max(problem.start, problem.end - 1)),
        "quote": source.line(line),
        "severity": problem.severity,
        "rule": problem.rule,
        "message": problem.message,
        **({"confidence": confidence(problem)} if rated else {}),
        "fix": replacements(source, problem.changes),
    }


def _markdown(inspection: Inspection | None, reply: Reply) -> str:
    if inspection is None or not reply.problems:
        return reply.summary
    source = inspection.source
    rows = [
        f"- **{problem.severity}**, line {line_of(source, problem)}, {code(problem.rule)}: {problem.message}"
        for problem in reply.problems
    ]
    return "\n".join([reply.summary, "", *rows])
