"""Findings in files that nobody has open follow the files on disk: branch switches, edits by others, removal, closing."""

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import FakeEditor
from e2e.test_outcomes import bodies, connected
from e2e.test_review_cli import write
from ponder.offline.answer import Answer

ONE = "import os\n\n\ndef f():\n    return 1  # found\n"
OTHER = "def g():\n    return 2\n"


def every(body: dict[str, Any]) -> Answer:
    """A finding on each line that says `found`."""
    question = body["messages"][-1]["content"][-1]["text"]
    path = re.search(r'<document path="([^"]*)"', question)
    lines = question.split(">\n", 2)[2].split("\n")
    rows = [
        {
            "path": path[1] if path else "", "start_line": number, "end_line": number, "quote": line,
            "severity": "warning", "rule": "planted", "message": line.strip(), "fix": [],
        }
        for number, line in enumerate(lines, 1) if "found" in line
    ]  # fmt: skip
    return Answer(text=json.dumps({"summary": "Looked.", "findings": rows}))


def places(editor: FakeEditor, uri: str) -> list[tuple[int, int]]:
    """Line and column of what is shown for a file."""
    starts = [note["range"]["start"] for note in editor.diagnostics(uri)]
    return [(start["line"], start["character"]) for start in starts]


async def reviewed(editor: FakeEditor) -> None:
    result = await editor.run("ponder.reviewWorkspace", {"wait": True}, limit=60)
    assert result["status"] == "done", result


def tell(editor: FakeEditor, *paths: Path, kind: int = 2) -> None:
    changes = [{"uri": path.as_uri(), "type": kind} for path in paths]
    editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})


@pytest.mark.parametrize("own", [False, True])
async def test_findings_follow_a_file_on_disk(tmp_path: Path, own: bool) -> None:
    """Moved, re-placed by their text, gone and back with it; told by the editor, or seen by Ponder itself."""

    def no_watching(capabilities: dict[str, Any]) -> None:
        if own:
            capabilities["workspace"].pop("didChangeWatchedFiles", None)

    write(tmp_path, {"pkg/a.py": ONE, "b.py": OTHER})
    async with connected(tmp_path, answerer=every, change=no_watching) as (editor, offline):
        uri = editor.uri("pkg/a.py")
        await reviewed(editor)
        await editor.eventually(lambda: places(editor, uri) == [(4, 4)])
        asked = len(bodies(offline))
        for lines in range(1, 30) if own else ():
            # The watch begins with the first request; until it is set up it sees nothing.
            write(tmp_path, {"pkg/a.py": "\n" * lines + ONE})
            with contextlib.suppress(TimeoutError):
                await editor.eventually(lambda: places(editor, uri) != [(4, 4)], limit=1)
                break
        texts = {
            "# top\n" + ONE: [(5, 4)],
            "def f():\n    return 1  # found\n\n\nimport os\n": [(1, 4)],
            "def f():\n    return 2\n": [],
            ONE.rstrip("\n"): [(4, 4)],
            "class C:\n    def f():\n        return 1  # found\n": [(2, 8)],
            ONE + "\ndef h():\n    return 1  # found\n": [(4, 4)],
            ONE: [(4, 4)],
        }
        for text, expected in texts.items():
            write(tmp_path, {"pkg/a.py": text})
            if not own:
                tell(editor, tmp_path / "pkg" / "a.py")
            await editor.eventually(lambda expected=expected: places(editor, uri) == expected)
            newest = [m for m in editor.received("textDocument/publishDiagnostics") if m["uri"] == uri][-1]
            assert "version" not in newest
        assert len(bodies(offline)) == asked, "nothing is asked for it"


@pytest.mark.parametrize("gone", ["file", "folder", "ignored"])
async def test_findings_go_with_their_file(tmp_path: Path, gone: str) -> None:
    """Deleted, renamed with its folder, or no longer to be read: nothing is shown; back again, it is."""
    write(tmp_path, {"pkg/a.py": ONE})
    async with connected(tmp_path, answerer=every) as (editor, _):
        uri, folder = editor.uri("pkg/a.py"), tmp_path / "pkg"
        await reviewed(editor)
        await editor.eventually(lambda: places(editor, uri) == [(4, 4)])
        if gone == "file":
            (folder / "a.py").unlink()
            tell(editor, folder / "a.py", kind=3)
        elif gone == "folder":
            folder.rename(tmp_path / "elsewhere")
            tell(editor, folder, kind=3)
        else:
            write(tmp_path, {".gitignore": "pkg/\n"})
            tell(editor, tmp_path / ".gitignore", folder / "a.py")
        await editor.eventually(lambda: places(editor, uri) == [])
        write(tmp_path, {"pkg/a.py": "\n" + ONE, ".gitignore": ""})
        tell(editor, tmp_path / ".gitignore", folder / "a.py", kind=1)
        await editor.eventually(lambda: places(editor, uri) == [(5, 4)])


async def test_closing_a_file_leaves_what_a_review_of_the_workspace_found(tmp_path: Path) -> None:
    """Looking at a finding and closing its file does not lose it; unsaved edits do not count any more."""
    write(tmp_path, {"a.py": ONE})
    async with connected(tmp_path, answerer=every) as (editor, _):
        uri = editor.uri("a.py")
        await reviewed(editor)
        await editor.eventually(lambda: places(editor, uri) == [(4, 4)])
        editor.open("a.py", ONE)
        editor.edit(uri, (0, 0, "# not saved\n"))
        await editor.eventually(lambda: places(editor, uri) == [(5, 4)])
        editor.close(uri)
        await editor.eventually(lambda: places(editor, uri) == [(4, 4)])
        other = editor.open("c.py", "x = 1  # found\n")
        await editor.run("ponder.run", {"action": "review", "textDocument": {"uri": other}, "wait": True})
        assert places(editor, other) == [(0, 0)]
        editor.close(other)
        await editor.eventually(lambda: places(editor, other) == [])


async def test_an_open_file_follows_its_buffer_alone(tmp_path: Path) -> None:
    """What happens on disk to a file that is open says nothing: its editor tells what it holds."""
    write(tmp_path, {"a.py": ONE})
    async with connected(tmp_path, answerer=every) as (editor, _):
        uri = editor.open("a.py", ONE)
        await reviewed(editor)
        await editor.eventually(lambda: places(editor, uri) == [(4, 4)])
        write(tmp_path, {"a.py": "x = 1\n"})
        tell(editor, tmp_path / "a.py")
        await editor.run("ponder.usage")
        editor.edit(uri, (0, 0, "# typed\n"))
        await editor.eventually(lambda: places(editor, uri) == [(5, 4)])
