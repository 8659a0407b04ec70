"""Inspects one document with every check that fits it, and keeps what is sure. Words and answers are made elsewhere."""

from msgspec import Struct, structs

from . import python_checks, python_outline, python_security, ruff_run
from .counting import count
from .languages import is_python
from .placing import compatible, replacements
from .python_module import Module, parse
from .source import Change, Problem, Source, order
from .symbols import Outline

# Where one of the engine's own checks and ruff see the same thing, ours stays: it can mend it.
_SAME_AS_RUFF = {
    "ruff S608": "sql-injection",
    "ruff S506": "unsafe-yaml-load",
    "ruff S501": "tls-not-verified",
    "ruff S113": "request-without-timeout",
    "ruff ASYNC230": "unclosed-file",
    "ruff SIM222": "always-true-condition",
}
_FEW = {"syntax-error": 3, "invalid-syntax": 3}
_MOST_OF_A_RULE = 4


class Inspection(Struct, frozen=True, kw_only=True):
    """What was found in one document, the severe first, and an account of how it was looked for."""

    source: Source
    outline: Outline
    problems: tuple[Problem, ...] = ()
    checked: tuple[str, ...] = ()
    """One sentence for each tool that looked, or could not."""
    dismissed: int = 0
    """Reports that said the same as another, or one more of many of a kind."""
    readable: bool = True
    """Whether the text could be read as its language; without that, little is known."""
    module: Module | None = None


def inspect(source: Source, *, select: tuple[str, ...] | None = None) -> Inspection:
    """Inspect a document. `select` names ruff rules other than the usual ones. Never raises for any text."""
    if "\0" in source.text:
        return Inspection(
            source=source,
            outline=Outline(),
            checked=("The document has NUL characters in it: it is not text, so nothing was checked.",),
            readable=False,
        )
    if is_python(source):
        return _python(source, select)
    from . import tree_checks

    found = tree_checks.check(source)
    problems, dismissed = _distinct(list(found.problems))
    return Inspection(
        source=source,
        outline=found.outline,
        problems=problems,
        checked=found.checked,
        dismissed=dismissed,
        readable=found.readable,
    )


def _python(source: Source, select: tuple[str, ...] | None) -> Inspection:
    report = ruff_run.check(source, select=select) if select else ruff_run.check(source)
    tree = parse(source.clean)
    found = list(report.problems)
    told = (
        report.trouble
        or f"ruff looked with its rules for defects and security: {count(len(found), 'report')}"
    )
    checked = [f"{told}."]
    module = None
    outline = Outline()
    if tree is None:
        checked.append("The text does not parse as Python, so the checks on its meaning could not run.")
    else:
        module = Module(source, tree)
        own = python_checks.check(module)
        outline = python_outline.outline(module)
        others = len(python_checks.CHECKS) - len(python_security.ROWS)
        checked.append(
            f"{others} checks of my own for wrong values and wrong flow and {len(python_security.ROWS)} for security "
            f"walked the syntax tree of {count(len(outline.symbols), 'definition')}: {count(len(own), 'report')}."
        )
        found += own
    if "test" in source.path.lower():
        # A password in a test opens nothing.
        found = [problem for problem in found if problem.origin not in {"ruff S105", "ruff S106"}]
    problems, dismissed = _distinct(found)
    return Inspection(
        source=source,
        outline=outline,
        problems=problems,
        checked=tuple(checked),
        dismissed=dismissed,
        readable=tree is not None,
        module=module,
    )


def _distinct(found: list[Problem]) -> tuple[tuple[Problem, ...], int]:
    """Drop what says the same twice and the many of a kind; the rest in order of weight."""
    spans = [
        (problem.rule, problem.start, problem.end)
        for problem in found
        if not problem.origin.startswith("ruff")
    ]
    kept: list[Problem] = []
    counts: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    for problem in sorted(found, key=order):
        twin = _SAME_AS_RUFF.get(problem.origin)
        doubled = twin is not None and any(
            rule == twin and start <= problem.end and problem.start <= end for rule, start, end in spans
        )
        key = (problem.rule, problem.start)
        counts[problem.rule] = counts.get(problem.rule, 0) + 1
        if doubled or key in seen or counts[problem.rule] > _FEW.get(problem.rule, 1000):
            continue
        seen.add(key)
        kept.append(problem)
    return tuple(kept), len(found) - len(kept)


def fewest(problems: tuple[Problem, ...], most: int) -> tuple[Problem, ...]:
    """At most so many, and at most four of a rule, so that one habit does not hide the rest."""
    counts: dict[str, int] = {}
    kept: list[Problem] = []
    for problem in problems:
        counts[problem.rule] = counts.get(problem.rule, 0) + 1
        if counts[problem.rule] <= _MOST_OF_A_RULE and len(kept) < most:
            kept.append(problem)
    return tuple(kept)


def proven(inspection: Inspection, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The problems, their changes kept only if they can be placed and the document can still be read after them.

    Changes that do not touch each other are tried together first: reading a long document again for each of
    them takes seconds.
    """
    source = inspection.source
    placed = [bool(problem.changes) and bool(replacements(source, problem.changes)) for problem in problems]
    together: tuple[Change, ...] = ()
    joined = []
    for problem, fits in zip(problems, placed, strict=True):
        joined.append(fits and compatible(problem.changes, together))
        if joined[-1]:
            together = tuple(sorted({*together, *problem.changes}))
    sound = not together or reads_as_well(inspection, source.apply(together))
    return tuple(
        problem
        if not problem.changes
        or (sound and one)
        or (fits and reads_as_well(inspection, source.apply(problem.changes)))
        else structs.replace(problem, changes=())
        for problem, fits, one in zip(problems, placed, joined, strict=True)
    )


def reads_as_well(inspection: Inspection, text: str) -> bool:
    """Whether another text of the same document has no more syntax errors than the document has."""
    if inspection.module is not None:
        return parse(text.removeprefix("\ufeff")) is not None
    if is_python(inspection.source):
        return True
    from . import tree_parse

    return tree_parse.errors(inspection.source, text) <= tree_parse.errors(
        inspection.source, inspection.source.text
    )
