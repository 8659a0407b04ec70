"""What is left of a run when its answer is complete: findings shown in the editor, following the text from then on."""

from collections.abc import Sequence

from msgspec import structs

from ponder.documents import Document, Span
from ponder.edits.doubts import outside_selection
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding, TextChange
from ponder.findings.silence import Dismissals, visible
from ponder.findings.tracking import changes_between
from ponder.session.ports import Change
from ponder.session.run import Run
from ponder.session.state import State

_KEEP_TO_SELECTION = {"refactor", "simplify"}
"""Actions on a selection that need no imports elsewhere: an edit beyond it is asked about."""


def conclude(state: State, run: Run) -> ErrorInfo | None:
    """Close a structured answer; returns what is wrong with it."""
    error, notices = run.close_answer(f"{state.title}: {run.action.title}")
    if run.edit is not None and run.request.span is not None and run.action.id in _KEEP_TO_SELECTION:
        run.edit = _with_doubts(run.edit, run.document, run.request.span)
    for notice in notices:
        run.notices.append(notice)
        state.tell(run, notice)
    return error


def _with_doubts(edit: Edit, document: Document, selection: Span) -> Edit:
    """The edit with a warning where it reaches beyond what the user selected."""
    here = [change for change in edit.files if change.uri == document.uri]
    beyond = [line for change in here for line in outside_selection(change, document, selection)]
    return structs.replace(edit, warnings=(*edit.warnings, *beyond)) if beyond else edit


def publish(state: State, run: Run) -> None:
    """Show the findings of an ended run. A complete review replaces the earlier findings of its action and place.

    Positions are moved to the text of now; a finding whose own text changed meanwhile is left out.
    """
    uri = run.document.uri
    current = state.editor.document(uri) or run.document
    run.findings = _moved(run.findings, run.document, current)
    run.text_now = current
    if run.action.shape != "findings" or (run.status != "done" and not run.findings):
        return
    kept = [finding for finding in state.findings.of(uri) if not _superseded(run, finding)]
    state.findings = state.findings.replaced(uri, [*kept, *run.findings])
    show(state, uri)


def show(state: State, uri: str) -> None:
    """Publish what stands for a document, less what was silenced."""
    document = state.editor.document(uri)
    if document is None:
        return
    shown = visible(state.findings.of(uri), document, dismissals(state))
    state.editor.publish(document, shown)


def follow(state: State, document: Document, changes: Sequence[Change]) -> None:
    """Move the findings of a document with its edits."""
    before = state.findings.of(document.uri)
    if not before:
        return
    # What stood there is not needed to move a finding.
    moved = [TextChange(change.span, "", change.new_text) for change in changes]
    state.findings = state.findings.shifted(document.uri, moved, document)
    if state.findings.of(document.uri) != before:
        show(state, document.uri)


def forget(state: State, uri: str) -> None:
    """A document was closed."""
    state.findings = state.findings.replaced(uri, ())
    state.editor.withdraw(uri)


def dismissals(state: State) -> Dismissals:
    """What the user never wants to see again here."""
    known = state.store.dismissed(state.workspace_id)
    return Dismissals(
        findings=frozenset(key for scope, key in known if scope == "finding"),
        rules=frozenset(key for scope, key in known if scope == "rule"),
        files=frozenset(key for scope, key in known if scope == "file"),
    )


def _superseded(run: Run, finding: Finding) -> bool:
    """Whether a complete run speaks anew of what an earlier finding spoke of."""
    if run.status != "done" or not finding.code.startswith(f"{run.action.id}/"):
        return any(one.id == finding.id for one in run.findings)
    span = run.request.span
    return span is None or (finding.span.start < span.end and span.start < finding.span.end)


def _moved(findings: Sequence[Finding], before: Document, after: Document) -> list[Finding]:
    if before.version == after.version or before.text == after.text:
        return list(findings)
    from ponder.findings.tracking import FindingSet

    changes = changes_between(before.text, after.text)
    placed = FindingSet().replaced(before.uri, findings).shifted(before.uri, changes, after)
    return [structs.replace(finding, fix=None) for finding in placed.of(before.uri)]
