"""What becomes of a proposed edit: through the gate, then applied, offered, or refused with a reason. Writes no file."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.anchor import AlreadyApplied, Stale
from ponder.edits.gate import Admitted, Refused, admit
from ponder.edits.hunks import PendingEdit
from ponder.edits.units import joined, units
from ponder.findings import Edit
from ponder.session.answering import NOT_YET, answer_of
from ponder.session.edit_request import EditRequest
from ponder.session.events import EditProposed
from ponder.session.ports import BadArgument, EditOutcome, Json
from ponder.session.run import Run
from ponder.session.state import State


class _Step(Struct, frozen=True):
    """What is to be applied now, as one edit, and the numbers of the hunks that it is made of."""

    edit: Edit
    numbers: tuple[int, ...]


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
    proposal = run.proposal
    if proposal.edit is None:
        return
    # Parsing may take a moment; the loop is for the editor.
    texts = tuple(run.found.bases.values())
    edit, groups = await asyncio.to_thread(_grouped, proposal.edit, texts)
    pending = proposal.offer(edit, texts, groups)
    mode = mode_of(state, run)
    if mode == "never":
        proposal.reason = (
            "Edits are only offered: `edits.apply` is `never`, or the run was started with `apply: false`."
        )
    else:
        every = tuple(hunk.number for hunk in pending.hunks)
        carry = _after_a_look if mode == "ask" else _at_once
        if await carry(state, run, _Step(edit, every)):
            proposal.took(every)
        else:
            # It may have been decided in the menu while the editor was asked.
            proposal.restate()
    state.tell(
        run, EditProposed(edit, texts, proposal.applied, None if proposal.applied else proposal.reason)
    )


def _grouped(edit: Edit, texts: Sequence[Document]) -> tuple[Edit, tuple[tuple[int, ...], ...]]:
    """The edit in as few changes as can be decided on one by one, and which of them go together."""
    shown = joined(edit, texts)
    return shown, units(shown, texts)


async def apply_pending(state: State, run: Run, hunk: int | None) -> Json:
    """Apply what is still open of a run's edit, or one hunk (from 0) with those that go with it. Raises BadArgument.

    The user has decided: nobody is asked again unless a protected file is touched. Returns the answer of
    `ponder.apply`; `hunks` names all that were applied where they are more than the one asked for.
    """
    return await _take(state, run, hunk, answered=())


async def _take(state: State, run: Run, hunk: int | None, *, answered: tuple[str, ...]) -> Json:
    """As `apply_pending`, where the user has said yes to the sentences in `answered`."""
    proposal = run.proposal
    # An edit that was undone before the editor told of either leaves the text as it was, and tells nothing.
    for file in proposal.edit.files if proposal.edit else ():
        if (document := state.editor.document(file.uri)) is not None:
            proposal.seen(document)
    pending, numbers = _meant(run, hunk)
    if not numbers:
        return {"applied": False, "reason": proposal.reason or AlreadyApplied().reason}
    edit = pending.rest(state.text_of) if hunk is None else pending.chosen(numbers, state.text_of)
    if isinstance(edit, Stale | AlreadyApplied):
        proposal.stale = proposal.stale or isinstance(edit, Stale)
        return {"applied": False, "reason": edit.reason}
    if not await _by_choice(state, run, _Step(edit, numbers), answered):
        return (
            {"applied": False} if proposal.reason is None else {"applied": False, "reason": proposal.reason}
        )
    proposal.took(numbers)
    return {"applied": True, **_more(hunk, numbers)}


def discard_pending(run: Run, hunk: int | None) -> Json:
    """Offer what is still open of a run's edit no longer, or one hunk (from 0) with those that go with it.

    Returns the answer of `ponder.discard`. A discarded hunk can still be applied by its number. Raises BadArgument.
    """
    _, numbers = _meant(run, hunk)
    return {"discarded": run.proposal.left(numbers), **_more(hunk, numbers)}


def _meant(run: Run, hunk: int | None) -> tuple[PendingEdit, tuple[int, ...]]:
    """The pending edit, and the numbers of the hunks that a command means."""
    pending = run.proposal.pending
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


# How much the user has decided already; each returns whether the step was applied, and sets why where not.


async def _at_once(state: State, run: Run, step: _Step) -> bool:
    """The settings say that edits are applied: only what must be asked is asked."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and gate.confirm:
        gate = await _agreed(state, run, step.edit, gate.confirm)
    return gate is not None and await _made(state, run, gate, step.numbers)


async def _after_a_look(state: State, run: Run, step: _Step) -> bool:
    """The user wants to see each edit: in the editor's preview, unless something special has to be said."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and not gate.confirm and state.editor.abilities.confirm_edits:
        return await _previewed(state, run, gate, step.numbers)
    if gate is not None:
        gate = await _agreed(state, run, step.edit, gate.confirm)
    return gate is not None and await _made(state, run, gate, step.numbers)


async def _by_choice(state: State, run: Run, step: _Step, answered: tuple[str, ...]) -> bool:
    """The user took it in the menu, and said yes to the sentences in `answered`: only protected files are asked about."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and _protected(gate):
        doubts = tuple(line for line in gate.confirm if line not in answered)
        gate = await _agreed(state, run, step.edit, doubts) if doubts else gate
    return gate is not None and await _made(state, run, gate, step.numbers)


def _admitted(state: State, run: Run, edit: Edit) -> Admitted | None:
    """What may be applied of an edit now; None where nothing may, with the proposal's `stale` and `reason` set."""
    proposal = run.proposal
    if not state.editor.abilities.apply_edit:
        proposal.reason = NO_EDITS[state.editor.abilities.edit_actions]
        return None
    bases = {uri: one.text for uri, one in run.found.bases.items()}
    gate = admit(
        edit,
        state.workspace.jail,
        state.text_of,
        bases=bases if edit is proposal.edit else None,
        at_hand=run.document.uri,
        baseline=state.settings.review.baseline,
    )
    if isinstance(gate, Admitted):
        return gate
    proposal.reason = gate.reason
    proposal.stale = gate.stale if isinstance(gate, Refused) else proposal.stale
    return None


async def _agreed(state: State, run: Run, edit: Edit, doubts: tuple[str, ...]) -> Admitted | None:
    """Ask the user; what may be applied once they said yes. `doubts` are what must have been read before."""
    proposal = run.proposal
    if not state.editor.abilities.ask:
        proposal.reason = " ".join(
            (*doubts, "Apply it with the light bulb's actions: this editor cannot ask.")
        )
        return None
    files = ", ".join(f"`{change.path}`" for change in (proposal.edit.files if proposal.edit else ()))
    words = " ".join(doubts) or f"{state.title} proposes a change to {files}."

    async def late(answer: str | None) -> None:
        if answer == _APPLY:
            await _take(state, run, None, answered=doubts)

    question = state.editor.ask(words, (_APPLY, _KEEP), kind="warning" if doubts else "info")
    answer = await answer_of(state, run, question, late)
    if answer == _APPLY:
        # The texts may have moved on while the user was asked.
        return _admitted(state, run, edit)
    proposal.put_off = answer == _KEEP
    proposal.reason = "It waits for you: apply it, or single changes of it, with the light bulb's actions."
    return None


async def _made(state: State, run: Run, gate: Admitted, numbers: tuple[int, ...]) -> bool:
    """The editor applies what was admitted."""
    request = EditRequest(state, run, gate.edit, numbers)
    return request.ended(await request.sent(needs_confirmation=False))


async def _previewed(state: State, run: Run, gate: Admitted, numbers: tuple[int, ...]) -> bool:
    """The editor shows what was admitted, and applies it where the user likes it."""
    request = EditRequest(state, run, gate.edit, numbers)

    async def late(outcome: EditOutcome) -> None:
        if outcome.applied:
            request.remember()
            run.proposal.took(numbers)

    found = await answer_of(state, run, request.sent(needs_confirmation=True), late)
    applied = request.ended(found or EditOutcome(applied=False, reason=NOT_YET))
    run.proposal.put_off = not applied
    return applied


def _protected(gate: Admitted) -> bool:
    """Whether a question names a protected file: then it is asked whatever the user chose before."""
    return any(line not in gate.edit.warnings for line in gate.confirm)
