"""Turns of phrase that every answer shares: what the engine is, counts, places, quoted code. Decides nothing."""

from .counting import count
from .inspection import Inspection
from .question import Question
from .source import Problem, Source

IDENTITY = "I am Ponder's offline engine, not a model"
_NOUNS = {"problem": ("error", "warning"), "risk": ("information",), "hint": ("hint",)}
"""What findings are called where they are counted. Editors show errors and warnings by one mark, so they have one name."""


def listed(words: list[str] | tuple[str, ...], *, last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def code(text: str, most: int = 72) -> str:
    """Code in a sentence, on one line and not too long."""
    flat = " ".join(text.encode(errors="replace").decode().split())
    flat = flat if len(flat) <= most else flat[: most - 1] + "…"
    mark = "``" if "`" in flat else "`"
    return f"{mark} {flat} {mark}" if mark == "``" else f"`{flat}`"


def severities(problems: tuple[Problem, ...]) -> str:
    """`2 problems and 1 hint`."""
    counts = [
        (noun, sum(problem.severity in named for problem in problems)) for noun, named in _NOUNS.items()
    ]
    return listed([count(number, noun) for noun, number in counts if number])


def line_of(source: Source, problem: Problem) -> int:
    """The line, from 1, a problem begins in."""
    return source.line_at(problem.start)


def place(source: Source, problem: Problem) -> str:
    """`line 12, `code``."""
    line = line_of(source, problem)
    return f"line {line}, {code(source.line(line).strip())}"


def opening(question: Question, source: Source | None) -> str:
    """The first paragraph of every thinking: who speaks, and what about."""
    if source is None:
        return (
            f"{IDENTITY}: I run checks on code and report what they find. This request has no document in it."
        )
    lines = count(source.text.count("\n") + 1, "line")
    kind = f", {source.language}" if source.language else ""
    selected = ""
    if question.selection:
        first, last = question.selection
        selected = f" Selected: {f'line {first}' if first == last else f'lines {first} to {last}'}."
    told = f" {count(len(question.diagnostics), 'diagnostic')} came along." if question.diagnostics else ""
    return (
        f"{IDENTITY}: I run checks and report what they find, no more. Asked for: {question.action or 'an answer'} "
        f"on {code(source.path)} ({lines}{kind}).{selected}{told}"
    )


def left_out(inspection: Inspection, shown: tuple[Problem, ...]) -> str:
    """How many reports an answer does not show, in a sentence; empty where it shows all."""
    hidden = len(inspection.problems) - len(shown)
    return (
        f"{count(hidden, 'report')} left out: outside of what was asked, or of less weight."
        if hidden > 0
        else ""
    )


def account(
    question: Question, inspection: Inspection, shown: tuple[Problem, ...], *, most: int = 4
) -> tuple[str, ...]:
    """Thinking: what was asked, what looked at it, what was found where, and what was put aside."""
    source = inspection.source
    paragraphs = [opening(question, source), " ".join(inspection.checked)]
    for problem in shown[:most]:
        line = line_of(source, problem)
        head = f"{problem.severity.capitalize()} by {problem.origin} at line {line}, {code(source.line(line).strip())}:"
        paragraphs.append(f"{head} {problem.message}")
    mended = sum(bool(problem.changes) for problem in shown)
    if mended:
        copies = (
            "I applied it to a copy, and the copy"
            if mended == 1
            else "I applied them to copies, and what came out"
        )
        paragraphs.append(f"For {mended} of {len(shown)} a change is certain. {copies} can still be read.")
    elif shown:
        paragraphs.append(
            "For none of these is a change certain without knowing what is meant, so I propose none."
        )
    aside = []
    if len(shown) > most:
        rest = sorted({line_of(source, problem) for problem in shown[most:]})
        aside.append(f"{count(len(shown) - most, 'lesser finding')} more in {_lines(rest)}.")
    if hidden := left_out(inspection, shown):
        aside.append(hidden)
    if inspection.dismissed:
        aside.append(f"{count(inspection.dismissed, 'report')} dismissed as saying the same as another.")
    if not inspection.problems and inspection.readable:
        aside.append(
            "Nothing that these checks know is wrong here; they do not know what the code is meant to do."
        )
    return tuple(paragraphs + ([" ".join(aside)] if aside else []))


def _lines(lines: list[int]) -> str:
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {listed([str(line) for line in lines])}"
