"""What becomes of a proposed edit: through the gate, then applied, offered, or refused with a reason. Writes no file."""

import asyncio
from collections.abc import Mapping, Sequence

from ponder.documents import Document
from ponder.edits.anchor import AlreadyApplied, Stale
from ponder.edits.gate import Admitted, Refused, admit
from ponder.edits.hunks import PendingEdit
from ponder.edits.units import joined, units
from ponder.findings import Edit, FileChange
from ponder.session import undo
from ponder.session.answering import NOT_YET, answer_of
from ponder.session.events import EditProposed
from ponder.session.ports import BadArgument, EditOutcome, Json
from ponder.session.run import Run
from ponder.session.state import State

_APPLY, _KEEP = "Apply", "Not now"
NO_EDITS = {
    True: "A change is ready. This editor does not apply edits for a server: take it with the light bulb's actions.",
    False: "This editor does not apply edits for a server, so the change cannot be made for you.",
}
"""By whether the editor takes edits out of its menu."""


def mode_of(state: State, run: Run) -> str:
    """How edits of this run are applied: `ask`, `auto` or `never`."""
    if run.request.apply is not None:
        return "auto" if run.request.apply else "never"
    return state.settings.edits.apply


async def propose(state: State, run: Run) -> None:
    """Carry the edit of a run as far as the settings, the editor and the user let it go, and tell the outcome."""
    if run.edit is None:
        return
    # Parsing may take a moment; the loop is for the editor.
    texts = tuple(run.bases().values())
    edit, groups = await asyncio.to_thread(_grouped, run.edit, texts)
    run.edit = edit
    run.pending = PendingEdit(edit, {one.uri: one.text for one in texts}, groups)
    if mode_of(state, run) == "never":
        run.reason = (
            "Edits are only offered: `edits.apply` is `never`, or the run was started with `apply: false`."
        )
    else:
        every = tuple(hunk.number for hunk in run.pending.hunks)
        if await _apply(state, run, edit, every, ask=mode_of(state, run) == "ask"):
            run.pending = run.pending.after(*every)
        elif run.pending.applied or run.pending.discarded:
            # It was decided in the menu while the editor was asked.
            count(run, run.pending)
    state.tell(run, EditProposed(edit, texts, run.applied, None if run.applied else run.reason))


def _grouped(edit: Edit, texts: Sequence[Document]) -> tuple[Edit, tuple[tuple[int, ...], ...]]:
    """The edit in as few changes as can be decided on one by one, and which of them go together."""
    shown = joined(edit, texts)
    return shown, units(shown, texts)


async def apply_pending(state: State, run: Run, hunk: int | None, *, answered: tuple[str, ...] = ()) -> Json:
    """Apply what is still open of a run's edit, or one hunk (from 0) with those that go with it. Raises BadArgument.

    The user has decided: nobody is asked again unless a protected file is touched. Returns the answer of
    `ponder.apply`; `hunks` names all that were applied where they are more than the one asked for. `answered` are
    the sentences that the user has said yes to.
    """
    # An edit that was undone before the editor told of either leaves the text as it was, and tells nothing.
    for file in run.edit.files if run.edit else ():
        if (document := state.editor.document(file.uri)) is not None:
            undo.again(run, document)
    pending, numbers = _meant(run, hunk)
    if not numbers:
        return {"applied": False, "reason": run.reason or AlreadyApplied().reason}

    def now(change: FileChange) -> Document | None:
        return current_text(state, change)

    edit = pending.rest(now) if hunk is None else pending.chosen(numbers, now)
    if isinstance(edit, Stale | AlreadyApplied):
        run.stale = run.stale or isinstance(edit, Stale)
        return {"applied": False, "reason": edit.reason}
    if not await _apply(state, run, edit, numbers, ask=False, chosen=True, answered=answered):
        return {"applied": False} if run.reason is None else {"applied": False, "reason": run.reason}
    # Others may have been decided while the editor was asked.
    run.pending = (run.pending or pending).after(*numbers)
    count(run, run.pending)
    return {"applied": True, **_more(hunk, numbers)}


def discard_pending(run: Run, hunk: int | None) -> Json:
    """Offer what is still open of a run's edit no longer, or one hunk (from 0) with those that go with it.

    Returns the answer of `ponder.discard`. A discarded hunk can still be applied by its number. Raises BadArgument.
    """
    pending, numbers = _meant(run, hunk)
    run.pending = pending.without(*numbers)
    count(run, run.pending)
    gone = len(run.pending.discarded) - len(pending.discarded)
    return {"discarded": gone, **_more(hunk, numbers)}


def _meant(run: Run, hunk: int | None) -> tuple[PendingEdit, tuple[int, ...]]:
    """The pending edit, and the numbers of the hunks that a command means."""
    pending = run.pending
    if pending is None:
        raise BadArgument("runId: this run proposes no edit")
    if hunk is None:
        return pending, tuple(one.number for one in pending.remaining)
    total = len(pending.hunks)
    if not 0 <= hunk < total:
        raise BadArgument(f"hunk: this edit has {total} changes, counted from 0")
    return pending, pending.together(hunk + 1)


def _more(hunk: int | None, numbers: tuple[int, ...]) -> Json:
    return {} if hunk is None or len(numbers) == 1 else {"hunks": [number - 1 for number in numbers]}


def count(run: Run, pending: PendingEdit) -> None:
    """Set what the result says of an edit that is decided piece by piece."""
    total, applied, discarded = len(pending.hunks), len(pending.applied), len(pending.discarded)
    run.applied = applied == total
    if applied + discarded == total:
        run.decided.set()
    if run.applied:
        run.reason = None
        return
    if not applied and not discarded:
        run.reason = "It was taken back; it waits for you."
        return
    parts = [f"{applied} of {total} changes {'is' if applied == 1 else 'are'} in the text"] if applied else []
    parts += [f"{discarded} of {total} {'was' if discarded == 1 else 'were'} discarded"] if discarded else []
    if applied + discarded < total:
        parts.append("the rest waits for you")
    run.reason = f"{'; '.join(parts)}."


def _admitted(state: State, run: Run, edit: Edit) -> Admitted | None:
    """What may be applied of an edit now; None where nothing may, with the run's `stale` and `reason` set."""
    if not state.editor.abilities.apply_edit:
        run.reason = NO_EDITS[state.editor.abilities.edit_actions]
        return None
    bases = {uri: one.text for uri, one in run.bases().items()}
    gate = admit(
        edit,
        state.workspace.jail,
        lambda change: current_text(state, change),
        bases=bases if edit is run.edit else None,
        at_hand=run.document.uri,
        baseline=state.settings.review.baseline,
    )
    if isinstance(gate, Admitted):
        return gate
    run.reason = gate.reason
    run.stale = gate.stale if isinstance(gate, Refused) else run.stale
    return None


async def _apply(
    state: State,
    run: Run,
    edit: Edit,
    numbers: tuple[int, ...],
    *,
    ask: bool,
    chosen: bool = False,
    answered: tuple[str, ...] = (),
) -> bool:
    """One edit, of these hunks, through the gate and the editor. Sets the run's `applied`, `stale` and `reason`."""
    gate = _admitted(state, run, edit)
    if gate is None:
        return False
    doubts = () if chosen and not _protected(gate) else gate.confirm
    doubts = tuple(line for line in doubts if line not in answered)
    confirmed = bool(doubts) or ask
    if confirmed and not await _confirmed(state, run, doubts):
        return False
    if confirmed:
        # The texts may have moved on while the user was asked.
        gate = _admitted(state, run, edit)
        if gate is None:
            return False
    documents = {uri: text for uri in _uris(gate.edit) if (text := state.document(uri)) is not None}
    asks = ask and not doubts and state.editor.abilities.confirm_edits
    # Taken now: the editor may tell the new text before it answers, and that text may be known.
    had = run.pending.applied if run.pending is not None else frozenset[int]()
    question = state.editor.apply_edit(gate.edit, documents, label=gate.edit.label, needs_confirmation=asks)

    async def late(outcome: EditOutcome | None) -> None:
        if outcome is not None and outcome.applied and run.pending is not None:
            _remember(run, gate.edit, documents, had, numbers)
            run.pending = run.pending.after(*numbers)
            count(run, run.pending)

    found = await answer_of(state, run, question, late) if asks else await question
    outcome = found or EditOutcome(applied=False, reason=NOT_YET)
    run.applied, run.reason = outcome.applied, outcome.reason
    run.put_off = asks and not outcome.applied
    if outcome.applied:
        _remember(run, gate.edit, documents, had, numbers)
    return outcome.applied


def _remember(
    run: Run, edit: Edit, documents: Mapping[str, Document], had: frozenset[int], numbers: tuple[int, ...]
) -> None:
    """Know the texts around what was applied."""
    for file in edit.files:
        if file.uri in documents:
            undo.remember(run, file.uri, documents[file.uri].text, file.changes, had=had, numbers=numbers)


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

    async def late(answer: str | None) -> None:
        if answer == _APPLY:
            await apply_pending(state, run, None, answered=doubts)

    question = state.editor.ask(words, (_APPLY, _KEEP), kind="warning" if doubts else "info")
    answer = await answer_of(state, run, question, late)
    if answer == _APPLY:
        return True
    run.put_off = answer == _KEEP
    run.reason = "It waits for you: apply it, or single changes of it, with the light bulb's actions."
    return False


def current_text(state: State, change: FileChange) -> Document | None:
    """The text of a file as it is now: the open buffer, else the file on disk, else None."""
    return state.document(change.uri)


def _uris(edit: Edit) -> list[str]:
    return [change.uri for change in edit.files if not change.created]


def _protected(gate: Admitted) -> bool:
    """Whether a question names a protected file: then it is asked whatever the user chose before."""
    return any(line not in gate.edit.warnings for line in gate.confirm)
