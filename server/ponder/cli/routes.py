"""`ponder routes`: the table action → model, thinking, limits, with the reason of each cell."""

import argparse
import asyncio
import json
import os
import shutil
import textwrap
from datetime import datetime
from pathlib import Path

from ponder.cli.arguments import Parser


def main(arguments: list[str]) -> int:
    """Resolve the table against the endpoint's models and print it."""
    parser = Parser(
        prog="ponder routes",
        description="Which model and how much thinking each action gets, and why, with the settings of this folder.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return asyncio.run(_print(parser.parse_args(arguments), str(Path.cwd())))


async def _print(options: argparse.Namespace, here: str) -> int:
    from ponder.routing import table
    from ponder.session.opening import open_parts

    parts = open_parts(os.environ, (here,))
    try:
        catalogue = await parts.models.ready(patience_s=15)
        today = datetime.now().astimezone().date()
        provider, settings = parts.engine.provider, parts.resolved.settings
        if options.json:
            shown = table.routes(provider=provider, catalogue=catalogue, settings=settings, today=today)
            print(json.dumps(shown, indent=2, ensure_ascii=False))
        else:
            width = shutil.get_terminal_size().columns
            shown_as_text = table.render(
                provider=provider, catalogue=catalogue, settings=settings, today=today, width=width
            )
            print(shown_as_text, end="")
            advice = "To change a row: model, thinking or effort under [actions.NAME] in ponder.toml."
            for line in (advice, *(f"note: {problem.message}" for problem in parts.resolved.problems)):
                print(textwrap.fill(line, width, subsequent_indent="  "))
    finally:
        await parts.close()
    return 0
