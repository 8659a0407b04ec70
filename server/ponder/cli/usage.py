"""`ponder usage`: tokens, cache and cost, by action, model and day."""

import asyncio
import json
import os
import shutil
from datetime import datetime

from ponder.cli.arguments import Parser
from ponder.errors import PonderError


def main(arguments: list[str]) -> int:
    """Sum the ledger and print it."""
    parser = Parser(
        prog="ponder usage",
        description="What was used, as the endpoint reported it, and what caching saved. Every request counts that left this"
        " machine; of one that was refused, or cancelled before its answer began, no tokens and no cost are known.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--since", metavar="DATE", help="from this day on, as in 2026-11-01")
    options = parser.parse_args(arguments)
    return asyncio.run(_print(as_json=options.json, since=_moment(options.since)))


def _moment(day: str | None) -> float:
    if day is None:
        return 0.0
    try:
        return datetime.fromisoformat(day).astimezone().timestamp()
    except ValueError as error:
        raise PonderError(f"`{day}` is no date. Write it as 2026-11-01.") from error


async def _print(*, as_json: bool, since: float) -> int:
    from ponder.ledger.report import render
    from ponder.session.opening import open_parts

    parts = open_parts(os.environ, ())
    try:
        if as_json:
            print(json.dumps(parts.ledger.totals(since), indent=2))
        else:
            print(render(parts.ledger.summary(since), shutil.get_terminal_size().columns), end="")
    finally:
        await parts.close()
    return 0
