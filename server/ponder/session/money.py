"""What a run costs, and whether it may begin: the ledger's rules applied to one run. Counts come from the endpoint alone."""

from msgspec import structs

from ponder.engine.prompt import ModelRequest
from ponder.engine.pursuit import Between
from ponder.engine.request import arguments, encode
from ponder.errors import ErrorInfo
from ponder.ledger.cost import FREE, usage
from ponder.ledger.estimate import estimate
from ponder.routing.prices import Price, price_of
from ponder.routing.route import Route
from ponder.routing.spellings import UNPRICED
from ponder.session.run import Run
from ponder.session.state import State
from ponder.usage import TokenCounts, Usage

ROUTES = {"save": "reviewOnSave", "hover": "hover"}
"""Work that starts by itself has routes, and lines in the account, of its own: by its trigger."""
_HOUR = b'"ttl":"1h"'
"""A prefix kept for an hour costs more to write than one for five minutes."""


def price(state: State, model: str) -> Price | None:
    """The price of a model today; the offline engine inside the product costs nothing."""
    if state.engine.provider == "offline":
        return FREE
    return price_of(
        model,
        today=state.today,
        overrides=state.settings.models.get(model),
        published=state.engine.provider not in UNPRICED,
    )


def usage_of(state: State, run: Run) -> Usage:
    """The usage of a run so far: all requests that were sent, and what those used that were answered."""
    batch = run.request.trigger == "batch"
    answered = usage(run.account.counts, price(state, run.model), batch, outdated=run.account.outdated)
    return structs.replace(answered, requests=answered.requests + run.account.unanswered)


def hopeless(state: State, route: Route, size: int) -> ErrorInfo | None:
    """Why no request of this route with at least `size` bytes can be sent now; None where one may."""
    least = estimate(size, route.max_tokens, price(state, route.model))
    return state.ledger.refusal("", state.settings.budget, least)


def admit(state: State, run: Run, request: ModelRequest) -> ErrorInfo | None:
    """Why this request must not be sent, from an upper estimate of its cost; None when it may."""
    body = encode(arguments(request))
    return _admit(state, run, len(body), request.route.max_tokens, hour=_HOUR in body)


def gate(state: State, run: Run, request: ModelRequest) -> Between:
    """What the engine asks before each further request of a run: the one before is written down by then."""

    def between(ended: TokenCounts | None, size: int) -> ErrorInfo | None:
        if ended is not None:
            _record(state, run, ended)
        hour = _HOUR in encode(arguments(request))
        return _admit(state, run, size, request.route.max_tokens, hour=hour)

    return between


def settle(state: State, run: Run) -> None:
    """Write what is not yet written of a run into the ledger, and release what was set aside for it."""
    for counts in run.account.counts[run.account.recorded :]:
        _record(state, run, counts)
    while run.account.written_off < run.account.unanswered:
        run.account.written_off += 1
        _row(state, run, TokenCounts())
    state.ledger.settle(run.id)


def _admit(state: State, run: Run, size: int, max_tokens: int, *, hour: bool) -> ErrorInfo | None:
    most = estimate(size, max_tokens, price(state, run.model), hour=hour)
    return state.ledger.admit(run.id, state.settings.budget, most)


def _record(state: State, run: Run, counts: TokenCounts) -> None:
    """One row of the ledger for one request of the run that was answered."""
    run.account.recorded += 1
    _row(state, run, counts, miss=run.account.cache_miss)


def _row(state: State, run: Run, counts: TokenCounts, *, miss: str | None = None) -> None:
    state.ledger.record(
        counts,
        price(state, run.model),
        run_id=run.id,
        action=ROUTES.get(run.request.trigger, run.action.id),
        model=run.model,
        provider=run.provider,
        trigger=run.request.trigger,
        batch=run.request.trigger == "batch",
        miss=miss,
        outdated=run.account.outdated,
    )
