"""What a run costs, and whether it may begin: the ledger's rules applied to one run. Counts come from the endpoint alone."""

from ponder.engine.prompt import ModelRequest
from ponder.errors import ErrorInfo
from ponder.ledger.budget import check_budget
from ponder.ledger.cost import FREE, cost, saved, usage
from ponder.ledger.estimate import upper_estimate
from ponder.routing.prices import Price, price_of
from ponder.session.run import Run
from ponder.session.state import State
from ponder.store.rows import UsageRow
from ponder.usage import Usage


def price(state: State, model: str) -> Price | None:
    """The price of a model today; the offline engine inside the product costs nothing."""
    if state.engine.provider == "offline":
        return FREE
    return price_of(model, today=state.today, overrides=state.settings.models.get(model))


def usage_of(state: State, run: Run) -> Usage:
    """The usage of a run so far."""
    return usage(run.counts, price(state, run.model))


def check(state: State, run: Run, request: ModelRequest) -> ErrorInfo | None:
    """Why this request must not be sent, from an upper estimate of its cost; None when it may."""
    prompt = request.prompt
    texts = [block.text for block in (*prompt.instructions, *prompt.question)]
    for turn in prompt.past:
        texts += [block.text for block in turn.question]
        texts += [str(block) for block in turn.answer]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    estimate = upper_estimate(size, request.route.max_tokens, price(state, run.model))
    return check_budget(state.settings.budget, estimate, spent_today=state.store.spent_today())


def record(state: State, run: Run) -> None:
    """Write what the run used into the ledger: one row a request."""
    known = price(state, run.model)
    for counts in run.counts:
        state.store.add_usage(
            UsageRow(
                at=state.now(),
                run_id=run.id,
                action=run.action.id,
                model=run.model,
                provider=run.provider,
                tier=counts.service_tier,
                trigger=run.request.trigger,
                counts=counts,
                cost_usd=cost(counts, known),
                saved_usd=saved(counts, known),
            )
        )
