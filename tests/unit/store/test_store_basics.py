"""The store's promises while all is well."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ponder.store.rows import BatchRow, ModelsRow, RunRow, UsageRow, result_key
from ponder.store.store import Store
from ponder.usage import TokenCounts

NOON = 1_790_000_000.0


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, clock: Clock, notices: list[str]) -> Iterator[Store]:
    opened = Store.open(tmp_path / "state", clock, notices.append)
    yield opened
    opened.close()
    assert notices == []


def reopened(store: Store, clock: Clock, notices: list[str]) -> Store:
    assert store.close()
    return Store.open(store.directory, clock, notices.append)


def usage(**changes: object) -> UsageRow:
    base = {"at": NOON, "run_id": "r1", "action": "review", "model": "m", "provider": "anthropic"}
    return UsageRow(**(base | changes))


def test_what_was_put_can_be_read_at_once_and_after_a_restart(store, clock, notices) -> None:
    """Nobody has to wait for the disk to see their own write, and a restart loses nothing."""
    rows = [usage(cost_usd=0.5, counts=TokenCounts(input=3, thinking=None)), usage(run_id="r2", at=NOON + 1)]
    run = RunRow(id="r1", action="fix", status="done", started=NOON, title="t", summary={"n": [1, None]})
    models = ModelsRow(endpoint="https://e", fetched_at=NOON, models=[{"id": "m", "x": {"y": 1}}])
    batch = BatchRow(id="b", created=NOON, details={"files": 3})

    store.put_result("k", "w", b"\x00value")
    for row in rows:
        store.add_usage(row)
    store.dismiss("w", "rule", "review/logic")
    store.put_run(run)
    store.put_models(models)
    store.put_batch(batch)

    def check(where: Store) -> None:
        assert where.get_result("k", "w") == b"\x00value"
        assert where.usage_rows() == tuple(rows)
        assert where.usage_rows(NOON + 0.5) == (rows[1],)
        assert where.dismissed("w") == {("rule", "review/logic")}
        assert where.runs() == (run,)
        assert where.run("r1") == run
        assert where.models("https://e") == models
        assert where.batches() == (batch,)

    check(store)
    assert store.flush()
    check(store)
    again = reopened(store, clock, notices)
    check(again)
    again.remove_batch("b")
    assert again.batches() == ()
    assert again.flush()
    assert again.batches() == ()
    again.close()


@pytest.mark.parametrize("field", ["kind", "workspace", "answerer", "model", "prompt_version", "parts"])
def test_results_are_never_served_across_a_border(store: Store, field: str) -> None:
    """S-10: another workspace, answerer, model, prompt version, kind or text has another key."""
    base = {
        "kind": "hover",
        "workspace": "w",
        "answerer": "a",
        "model": "m",
        "prompt_version": "1",
        "parts": ("text",),
    }
    other = base | {field: ("text", "") if field == "parts" else base[field] + "x"}
    kind, other_kind = base.pop("kind"), other.pop("kind")
    store.put_result(result_key(kind, **base), "w", b"v")
    assert store.get_result(result_key(kind, **base), "w") == b"v"
    assert store.get_result(result_key(other_kind, **other), "w") is None


def test_a_key_guessed_by_another_workspace_is_a_miss(store: Store) -> None:
    """S-10: the row names its workspace; the key alone opens nothing."""
    store.put_result("k", "w", b"v")
    assert store.get_result("k", "other") is None
    assert store.flush()
    assert store.get_result("k", "other") is None
    assert store.dismissed("other") == frozenset()


def test_parts_of_a_key_are_delimited() -> None:
    """Moving a character from one part to the next makes another key."""
    rest = {"workspace": "w", "answerer": "a", "model": "m", "prompt_version": "1"}
    assert result_key("k", parts=("ab", "c"), **rest) != result_key("k", parts=("a", "bc"), **rest)
    assert result_key("k", parts=("ab",), **rest) == result_key("k", parts=(b"ab",), **rest)


def test_money_is_counted_once_at_every_moment(store: Store) -> None:
    """Rows on their way to the disk, arrived, or both: the sum is the same, whatever number is under way."""
    for number in range(2_000):
        store.add_usage(usage(run_id=f"r{number}", cost_usd=0.25))
        if number % 50 == 0:
            assert store.spent_since(0) == 0.25 * (number + 1)
    assert store.spent_since(0) == 500.0
    assert store.flush()
    assert store.spent_since(0) == 500.0


@pytest.mark.parametrize("flushed", [True, False])
def test_money_of_today_counts_what_is_written_and_what_is_not(
    store: Store, clock: Clock, flushed: bool
) -> None:
    """The spend cap sees each request once, whether or not it has reached the disk."""
    day = 86_400
    for at, cost in ((NOON, 0.25), (NOON, 0.25), (NOON - 2 * day, 8.0), (NOON, None)):
        store.add_usage(usage(at=at, cost_usd=cost))
    if flushed:
        assert store.flush()
    assert store.spent_today() == 0.5
    clock.now = NOON - 2 * day
    assert store.spent_since(NOON - 3 * day) == 8.5


def test_clock_going_back_a_year_neither_kills_nor_immortalises(store: Store, clock: Clock) -> None:
    """S-09: results have no time in them, and a model list from the future counts as old."""
    store.put_result("k", "w", b"v")
    store.put_models(ModelsRow(endpoint="e", fetched_at=clock(), models=[]))
    clock.now -= 365 * 86_400
    store.add_usage(usage(at=clock(), cost_usd=1.0))
    assert store.get_result("k", "w") == b"v"
    assert store.spent_today() == 1.0
    models = store.models("e")
    assert models is not None
    assert models.age(clock()) == float("inf")
    assert models.age(NOON + 10) == 10


def test_over_budget_the_unused_go_and_the_used_stay(tmp_path: Path, clock: Clock) -> None:
    """S-08: the file keeps to its budget, and what is read often survives."""
    store = Store.open(tmp_path, clock, lambda _: None, budget_bytes=100_000)
    for number in range(300):
        store.put_result(f"k{number}", "w", bytes(1_000))
        store._touched.clear()
        assert store.get_result("k0", "w") is not None, number
        if number % 20 == 0:
            assert store.flush()
    assert store.flush()
    kept = [n for n in range(300) if store.get_result(f"k{n}", "w") is not None]
    assert kept[0] == 0
    assert kept[-1] == 299
    assert 60 <= len(kept) <= 84
    assert kept[1:] == list(range(300 - len(kept) + 1, 300))
    store.close()


def test_what_was_used_long_ago_goes_before_what_is_new(tmp_path: Path, clock: Clock) -> None:
    """S-08: a use counts as of its time: it does not keep an entry for ever."""
    store = Store.open(tmp_path, clock, lambda _: None, budget_bytes=20_000)
    for number in range(10):
        store.put_result(f"old{number}", "w", bytes(1_000))
    assert store.flush()
    for number in range(5):
        assert store.get_result(f"old{number}", "w") is not None
    for number in range(12):
        store.put_result(f"new{number}", "w", bytes(1_000))
        assert store.flush()
    kept = {
        key
        for key in (f"{kind}{n}" for kind in ("old", "new") for n in range(12))
        if store.get_result(key, "w")
    }
    assert {f"new{n}" for n in range(8, 12)} <= kept
    assert not {f"old{n}" for n in range(5, 10)} & kept
    for number in range(12, 30):
        store.put_result(f"new{number}", "w", bytes(1_000))
    assert store.flush()
    assert all(store.get_result(f"old{n}", "w") is None for n in range(10))
    store.close()


def test_the_newest_of_many_changes_of_a_row_wins(store: Store, clock: Clock, notices: list[str]) -> None:
    """Order is kept from the caller to the disk, through batches and restarts."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    truth: dict[str, bytes] = {}
    for step in range(3_000):
        key = f"k{chance.randrange(50)}"
        truth[key] = str(step).encode()
        store.put_result(key, "w", truth[key])
        if chance.random() < 0.01:
            assert store.flush()
        probe = f"k{chance.randrange(50)}"
        assert store.get_result(probe, "w") == truth.get(probe)
    again = reopened(store, clock, notices)
    assert {key: again.get_result(key, "w") for key in truth} == truth
    again.close()


def test_names_that_are_not_utf8_are_kept_apart_and_do_not_fail(store: Store) -> None:
    """A lone surrogate in a path or title survives, and never is an error."""
    store.put_run(
        RunRow(id="r", action="fix", status="done", started=1.0, title="a\udcffb", uri="file:///\udc80")
    )
    store.dismiss("w", "file", "a\udcff.py")
    assert store.flush()
    row = store.run("r")
    assert row is not None
    assert row.title == "a\udcffb"
    assert store.dismissed("w") == {("file", "a\udcff.py")}


def test_writing_does_not_hold_up_the_caller(store: Store) -> None:
    """A put hands over and returns: ten thousand of them take less time than the disk does."""
    for number in range(10_000):
        store.put_result(f"k{number}", "w", b"v" * 100)
    assert store.get_result("k9999", "w") is not None
    assert store.flush(30)
