"""What a planner keeps of texts that are no more."""

import gc

from ponder.context.plan.economics import LanePrices
from ponder.context.plan.planner import Planner
from ponder.context.plan.units import Version


def versions_after(edits: int) -> int:
    """How many texts are kept after so many edits of one of five files, each followed by a request."""
    gc.collect()
    before = {id(one) for one in gc.get_objects() if isinstance(one, Version)}
    planner = Planner()
    planner.open("lane", LanePrices(), "Instructions. " * 400)
    texts = {f"f{number}.py": "".join(f"x{line} = {line}\n" for line in range(400)) for number in range(5)}
    planner.context(dict(texts), dict.fromkeys(texts, (1.0,)))
    for number in range(edits):
        unit = f"f{number % 5}.py"
        texts[unit] = texts[unit].replace(f"x{number % 400} = ", f"x{number % 400} = {number} + ", 1)
        planner.context({unit: texts[unit]}, dict.fromkeys(texts, (1.0,)))
        plan = planner.request("lane", 60.0 * number, "review")
        planner.answered(plan)
    gc.collect()
    return sum(isinstance(one, Version) and id(one) not in before for one in gc.get_objects())


def test_old_texts_go() -> None:
    """However often files were changed: only what the prefix that is sent still tells is kept."""
    assert versions_after(800) < 200
