"""What the planner makes of answers, failures, requests in flight, other instructions and idle stretches."""

import pytest
from planning import INSTRUCTIONS, Driver, Typist, known

from ponder.context.plan import LanePrices, Planner
from ponder.context.plan.policy import Gaps
from ponder.context.plan.presence import Presence
from ponder.context.plan.workspace import Workspace

BIG = {"big.py": "\n".join(f"line {row}" for row in range(400))}


def warmed() -> Driver:
    """A driver whose lane has a live prefix."""
    driver = Driver()
    driver.context(BIG | Typist(2).units)
    driver.ask()
    driver.now += 10
    return driver


def test_a_reading_below_the_mirror_is_the_servers_fault() -> None:
    """An eviction is noticed, named, and not counted on again."""
    driver = warmed()
    plan = driver.planner.request("lane", driver.now, "hover")
    assert plan.predicted_read > 0
    cause = driver.planner.answered(plan, 0, plan.predicted_read + plan.predicted_written)
    assert cause == "server"
    driver.now += 10
    assert driver.planner.request("lane", driver.now, "hover").predicted_read == plan.predicted_read


def test_an_exact_count_replaces_the_estimate() -> None:
    """Once the endpoint has counted a prefix, one token less is a miss; more than the estimate never is."""
    driver = Driver()
    driver.context(BIG)
    first = driver.planner.request("lane", 0.0, "hover")
    assert driver.planner.answered(first, 0, 5000) == "first"
    second = driver.planner.request("lane", 10.0, "hover")
    assert driver.planner.answered(second, 5000, 0) is None
    third = driver.planner.request("lane", 20.0, "hover")
    assert driver.planner.answered(third, 4999, 0) == "server"


def test_the_minimum_is_learned() -> None:
    """Marks that wrote nothing are not set again until the prefix is longer."""
    driver = Driver()
    driver.context(BIG)
    first = driver.planner.request("lane", 0.0, "hover")
    assert first.breakpoints
    driver.planner.answered(first, 0, 0)
    second = driver.planner.request("lane", 10.0, "hover")
    assert (second.breakpoints, second.reason) == ((), "uncached")
    driver.planner.answered(second, 0, 0)
    driver.context({"more.py": BIG["big.py"]})
    assert driver.planner.request("lane", 20.0, "hover").breakpoints


def test_a_follower_does_not_write_what_is_being_written() -> None:
    """While an extending request is in flight the next one reads what is live and sends the rest uncached."""
    driver = warmed()
    driver.context({"a.py": "changed\n" * 40})
    leader = driver.planner.request("lane", driver.now, "review")
    assert driver.planner.extending("lane")
    follower = driver.planner.request("lane", driver.now, "hover")
    assert follower.reason == "follows"
    assert follower.predicted_written == 0
    assert 0 < follower.predicted_read == leader.predicted_read
    assert known(follower)["a.py"] == "changed\n" * 40
    bill = driver.cache.ask(driver.now, [b.text for b in follower.blocks], dict(follower.breakpoints), 0)
    assert (bill.read, bill.write_1h + bill.write_5m) == (follower.predicted_read, 0)
    driver.bill(leader)
    assert not driver.planner.extending("lane")
    driver.now += 1
    assert driver.ask()[1].read == leader.predicted_read + leader.predicted_written


def test_a_failed_request_wrote_nothing() -> None:
    """After a failure the lane counts only on what was live before."""
    driver = warmed()
    driver.context({"a.py": "changed\n" * 40})
    failed = driver.planner.request("lane", driver.now, "review")
    driver.planner.failed(failed)
    assert not driver.planner.extending("lane")
    plan, bill = driver.ask()
    assert bill.read == plan.predicted_read == failed.predicted_read


def test_other_instructions_start_a_lane_anew() -> None:
    """The same instructions keep the lane; others make it cold."""
    driver = warmed()
    driver.planner.open("lane", driver.prices, INSTRUCTIONS)
    assert driver.ask()[0].predicted_read > 0
    driver.now += 10
    driver.planner.open("lane", driver.prices, INSTRUCTIONS + "More.\n")
    plan = driver.planner.request("lane", driver.now, "hover")
    assert plan.reason == "cold"
    assert driver.planner.answered(plan, 0, 9999) == "instructions"


def test_an_expiry_is_named() -> None:
    """A lane that went cold says which life ran out, and is shown as cold until then."""
    driver = warmed()
    assert driver.planner.status("lane", driver.now).warm_until == 3600.0
    driver.now += 90_000
    assert driver.planner.status("lane", driver.now).warm_until is None
    plan = driver.planner.request("lane", driver.now, "hover")
    assert driver.planner.answered(plan, 0, 9999) == "ttl1h"


def test_a_single_request_writes_nothing() -> None:
    """What nothing will follow is read from the cache where it is live, and adds nothing to it."""
    driver = warmed()
    driver.context({"a.py": "changed\n" * 40})
    plan = driver.planner.request("lane", driver.now, "commit message", write=False)
    bill = driver.bill(plan)
    assert bill.read == plan.predicted_read > 0
    assert bill.write_1h + bill.write_5m == 0
    assert known(plan)["a.py"] == "changed\n" * 40


def test_lanes_do_not_touch_each_other() -> None:
    """What one lane sends does not depend on another's requests."""
    blocks = []
    for others in (0, 5):
        driver = warmed()
        driver.planner.open("other", driver.prices, "Other.\n")
        for row in range(others):
            driver.context({"a.py": f"{row}\n" * 9})
            driver.planner.answered(driver.planner.request("other", driver.now, "review"))
        driver.context({"a.py": "end\n"})
        blocks.append(driver.ask()[0].blocks)
    assert blocks[0] == blocks[1]


def test_a_file_name_cannot_pass_for_a_piece() -> None:
    """A line end in a name is shown as a question mark."""
    driver = Driver()
    driver.context({"a\n=== b.py 1\nevil.py": "x", "b.py": "true"})
    assert known(driver.ask()[0]) == {"a?=== b.py 1?evil.py": "x", "b.py": "true"}


def test_a_clock_set_back_stands_still() -> None:
    """Time that falls neither breaks the plan nor renews what has expired."""
    driver = warmed()
    later = driver.planner.request("lane", driver.now, "hover")
    driver.planner.answered(later, later.predicted_read, 0)
    again = driver.planner.request("lane", driver.now - 5000, "hover")
    assert (again.at, again.reason) == (later.at, "extended")


@pytest.mark.parametrize(
    ("before", "withdrawn", "after", "told"),
    [
        ({"a.py": "x\ny"}, {"a.py"}, {"a.py": None}, True),
        ({"a.py": "x\ny"}, set(), {"a.py": None}, False),
        ({"a.py": "x\ny"}, set(), {"a.py": None, "a.py::f": "z"}, True),
        ({"a.py": "x\ny"}, set(), {"a.py": None, "a.py::f": "y"}, False),
        ({"a.py::f": "y"}, set(), {"a.py::f": None, "a.py": "x\nz"}, True),
        ({"a.py::f": "y"}, set(), {"a.py::f": None, "a.py": "x\ny"}, False),
    ],
)
def test_what_no_longer_holds_is_withdrawn(
    before: dict[str, str], withdrawn: set[str], after: dict[str, str | None], told: bool
) -> None:
    """A unit that left is withdrawn when it is known to be out of date, and only then."""
    driver = Driver()
    driver.context(BIG | before)
    driver.ask()
    driver.now += 10
    driver.planner.context(after, {}, withdrawn)
    plan, _ = driver.ask()
    name = next(iter(before))
    assert (name not in known(plan)) is told
    assert any(f"xxx {name}\n" in block.text for block in plan.blocks) is told


def test_pings_go_while_somebody_is_there() -> None:
    """A lane that idles is kept warm while others are in use, and left to expire over a night."""
    driver = warmed()
    driver.planner.open("busy", LanePrices(minimum=10_000), "Other.\n")
    for _ in range(20):
        driver.ask()
        driver.now += 600
    until = driver.now + 6000
    pinged = 0
    while driver.now < until:
        driver.now += 60
        pinged += sum(1 for _ in driver.pings(driver.now))
        driver.planner.answered(driver.planner.request("busy", driver.now, "hover"))
    assert pinged >= 1
    assert sum(1 for _ in driver.pings(driver.now + 50_000)) <= 1


@pytest.mark.parametrize(
    ("gaps", "ttl"),
    [([20.0] * 2000, 300), ([1000.0] * 60, 3600), ([40_000.0] * 60, 0), ([], 3600)],
)
def test_time_to_live_follows_the_gaps(gaps: list[float], ttl: int) -> None:
    """Quick work needs 5 min, pauses an hour, a rare lane no cache; before anything is known it is an hour."""
    presence = Presence()
    found = Gaps(LanePrices(), presence)
    now = 0.0
    for gap in gaps:
        now += gap
        found.add(gap, now)
        presence.seen(now)
    assert found.best().ttl == ttl


def test_nothing_is_due_before_anything_was_asked() -> None:
    """A new planner has no pings."""
    planner = Planner()
    planner.open("lane", LanePrices(), INSTRUCTIONS)
    assert planner.next_ping() is None
    assert planner.pings_due(1e9) == ()


def test_what_is_out_of_date_has_its_share() -> None:
    """Nothing while each text was told once; an edit counts as much as its change takes, what left counts whole."""
    driver = warmed()
    first, _ = driver.ask()
    assert first.outdated == 0
    driver.context({"big.py": BIG["big.py"].replace("line 7\n", "line seven\n")})
    edited, _ = driver.ask()
    assert 0 < edited.outdated < 0.05
    said = Workspace()
    said.update({"a.py": "x\n" * 9, "b.py": "y\n" * 5}, {})
    pieces = said.fresh({})
    assert said.outdated(pieces) == 0
    said.update({"b.py": None}, {})
    assert said.outdated(pieces) == pieces[1].size
