"""What is left of a run when its answer is complete: findings shown in the editor, following the text from then on."""

from collections.abc import Sequence

from msgspec import structs

from ponder.documents import Document, Span
from ponder.edits.doubts import outside_selection
from ponder.edits.gate import without_never
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding, TextChange
from ponder.findings.tracking import FindingSet, edits_between, widened_span
from ponder.session.events import EditProposed
from ponder.session.ports import Change
from ponder.session.run import Run
from ponder.session.showing import show
from ponder.session.state import State

_TOLD = 3
"""Reasons that are told together where no change could be placed; the notices have all."""
_NO_CHANGE = "No change was proposed."
_KEEP_TO_SELECTION = {"refactor", "simplify"}
"""Actions on a selection that need no imports elsewhere: an edit beyond it is asked about."""


def conclude(state: State, run: Run) -> ErrorInfo | None:
    """Close a structured answer; returns what is wrong with it."""
    closed = run.answer.close(f"{state.title}: {run.action.title}")
    edit, selection = closed.edit, run.request.span
    notices = closed.notices
    if edit is not None:
        kept = without_never(
            edit, state.workspace.jail, at_hand=run.document.uri, baseline=state.settings.review.baseline
        )
        edit, notices = kept.edit, (*notices, *kept.notices)
    if edit is not None and selection is not None and run.action.id in _KEEP_TO_SELECTION:
        edit = _with_doubts(edit, run.document, selection)
    run.proposal.edit = edit
    for notice in notices:
        run.notices.append(notice)
        state.tell(run, notice)
    if closed.unplaced or (closed.edit is not None and edit is None):
        reason = run.proposal.reason = _nothing_left(notices)
        state.tell(run, EditProposed(Edit(files=()), (run.document,), applied=False, reason=reason))
    elif run.action.shape == "edits" and edit is None and closed.error is None:
        run.proposal.reason = _NO_CHANGE
    return closed.error


def _nothing_left(notices: Sequence[str]) -> str:
    """Why no change is left of those that were proposed, in a few sentences."""
    reason = " ".join(notices[:_TOLD]) or "The file already reads as the change would leave it."
    more = len(notices) - _TOLD
    return f"{reason} So were {more:,} others." if more > 0 else reason


def count_unsure(state: State, run: Run) -> None:
    """Say how many findings were not sure enough for `review.minConfidence`."""
    if run.answer.unsure:
        notice = unsure_notice(run.answer.unsure, run.least)
        run.notices.append(notice)
        state.tell(run, notice)


def unsure_notice(number: int, least: int) -> str:
    """How many findings were left out, in a sentence."""
    words = "1 finding below your confidence" if number == 1 else f"{number:,} findings below your confidence"
    return f"{words} of {least} {'was' if number == 1 else 'were'} left out (`review.minConfidence`)."


def _with_doubts(edit: Edit, document: Document, selection: Span) -> Edit:
    """The edit with a warning where it reaches beyond what the user selected."""
    here = [change for change in edit.files if change.uri == document.uri]
    beyond = [line for change in here for line in outside_selection(change, document, selection)]
    return structs.replace(edit, warnings=(*edit.warnings, *beyond)) if beyond else edit


def tell_unreviewed(state: State, run: Run) -> None:
    """A review on save that came to nothing looks like a clean one: it is said, where no status bar shows it."""
    said = None if state.alone else state.unreviewed.ended(run)
    if said is not None and not state.editor.abilities.events:
        state.editor.notify(f"{state.title}: {said}", kind="warning")


def publish(state: State, run: Run) -> None:
    """Show the findings of an ended run. A complete review replaces the earlier findings of its action and place.

    Positions are moved to the text of now; a finding whose own text changed meanwhile is left out.
    """
    uri = run.document.uri
    current = state.editor.document(uri) or run.document
    beside = [one for one in run.found.findings if one.uri != uri]
    here = moved([one for one in run.found.findings if one.uri == uri], run.document, current)
    run.found.moved(here, beside, current)
    if run.action.shape != "findings" or (run.status != "done" and not run.found.findings):
        return
    place(state, current, merged(state.findings.of(uri), run, here, current))
    show(state, uri)
    _publish_beside(state, run, beside)


def _publish_beside(state: State, run: Run, findings: Sequence[Finding]) -> None:
    """Show what a run found in other files than its own.

    It stands beside what reviews of those files say, which counts where both say the same, until the next complete
    run of its action on its own file, or a review of that other file; it is not remembered.
    """
    about, action = run.document.uri, run.action.id
    own = {(about, one.id) for one in run.found.placed}
    state.beside = {key: said - own for key, said in state.beside.items() if said - own}
    before = state.beside.get((about, action), frozenset())
    outdated = before if run.status == "done" else frozenset()
    said: set[tuple[str, str]] = set(before - outdated)
    texts = run.found.bases
    for uri in sorted({one.uri for one in findings} | {uri for uri, _ in outdated}):
        base = texts.get(uri) or state.placed_in.get(uri)
        current = state.editor.document(uri) or base
        if base is None or current is None:
            continue
        replace(state, current)
        standing = [one for one in state.findings.of(uri) if (uri, one.id) not in outdated]
        found = moved([one for one in findings if one.uri == uri], base, current)
        together = joined(found, standing, current)
        known = {one.id for one in standing}
        said |= {(uri, one.id) for one in together if one.id not in known}
        if found:
            state.lasting.add(uri)
        place(state, current, together)
        show(state, uri)
    if said or before:
        state.beside[about, action] = frozenset(said)


def merged(
    earlier: Sequence[Finding], run: Run, found: Sequence[Finding], document: Document
) -> list[Finding]:
    """What stands in a document after a run: its findings, and the earlier ones it did not speak of anew.

    `earlier` and `found` are placed in `document`, a later text of what the run read, or the same.
    """
    part = run.request.span
    if part is not None:
        part = widened_span(part, edits_between(run.document.text, document.text))
    return joined([one for one in earlier if not _superseded(run, one, part)], found, document)


def joined(earlier: Sequence[Finding], found: Sequence[Finding], document: Document) -> list[Finding]:
    """Earlier findings and new ones of one text; what both say is taken from the new ones."""
    again = {one.id for one in found} | {_remark(one, document) for one in found}
    kept = [one for one in earlier if one.id not in again and _remark(one, document) not in again]
    return [*kept, *found]


def place(state: State, document: Document, findings: Sequence[Finding]) -> None:
    """Let these findings, placed in this text, stand for a document."""
    state.findings = state.findings.replaced(document.uri, findings)
    state.placed_in[document.uri] = document


def follow(state: State, document: Document, changes: Sequence[Change]) -> None:
    """Move the findings of a document with its edits."""
    before = state.findings.of(document.uri)
    if not before:
        return
    # What stood there is not needed to move a finding.
    typed = [TextChange(change.span, "", change.new_text) for change in changes]
    shown = _positions(before, state.placed_in.get(document.uri, document))
    state.findings = state.findings.shifted(document.uri, typed, document)
    state.placed_in[document.uri] = document
    after = state.findings.of(document.uri)
    # A line end that changed places with a blank moves lines or columns, and no offset.
    if after != before or _positions(after, document) != shown:
        show(state, document.uri)


def replace(state: State, document: Document) -> None:
    """A document was opened, or replaced as a whole: its findings are placed anew in the text it has now."""
    before = state.placed_in.get(document.uri)
    if before is not None:
        state.findings = state.findings.synced(document.uri, before, document)
        state.placed_in[document.uri] = document


def forget(state: State, uri: str) -> None:
    """A document was closed."""
    state.findings = state.findings.replaced(uri, ())
    state.placed_in.pop(uri, None)
    state.editor.withdraw(uri)


def moved(findings: Sequence[Finding], before: Document, after: Document) -> tuple[Finding, ...]:
    """Findings of one text as they stand in a later one; without those whose own text changed."""
    return FindingSet().replaced(after.uri, findings).synced(after.uri, before, after).of(after.uri)


def _superseded(run: Run, finding: Finding, part: Span | None) -> bool:
    """Whether a complete run looked at what an earlier finding is about."""
    if run.status != "done" or not finding.code.startswith(f"{run.action.id}/"):
        return False
    return part is None or (finding.span.start < part.end and part.start < finding.span.end)


def _positions(findings: Sequence[Finding], document: Document) -> list[tuple[int, int]]:
    """Line and column of each start and end."""
    offsets = (offset for one in findings for offset in (one.span.start, one.span.end))
    return [(line := document.line_at(offset), offset - document.line_starts[line]) for offset in offsets]


def _remark(finding: Finding, document: Document) -> tuple[str, int]:
    """The same rule on the same line is the same remark, under whatever id."""
    return finding.code, document.line_at(finding.span.start)
