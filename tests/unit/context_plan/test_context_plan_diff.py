"""Hunks turn the old text into the new one, whatever the texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ponder.context.plan.diff import hunks

LINES = st.lists(st.sampled_from(["", "a", "b", "    c", "d", "é"]), max_size=30)


def applied(old: list[str], new: list[str]) -> list[str]:
    """`old` with the hunks between the two applied."""
    result, done = [], 0
    for hunk in hunks(old, new):
        result += old[done : hunk.old_start] + new[hunk.new_start : hunk.new_end]
        done = hunk.old_end
    return result + old[done:]


@given(LINES, LINES)
def test_hunks_rebuild_the_new_text(old: list[str], new: list[str]) -> None:
    """Applying the hunks to the old lines gives the new lines, and none is empty or out of order."""
    assert applied(old, new) == new
    end = -1
    for hunk in hunks(old, new):
        assert hunk.old_start > end
        assert hunk.old_end > hunk.old_start or hunk.new_end > hunk.new_start
        end = hunk.old_end


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 2),
        ("a b c", "a c", 1),
        ("a c", "a b c", 1),
        ("x 1 y 2 z", "x 3 y 4 z", 4),
        ("f 1 g 2 h", "g 2 h f 1", 4),
    ],
)
def test_little_is_changed_for_a_little_edit(old: str, new: str, changed: int) -> None:
    """Lines that stand still are not repeated."""
    found = hunks(old.split(), new.split())
    assert changed == sum(h.old_end - h.old_start + h.new_end - h.new_start for h in found)
