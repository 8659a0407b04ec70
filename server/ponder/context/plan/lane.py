"""One lane: requests that share a cache key, their chain, mirror and gaps. Decides with the time it is handed."""

from collections.abc import Sequence

from msgspec import structs

from ponder.context.plan import layout, marks, rebase
from ponder.context.plan.chain import Step, next_step
from ponder.context.plan.economics import LanePrices, carry
from ponder.context.plan.mirror import Mirror
from ponder.context.plan.plan import LaneStatus, MissCause, Plan, PlanReason
from ponder.context.plan.policy import MOST_PINGS, PING_LEAD, Gaps, Policy
from ponder.context.plan.presence import Presence
from ponder.context.plan.seldom import Seldom
from ponder.context.plan.units import tokens
from ponder.context.plan.workspace import Workspace

_CAUSES: dict[PlanReason, MissCause] = {"rebased": "rebased", "trimmed": "trimmed", "uncached": "uncached"}
_EXPIRED: dict[int, MissCause] = {300: "ttl5m", 3600: "ttl1h"}
_FIRST_GROWTH = 1 / 150
_GROWTH_WEIGHT = 0.03
_ESTIMATE_TRUST = 0.6


class Lane:
    """State of one lane. `prices.minimum` may rise when the endpoint turns out to cache less."""

    def __init__(
        self,
        name: str,
        prices: LanePrices,
        instructions: Step,
        workspace: Workspace,
        presence: Presence,
        *,
        seldom: Seldom | None,
    ) -> None:
        self.name = name
        self.prices = prices
        self.mirror = Mirror()
        self.steps: list[Step] = [instructions]
        self.in_flight: Plan | None = None
        self.cause: MissCause | None = None
        """Why the last request read less than its whole prefix; None when it did not."""
        self.cold_because: MissCause = "first"
        self._workspace = workspace
        self._presence = presence
        self._seldom = seldom
        self._gaps = Gaps(prices, presence)
        self._last: float | None = None
        self._pinged = 0
        self._growth = 0.0
        self._waste: int | None = None

    def status(self, now: float) -> LaneStatus:
        """What there is to show."""
        self.mirror.expire(now)
        end = self.mirror.entry(self.steps[-1])
        total = self.steps[-1].cumulated
        return LaneStatus(
            ttl=self._gaps.best().ttl,
            warm_until=end.expires if end else None,
            prefix_tokens=total,
            waste_tokens=max(0, total - self.steps[0].cumulated - self._workspace.tokens),
        )

    def request(self, now: float, kind: str, *, write: bool, talks: bool) -> Plan:
        """Plan one request. Without `write`, or while another writes: the live prefix, and the rest uncached."""
        if self._last is not None:
            self._gaps.add(now - self._last, now)
        self._last = now
        self._presence.seen(now)
        self._pinged = 0
        self.mirror.expire(now)
        policy = self._gaps.best()
        follows = self.in_flight is not None or not write
        ttl = 0 if follows else self._life(policy, now, talks=talks)
        cut = rebase.choose(
            self.steps, self._workspace, self.mirror, prices=self.prices, ttl=ttl, carry=self._carry(policy)
        )
        fresh = self._workspace.fresh(self.steps[cut.kept - 1].view)
        steps = self.steps[: cut.kept]
        for group in layout.blocks(fresh, self._workspace):
            steps.append(next_step(steps[-1], group))
        placed = marks.place(steps, cut.kept, ttl, self.mirror, self.prices.minimum)
        plan = self._plan(now, kind, steps, placed)
        if follows:
            return structs.replace(plan, kept=cut.kept, reason="follows")
        self._learn(steps, cut)
        self.steps = steps
        reason: PlanReason = cut.reason if placed else "uncached"
        plan = structs.replace(plan, kept=cut.kept, reason=reason, saving=cut.saving)
        if plan.predicted_written:
            self.in_flight = plan
        return plan

    def _life(self, policy: Policy, now: float, *, talks: bool) -> int:
        """How long what is written now is to live (seconds); 0: nothing is written."""
        if self._seldom is None:
            return policy.ttl
        self._seldom.asked(now)
        replaced = self._workspace.replaced
        return self._seldom.life(self.prices, self._presence.at_work, replaced, talks=talks)

    def _carry(self, policy: Policy) -> float:
        needed = self._workspace.tokens
        growth = self._growth or needed * _FIRST_GROWTH
        return carry(self.prices, policy.ttl or 3600, needed, growth, self._gaps.death(policy))

    def _learn(self, steps: list[Step], cut: rebase.Cut) -> None:
        """Measure how fast waste would grow without cuts, and how much of a prefix is new in a request."""
        needed = self._workspace.tokens
        total = steps[-1].cumulated
        if not self._growth:
            self._growth = needed * _FIRST_GROWTH
        if self._waste is not None and cut.extended:
            grown = max(0, cut.extended - needed - self._waste)
            self._growth += _GROWTH_WEIGHT * (grown - self._growth)
        self._waste = total - needed
        self._gaps.churned((total - steps[cut.kept - 1].cumulated) / max(total, 1))

    def _plan(self, now: float, kind: str, steps: Sequence[Step], placed: marks.Marks) -> Plan:
        positions = [q for q, _ in placed]
        hit = self.mirror.hit(steps, positions)
        last = max([hit, *positions])
        read = steps[hit - 1].cumulated if hit else 0
        outdated = tokens(self._workspace.outdated(piece for step in steps for piece in step.pieces))
        return Plan(
            lane=self.name,
            kind=kind,
            at=now,
            blocks=tuple(step.block for step in steps),
            breakpoints=placed,
            kept=len(steps),
            hit=hit,
            predicted_read=read,
            predicted_written=(steps[last - 1].cumulated if last else 0) - read,
            reason="ping",
            outdated=outdated / max(steps[-1].cumulated, 1),
        )

    def answered(self, plan: Plan, read: int | None, written: int | None) -> None:
        """The endpoint has begun to answer: entries become readable; a reading below the mirror's ends marks.

        `read` and `written` are the reported cache tokens; None where the endpoint does not say.
        """
        self._landed(plan)
        blocks = plan.blocks
        self.cause = self.cold_because if plan.reason == "cold" else _CAUSES.get(plan.reason)
        if read is not None and read < self._expected(plan):
            self.cause = "server"
            self.mirror.drop(block.prefix for block in blocks[: plan.hit])
        renewed = {plan.hit, *(q for q, _ in plan.breakpoints)}
        self.mirror.renew((blocks[q - 1].prefix for q in renewed if 0 < q <= plan.hit), plan.at)
        if read == 0 and written == 0 and plan.predicted_written:
            self._raise_minimum(plan)
            return
        for q, ttl in plan.breakpoints:
            if q > plan.hit or self.cause == "server":
                self.mirror.wrote(blocks[q - 1].prefix, ttl, plan.at)
                self.cold_because = _EXPIRED[ttl]
        if plan.breakpoints and read is not None and written is not None:
            self.mirror.measured[blocks[plan.breakpoints[-1][0] - 1].prefix] = read + written

    def _expected(self, plan: Plan) -> int:
        """The least `read` that agrees with the mirror: exact where the endpoint counted that prefix before."""
        if not plan.hit:
            return 0
        measured = self.mirror.measured.get(plan.blocks[plan.hit - 1].prefix)
        return int(plan.predicted_read * _ESTIMATE_TRUST) if measured is None else measured

    def _raise_minimum(self, plan: Plan) -> None:
        """Nothing was cached although it was marked: the model caches only longer prefixes than was thought."""
        size = sum(block.tokens for block in plan.blocks[: plan.breakpoints[-1][0]])
        self.prices = structs.replace(self.prices, minimum=size + 1)

    def failed(self, plan: Plan) -> None:
        """The request came to nothing: what it would have written is not counted on."""
        self._landed(plan)

    def _landed(self, plan: Plan) -> None:
        if self.in_flight is plan:
            self.in_flight = None

    def ping_due(self) -> float | None:
        """When to consider the next keepalive; None: there is nothing to keep."""
        end = self.mirror.entry(self.steps[-1])
        if end is None or self.in_flight or self._pinged >= MOST_PINGS[end.ttl]:
            return None
        return end.expires - PING_LEAD

    def worth_a_ping(self, now: float) -> bool:
        """Whether a keepalive pays now; if not, the live prefix is left to expire."""
        end = self.mirror.entry(self.steps[-1])
        if end is not None and self._gaps.worth_a_ping(end.ttl, self._presence.idle(now)):
            return True
        self._pinged = max(MOST_PINGS.values())
        return False

    def ping(self, now: float) -> Plan:
        """A request that only renews the live prefix."""
        self._pinged += 1
        self.mirror.expire(now)
        placed = marks.place(self.steps, len(self.steps), 0, self.mirror, self.prices.minimum)
        return self._plan(now, "ping", self.steps, placed)
