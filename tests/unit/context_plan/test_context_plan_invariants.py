"""What must hold of every request, over random work: bytes, decoding, marks, prediction, reasons."""

import random

import pytest
from planning import Driver, Typist, known

from ponder.context.plan import Block, LanePrices, Plan

SEQUENCES = 10_000
BATCHES = 20


def checked_sequence(seed: int, prices: LanePrices) -> list[str]:
    """Play one sequence of edits and requests; return the reasons of the plans."""
    typist, driver = Typist(seed), Driver(prices, seldom=seed % 5 == 0)
    driver.context(dict(typist.units))
    sent: list[tuple[Block, ...]] = [()]
    reasons = []
    for _ in range(typist.rng.randint(3, 7)):
        for _ in range(typist.rng.randrange(3)):
            driver.context(typist.change())
        until = driver.now + typist.gap()
        for ping, bill in driver.pings(until):
            assert bill.read == ping.predicted_read > 0
        driver.now = until
        lives = {key: entry.ttl for key, entry in driver.cache.entries.items() if entry.expires > until}
        plan, bill = driver.ask()
        check_request(plan, sent[-1])
        assert bill.read == plan.predicted_read, (seed, plan.reason)
        assert bill.write_5m + bill.write_1h == plan.predicted_written, (seed, plan.reason)
        now_known = known(plan)
        assert all(now_known.get(unit) == text for unit, text in typist.units.items()), (seed, plan.reason)
        # Nothing that was live for 5 min got a longer life by being written upon.
        assert all(driver.cache.entries[key].ttl == ttl for key, ttl in lives.items())
        sent.append(plan.blocks)
        reasons.append(plan.reason)
    return reasons


def check_request(plan: Plan, before: tuple[Block, ...]) -> None:
    """The rules for one request, given the blocks of the lane's request before it."""
    assert len(plan.breakpoints) <= 4
    ttls = [ttl for _, ttl in plan.breakpoints]
    assert ttls == sorted(ttls, reverse=True)
    if plan.reason == "extended":
        assert plan.blocks[: len(before)] == before
    elif plan.reason in {"rebased", "trimmed"}:
        assert plan.kept < len(before)
        assert plan.blocks[: plan.kept] == before[: plan.kept]
        assert (plan.saving > 0) == (plan.reason == "rebased")
    else:
        assert plan.reason in {"cold", "uncached"}
        assert plan.predicted_read == 0


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_request_keeps_the_rules(batch: int) -> None:
    """Over 10,000 sequences each prefix extends an earlier one or was cut because that is cheaper."""
    seen: set[str] = set()
    for number in range(SEQUENCES // BATCHES):
        seed = batch * 100_000 + number
        prices = LanePrices(
            minimum=random.Random(seed).choice((1, 30, 200)), read=(0.1, 0.05, 0.025)[seed % 3]
        )
        seen.update(checked_sequence(seed, prices))
    assert seen >= {"extended", "rebased", "cold", "uncached"}


def test_order_of_arrival_does_not_matter() -> None:
    """1,000 shuffles of the same units give the same bytes and the same breakpoints."""
    typist = Typist(5)
    units = [
        (f"p{row}.py", text) for row, text in enumerate([*typist.units.values(), *typist.spare.values()])
    ]
    rng = random.Random(11)
    seen = set()
    for _ in range(1000):
        rng.shuffle(units)
        driver = Driver()
        driver.context(dict(units[:4]))
        driver.context(dict(units[4:]))
        plan, _ = driver.ask()
        seen.add((plan.blocks, plan.breakpoints))
    assert len(seen) == 1


def test_kinds_share_one_prefix() -> None:
    """All kinds of request on one lane send the same blocks: what is special to a kind comes after them."""
    driver = Driver()
    driver.context(dict(Typist(1).units))
    blocks = []
    for kind in ("hover", "review", "action"):
        driver.now += 1
        blocks.append(driver.ask(kind)[0].blocks)
    assert blocks[0] == blocks[1] == blocks[2]


def test_long_chains_stay_within_reach() -> None:
    """The live prefix is found after many appended blocks, though a mark looks back only 20."""
    typist, driver = Typist(3), Driver()
    driver.context({"big.py": "\n".join(f"line {row}" for row in range(4000)), **typist.units})
    driver.ask()
    for row in range(100):
        driver.now += 30
        driver.context({"a.py": f"{row}\n" * 30})
        plan, bill = driver.ask()
        assert plan.reason in {"extended", "rebased"}
        assert bill.read == plan.predicted_read > 4000
