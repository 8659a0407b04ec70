"""Repairs for what another tool reported at a place: ruff, pyright, mypy, eslint and others. Knows no request."""

import ast
import difflib
import re
import sys

from .inspection import Inspection
from .python_module import Module
from .question import Diagnostic, Question
from .source import Change, Problem

# Names people use without importing them, and where they come from (the Python standard library).
_HOMES = {
    "Path": "pathlib",
    "defaultdict": "collections",
    "Counter": "collections",
    "deque": "collections",
    "OrderedDict": "collections",
    "dataclass": "dataclasses",
    "Decimal": "decimal",
    "Enum": "enum",
    "StrEnum": "enum",
    "partial": "functools",
    "lru_cache": "functools",
    "wraps": "functools",
    "cached_property": "functools",
    "contextmanager": "contextlib",
    "suppress": "contextlib",
    "Any": "typing",
    "Optional": "typing",
    "Literal": "typing",
    "Protocol": "typing",
    "TypedDict": "typing",
    "NamedTuple": "typing",
    "Callable": "collections.abc",
    "Iterator": "collections.abc",
    "Iterable": "collections.abc",
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "timedelta": "datetime",
    "timezone": "datetime",
    "sleep": "time",
    "sqrt": "math",
}
_UNDEFINED = re.compile(
    r"[`'\"](\w+)[`'\"].*(?:not defined|undefined)|(?:undefined|undeclared) (?:name|variable)[: ]+[`'\"]?(\w+)",
    re.IGNORECASE,
)
_WANTED = (
    (
        re.compile(r"OptionalMember|OptionalSubscript|union-attr", re.IGNORECASE),
        "the value may be None here; what shall happen then is a decision I cannot make",
    ),
    (
        re.compile(r"AttributeAccess|attr-defined|no-member", re.IGNORECASE),
        "I would need the definition of that type, which is not in this request",
    ),
    (
        re.compile(r"ArgumentType|arg-type|call-arg|CallIssue", re.IGNORECASE),
        "I would need the signature that is called and what the caller means",
    ),
    (
        re.compile(r"return-value|ReturnType|assignment", re.IGNORECASE),
        "either the annotation or the value is wrong; which of them, the code does not say",
    ),
    (
        re.compile(r"MissingImport|import-not-found|import-untyped|unresolved-import", re.IGNORECASE),
        "the module has to be installed or its path configured; no edit here does that",
    ),
)


def ruff_codes(question: Question) -> tuple[str, ...]:
    """Rules of ruff that the diagnostics name, to be looked for besides the usual ones."""
    codes = [
        note.code.rsplit("/", 1)[-1] for note in question.diagnostics if note.code.lower().startswith("ruff")
    ]
    return tuple(dict.fromkeys(code for code in codes if re.fullmatch(r"[A-Z]{1,6}\d{2,4}", code)))


def about(question: Question, inspection: Inspection) -> tuple[Problem, ...]:
    """What the checks know about the places of the diagnostics: exact matches, then the same line, then near it."""
    found: list[Problem] = []
    for note in question.diagnostics:
        matches = sorted(
            (rank, at, problem)
            for at, problem in enumerate(inspection.problems)
            if (rank := _rank(note, problem, inspection)) is not None
        )
        found += [problem for _, _, problem in matches if problem not in found]
        undefined = _undefined(note, inspection)
        if undefined is not None:
            found = [undefined, *(p for p in found if p.rule != undefined.rule or p.start != undefined.start)]
    return tuple(found)


def mending(question: Question, inspection: Inspection) -> tuple[Problem, ...]:
    """Problems whose changes answer the diagnostics: the reported ones, not their neighbours."""
    chosen: list[Problem] = []
    for note in question.diagnostics:
        alone = about(Question(action="fix", shape="edits", diagnostics=(note,)), inspection)
        exact = [problem for problem in alone if (_rank(note, problem, inspection) or 0) < 2]
        chosen += [
            problem for problem in (exact or list(alone))[:1] if problem.changes and problem not in chosen
        ]
    return tuple(chosen)


def explain(note: Diagnostic, inspection: Inspection) -> str:
    """What a repair would need, where none is certain; empty where the checks have their own word on it."""
    if any(
        (_rank(note, problem, inspection) or 0) < 2 and problem.changes
        for problem in about(Question(action="", shape="markdown", diagnostics=(note,)), inspection)
    ):
        return ""
    for pattern, words in _WANTED:
        if pattern.search(note.code):
            return f"A certain repair is not possible from here: {words}."
    return "None of my rules mends this one with certainty; it needs somebody who knows what is meant."


def _rank(note: Diagnostic, problem: Problem, inspection: Inspection) -> int | None:
    """0 for the same rule at the same place, 1 for the same place, 2 for the same function; None for elsewhere."""
    source = inspection.source
    first, last = source.line_at(problem.start), source.line_at(max(problem.start, problem.end - 1))
    code = note.code.rsplit("/", 1)[-1].lower()
    named = code in {problem.rule, problem.origin.lower().removeprefix("ruff ")}
    if first <= note.line <= min(last, first + 3):
        return 0 if named else 1
    symbol = inspection.outline.at(note.line, note.line)
    if (
        symbol is not None
        and symbol.line <= first <= symbol.end_line
        and symbol.kind != "class"
        and problem.topic == "bug"
    ):
        return 2
    return None


def _undefined(note: Diagnostic, inspection: Inspection) -> Problem | None:
    """A missing import or a misspelt name, mended."""
    match = _UNDEFINED.search(note.message)
    module = inspection.module
    if match is None or module is None:
        return None
    name = match.group(1) or match.group(2)
    place = next(
        (node for node in module.nodes(ast.Name) if node.id == name and node.lineno == note.line), None
    )
    if place is None:
        return None
    start, end = module.span(place)
    close = difflib.get_close_matches(name, sorted(module.bound - {name}), n=2, cutoff=0.8)
    if name in _HOMES or name in sys.stdlib_module_names:
        line = f"from {_HOMES[name]} import {name}" if name in _HOMES else f"import {name}"
        changes: tuple[Change, ...] = (_import_line(module, line),)
        message = f"`{name}` is used but never imported; `{line}` brings it in."
    elif len(close) == 1 or (close and close[0].lower() == name.lower()):
        changes = (Change(start, end, close[0]),)
        message = f"`{name}` is not defined anywhere; the only name like it is `{close[0]}`."
    else:
        return None
    return Problem(
        rule="undefined-name", severity="error", start=start, end=end, message=message, changes=changes
    )


def _import_line(module: Module, line: str) -> Change:
    """Insert an import after the last one at the top, else after the docstring, else first."""
    source, body = module.source, module.tree.body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    first = (
        body[:1] if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else []
    )
    before: list[ast.stmt] = [*imports[-1:]] or first
    if not before:
        at = source.line_span(body[0].lineno)[0] if body else source.shift
        return Change(at, at, line + source.newline)
    at = source.line_span(before[0].end_lineno or before[0].lineno)[1]
    gap = source.newline if imports else source.newline * 2
    return Change(at, at, gap + line)
