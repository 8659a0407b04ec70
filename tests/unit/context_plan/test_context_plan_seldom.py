"""Lanes that are asked now and then: when a write is expected to be read, and how large their context is."""

import pytest

from ponder.config.settings import ActionSettings, ContextSettings
from ponder.context.budget import prefix_tokens
from ponder.context.plan import LanePrices
from ponder.context.plan.seldom import Seldom

HOUR = 3600.0
CHEAP = LanePrices(read=0.05)


def life(asked: list[float], at_work: float, *, replaced: float = 0.0, talks: bool = False) -> int:
    """The life of a write at the last of these times."""
    seldom = Seldom()
    for now in asked:
        seldom.asked(now)
    return seldom.life(CHEAP, at_work, replaced, talks=talks)


@pytest.mark.parametrize(
    ("asked", "at_work", "replaced", "talks", "expected"),
    [
        ([0.0], 0.0, 0.0, False, 300),  # the first is often tried again at once
        ([0.0, HOUR], HOUR, 0.0, False, 0),  # it was not: the second costs no more than without a cache
        ([0.0], 0.0, 0.0, True, 300),  # people ask back about an explanation
        ([0.0, 60.0], 60.0, 0.0, False, 300),
        ([0.0, 60.0, 120.0, 180.0], 180.0, 0.0, False, 3600),  # it is not seldom after all
        ([n * HOUR for n in range(4)], 3 * HOUR, 0.0, False, 0),
        ([n * HOUR / 6 for n in range(12)], 2 * HOUR, 0.0, False, 3600),
        (
            [n * HOUR / 6 for n in range(12)],
            2 * HOUR,
            12.0,
            False,
            0,
        ),  # asked often, but about another context
        ([n * HOUR for n in range(4)], 3 * HOUR, 0.0, True, 0),  # nobody did ask back
    ],
)
def test_what_is_written_is_expected_to_be_read(
    asked: list[float], at_work: float, replaced: float, talks: bool, expected: int
) -> None:
    """Five minutes for a first request and a conversation, an hour for what comes again and again, nothing for a rare one."""
    assert life(asked, at_work, replaced=replaced, talks=talks) == expected


def test_dearer_writes_need_more_readings() -> None:
    """The rule follows the prices: a write that costs no more than plain input is always made."""
    seldom = Seldom()
    seldom.asked(0.0)
    assert seldom.life(LanePrices(write_1h=1.0), 0.0, 0.0, talks=False) == HOUR
    assert seldom.life(LanePrices(write_1h=50.0, write_5m=50.0), 0.0, 0.0, talks=True) == 0


@pytest.mark.parametrize(
    ("action", "own", "hover", "warm", "expected"),
    [
        ("explain", None, False, True, 32_000),
        ("explain", None, False, False, 16_000),
        ("security", None, False, False, 16_000),
        ("architecture", None, False, False, 32_000),
        ("explain", None, True, False, 8_000),
        ("security", 20_000, False, False, 20_000),
        ("explain", 0, False, True, 0),
    ],
)
def test_the_budget_of_an_action(
    action: str, own: int | None, hover: bool, warm: bool, expected: int
) -> None:
    """All of it where the cache is warm or the action is about everything; half alone; the settings stand over both."""
    settings = None if own is None else ActionSettings(context_tokens=own)
    assert prefix_tokens(ContextSettings(), action, settings, hover=hover, warm=warm) == expected


def test_no_context_at_all_is_none_for_each_action() -> None:
    """`context.budgetTokens = 0` holds also where an action has a budget of its own."""
    own = ActionSettings(context_tokens=5_000)
    assert prefix_tokens(ContextSettings(budget_tokens=0), "review", own, hover=False, warm=True) == 0
