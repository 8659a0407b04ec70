"""Ways to send the same trace: the product's planner, and three simple ones to compare it with."""

from collections.abc import Iterable, Iterator
from typing import Any

from bench.cache.request import INSTRUCTIONS, PING_TAIL, Request, apply
from bench.cache.scorer import PRICES, Cache, tokens_of
from ponder.context.plan import LanePrices, Plan, Planner

Event = dict[str, Any]
_READS = {"reference": {}, "published": {"mid": 0.05, "large": 0.05}}


def lane_prices(model: str, prices: str = "reference") -> LanePrices:
    """The planner's parameters for one of the trace's models."""
    price = PRICES[model]
    return LanePrices(read=_READS[prices].get(model, price.read), minimum=price.minimum)


def planned(events: Iterable[Event], prices: str = "reference") -> Iterator[Request]:
    """The product's planner, answered by the exact cache of the scorer."""
    planner = Planner()
    for model in PRICES:
        planner.open(model, lane_prices(model, prices), INSTRUCTIONS, tokens_of(INSTRUCTIONS))
    caches = {model: Cache(price) for model, price in PRICES.items()}

    def sent(plan: Plan, tail: int) -> Request:
        request = Request(
            plan.at,
            plan.lane,
            plan.kind,
            tail,
            dict(plan.breakpoints),
            [b.text for b in plan.blocks],
            plan.predicted_read,
            plan.reason,
        )
        bill = caches[plan.lane].ask(request.t, request.blocks, request.bps, tail)
        planner.answered(plan, bill.read, bill.write_1h + bill.write_5m)
        return request

    for event in events:
        now = event["t"]
        while (due := planner.next_ping()) is not None and due <= now:
            yield from (sent(plan, PING_TAIL) for plan in planner.pings_due(due))
        if event["e"] == "units":
            planner.context(event["set"], {unit: tuple(rank) for unit, rank in event["priority"].items()})
        elif event["e"] == "request":
            yield sent(planner.request(event["model"], now, event["kind"]), event["tail"])


def _simple(events: Iterable[Event]) -> Iterator[tuple[Event, dict[str, str]]]:
    context: dict[str, str] = {}
    for event in events:
        if event["e"] == "units":
            apply(context, event["set"])
        elif event["e"] == "request":
            yield event, context


def _whole(context: dict[str, str], units: Iterable[str]) -> str:
    return "".join(f"=== {unit}\n{context[unit]}\n" for unit in units)


def _request(event: Event, blocks: list[str], bps: dict[int, int]) -> Request:
    return Request(event["t"], event["model"], event["kind"], event["tail"], bps, blocks)


def uncached(events: Iterable[Event]) -> Iterator[Request]:
    """No breakpoint at all."""
    for event, context in _simple(events):
        yield _request(event, [INSTRUCTIONS, _whole(context, sorted(context))], {})


def one_block(events: Iterable[Event]) -> Iterator[Request]:
    """All units in path order, one breakpoint at the end, 5 min."""
    for event, context in _simple(events):
        yield _request(event, [INSTRUCTIONS, _whole(context, sorted(context))], {2: 300})


def append_only(events: Iterable[Event]) -> Iterator[Request]:
    """A transcript a model: whole texts of what changed are appended, 1 h; started anew at twice the context."""
    state: dict[str, tuple[list[str], dict[str, str]]] = {}
    for event, context in _simple(events):
        blocks, known = state.setdefault(event["model"], ([INSTRUCTIONS], {}))
        fresh = [unit for unit in sorted(context) if known.get(unit) != context[unit]]
        needed = sum(map(tokens_of, context.values()))
        if sum(map(tokens_of, blocks)) > 2 * needed + 10_000:
            del blocks[1:]
            known.clear()
            fresh = sorted(context)
        if fresh:
            blocks.append(_whole(context, fresh))
            known.update({unit: context[unit] for unit in fresh})
        yield _request(event, list(blocks), {len(blocks): 3600})


def lite(events: Iterable[Event]) -> Iterator[Request]:
    """Append differences, 1 h; rebuilt when cold or when waste exceeds 0.8 of the context."""
    from ponder.context.plan.chain import Step, first_step, next_step
    from ponder.context.plan.workspace import Workspace

    workspace = Workspace()
    chains: dict[str, tuple[list[Step], float]] = {}
    for event in events:
        if event["e"] == "units":
            workspace.update(event["set"], {})
        elif event["e"] == "request":
            now = event["t"]
            steps, until = chains.get(event["model"], ([first_step(INSTRUCTIONS, 2400)], 0.0))
            if now >= until or steps[-1].cumulated - 2400 > 1.8 * workspace.tokens:
                steps = steps[:1]
            fresh = workspace.fresh(steps[-1].view)
            if fresh:
                steps = [*steps, next_step(steps[-1], fresh)]
            chains[event["model"]] = (steps, now + 3600)
            yield _request(event, [step.block.text for step in steps], {len(steps): 3600})
