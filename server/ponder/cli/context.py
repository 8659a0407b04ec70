"""`ponder context`: what the workspace prefix holds, what was left out, and why. Sends nothing."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from ponder.cli.arguments import Parser
from ponder.documents import Document
from ponder.errors import PonderError

MOST_LEFT_OUT = 20


class _NothingOpen:
    """No editor: the files on disk are the truth."""

    def open_documents(self) -> tuple[Document, ...]:
        """None."""
        return ()


def main(arguments: list[str]) -> int:
    """Gather the context of a folder, or of an action on a file in it, and print it."""
    parser = Parser(
        prog="ponder context",
        description="What a request would tell of this workspace: parts, files, sizes, and what is left out and why.",
    )
    parser.add_argument("path", nargs="?", default=".", help="a folder, or the file an action would be about")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    path = Path(options.path).resolve()
    if not path.exists():
        raise PonderError(f"There is no {options.path}. Give a folder or a file.")
    folder = (
        path if path.is_dir() else Path.cwd().resolve() if path.is_relative_to(Path.cwd()) else path.parent
    )
    found = asyncio.run(_gathered(folder, path if path.is_file() else None))
    print(json.dumps(found, indent=2, ensure_ascii=False) if options.json else _report(found))
    return 0


async def _gathered(folder: Path, file: Path | None) -> dict[str, Any]:
    from ponder.session.opening import open_context, open_parts
    from ponder.session.prefix import context_of

    parts = open_parts(os.environ, (str(folder),))
    try:
        settings = parts.resolved.settings
        context = open_context(
            (str(folder),), os.environ, settings, lambda words: print(words, file=sys.stderr)
        )
        document = Document(file.as_uri(), "", path=file.name) if file is not None else None
        return await context_of(context, _NothingOpen(), settings, document, time.time())
    finally:
        await parts.close()


def _report(found: dict[str, Any]) -> str:
    lines = [f"Workspace: {', '.join(found['folders'])}", ""]
    total = sum(segment["tokens"] for segment in found["segments"])
    for segment in found["segments"]:
        lines.append(f"{segment['kind']:<16} {segment['tokens']:>8,} tokens  {segment['bytes']:>10,} bytes")
        lines += [f"    {name}" for name in segment["files"]]
    lines += ["", f"{'together':<16} {total:>8,} tokens (estimated: the endpoint counts)"]
    left = found["leftOut"]
    if left:
        lines += ["", f"Left out ({len(left)}):"]
        lines += [f"    {one['path']}: {one['reason']}" for one in left[:MOST_LEFT_OUT]]
        if len(left) > MOST_LEFT_OUT:
            lines.append(f"    and {len(left) - MOST_LEFT_OUT} more; `--json` lists all")
    return "\n".join(lines)
