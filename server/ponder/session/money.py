"""What a run costs, and whether it may begin: the ledger's rules applied to one run. Counts come from the endpoint alone."""

from ponder.engine.prompt import ModelRequest
from ponder.engine.request import arguments, encode
from ponder.errors import ErrorInfo
from ponder.ledger.cost import FREE, usage
from ponder.ledger.estimate import estimate
from ponder.routing.prices import Price, price_of
from ponder.session.run import Run
from ponder.session.state import State
from ponder.usage import Usage


def price(state: State, model: str) -> Price | None:
    """The price of a model today; the offline engine inside the product costs nothing."""
    if state.engine.provider == "offline":
        return FREE
    return price_of(model, today=state.today, overrides=state.settings.models.get(model))


def usage_of(state: State, run: Run) -> Usage:
    """The usage of a run so far."""
    return usage(run.counts, price(state, run.model), batch=run.request.trigger == "batch")


def admit(state: State, run: Run, request: ModelRequest) -> ErrorInfo | None:
    """Why this request must not be sent, from an upper estimate of its cost; None when it may."""
    most = estimate(len(encode(arguments(request))), request.route.max_tokens, price(state, run.model))
    return state.ledger.admit(run.id, state.settings.budget, most)


def settle(state: State, run: Run) -> None:
    """Write what the run used into the ledger, one row a request, and release what was set aside for it."""
    for counts in run.counts:
        state.ledger.record(
            counts,
            price(state, run.model),
            run_id=run.id,
            action=run.action.id,
            model=run.model,
            provider=run.provider,
            trigger=run.request.trigger,
            batch=run.request.trigger == "batch",
        )
    state.ledger.settle(run.id)
