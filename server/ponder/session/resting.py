"""Why reviews on save rest: money, or an endpoint that fails. Says each reason once; starts and stops nothing."""

from ponder.session.state import State

BACKGROUND_SHARE = 0.8
"""Share of the daily budget that work nobody asked for may use up; the rest is the user's."""
SPENT = "Reviews on save rest for today: most of `budget.dailyUsd` is spent."
FAILING = "Reviews on save rest: the endpoint has been failing."
TOO_DEAR = "Reviews on save rest: the next one might cost more than a budget leaves."


class Resting:
    """Of one session's background reviews. The reason of now stands in `State.rests`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._said: set[str] = set()

    def obstacle(self) -> str | None:
        """Why no review may be sent now."""
        state = self._state
        limit = state.settings.budget.daily_usd
        if not state.engine.breaker.allows(state.millis() / 1000):
            return FAILING
        spent = limit is not None and state.ledger.spent_today() >= BACKGROUND_SHARE * limit
        return SPENT if spent else None

    @property
    def over(self) -> bool:
        """Whether what the user was told of has gone since."""
        return self._state.rests in {SPENT, FAILING} and self.obstacle() is None

    def tell(self, reason: str | None) -> None:
        """Show why reviews rest; each reason is said once, until a review succeeds."""
        state = self._state
        if reason is not None and reason not in self._said:
            self._said.add(reason)
            state.editor.notify(reason)
        if state.rests != reason:
            state.rests = reason
            state.show_status()

    def succeeded(self) -> None:
        """A review was complete: what comes to rest now is said anew."""
        self._said.clear()
