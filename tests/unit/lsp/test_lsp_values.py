"""Pure rules of the protocol's room: columns, lines, capabilities, uris, life cycle, errors."""

from typing import Any

import pytest

from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.lsp import capabilities, decoding, guard, lifecycle, uris, wire
from ponder.lsp.columns import ENCODINGS, Encoding, from_units, to_units
from ponder.lsp.convert import offset_at, position_of, span_of
from ponder.lsp.lines import Lines, join_surrogates, split_lines
from ponder.session.ports import BadArgument

LINES = ["", "abc", "é中😀x", "😀", "a😀😀b", "\ud83dx\ude00", "\x0c\u2028\x85"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line", LINES)
def test_columns_there_and_back(line: str, encoding: Encoding) -> None:
    """Each place has one column; a column inside a character is the character's start; beyond the end is the end."""
    places = [to_units(line, count, encoding) for count in range(len(line) + 1)]
    assert places == sorted(set(places))
    for units in range(places[-1] + 3):
        below = [count for count, place in enumerate(places) if place <= units]
        assert from_units(line, units, encoding) == below[-1]
    assert from_units(line, 2**31 - 1, encoding) == len(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\n", ["a\r\n", "b\r", "c\n", ""]),
        ("\r\r\n\n", ["\r", "\r\n", "\n", ""]),
        ("a\x0bb\x0cc\x85d\u2028e", ["a\x0bb\x0cc\x85d\u2028e"]),
        ("a\rb", ["a\r", "b"]),
    ],
)
def test_d01_d03_lines(text: str, expected: list[str]) -> None:
    """Only LF, CRLF and CR end a line, and the lines are the text."""
    assert split_lines(text) == expected
    assert Lines(text).snapshot().text() == text
    assert Document("u", text).line_count == len(expected)


def test_halves_that_meet() -> None:
    """Two halves of a pair side by side are one character; a half alone stays."""
    assert join_surrogates("\ud83d\ude00") == "😀"
    assert join_surrogates("\ude00\ud83d") == "\ude00\ud83d"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_there_and_back(encoding: Encoding) -> None:
    """Offset → position → offset is the same for every place that is not inside a line end."""
    document = Document("u", "é😀\r\n\r\nabc\rx\n")
    for offset in range(len(document.text) + 1):
        if document.text[offset - 1 : offset + 1] == "\r\n":
            continue
        shown = position_of(document, offset, encoding)
        assert offset_at(document, wire.Position(**shown), encoding) == offset
    assert offset_at(document, wire.Position(99, 5), encoding) == len(document.text)
    assert offset_at(document, wire.Position(-1, -5), encoding) == 0
    backwards = wire.Range(wire.Position(2, 1), wire.Position(0, 0))
    assert span_of(document, backwards, encoding) == Span(0, 7)


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8"], "utf-8"),
        (["utf-7", "utf-32", "utf-8"], "utf-32"),
        (["utf-16", "utf-8"], "utf-16"),
        (5, "utf-16"),
        ([None, {}, "utf-8"], "utf-8"),
    ],
)
def test_encoding(offered: Any, expected: str) -> None:
    """The client's first encoding that is supported."""
    assert capabilities.read({"general": {"positionEncodings": offered}}).encoding == expected


GARBAGE: list[Any] = [None, 5, "x", [], [1], {}, True]


@pytest.mark.parametrize("value", GARBAGE)
@pytest.mark.parametrize("part", ["textDocument", "workspace", "window", "general", "experimental"])
def test_garbage_in_capabilities(part: str, value: Any) -> None:
    """What is malformed counts as not declared."""
    nothing = capabilities.read({})
    assert capabilities.read({part: value}, value) == nothing
    assert (
        capabilities.read(
            {part: {"codeAction": value, "ponder": value, "applyEdit": [value]}}, {"ponder": value}
        )
        == nothing
    )


def test_events_by_either_way() -> None:
    """Events are on by capability or by option, and nothing else turns them on."""
    assert capabilities.read({"experimental": {"ponder": {"events": 1}}}).events
    assert capabilities.read({}, {"ponder": {"events": 1}}).events
    assert not capabilities.read({}, {"ponder": {"events": 0}}).events
    assert not capabilities.read({}, {"events": 1}).events


def test_result_for_a_bare_client() -> None:
    """A client without literals is offered plain commands; none is ever offered a bare `source`."""
    bare = capabilities.initialize_result(capabilities.read({}), ["ponder.run"])
    assert bare["capabilities"]["codeActionProvider"] is True
    assert "source" not in capabilities.CODE_ACTION_KINDS


LIFE = [
    ("started", "initialize", True, "in"),
    ("started", "initialize", False, "drop"),
    ("started", "textDocument/hover", True, -32002),
    ("started", "shutdown", True, -32002),
    ("started", "textDocument/didOpen", False, "drop"),
    ("started", "exit", False, "in"),
    ("running", "initialize", True, -32600),
    ("running", "initialize", False, "drop"),
    ("running", "textDocument/hover", True, "in"),
    ("running", "exit", False, "in"),
    ("ending", "textDocument/hover", True, -32600),
    ("ending", "initialize", True, -32600),
    ("ending", "textDocument/didChange", False, "drop"),
    ("ending", "exit", False, "in"),
]


@pytest.mark.parametrize(("phase", "method", "is_request", "expected"), LIFE)
def test_p01_p02_verdicts(phase: lifecycle.Phase, method: str, is_request: bool, expected: Any) -> None:
    """Who is let in when."""
    found = lifecycle.verdict(phase, method, is_request=is_request)
    assert (found if isinstance(found, str) else found[0]) == expected


FOLDERS = ["file:///srv/top", "file:///srv/top/inner/", "untitled:x"]


@pytest.mark.parametrize(
    ("uri", "path", "shown"),
    [
        ("file:///srv/top/a%23b.py", "/srv/top/a#b.py", "a#b.py"),
        ("file:///srv/top/a#b.py", "/srv/top/a#b.py", "a#b.py"),
        ("file:///srv/top/inner/x.py", "/srv/top/inner/x.py", "x.py"),
        ("file:///srv/topmost/x.py", "/srv/topmost/x.py", "x.py"),
        ("file:///C%3A/Dir/x.py", "c:/Dir/x.py", "x.py"),
        ("file:///c:/Dir/x.py", "c:/Dir/x.py", "x.py"),
        ("file://host/share/x.py", "//host/share/x.py", "x.py"),
        ("FILE:///x/a b.py", "/x/a b.py", "a b.py"),
        ("untitled:Untitled-1", None, "untitled:Untitled-1"),
        ("vscode-notebook-cell:/x/a.ipynb#C1", None, "a.ipynb#C1"),
        ("http://[bad/a.py", None, "a.py"),
        ("", None, ""),
    ],
)
def test_d10_uris(uri: str, path: str | None, shown: str) -> None:
    """Only `file:` uris have a path; a document is shown by its place in the innermost folder."""
    assert uris.file_path(uri) == path
    assert uris.shown_path(uri, FOLDERS) == shown


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (PonderError("Do this."), -32803, "Do this."),
        (PonderError("Key sk-ant-api03-abcdefghijk is wrong."), -32803, "Key [redacted] is wrong."),
        (BadArgument("action: is wrong"), -32602, "action: is wrong"),
        (decoding.Refused(-32601, "No."), -32601, "No."),
        (ValueError("/home/me/secret"), -32603, "Ponder failed to do this (error e1)."),
        (KeyboardInterrupt(), -32603, "Ponder failed to do this (error e1)."),
    ],
)
def test_p19_errors(error: BaseException, code: int, text: str) -> None:
    """Expected trouble keeps its sentence, without keys; the rest is an id."""
    assert guard.error_for(error, "test", lambda: "e1") == {"code": code, "message": text}


def test_frames_are_told_without_text() -> None:
    """The log gets type and places, no directory and no message."""
    try:
        raise ValueError("canary")
    except ValueError as error:
        told = guard.describe(error)
    assert "canary" not in told
    assert "/" not in told
    assert "test_lsp_values.py" in told


def test_half_pairs_in_and_out() -> None:
    """Half a pair passes both borders."""
    message = decoding.read_message(b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"uri":"\\ud83d"}}')
    assert decoding.read_params(message.params, wire.TextDocument).uri == "\ud83d"
    assert decoding.write({"a": "\ud83d"}).endswith(b'{"a":"\\ud83d"}')
