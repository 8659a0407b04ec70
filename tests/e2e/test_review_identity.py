"""Dismissing a finding hides that one: never the same line of another function, whatever is written or removed around it."""

from pathlib import Path
from typing import Any

from e2e.fake_editor import FakeEditor
from e2e.test_outcomes import connected
from e2e.test_review_on_save import SOON

BARE = "def {}(x):\n    try:\n        return x[0]\n    except:\n        return None\n\n\n"


def bare(editor: FakeEditor, uri: str) -> list[tuple[int, Any]]:
    """Line (from 0) and id of each finding on a bare `except:`."""
    return [
        (note["range"]["start"]["line"], note["data"]["findingId"])
        for note in editor.diagnostics(uri)
        if "except" in note["code"]
    ]


async def test_a_dismissal_does_not_pass_to_another_function(tmp_path: Path) -> None:
    """Dismissed in `one`, which is then deleted; dismissed in `two`, with `three` written above: the others stay."""
    async with connected(tmp_path, env=SOON) as (editor, _):
        uri = editor.open("a.py", BARE.format("one") + BARE.format("two"))
        editor.save(uri)
        await editor.eventually(lambda: len(bare(editor, uri)) == 2)
        (_, first), (_, second) = bare(editor, uri)
        await editor.run("ponder.dismiss", {"findingId": first, "scope": "finding"})
        await editor.eventually(lambda: bare(editor, uri) == [(10, second)])
        editor.edit(uri, (0, len(BARE.format("one")), ""))
        editor.save(uri)
        await ended(editor, 2)
        assert bare(editor, uri) == [(3, second)]
        editor.edit(uri, (0, 0, BARE.format("one")))
        editor.save(uri)
        await ended(editor, 3)
        assert bare(editor, uri) == [(10, second)]
        await editor.run("ponder.dismiss", {"findingId": second, "scope": "finding"})
        editor.edit(uri, (0, 0, BARE.format("three")))
        editor.save(uri)
        await editor.eventually(lambda: [line for line, _ in bare(editor, uri)] == [3])
    async with connected(tmp_path, env=SOON) as (editor, _):
        text = BARE.format("three") + BARE.format("one") + BARE.format("two")
        uri = editor.open("a.py", text)
        await editor.eventually(lambda: [line for line, _ in bare(editor, uri)] == [3])


async def ended(editor: FakeEditor, reviews: int) -> None:
    """A review of another file ends after those that were due before it, and each file shows what it found by then."""
    other = editor.open(f"other{reviews}.py", f"def f():\n    y = {reviews}\n    return y == None\n")
    editor.save(other)
    await editor.eventually(lambda: editor.diagnostics(other))
    await editor.eventually(lambda: not editor.received("ponder/status")[-1]["busy"])
