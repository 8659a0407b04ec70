"""An action at a cursor, with nothing selected: the model is told which definition it stands in."""

from pathlib import Path
from typing import Any

import pytest

from e2e.message_server import MessageServer, ended
from e2e.scripted_api import block, start, stream
from e2e.test_decisions import TEXT, editor
from e2e.test_runs import run


def at(line: int, character: int) -> dict[str, Any]:
    here = {"line": line, "character": character}
    return {"start": here, "end": here}


@pytest.mark.parametrize(
    ("action", "place", "told"),
    [
        ("explain", at(10, 4), '<selection start_line="10" end_line="11"/>'),
        ("explain", at(2, 3), '<selection start_line="3" end_line="3"/>'),
        ("review", at(10, 4), '<selection start_line="11" end_line="11"/>'),
        ("explain", None, None),
    ],
)
async def test_where_the_cursor_is(
    tmp_path: Path, action: str, place: dict[str, Any] | None, told: str | None
) -> None:
    """The lines of its function; its own line outside of all and for a review; nothing where no range was sent."""
    answer = stream(start(), *block(0, "text", '{"summary": "", "findings": []}'), *ended("end_turn"))
    async with MessageServer(answer) as api, editor(tmp_path, api) as fake:
        uri = fake.open("sums.py", TEXT)
        await run(fake, action, uri, wait=True, **({} if place is None else {"range": place}))
        question = api.bodies[0]["messages"][0]["content"][-1]["text"]
        assert ("<selection" in question) == (told is not None)
        assert told is None or told in question
