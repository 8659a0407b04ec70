"""`ponder demo` as a user types it: the sample, files of all kinds, an endpoint over HTTP, and endpoints in trouble."""

import asyncio
import io
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from ponder.demo.panes import PanesScreen
from ponder.demo.tally import Tally

PONDER = (sys.executable, "-P", "-m", "ponder")
TEN_THOUSAND = "".join(f"function f{n}(a) {{\n  return a + {n};\n}}\n\n" for n in range(2500))
FILES = {
    "empty.py": b"",
    "long.js": TEN_THOUSAND.encode(),
    "windows.go": b'package main\r\n\r\nimport "fmt"\r\n\r\nfunc main() {\r\n\tfmt.Println("x")\r\n}\r\n',
    "latin.c": "/* gr\u00fc\u00dfe */\n#include <stdio.h>\nint main(void) { char b[4]; gets(b); return 0; }\n".encode(
        "latin-1"
    ),
    "broken.rs": b"fn main( {\n    let x = ;\n",
    "notes.unknown": b"just words\n",
}


async def demo(*arguments: str, **env: str) -> tuple[int, str]:
    """Exit code and all output of one demo."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANTHROPIC_", "PONDER_"))}
    environment = {**kept, "PONDER_API_OFFLINE_DELTA_MS": "0", **env}
    process = await asyncio.create_subprocess_exec(
        *PONDER, "demo", "--plain", *arguments, stdin=-3, stdout=-1, stderr=-2, env=environment
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


@asynccontextmanager
async def endpoint(*arguments: str) -> AsyncIterator[str]:
    """`ponder offline` as a process of its own; its base URL."""
    process = await asyncio.create_subprocess_exec(*PONDER, "offline", "--port", "0", *arguments, stdout=-1)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


def essence(out: str) -> str:
    """What must be the same wherever the answer comes from."""
    lines = [line for line in out.splitlines() if re.match(r"billing\.py:\d+:|[-+@]|\[thinking\]", line)]
    return "\n".join(lines)


async def test_the_sample_is_reviewed_and_fixed(tmp_path: Path) -> None:
    """Thinking, a true finding, a diff that fixes it, tokens and cost; exit 0."""
    code, out = await demo(PONDER_STATE_DIR=str(tmp_path))
    assert code == 0, out
    assert "[thinking]" in out
    assert "review/mutable-argument-default" in out
    assert "+def parse_items(rows: list[dict[str, str]], seen=None)" in out
    assert re.search(r"review +claude-\S+ +[\d,]+ ", out)


@pytest.mark.parametrize("width", [24, 38, 60, 100])
def test_figures_are_whole_at_any_width(width: int) -> None:
    """Where the table does not fit, each run is a list: no figure is cut, none is left out."""
    usage = {
        "inputTokens": 123_456,
        "cacheReadTokens": 0,
        "outputTokens": 857,
        "thinkingTokens": None,
        "costUsd": 0.1234,
    }
    rows = [Tally("review", "claude-sonnet-5-5", usage, 3_600), Tally("fix", "claude-haiku-5-5", usage, 100)]
    console = Console(width=width, record=True, file=io.StringIO())
    PanesScreen(console).totals(rows)
    shown = console.export_text()
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    words = shown.split()
    for row in rows:
        assert all(part in words for cell in row.cells() for part in cell.split()), shown
    for head in Tally.heads()[2:]:
        assert " ".join(words).count(head) == (1 if width == 100 else len(rows))


async def test_over_http_the_same_demo_gives_the_same_result(tmp_path: Path) -> None:
    """The offline engine in a process of its own, reached by `ANTHROPIC_BASE_URL`."""
    _, inside = await demo(PONDER_STATE_DIR=str(tmp_path / "a"))
    async with endpoint() as url:
        code, outside = await demo(PONDER_STATE_DIR=str(tmp_path / "b"), ANTHROPIC_BASE_URL=url)
    assert code == 0, outside
    assert essence(outside) == essence(inside) != ""


@pytest.mark.parametrize("name", FILES)
async def test_any_file_gets_sensible_words(tmp_path: Path, name: str) -> None:
    """Empty, long, CRLF, Latin-1, broken, unknown: no traceback, exit 0, and the file is as it was."""
    file = tmp_path / name
    file.write_bytes(FILES[name])
    code, out = await demo(str(file), PONDER_STATE_DIR=str(tmp_path / "state"))
    assert code == 0, out
    assert "Traceback" not in out
    assert "== Review" in out
    assert file.read_bytes() == FILES[name]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "is not a file"), (b"\x00\x01\x02", "not a text file")]
)
async def test_what_is_no_text_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    """Exit 2 and one sentence."""
    file = tmp_path / "thing.py"
    if content is not None:
        file.write_bytes(content)
    code, out = await demo(str(file))
    assert code == 2
    assert words in out
    assert len(out.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("fault", "key", "words"),
    [
        (None, "invalid-key", "key"),
        ("status=529", "any", "overloaded"),
        ("eof=4", "any", "ended|cut|connection"),
    ],
)
async def test_trouble_ends_with_one_clear_sentence(
    tmp_path: Path, fault: str | None, key: str, words: str
) -> None:
    """A wrong key, an overloaded endpoint, a cut stream: exit 1, no traceback, the reason in words."""
    async with endpoint(*(["--fault", fault] if fault else [])) as url:
        code, out = await demo(
            PONDER_STATE_DIR=str(tmp_path),
            ANTHROPIC_BASE_URL=url,
            ANTHROPIC_API_KEY=key,
            PONDER_API_MAX_TRIES="2",
        )
    assert code == 1, out
    assert "Traceback" not in out
    notes = [line for line in out.splitlines() if line.startswith("note: ")]
    assert re.search(words, notes[-1], re.IGNORECASE), notes
    assert key not in out


async def test_no_route_to_the_endpoint(tmp_path: Path) -> None:
    """Nothing listens there: exit 1 and a sentence that names the setting."""
    code, out = await demo(
        PONDER_STATE_DIR=str(tmp_path), ANTHROPIC_BASE_URL="http://127.0.0.1:9", PONDER_API_MAX_TRIES="1"
    )
    assert code == 1, out
    assert "Traceback" not in out
    assert "reach" in out.lower() or "connect" in out.lower()
