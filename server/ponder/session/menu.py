"""The light bulb's menu for a place, from what the session holds: actions, findings, edits that wait. Reads no file and asks no model."""

from msgspec import Struct, structs

from ponder.actions.offers import Answer, Asked, Offer, Pending, Ready, offers
from ponder.documents import Document
from ponder.edits.gate import Admitted, admit
from ponder.edits.hunks import PendingEdit
from ponder.edits.protected import protection
from ponder.findings import FileChange, Finding
from ponder.session.direct import Handed, TextOf, takings
from ponder.session.events import ASKED_FOR
from ponder.session.run import Run
from ponder.session.state import State


class Menu(Struct, frozen=True, kw_only=True):
    """What is offered at a place."""

    offers: list[Offer]
    texts: dict[str, Document]
    """The texts that the offered edits change, by uri."""
    handed: dict[str, list[Handed]]
    """What the editor can take out of it by itself, by the id of its run."""


def files_of(state: State, asked: Asked) -> set[str]:
    """Uris of the files whose texts a menu depends on."""
    fixes = [one.fix for one in _in_range(state, asked) if one.fix is not None and not _as_it_is(one)]
    found = {change.uri for fix in fixes for change in fix.files}
    if _takes_by_itself(state):
        found |= {file.uri for _, pending in _open(state, asked.uri) for file in pending.edit.files}
    return found


def menu(state: State, asked: Asked, text_of: TextOf, *, refused: str | None) -> Menu:
    """The menu for a place; `refused` says why nothing may be asked about the file."""
    pending: list[Pending] = []
    handed: dict[str, list[Handed]] = {}
    for run, edit in _open(state, asked.uri):
        changes = tuple((unit.hunks[0].number - 1, unit.label(asked.uri)) for unit in edit.units)
        ready: dict[int | None, Ready] | None = None
        if not state.editor.abilities.apply_edit:
            found = takings(state, run, text_of) if _takes_by_itself(state) else {}
            ready = {key: Ready(one.edit, one.doubts) for key, one in found.items()}
            handed[run.id] = [change for one in found.values() for change in one.handed]
        pending.append(Pending(run_id=run.id, changes=changes, ready=ready))
    shown = offers(
        asked,
        state.actions,
        prefix=state.title,
        findings=[_fixable(state, one, text_of) for one in _in_range(state, asked)],
        pending=pending,
        running=bool(state.alive()),
        refused=refused,
        answer=None if asked.automatic else _answer(state, asked.uri),
    )
    changed = [file for one in shown if one.edit is not None for file in one.edit.files if not file.created]
    texts = {file.uri: text for file in changed if (text := text_of(file)) is not None}
    return Menu(offers=shown, texts=texts, handed=handed)


def _in_range(state: State, asked: Asked) -> list[Finding]:
    """The findings that the menu is asked about."""
    wanted = {finding_id for _, finding_id in asked.diagnostics}
    return [one for one in state.findings.of(asked.uri) if one.id in wanted]


def _takes_by_itself(state: State) -> bool:
    """Whether the editor applies no edit for a server, and takes those that stand in its menu."""
    return not state.editor.abilities.apply_edit and state.editor.abilities.edit_actions


def _open(state: State, uri: str) -> list[tuple[Run, PendingEdit]]:
    """The runs with open changes in a document, and their edits. The same change is offered once: that of the newest run."""
    found: list[tuple[Run, PendingEdit]] = []
    offered: set[FileChange] = set()
    for run in reversed(state.runs.values()):
        pending = run.proposal.pending
        # While a user is asked, the menu is another way to answer.
        decides = bool(run.status or run.proposal.asked)
        if pending is None or not decides or not run.proposal.touches(uri):
            continue
        changes = {structs.replace(hunk.change, version=None) for hunk in pending.remaining}
        if not changes <= offered:
            found.append((run, pending))
        offered |= changes
    return found[::-1]


def _fixable(state: State, finding: Finding, text_of: TextOf) -> Finding:
    """The finding with its fix as it fits the texts now, without one that must not be made.

    What would have to be asked first is among its warnings: the menu names it.
    """
    fix = finding.fix
    if fix is None or _as_it_is(finding):
        return finding
    gate = admit(
        fix,
        state.workspace.jail,
        text_of,
        at_hand=finding.uri,
        baseline=state.settings.review.baseline,
    )
    offered = structs.replace(gate.edit, warnings=gate.confirm) if isinstance(gate, Admitted) else None
    return structs.replace(finding, fix=offered)


def _as_it_is(finding: Finding) -> bool:
    """Whether the fix needs no second look: it is sure, and of nothing but its own file, which it follows."""
    fix = finding.fix
    return fix is None or (not fix.warnings and all(_plain(change, finding) for change in fix.files))


def _plain(change: FileChange, finding: Finding) -> bool:
    """Whether a change is of the finding's own file, which it follows, and of no protected one."""
    return change.uri == finding.uri and not change.created and protection(change.path).verdict == "free"


def _answer(state: State, uri: str) -> Answer | None:
    """The newest answer that somebody asked for about this document."""
    for run in reversed(state.runs.values()):
        if run.document.uri == uri and run.status and run.request.trigger in ASKED_FOR:
            return Answer(run.id, run.action.title)
    return None
