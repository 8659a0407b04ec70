"""The light bulb's menu for a place, from what the session holds: actions, findings, edits that wait. Asks no disk."""

from ponder.actions.offers import Asked, Offer, Pending, offers
from ponder.session.state import State


def menu(state: State, asked: Asked, *, refused: str | None) -> list[Offer]:
    """What is offered at a place; `refused` says why nothing may be asked about the file."""
    pending = [
        Pending(
            run_id=run.id,
            changes=tuple((unit.hunks[0].number - 1, unit.label) for unit in run.pending.units),
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
    )
