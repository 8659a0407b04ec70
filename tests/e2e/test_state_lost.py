"""A state directory that cannot be used: the user is told once, and the server works from memory."""

import random
from pathlib import Path

import pytest

from e2e.fake_editor import ErrorAnswer
from e2e.test_runs import BUG, editor, run


@pytest.mark.parametrize(
    ("kind", "words"),
    [("damaged", "moved aside"), ("directory", "kept in memory"), ("no place", "kept in memory")],
)
async def test_lost_state_is_told_once(tmp_path: Path, kind: str, words: str) -> None:
    """One message names what became of it; a run is done all the same."""
    state = tmp_path.parent / f"{tmp_path.name}-lost"
    state.mkdir(mode=0o700)
    if kind == "damaged":
        (state / "ponder.db").write_bytes(random.Random(7).randbytes(9_000))
    elif kind == "directory":
        (state / "ponder.db").mkdir()
    env = {"PONDER_STATE_DIR": "/proc/self/ponder" if kind == "no place" else str(state)}
    async with editor(tmp_path, env={"PONDER_API_OFFLINE_DELTA_MS": "0"} | env) as fake:
        uri = fake.open("orders.py", BUG)
        await fake.eventually(lambda: fake.received("window/showMessage"))
        for _ in range(2):
            assert (await run(fake, "explain", uri, wait=True))["status"] == "done"
        (told,) = fake.take("window/showMessage")
        assert words in told["message"]
        assert told["type"] == 2


async def test_after_a_restart_it_is_said_where_transcripts_are(tmp_path: Path) -> None:
    """There is no run to show; the directory of the earlier ones is named, and holds them."""
    async with editor(tmp_path) as fake:
        await run(fake, "explain", fake.open("orders.py", BUG), wait=True)
    async with editor(tmp_path) as fake:
        with pytest.raises(ErrorAnswer) as caught:
            await fake.run("ponder.transcript", {})
        assert caught.value.code == -32602
        assert list(Path(caught.value.message.rpartition(" ")[2]).glob("explain-*.md"))
