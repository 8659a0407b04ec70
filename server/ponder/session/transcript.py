"""A run as a Markdown document: thinking, answer, findings, diff, cost. Pure; writes no file."""

from collections.abc import Iterator

from ponder.answers.clean import clean
from ponder.answers.markdown import literal, neutralise
from ponder.edits.diff import unified_diff
from ponder.ledger.misses import words
from ponder.session.run import Run
from ponder.session.thoughts import Thought
from ponder.usage import Usage


def render(run: Run) -> str:
    """The whole transcript as it stands now."""
    return "\n".join(_lines(run)).rstrip() + "\n"


def _lines(run: Run) -> Iterator[str]:
    yield f"# Ponder: {run.action.title} `{_plain(run.document.path)}`"
    yield ""
    yield f"{_state(run)} · {run.provider} · `{run.model or 'no model yet'}`"
    if run.request.instruction:
        yield ""
        yield f"> {literal(' '.join(run.request.instruction.split()))}"
    for notice in run.notices:
        yield ""
        yield f"*Note: {notice}*"
    for thought in run.answer.thoughts:
        yield from _thought(thought)
    if run.answer.text:
        yield ""
        yield "## Answer"
        yield ""
        yield neutralise(run.answer.text.strip())
    if run.found.findings:
        yield ""
        yield "## Findings"
        yield ""
        for finding in run.found.findings:
            line = run.found.texts.get(finding.uri, run.document).line_at(finding.span.start) + 1
            yield f"- **{finding.severity}** `{_plain(finding.path)}:{line}` {neutralise(finding.message)} (`{finding.code}`)"
    if run.proposal.edit is not None:
        yield ""
        yield f"## Edit ({_edit_state(run)})"
        yield ""
        yield "```diff"
        yield (
            clean(unified_diff(run.proposal.edit, tuple(run.found.bases.values())))
            .rstrip("\n")
            .replace("```", "` ` `")
        )
        yield "```"
    if run.error is not None:
        yield ""
        yield f"**{run.error.message}** {run.error.hint or ''}".rstrip()
    if run.status is not None:
        yield ""
        yield f"---\n{_usage(run.account.usage)} · {run.milliseconds / 1000:.1f} s"
        if run.account.cache_miss is not None:
            yield f"*The cache was not read as far as it might have been: {words(run.account.cache_miss)}.*"


def _state(run: Run) -> str:
    return {None: "running", "done": "done"}.get(run.status, f"**{run.status}**: not complete")


def _thought(thought: Thought) -> Iterator[str]:
    taken = "" if thought.milliseconds is None else f" for {thought.milliseconds / 1000:.0f} s"
    yield ""
    yield f"## {'Thought' if taken else 'Thinking'}{taken}"
    yield ""
    if thought.redacted:
        yield "*Withheld by the model's safety system.*"
    yield from (f"> {line}".rstrip() for line in neutralise(thought.text.strip()).split("\n"))


def _edit_state(run: Run) -> str:
    if run.proposal.applied:
        return "applied"
    return f"not applied: {run.proposal.reason}" if run.proposal.reason else "not applied"


def _usage(usage: Usage) -> str:
    cost = "cost not known" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    counts = (
        ("input", usage.input_tokens),
        ("from cache", usage.cache_read_tokens),
        ("output", usage.output_tokens),
        ("thinking", usage.thinking_tokens),
    )
    said = " · ".join([*(f"{count:,} {name}" for name, count in counts if count is not None), cost])
    return f"{said} (at least: the answer was cut before its last counts)" if usage.at_least is True else said


def _plain(path: str) -> str:
    return clean(path).replace("`", "'").replace("\n", " ")
