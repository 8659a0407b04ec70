"""The server's mirror is, over the wire, what the editor has (D-01 … D-15)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from e2e.fake_editor import FakeEditor


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[FakeEditor]:
    async with FakeEditor(folder=tmp_path) as started:
        yield started


async def same(editor: FakeEditor, uri: str) -> dict:
    """The server's state of a text, which must be the editor's, in the mirror and by the changes told."""
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == editor.text(uri)
    assert state["shadow"] == editor.text(uri)
    assert state["version"] == editor.buffers[uri].version
    return state


TEXTS = {
    "bom": "\ufeffa\nb\n",
    "crlf": "a\r\nb\r\n",
    "cr": "a\rb\r",
    "mixed": "a\r\nb\nc\rd\n\r\r\n",
    "no final line end": "a\nb",
    "empty": "",
    "only line ends": "\n\r\n\r\n\n",
    "separators": "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\nnext",
    "astral": "a😀b\n👩‍👩‍👧\ne\u0301\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", None])
async def test_d01_d03_d04_texts(tmp_path: Path, encoding: str | None) -> None:
    """D-01, D-03, D-04: every kind of line end and character, edited at every place, in every encoding."""
    async with FakeEditor(folder=tmp_path, encoding=encoding) as editor:
        assert editor.initialize_result["capabilities"]["positionEncoding"] == (encoding or "utf-16")
        for name, text in TEXTS.items():
            uri = editor.open(f"{name}.txt", text)
            await same(editor, uri)
            for place in range(0, len(text) * 3, 3):
                editor.edit(uri, (place, place + 1, "é\n"), (place, place, "😀"))
            await same(editor, uri)
            editor.close(uri)


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize("beyond", [0, 1, 100, 2**31 - 1])
async def test_d02_column_past_the_end(editor: FakeEditor, line: int, beyond: int) -> None:
    """D-02: a column past the end of a line is its end."""
    uri = editor.open("a.txt", "abc\nabc")
    place = {"line": line, "character": min(3 + beyond, 2**31 - 1)}
    sent = {"range": {"start": {"line": line, "character": 2}, "end": place}, "text": "X"}
    document = {"uri": uri, "version": 2}
    editor.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [sent]})
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == ("abX\nabc" if line == 0 else "abc\nabX")


BAD_RANGES = [
    ((0, 2), (0, 1)),
    ((1, 0), (0, 0)),
    ((7, 0), (9, 0)),
    ((0, 0), (3, 0)),
    ((2, 1), (2, 2)),
    ((-1, 0), (0, 0)),
    ((0, -1), (0, 1)),
]


@pytest.mark.parametrize(("start", "end"), BAD_RANGES)
async def test_d06_bad_ranges(editor: FakeEditor, start: tuple[int, int], end: tuple[int, int]) -> None:
    """D-06: a range that cannot be meant changes nothing, the user is told, and a save makes it right."""
    uri = editor.open("a.txt", "abc\nabc")
    where = {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }
    sent = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": where, "text": "X"}]}
    editor.notify("textDocument/didChange", sent)
    state = await editor.run("test.text", {"uri": uri})
    assert (state["text"], state["certain"]) == ("abc\nabc", False)
    assert "a.txt" in editor.take("window/showMessage")[0]["message"]
    refused = await editor.run("test.apply", {"uri": uri, "changes": [[0, 1, "Z"]]})
    assert refused["applied"] is False
    editor.buffers[uri].text = "what the user has"
    editor.save(uri)
    state = await editor.run("test.text", {"uri": uri})
    assert (state["text"], state["certain"]) == ("what the user has", True)


async def test_d07_versions(editor: FakeEditor) -> None:
    """D-07: a version that does not go up puts the text in doubt; a jump does not; the whole text heals."""
    uri = editor.open("a.txt", "abc")
    editor.buffers[uri].version = 40
    editor.edit(uri, (0, 0, "x"))
    await same(editor, uri)
    editor.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": uri, "version": 41},
            "contentChanges": [
                {
                    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
                    "text": "twice",
                }
            ],
        },
    )
    state = await editor.run("test.text", {"uri": uri})
    assert (state["text"], state["certain"]) == ("xabc", False)
    assert len(editor.take("window/showMessage")) == 1
    editor.replace(uri, "whole")
    await same(editor, uri)


async def test_d07_order(editor: FakeEditor) -> None:
    """D-07: a change before an open, a second close and a second open do no harm."""
    uri = editor.uri("a.txt")
    editor.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "x"}]},
    )
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert (await editor.run("test.text", {"uri": uri}))["text"] is None
    editor.open("a.txt", "one")
    editor.open("a.txt", "two")
    await same(editor, uri)
    editor.close(uri)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    editor.open("a.txt", "three")
    await same(editor, uri)


async def test_d09_save_with_other_text(editor: FakeEditor) -> None:
    """D-09: what was saved is the truth; the difference is logged, without the text."""
    uri = editor.open("a.txt", "abc")
    editor.buffers[uri].text = "secret-canary"
    editor.save(uri)
    await same(editor, uri)
    editor.edit(uri, (0, 0, "x"))
    await same(editor, uri)
    assert b"invariant" in editor.stderr
    assert b"canary" not in editor.stderr


URIS = [
    "untitled:Untitled-1",
    "git:/a/b.py?%7B%22ref%22%3A%22HEAD%22%7D",
    "vscode-notebook-cell:/a/b.ipynb#X1",
    "output:tasks",
    "http://example.invalid/a.py",
    "file:///a%23b",
    "file:///a#b",
    "file:///C%3A/a.py",
    "file:///c%3A/a.py",
    "file:///C:/a.py",
    "file:///caf%C3%A9",
    "file:///cafe%CC%81",
    "file:///with%20space",
    "file:///with space",
]


async def test_d10_uris_stay_apart(editor: FakeEditor) -> None:
    """D-10: any scheme can be open, and every spelling of a uri is a document of its own."""
    for uri in URIS:
        editor.open(uri, f"text of {uri}")
    for uri in URIS:
        await same(editor, uri)
    assert (await editor.run("test.state"))["documents"] == len(URIS)


async def test_d11_half_pairs(editor: FakeEditor) -> None:
    """D-11: half a surrogate pair is kept, can be edited around, and meets its other half."""
    uri = editor.open("a.txt", "a\ud83d b")
    assert (await editor.run("test.text", {"uri": uri}))["text"] == "a\ud83d b"
    editor.edit(uri, (0, 1, "xyz"))
    await same(editor, uri)
    where = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 5}}
    editor.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": uri, "version": 3},
            "contentChanges": [{"range": where, "text": "\ude00"}],
        },
    )
    state = await editor.run("test.text", {"uri": uri})
    assert state["text"] == state["shadow"] == "xyz😀b"


async def test_d12_too_large(editor: FakeEditor) -> None:
    """D-12: a text of 50 MB is left alone with a notice; shrunk, it is served again."""
    uri = editor.open("big.txt", "x" * 50_000_000)
    assert (await editor.run("test.text", {"uri": uri}))["text"] is None
    assert "big.txt" in editor.take("window/showMessage")[0]["message"]
    document = {"uri": uri, "version": 2}
    where = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
    editor.notify(
        "textDocument/didChange",
        {"textDocument": document, "contentChanges": [{"range": where, "text": ""}]},
    )
    assert (await editor.run("test.text", {"uri": uri}))["text"] is None
    editor.buffers[uri].version = 2
    editor.replace(uri, "small")
    await same(editor, uri)


async def test_d14_notebooks(editor: FakeEditor) -> None:
    """D-14: notebooks, which were never advertised, are ignored."""
    notebook = {"uri": "file:///a.ipynb", "notebookType": "jupyter", "version": 1, "cells": []}
    editor.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": []})
    editor.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": {}})
    assert await editor.run("test.echo", {"alive": True}) == {"alive": True}


async def test_d15_memory_returns(editor: FakeEditor) -> None:
    """D-15: 500 documents opened and closed leave nothing: within 10 MB."""

    async def round_() -> int:
        uris = [editor.open(f"{number}.txt", "line of text\n" * 1000) for number in range(250)]
        for uri in uris:
            editor.edit(uri, (0, 0, "x"))
        for uri in reversed(uris):
            editor.close(uri)
        state = await editor.run("test.state")
        assert state["documents"] == 0
        return state["rss"]

    first = await round_()
    assert await round_() - first < 10_000_000


async def test_broken_change_puts_the_text_in_doubt(editor: FakeEditor) -> None:
    """A change that cannot be decoded is a lost change: the text is not trusted from then on."""
    uri = editor.open("a.txt", "abc")
    editor.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": 5}]},
    )
    state = await editor.run("test.text", {"uri": uri})
    assert (state["text"], state["certain"]) == ("abc", False)
    assert len(editor.take("window/showMessage")) == 1


async def test_end_of_a_text_without_line_end(editor: FakeEditor) -> None:
    """The start of the line after the last is the end of the text (Neovim deletes a last line so)."""
    uri = editor.open("a.txt", "a\nb")
    where = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
    sent = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": where, "text": ""}]}
    editor.notify("textDocument/didChange", sent)
    assert (await editor.run("test.text", {"uri": uri}))["text"] == "a\n"


async def test_a_save_with_escaped_line_ends(editor: FakeEditor) -> None:
    """ALE sends a backslash and an n for each line end of a saved text: the text that was mirrored stays."""
    uri = editor.open("a.py", "x = 'a\\n'\ny = 2\n")
    sent = "x = 'a\\n'\\ny = 2\\n"
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": sent})
    await same(editor, uri)
    assert b"invariant" not in editor.stderr
