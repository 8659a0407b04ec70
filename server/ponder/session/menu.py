"""The light bulb's menu for a place, from what the session holds: actions, findings, edits that wait. Asks no model."""

from ponder.actions.offers import Answer, Asked, Offer, Pending, Ready, offers
from ponder.session import direct
from ponder.session.run import Run
from ponder.session.state import State


def menu(state: State, asked: Asked, *, refused: str | None) -> list[Offer]:
    """What is offered at a place; `refused` says why nothing may be asked about the file."""
    pending = [
        Pending(
            run_id=run.id,
            changes=tuple((unit.hunks[0].number - 1, unit.label) for unit in run.pending.units),
            ready=_ready(state, run),
        )
        for run in state.runs.values()
        if run.pending is not None and run.status and run.touches(asked.uri)
    ]
    return offers(
        asked,
        state.actions,
        prefix=state.title,
        findings=state.findings.of(asked.uri),
        pending=pending,
        running=bool(state.alive()),
        refused=refused,
        answer=None if asked.automatic else _answer(state, asked.uri),
    )


def _ready(state: State, run: Run) -> dict[int | None, Ready] | None:
    """What the editor can take by itself, where it applies nothing for a server; None where it does."""
    abilities = state.editor.abilities
    if abilities.apply_edit:
        return None
    if not abilities.edit_actions:
        return {}
    return {key: Ready(edit, doubts) for key, (edit, doubts) in direct.ready(state, run).items()}


def _answer(state: State, uri: str) -> Answer | None:
    """The newest answer that somebody asked for about this document."""
    for run in reversed(state.runs.values()):
        if run.document.uri == uri and run.status and run.request.trigger in {"command", "followUp"}:
            return Answer(run.id, run.action.title)
    return None
