"""Which changes of a pending edit a command means, and which of them go by themselves. Applies nothing."""

from ponder.edits.gate import verdict_on
from ponder.edits.hunks import PendingEdit
from ponder.edits.protected import Protection, strictest
from ponder.findings import FileChange
from ponder.session.ports import BadArgument, Json
from ponder.session.proposal import Proposal
from ponder.session.run import Run
from ponder.session.state import State


def meant(proposal: Proposal, hunk: int | None) -> tuple[PendingEdit, tuple[int, ...]]:
    """The pending edit, and the numbers of the hunks that a command means: `hunk` counts from 0, None is all that is open.

    Raises BadArgument.
    """
    pending = proposal.pending
    if pending is None:
        raise BadArgument("runId: this run proposes no edit")
    if hunk is None:
        return pending, tuple(one.number for one in pending.remaining)
    total = len(pending.hunks)
    if not 0 <= hunk < total:
        raise BadArgument(f"hunk: this edit has {total} changes, counted from 0")
    return pending, pending.together(hunk + 1)


def more(hunk: int | None, numbers: tuple[int, ...]) -> Json:
    """What an answer says of the hunks that went along with the one that was asked for."""
    return {} if hunk is None or len(numbers) == 1 else {"hunks": [number - 1 for number in numbers]}


def by_freedom(state: State, run: Run, pending: PendingEdit) -> list[tuple[int, ...]]:
    """The open hunks: those that may go unasked, those that are asked about, those that may not go at all.

    What goes together is judged by the strictest, so that one file stands in the way of no change but those.
    """

    def verdict(changed: FileChange) -> Protection:
        return verdict_on(
            changed,
            state.workspace.jail,
            at_hand=run.document.uri,
            baseline=state.settings.review.baseline,
        )

    parts: dict[str, list[int]] = {"free": [], "confirm": [], "never": []}
    for unit in pending.units:
        strict = strictest([verdict(hunk.change) for hunk in unit.hunks])
        parts[strict.verdict] += [hunk.number for hunk in unit.hunks]
    return [tuple(part) for part in parts.values() if part]
