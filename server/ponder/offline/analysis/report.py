"""Answers that report or mend what the checks found: review, security, debug, fix, refactor, simplify, migrate."""

from collections.abc import Callable

from msgspec import Struct

from . import repairs
from .counting import count
from .inspection import Inspection, fewest, inspect, proven, reads_as_well
from .placing import compatible, difference, replacements
from .question import Question
from .source import Change, Problem, Source, Topic, order
from .wording import IDENTITY, account, code, left_out, line_of, listed, severities

MOST_FINDINGS = 12
MOST_EDITS = 40
MOST_ROUNDS = 4
LONG_DOCUMENT = 2000
"""Lines above which one round of rewrites has to do: comparing long texts is slow."""


class Reply(Struct, frozen=True, kw_only=True):
    """An answer before it takes its shape: any action can be asked for in any shape."""

    thinking: tuple[str, ...]
    summary: str
    problems: tuple[Problem, ...] = ()
    edits: tuple[dict[str, str], ...] = ()
    markdown: str = ""
    """The whole answer in Markdown; empty: the summary and the list of problems."""


def review(question: Question, inspection: Inspection) -> Reply:
    """Every defect and risk in sight, the severe first."""
    return _findings(question, inspection, ("bug", "security", "debt", "simplify"), "a problem")


def security(question: Question, inspection: Inspection) -> Reply:
    """Only what an attacker can use."""
    return _findings(question, inspection, ("security",), "a security hole")


def debug(question: Question, inspection: Inspection) -> Reply:
    """Hypotheses about the diagnostic or the selection, the likely first."""
    near = repairs.about(question, inspection)
    problems = _shown(near or _chosen(question, inspection, ("bug", "security")), inspection)
    source = inspection.source
    lines = [
        f"**{IDENTITY}.** These are hypotheses from checks of the code as it stands, the likely first.",
        "",
    ]
    for note in question.diagnostics[:3]:
        explained = repairs.explain(note, inspection)
        lines += [
            f"Diagnostic in line {note.line}, {code(note.code)}: {note.message} {explained}".rstrip(),
            "",
        ]
    for number, problem in enumerate(problems[:6], 1):
        line = line_of(source, problem)
        lines += [
            f"{number}. **{problem.rule}**, line {line}: {code(source.line(line).strip())}",
            f"   {problem.message}",
            f"   To check: {_probe(inspection, problem)}",
            "",
        ]
    if not problems:
        lines += ["The checks found no cause. " + _next_step(question, inspection)]
    aside = left_out(inspection, problems)
    if aside:
        lines += [aside]
    summary = f"{IDENTITY}. {count(len(problems), 'possible cause')} from checks of the code."
    return Reply(
        thinking=account(question, inspection, problems),
        summary=_whole(summary, inspection, problems),
        problems=problems,
        edits=tuple(_edits(inspection, problems[:1])[0]),
        markdown="\n".join(lines).rstrip(),
    )


def fix(question: Question, inspection: Inspection) -> Reply:
    """The smallest edit that mends the diagnostic, the selection, or else every sure defect."""
    problems = repairs.mending(question, inspection)
    if not problems and not question.diagnostics:
        problems = _chosen(question, inspection, ("bug", "security"))
        if not any(problem.changes for problem in problems):
            problems = _chosen(question, inspection, ("bug", "security", "debt", "simplify"))
    shown = _shown(problems, inspection)
    edits, done = _edits(inspection, shown)
    if done:
        summary = f"{IDENTITY}. " + " ".join(
            f"Line {line_of(inspection.source, problem)}: {problem.message}" for problem in done[:4]
        )
        left = [problem for problem in shown if problem not in done]
        if left:
            summary += f" Not mended, because no change is certain: {_named(inspection, left)}."
    else:
        summary = f"{IDENTITY}, and found no change that is certain. {_next_step(question, inspection)}"
    return Reply(
        thinking=account(question, inspection, shown),
        summary=_whole(summary, inspection, shown),
        problems=shown,
        edits=tuple(edits),
    )


def improve(*topics: Topic) -> Callable[[Question, Inspection], Reply]:
    """An answer that applies every sure change about these topics, again and again until none is left."""

    def answer(question: Question, inspection: Inspection) -> Reply:
        changes, done, later = _rewritten(question, inspection, topics)
        rules = sorted({problem.rule for problem in (*done, *later)})
        if done:
            summary = (
                f"{IDENTITY}. {count(len(done) + len(later), 'rewrite')} by fixed rules that keep the behaviour: "
                f"{listed([code(rule) for rule in rules[:8]])}."
            )
        else:
            summary = (
                f"{IDENTITY}: I rewrite only by fixed rules, and none of them applies to this code. "
                "A larger change needs somebody who knows what the code is meant to do."
            )
        shown = tuple(done[:MOST_FINDINGS])
        more = [f"The first rewrites made room for {count(len(later), 'other')}."] if later else []
        edits = replacements(inspection.source, changes)
        thinking = (*account(question, inspection, shown), *more)
        whole = _whole(summary, inspection, shown)
        return Reply(thinking=thinking, summary=whole, problems=shown, edits=tuple(edits))

    return answer


def _rewritten(
    question: Question, inspection: Inspection, topics: tuple[Topic, ...]
) -> tuple[tuple[Change, ...], list[Problem], list[Problem]]:
    """The changes until no rewrite is left, the problems of the document mended, and those met on the way."""
    done: list[Problem] = []
    later: list[Problem] = []
    first: tuple[Change, ...] = ()
    text, current = inspection.source.text, inspection
    short = len(inspection.source.line_starts) <= LONG_DOCUMENT
    rounds = MOST_ROUNDS if short and not question.selection else 1
    # One rewrite can make room for the next. A selection's lines move with the first, so there it is one round.
    for turn in range(rounds):
        chosen = [problem for problem in _chosen(question, current, topics) if problem.changes]
        chosen += _orphaned(inspection, current) if turn else []
        changes, mended = _together(current, proven(current, tuple(chosen[:MOST_EDITS])))
        if not mended:
            break
        (later if turn else done).extend(mended)
        first = first or changes
        text = current.source.apply(changes)
        if turn + 1 == rounds:
            break
        current = inspect(Source(inspection.source.path, inspection.source.language, text))
    return (difference(inspection.source, text) if rounds > 1 else first), done, later


def _orphaned(before: Inspection, now: Inspection) -> list[Problem]:
    """Imports that only the rewrites made superfluous."""
    known = {problem.message for problem in before.problems if problem.rule == "unused-import"}
    return [p for p in now.problems if p.rule == "unused-import" and p.changes and p.message not in known]


def _findings(question: Question, inspection: Inspection, topics: tuple[Topic, ...], what: str) -> Reply:
    chosen = _chosen(question, inspection, topics)
    # A hint that nothing mends only takes the reader's time.
    chosen = tuple(p for p in chosen if p.changes or p.severity != "hint" or p.rule == "debt-marker")
    problems = _shown(chosen, inspection)
    source = inspection.source
    if problems:
        first = problems[0]
        summary = (
            f"{IDENTITY}. Checks found {severities(problems)} in {code(source.path)}. "
            f"First look at line {line_of(source, first)}: {first.message}"
        )
    elif inspection.readable:
        summary = f"{IDENTITY}. No check found {what} in {code(source.path)}. {' '.join(inspection.checked)}"
    else:
        summary = (
            f"{IDENTITY}, and {code(source.path)} cannot be read as code. {' '.join(inspection.checked)}"
        )
    return Reply(
        thinking=account(question, inspection, problems),
        summary=_whole(summary, inspection, problems),
        problems=problems,
    )


def _chosen(question: Question, inspection: Inspection, topics: tuple[Topic, ...]) -> tuple[Problem, ...]:
    found = [problem for problem in inspection.problems if problem.topic in topics]
    if question.selection is None:
        return tuple(found)
    first, last = question.selection
    source = inspection.source
    return tuple(
        problem
        for problem in found
        if source.line_at(problem.start) <= last
        and source.line_at(max(problem.start, problem.end - 1)) >= first
    )


def _shown(problems: tuple[Problem, ...], inspection: Inspection) -> tuple[Problem, ...]:
    return proven(inspection, fewest(problems, MOST_FINDINGS))


def _edits(
    inspection: Inspection, problems: tuple[Problem, ...]
) -> tuple[list[dict[str, str]], tuple[Problem, ...]]:
    """All changes that go together, as edits, and the problems they mend."""
    changes, done = _together(inspection, problems)
    return replacements(inspection.source, changes), done


def _together(
    inspection: Inspection, problems: tuple[Problem, ...]
) -> tuple[tuple[Change, ...], tuple[Problem, ...]]:
    """All changes that go together, and the problems they mend. Later ones give way to earlier ones."""
    taken: tuple[Change, ...] = ()
    done: list[Problem] = []
    for problem in problems:
        if problem.changes and compatible(problem.changes, taken):
            taken = tuple(sorted({*taken, *problem.changes}))
            done.append(problem)
    while done and not reads_as_well(inspection, inspection.source.apply(taken)):
        done.pop()
        taken = tuple(sorted({change for problem in done for change in problem.changes}))
    return taken, tuple(sorted(done, key=order))


def _whole(summary: str, inspection: Inspection, shown: tuple[Problem, ...]) -> str:
    """The summary with what the answer does not show: nobody should take it for all there is."""
    return f"{summary} {left_out(inspection, shown)}".rstrip()


def _named(inspection: Inspection, problems: list[Problem]) -> str:
    return listed(
        [f"{code(problem.rule)} in line {line_of(inspection.source, problem)}" for problem in problems[:4]]
    )


def _probe(inspection: Inspection, problem: Problem) -> str:
    line = line_of(inspection.source, problem)
    symbol = inspection.outline.at(line, line)
    where = f" on a call of {code(symbol.full_name)}" if symbol and symbol.kind != "class" else ""
    mended = " The change I propose removes it." if problem.changes else ""
    return (
        f"stop at line {line}{where} with input that reaches it, and compare with what is said here.{mended}"
    )


def _next_step(question: Question, inspection: Inspection) -> str:
    if question.diagnostics:
        note = question.diagnostics[0]
        known = repairs.explain(note, inspection)
        return f"The diagnostic in line {note.line} says: {note.message} {known}".rstrip()
    if not inspection.readable:
        return " ".join(inspection.checked)
    return (
        "The checks know common mistakes, not what this code is meant to do. A failing test, a traceback or a "
        "diagnostic would say where to look."
    )
