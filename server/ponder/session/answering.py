"""Waits for a person to decide on an edit, though not for ever: a late answer counts all the same. Decides nothing itself."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from ponder.session.run import Run
from ponder.session.state import State

PATIENCE_S = 30.0
"""Seconds that a run stays open for an answer: there are editors that never give one."""
_HOW = {
    True: "apply or discard it, or single changes of it, where they are shown or with the light bulb's actions",
    False: "apply it, or single changes of it, with the light bulb's actions",
}
"""How a user decides on an edit that waits, by whether the editor takes events: such editors show changes with buttons."""

Answer = TypeVar("Answer")


def waits(state: State, why: str = "It waits for you") -> str:
    """The sentence on an edit that nobody has decided on."""
    return f"{why}: {_HOW[state.editor.abilities.events]}."


async def answer_of(
    state: State,
    run: Run,
    question: Coroutine[Any, Any, Answer],
    late: Callable[[Answer], Awaitable[object]],
) -> Answer | None:
    """The answer; None where it takes longer, or something of the edit was decided elsewhere: that is an answer too.

    One that comes later goes to `late`. Cancelling takes the question back.
    """
    proposal = run.proposal
    proposal.decision.clear()
    proposal.asked += 1
    asked = asyncio.ensure_future(question)
    others = [
        asyncio.ensure_future(proposal.decision.wait()),
        asyncio.ensure_future(state.sleep(PATIENCE_S)),
    ]
    try:
        await asyncio.wait([asked, *others], return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        asked.cancel()
        raise
    finally:
        proposal.asked -= 1
        for other in others:
            other.cancel()
    if asked.done():
        return asked.result()

    async def take() -> None:
        answer = await asked
        if proposal.pending is not None and proposal.pending.remaining:
            await late(answer)

    state.late.start(take(), f"late answer {run.id}")
    return None
