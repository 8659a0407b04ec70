"""What becomes of a proposed edit: through the gate, then applied, offered, or refused with a reason. Writes no file."""

from ponder.documents import Document
from ponder.edits.anchor import AlreadyApplied, Stale
from ponder.edits.gate import Admitted, Refused, admit
from ponder.edits.hunks import PendingEdit
from ponder.findings import Edit, FileChange
from ponder.session.events import EditProposed
from ponder.session.ports import BadArgument
from ponder.session.run import Run
from ponder.session.state import State

_APPLY, _KEEP = "Apply", "Not now"


def mode_of(state: State, run: Run) -> str:
    """How edits of this run are applied: `ask`, `auto` or `never`."""
    if run.request.apply is not None:
        return "auto" if run.request.apply else "never"
    return state.settings.edits.apply


async def propose(state: State, run: Run) -> None:
    """Carry the edit of a run as far as the settings, the editor and the user let it go, and tell the outcome."""
    if run.edit is None:
        return
    run.pending = PendingEdit(run.edit, {run.document.uri: run.document.text})
    if mode_of(state, run) == "never":
        run.reason = (
            "Edits are only offered: `edits.apply` is `never`, or the run was started with `apply: false`."
        )
    else:
        await _apply(state, run, run.edit, ask=mode_of(state, run) == "ask")
    state.tell(
        run,
        EditProposed(run.edit, (run.document,), run.applied, None if run.applied else run.reason),
    )


async def apply_pending(state: State, run: Run, hunk: int | None) -> tuple[bool, str | None]:
    """Apply what is still open of a run's edit, or one hunk (from 0): the user has decided, nobody is asked again
    unless a protected file is touched. Raises BadArgument.
    """
    pending = run.pending
    if pending is None:
        raise BadArgument("runId: this run proposes no edit")
    if hunk is None:
        rest = pending.rest(lambda change: current_text(state, change))
        edit: Edit | Stale | AlreadyApplied = rest
    else:
        if not 0 <= hunk < len(pending.hunks):
            raise BadArgument(f"hunk: this edit has {len(pending.hunks)} changes, counted from 0")
        change = pending.hunks[hunk].change
        moved = pending.for_hunk(hunk + 1, current_text(state, change))
        edit = Edit(files=(moved,), label=pending.edit.label) if isinstance(moved, FileChange) else moved
    if isinstance(edit, Stale | AlreadyApplied):
        run.stale = run.stale or isinstance(edit, Stale)
        return False, edit.reason
    applied = await _apply(state, run, edit, ask=False, chosen=True)
    if applied:
        numbers = [one.number for one in pending.hunks] if hunk is None else [hunk + 1]
        for number in numbers:
            pending = pending.after(number)
        run.pending = pending
        run.applied = not pending.remaining
    return applied, None if applied else run.reason


async def _apply(state: State, run: Run, edit: Edit, *, ask: bool, chosen: bool = False) -> bool:
    """One edit through the gate and the editor. Sets the run's `applied`, `stale` and `reason`."""
    if not state.editor.abilities.apply_edit:
        run.reason = "This editor does not apply edits for a server."
        return False
    bases = {run.document.uri: run.document.text}
    gate = admit(
        edit,
        state.workspace.jail,
        lambda change: current_text(state, change),
        bases=bases if edit is run.edit else None,
        at_hand=run.document.uri,
    )
    if isinstance(gate, AlreadyApplied):
        run.reason = gate.reason
        return False
    if isinstance(gate, Refused):
        run.stale, run.reason = gate.stale, gate.reason
        return False
    doubts = () if chosen and not _protected(gate) else gate.confirm
    confirmed = bool(doubts) or ask
    if confirmed and not await _confirmed(state, run, doubts):
        return False
    documents = {uri: text for uri in _uris(gate.edit) if (text := _text(state, uri)) is not None}
    outcome = await state.editor.apply_edit(
        gate.edit,
        documents,
        label=gate.edit.label,
        needs_confirmation=ask and not doubts and state.editor.abilities.confirm_edits,
    )
    run.applied, run.reason = outcome.applied, outcome.reason
    return outcome.applied


async def _confirmed(state: State, run: Run, doubts: tuple[str, ...]) -> bool:
    """Ask the user, unless the editor will (with a preview) and nothing special has to be said."""
    abilities = state.editor.abilities
    if abilities.confirm_edits and not doubts:
        return True
    if not abilities.ask:
        run.reason = " ".join((*doubts, "Apply it with the light bulb's actions: this editor cannot ask."))
        return False
    files = ", ".join(f"`{change.path}`" for change in (run.edit.files if run.edit else ()))
    words = " ".join(doubts) or f"{state.title} proposes a change to {files}."
    answer = await state.editor.ask(words, (_APPLY, _KEEP), kind="warning" if doubts else "info")
    if answer == _APPLY:
        return True
    run.reason = "It waits for you: apply it, or single changes of it, with the light bulb's actions."
    return False


def current_text(state: State, change: FileChange) -> Document | None:
    """The text of a file as it is now: the open buffer, else the file on disk, else None."""
    return _text(state, change.uri)


def _text(state: State, uri: str) -> Document | None:
    return state.editor.document(uri) or state.workspace.read(uri)


def _uris(edit: Edit) -> list[str]:
    return [change.uri for change in edit.files if not change.created]


def _protected(gate: Admitted) -> bool:
    """Whether a question names a protected file: then it is asked whatever the user chose before."""
    return any(line not in gate.edit.warnings for line in gate.confirm)
