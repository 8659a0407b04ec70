"""What becomes of a proposed edit: through the gate, then applied, offered, or refused with a reason. Writes no file."""

import asyncio
from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from ponder.documents import Document
from ponder.edits.anchor import AlreadyApplied, Stale
from ponder.edits.gate import Admitted, Refused, admit
from ponder.edits.units import joined, units
from ponder.findings import Edit
from ponder.session.answering import answer_of, waits
from ponder.session.edit_request import EditRequest
from ponder.session.events import EditProposed
from ponder.session.portions import by_freedom, meant, more
from ponder.session.ports import EditOutcome, Json
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
    proposal.tell_by(partial(state.tell_decided, run))


def _grouped(edit: Edit, texts: Sequence[Document]) -> tuple[Edit, tuple[tuple[int, ...], ...]]:
    """The edit in as few changes as can be decided on one by one, and which of them go together."""
    shown = joined(edit, texts)
    return shown, units(shown, texts)


async def apply_pending(state: State, run: Run, hunk: int | None) -> Json:
    """Apply what is still open of a run's edit, or one hunk (from 0) with those that go with it. Raises BadArgument.

    The user has decided: nobody is asked again unless a protected file is touched, and then only about the changes
    that touch one or go with it. Returns the answer of `ponder.apply`; `hunks` names all that were applied where they
    are more than the one asked for, or fewer than all.
    """
    # An edit that was undone before the editor told of either leaves the text as it was, and tells nothing.
    for file in run.proposal.edit.files if run.proposal.edit else ():
        if (document := state.editor.document(file.uri)) is not None:
            run.proposal.seen(document)
    pending, numbers = meant(run.proposal, hunk)
    if not numbers:
        return {"applied": False, "reason": run.proposal.reason or AlreadyApplied().reason}
    parts = [numbers] if hunk is not None else by_freedom(state, run, pending)
    if len(parts) > 1 and isinstance(whole := pending.chosen(numbers, state.text_of), Stale):
        run.proposal.stale = True
        return {"applied": False, "reason": whole.reason}
    taken: list[int] = []
    reasons: list[str] = []
    for part in parts:
        reason = await _take(state, run, part, rest=hunk is None and len(parts) == 1)
        taken += part if reason is None else ()
        reasons += [reason] if reason else []
    if len(taken) == len(numbers):
        return {"applied": True, **more(hunk, numbers)}
    if taken:
        run.proposal.restate(*reasons)
        reasons = [run.proposal.reason or ""]
    said: Json = {"reason": " ".join(reasons)} if reasons else {}
    only: Json = {"hunks": [number - 1 for number in sorted(taken)]} if taken else {}
    return {"applied": False, **said, **only}


async def _take(
    state: State, run: Run, numbers: tuple[int, ...], *, rest: bool, answered: tuple[str, ...] = ()
) -> str | None:
    """Apply those of these hunks that are open, the user having said yes to the sentences in `answered`.

    `rest`: they may be all that is left. Returns why they were not applied; None where they were.
    """
    proposal, pending = run.proposal, run.proposal.pending
    if pending is None:
        return AlreadyApplied().reason
    left = {hunk.number for hunk in pending.remaining}
    # What was discarded is applied where it was asked for by its number.
    wanted = tuple(number for number in numbers if number in left or not rest)
    edit = (
        pending.rest(state.text_of) if rest and left == set(wanted) else pending.chosen(wanted, state.text_of)
    )
    if isinstance(edit, Stale | AlreadyApplied):
        proposal.stale = proposal.stale or isinstance(edit, Stale)
        return edit.reason
    if not await _by_choice(state, run, _Step(edit, wanted), answered):
        return proposal.reason or ""
    proposal.took(wanted)
    return None


def discard_pending(run: Run, hunk: int | None) -> Json:
    """Offer what is still open of a run's edit no longer, or one hunk (from 0) with those that go with it.

    Returns the answer of `ponder.discard`. A discarded hunk can still be applied by its number. Raises BadArgument.
    """
    _, numbers = meant(run.proposal, hunk)
    return {"discarded": run.proposal.left(numbers), **more(hunk, numbers)}


# How much the user has decided already; each returns whether the step was applied, and sets why where not.


async def _at_once(state: State, run: Run, step: _Step) -> bool:
    """The settings say that edits are applied: only what must be asked is asked."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and gate.confirm:
        gate = await _agreed(state, run, step, gate.confirm)
    return gate is not None and await _made(state, run, gate, step.numbers)


async def _after_a_look(state: State, run: Run, step: _Step) -> bool:
    """The user wants to see each edit: in the editor's preview, unless something special has to be said."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and not gate.confirm and state.editor.abilities.confirm_edits:
        return await _previewed(state, run, gate, step.numbers)
    if gate is not None:
        gate = await _agreed(state, run, step, gate.confirm)
    return gate is not None and await _made(state, run, gate, step.numbers)


async def _by_choice(state: State, run: Run, step: _Step, answered: tuple[str, ...]) -> bool:
    """The user took it in the menu, and said yes to the sentences in `answered`: only protected files are asked about."""
    gate = _admitted(state, run, step.edit)
    if gate is not None and _protected(gate):
        doubts = tuple(line for line in gate.confirm if line not in answered)
        gate = await _agreed(state, run, step, doubts) if doubts else gate
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


async def _agreed(state: State, run: Run, step: _Step, doubts: tuple[str, ...]) -> Admitted | None:
    """Ask the user; what may be applied once they said yes. `doubts` are what must have been read before."""
    proposal = run.proposal
    if not state.editor.abilities.ask:
        proposal.reason = " ".join(
            (*doubts, "Apply it with the light bulb's actions: this editor cannot ask.")
        )
        return None
    files = ", ".join(change.path for change in step.edit.files)
    words = " ".join(doubts) or f"{state.title} proposes a change to {files}."

    async def late(answer: str | None) -> None:
        if answer == _APPLY:
            await _take(state, run, step.numbers, rest=True, answered=doubts)

    question = state.editor.ask(words, (_APPLY, _KEEP), kind="warning" if doubts else "info")
    answer = await answer_of(state, run, question, late)
    if answer == _APPLY:
        # The texts may have moved on while the user was asked.
        return _admitted(state, run, step.edit)
    # Who decided on a part of it in the menu knows of the rest.
    proposal.put_off = answer == _KEEP or proposal.decision.is_set()
    proposal.reason = waits(state)
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
    applied = request.ended(
        found or EditOutcome(applied=False, reason=waits(state, "It is not confirmed yet"))
    )
    run.proposal.put_off = not applied
    return applied


def _protected(gate: Admitted) -> bool:
    """Whether a question names a protected file: then it is asked whatever the user chose before."""
    return any(line not in gate.edit.warnings for line in gate.confirm)
