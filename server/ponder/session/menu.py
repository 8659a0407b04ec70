"""The light bulb's menu for a place, from what the session holds: actions, findings, edits that wait. Asks no model."""

from msgspec import structs

from ponder.actions.offers import Answer, Asked, Offer, Pending, Ready, offers
from ponder.edits.gate import Admitted, admit
from ponder.edits.hunks import PendingEdit
from ponder.edits.protected import protection
from ponder.findings import FileChange, Finding
from ponder.session import direct
from ponder.session.run import Run
from ponder.session.state import State


def menu(state: State, asked: Asked, *, refused: str | None) -> list[Offer]:
    """What is offered at a place; `refused` says why nothing may be asked about the file."""
    in_range = {finding_id for _, finding_id in asked.diagnostics}
    pending = [
        Pending(
            run_id=run.id,
            changes=tuple((unit.hunks[0].number - 1, unit.label(asked.uri)) for unit in edit.units),
            ready=_ready(state, run),
        )
        for run, edit in _open(state, asked.uri)
    ]
    return offers(
        asked,
        state.actions,
        prefix=state.title,
        findings=[_fixable(state, one) for one in state.findings.of(asked.uri) if one.id in in_range],
        pending=pending,
        running=bool(state.alive()),
        refused=refused,
        answer=None if asked.automatic else _answer(state, asked.uri),
    )


def _open(state: State, uri: str) -> list[tuple[Run, PendingEdit]]:
    """The runs with open changes in a document, and their edits. The same change is offered once: that of the newest run."""
    found: list[tuple[Run, PendingEdit]] = []
    offered: set[FileChange] = set()
    for run in reversed(state.runs.values()):
        pending = run.proposal.pending
        if pending is None or not run.status or not run.proposal.touches(uri):
            continue
        changes = {structs.replace(hunk.change, version=None) for hunk in pending.remaining}
        if not changes <= offered:
            found.append((run, pending))
        offered |= changes
    return found[::-1]


def _fixable(state: State, finding: Finding) -> Finding:
    """The finding with its fix as it fits the texts now, without one that must not be made.

    What would have to be asked first is among its warnings: the menu names it.
    """
    fix = finding.fix
    if fix is None or (not fix.warnings and all(_plain(change, finding) for change in fix.files)):
        return finding
    gate = admit(
        fix,
        state.workspace.jail,
        state.text_of,
        at_hand=finding.uri,
        baseline=state.settings.review.baseline,
    )
    offered = structs.replace(gate.edit, warnings=gate.confirm) if isinstance(gate, Admitted) else None
    return structs.replace(finding, fix=offered)


def _plain(change: FileChange, finding: Finding) -> bool:
    """Whether a change is of the finding's own file, which it follows, and of no protected one."""
    return change.uri == finding.uri and not change.created and protection(change.path).verdict == "free"


def _ready(state: State, run: Run) -> dict[int | None, Ready] | None:
    """What the editor can take by itself, where it applies nothing for a server; None where it does."""
    abilities = state.editor.abilities
    if abilities.apply_edit:
        return None
    if not abilities.edit_actions:
        return {}
    return {key: Ready(edit, doubts) for key, (edit, doubts) in direct.hand_out(state, run).items()}


def _answer(state: State, uri: str) -> Answer | None:
    """The newest answer that somebody asked for about this document."""
    for run in reversed(state.runs.values()):
        if run.document.uri == uri and run.status and run.request.trigger in {"command", "followUp"}:
            return Answer(run.id, run.action.title)
    return None
