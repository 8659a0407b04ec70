"""`ponder demo`: choose a file and a screen, run the script, say clearly what went wrong. Writes no file of the user."""

import asyncio
import os
import re
import sys
import tempfile
from importlib import resources
from pathlib import Path

from ponder.demo.client import RequestFailedError, ServerGoneError
from ponder.demo.panes import PanesScreen
from ponder.demo.screen import PlainScreen, Screen
from ponder.demo.script import Demo
from ponder.errors import PonderError

MAX_BYTES = 2_000_000
"""Larger than any file one would read in a terminal; the server has limits of its own."""


def show(path: str | None, *, plain: bool = False, width: int | None = None, svg: str | None = None) -> int:
    """Run the demo on a file, or on the bundled sample in a temporary folder. Returns the exit code."""
    if path is not None:
        return _on_screen(_resolved(path), plain=plain, width=width, svg=svg)
    with tempfile.TemporaryDirectory(prefix="ponder-demo-") as folder:
        sample = resources.files("ponder.demo").joinpath("samples", "billing.py")
        copy = Path(folder, "billing.py")
        copy.write_bytes(sample.read_bytes())
        return _on_screen(copy, plain=plain, width=width, svg=svg)


def _on_screen(path: Path, *, plain: bool, width: int | None, svg: str | None) -> int:
    text = _read(path)
    if svg is not None and not Path(svg).resolve().parent.is_dir():
        raise PonderError(f"There is no folder for {svg}.")
    if svg is not None or (sys.stdout.isatty() and not plain):
        from rich.console import Console

        console = Console(width=width, record=svg is not None)
        code = _run(path, text, PanesScreen(console, moving=svg is None))
        if svg is not None:
            drawn = console.export_svg(title="ponder demo")
            # The picture must not fetch a font when somebody looks at it.
            Path(svg).write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), "utf-8")
        return code
    return _run(path, text, PlainScreen(sys.stdout))


def _run(path: Path, text: str, screen: Screen) -> int:
    from ponder.syntax.languages import language_of

    demo = Demo(dict(os.environ), screen)
    try:
        return asyncio.run(demo.run(path, text, language_of(path.name).id))
    except ServerGoneError:
        screen.note("The server ended unexpectedly. `ponder doctor` says what is wrong.")
    except RequestFailedError as error:
        screen.note(f"The server refused: {error}")
    except KeyboardInterrupt:
        screen.note("Cancelled.")
        return 130
    finally:
        screen.close()
    return 1


def _resolved(path: str) -> Path:
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError) as error:
        raise PonderError(f"{path} leads nowhere (a link to itself?).") from error


def _read(path: Path) -> str:
    """The text of a file, however it is encoded: what is not UTF-8 is read as Latin-1, as editors do."""
    try:
        if not path.is_file():
            raise PonderError(f"{path.name} is not a file. Give the path of a source file.")
        if path.stat().st_size > MAX_BYTES:
            raise PonderError(
                f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB. Choose a smaller file."
            )
        data = path.read_bytes()
    except OSError as error:
        raise PonderError(f"Cannot read {path.name}: {error.strerror}.") from error
    if b"\0" in data[:8192]:
        raise PonderError(f"{path.name} is not a text file. Give the path of a source file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
