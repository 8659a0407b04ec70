"""What one endpoint said is never shown as another's: offline findings and hovers stay the offline engine's."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from e2e.fake_editor import PONDER, FakeEditor
from e2e.test_hover import CODE, PATIENT, explain, hover
from e2e.test_outcomes import KEY, bodies
from e2e.test_review_on_save import SOON, codes
from e2e.test_runs import BUG
from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve

SERVER = Path(__file__).parents[2] / "server"
NOTHING = json.dumps({"summary": "Nothing.", "findings": []})


def silent(_body: dict[str, Any]) -> Answer:
    return Answer(text=NOTHING)


async def review(folder: Path, **env: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "ponder", "review", "orders.py", "--format", "json"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(SERVER),
            "PONDER_STATE_DIR": str(folder / "state"),
            **env,
        },
        stdout=-1,
        stderr=-1,
    )
    out, err = await process.communicate()
    assert out, err
    return dict(json.loads(out))


async def test_the_command_line_asks_each_endpoint_itself(tmp_path: Path) -> None:
    """Offline, then with a key, then at another address: each is asked once, and none answers with another's findings."""
    (tmp_path / "orders.py").write_text(BUG)
    one, two = OfflineEngine(answerer=silent), OfflineEngine(answerer=silent)
    async with await serve(one) as first, await serve(two) as second:
        offline = await review(tmp_path)
        assert (offline["provider"], bool(offline["findings"])) == ("offline", True)
        for server, engine in ((first, one), (second, two)):
            for _ in range(2):
                told = await review(tmp_path, ANTHROPIC_BASE_URL=server.base_url, ANTHROPIC_API_KEY=KEY)
                assert (told["provider"], told["findings"]) == ("anthropic", [])
            assert len(bodies(engine)) == 1
        assert (await review(tmp_path))["findings"] == offline["findings"]


async def test_an_editor_recalls_only_what_its_endpoint_said(tmp_path: Path) -> None:
    """Findings shown at open, and hovers, are those of the provider of now."""
    async with FakeEditor(folder=tmp_path, command=PONDER, env=SOON | PATIENT) as editor:
        uri = editor.open("orders.py", BUG)
        editor.save(uri)
        await editor.eventually(lambda: codes(editor, uri))
        area = editor.open("area.py", CODE)
        said = (await hover(editor, area))["contents"]["value"]
    engine = OfflineEngine(
        answerer=lambda body: explain(body) if "Explain `" in json.dumps(body) else silent(body)
    )
    async with await serve(engine) as server:
        env = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env | SOON | PATIENT) as editor:
            uri = editor.open("orders.py", BUG)
            area = editor.open("area.py", CODE)
            told = (await hover(editor, area))["contents"]["value"]
            assert "It multiplies." in told
            assert told != said
            editor.save(uri)
            await editor.eventually(lambda: [e for e in editor.events() if e["type"] == "finished"][1:])
            assert codes(editor, uri) == []
            assert editor.diagnostics(uri) == []
