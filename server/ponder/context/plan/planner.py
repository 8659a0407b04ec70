"""The prefix planner: which blocks, breakpoints and keepalive pings each request of each lane gets.

Pure and deterministic: time is handed in, nothing is read or sent, the same calls give the same bytes.
"""

from collections.abc import Iterable, Mapping

from ponder.context.plan.chain import first_step
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.lane import Lane
from ponder.context.plan.plan import LaneStatus, MissCause, Plan
from ponder.context.plan.presence import Presence
from ponder.context.plan.seldom import Seldom
from ponder.context.plan.units import encoded, tokens
from ponder.context.plan.workspace import Workspace


class Planner:
    """One for a context. A lane is everything that is part of a cache key: model, thinking, effort, tools.

    Planners of the same user share a `presence`.
    """

    def __init__(self, presence: Presence | None = None) -> None:
        self._workspace = Workspace()
        self._presence = Presence() if presence is None else presence
        self._lanes: dict[str, Lane] = {}
        self._now = float("-inf")

    def open(
        self,
        lane: str,
        prices: LanePrices,
        instructions: str,
        size: int | None = None,
        *,
        seldom: bool = False,
    ) -> None:
        """Make a lane known, or give it other instructions (which starts it anew).

        `instructions` stands for everything before the context (tools, system); `size` is its tokens if known. A lane
        that is `seldom` asked is written only as often as its requests so far let expect it to be read.
        """
        known = self._lanes.get(lane)
        if known is not None and known.steps[0].block.text == instructions:
            return
        size = tokens(len(encoded(instructions))) if size is None else size
        first = first_step(instructions, size)
        kind = Seldom() if seldom else None
        made = Lane(lane, prices, first, self._workspace, self._presence, seldom=kind)
        if known is not None:
            made.cold_because = "instructions"
        self._lanes[lane] = made

    def context(
        self,
        changes: Mapping[str, str | None],
        priority: Mapping[str, tuple[float, ...]],
        withdrawn: Iterable[str] = (),
    ) -> None:
        """The workspace context changed: unit to text (None: it left).

        `priority` is the selector's retention order (lowest leaves first). `withdrawn` names units outside the
        context that changed or were deleted: where a lane still shows them, it says so.
        """
        self._workspace.update(changes, priority, withdrawn)

    def request(self, lane: str, now: float, kind: str, *, write: bool = True, talks: bool = False) -> Plan:
        """Plan a request that starts now (seconds, any origin; a clock set back counts as standing still).

        `kind` is only carried along: all kinds share a lane's prefix. `write` false is for a request that nothing
        will follow: it reads what is live and writes nothing. `talks` is for an answer that people ask back about.
        Each plan must come back, once, through `answered` or `failed`. Raises KeyError for a lane that was not opened.
        """
        self._now = max(now, self._now)
        return self._lanes[lane].request(self._now, kind, write=write, talks=talks)

    def extending(self, lane: str) -> bool:
        """Whether a request of this lane is on its way to write the cache: better wait for its first byte."""
        return self._lanes[lane].in_flight is not None

    def answered(self, plan: Plan, read: int | None = None, written: int | None = None) -> MissCause | None:
        """The answer to a plan has begun; `read` and `written` are the reported cache tokens.

        Returns why less than the whole prefix was read (None: it was).
        """
        lane = self._lanes[plan.lane]
        lane.answered(plan, read, written)
        return lane.cause

    def failed(self, plan: Plan) -> None:
        """A planned request was not answered."""
        self._lanes[plan.lane].failed(plan)

    def status(self, lane: str, now: float) -> LaneStatus:
        """What there is to show of a lane."""
        return self._lanes[lane].status(now)

    def next_ping(self) -> float | None:
        """When `pings_due` has something to say next; None: not before another request."""
        return min(
            (due for lane in self._lanes.values() if (due := lane.ping_due()) is not None), default=None
        )

    def pings_due(self, now: float) -> tuple[Plan, ...]:
        """The keepalive pings to send now, by lane name."""
        due = [
            (at, name)
            for name, lane in self._lanes.items()
            if (at := lane.ping_due()) is not None and at <= now
        ]
        lanes = [self._lanes[name] for _, name in sorted(due)]
        return tuple(lane.ping(now) for lane in lanes if lane.worth_a_ping(now))
