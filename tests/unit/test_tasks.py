"""Background work: failures are logged without content, the newest wins, imports disturb nothing for good."""

import asyncio
import gc
import logging
import sys

import pytest

from ponder.tasks import Background, LatestOnly, cancel_all, preload

# Not a literal in the line that raises: a traceback shows that line.
SECRET = "canary"


async def fail() -> None:
    raise ValueError(SECRET)


async def test_failure_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    """A failed task leaves its name and type in the log, not what it said, and is let go."""
    background = Background()
    task = background.start(fail(), "the work")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert "the work" in caplog.text
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text
    assert len(background) == 0


async def test_cancelled_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """Being cancelled is not logged."""
    background = Background()
    background.start(asyncio.sleep(60), "sleep")
    await background.close(1)
    assert caplog.records == []
    assert len(background) == 0


async def test_the_newest_replaces_the_older() -> None:
    """One task for a key; others go on."""
    latest = LatestOnly(Background())
    first = latest.submit("a", asyncio.sleep(60), "first")
    other = latest.submit("b", asyncio.sleep(60), "other")
    second = latest.submit("a", asyncio.sleep(0, "done"), "second")
    assert await second == "done"
    assert first.cancelled()
    assert latest.cancel("a") is False
    assert latest.cancel("b") is True
    await asyncio.wait([other])
    assert latest.cancel("b") is False


async def test_work_that_will_not_end_is_left() -> None:
    """Waiting for cancelled work has an end."""
    ended = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await ended.wait()

    task = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    await cancel_all([task], 0.01)
    assert not task.done()
    ended.set()
    await task


def test_preload_leaves_settings_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    """Collector and thread turns are as before, also when an import fails; the next one is made all the same."""
    before = (gc.get_threshold(), sys.getswitchinterval(), gc.isenabled())
    seen: list[int] = []

    def broken() -> None:
        raise ImportError(SECRET)

    with caplog.at_level(logging.ERROR):
        preload(broken, lambda: seen.append(1))
    gc.unfreeze()
    assert seen == [1]
    assert (gc.get_threshold(), sys.getswitchinterval(), gc.isenabled()) == before
    assert SECRET not in caplog.text
