"""Plans the cached prefix: blocks, breakpoints, time to live, pings. Sends nothing and reads no clock."""

from ponder.context.plan.chain import Block
from ponder.context.plan.economics import LanePrices
from ponder.context.plan.plan import LaneStatus, MissCause, Plan, PlanReason
from ponder.context.plan.planner import Planner
from ponder.context.plan.units import NOTATION

__all__ = ["NOTATION", "Block", "LanePrices", "LaneStatus", "MissCause", "Plan", "PlanReason", "Planner"]
