"""`ponder review`: files, directories or what changed, reviewed without an editor; text, JSON or SARIF."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ponder.cli.arguments import Parser
from ponder.errors import PonderError

if TYPE_CHECKING:
    from ponder.review.outcome import Review
    from ponder.session.path_reviews import Wanted

_SEVERITIES = ("error", "warning", "information", "hint")
_EXIT = """exit code: 0 nothing found, 1 findings at or above --fail-on, 2 could not run,
3 incomplete (a part failed, was refused, cut off or cancelled; a file that was named, or all there was, had to be
left out)"""


def main(arguments: list[str]) -> int:
    """Review, print, and answer with the exit code."""
    options = _parser().parse_args(arguments)
    from ponder.session.path_reviews import Wanted

    wanted = Wanted(
        paths=tuple(options.paths),
        since=options.diff,
        batch=options.batch,
        baseline=options.baseline,
        concurrency=options.concurrency,
    )
    review = asyncio.run(reviewed(wanted))
    _write(review, options.format, options.output)
    return review.exit_code(options.fail_on, skips=options.skip_left_out)


async def reviewed(wanted: "Wanted") -> "Review":
    """The review of what is wanted, with its progress on stderr."""
    from ponder.cli.review_progress import Lines
    from ponder.session.path_reviews import PathReviews

    watcher = Lines(sys.stderr)
    work = PathReviews(os.environ, wanted, str(Path.cwd()), watcher)
    try:
        return await work.review()
    finally:
        watcher.close()
        await work.close()


def concurrency(text: str) -> int:
    """The argument of `--concurrency`: the range of `review.concurrency`."""
    from ponder.config.settings import MOST_REQUESTS

    number = int(text)
    if not 1 <= number <= MOST_REQUESTS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_REQUESTS}")
    return number


def _parser() -> Parser:
    parser = Parser(
        prog="ponder review",
        description="Review files, or the code in directories, under the ignore rules. A text that was reviewed"
        " before costs nothing.",
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or a directory")
    parser.add_argument(
        "--diff",
        metavar="REF",
        help="only what changed since this revision; `REF...`: since it was branched off",
    )
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    parser.add_argument("--output", metavar="FILE", help="write the report there instead of to stdout")
    parser.add_argument(
        "--batch",
        action="store_true",
        help="by Message Batches: half the price, within 24 hours; can be resumed",
    )
    parser.add_argument(
        "--fail-on",
        choices=_SEVERITIES,
        default="hint",
        help="least severity for exit code 1 (default: hint)",
    )
    parser.add_argument(
        "--skip-left-out",
        action="store_true",
        help="exit code 0, not 3, where files had to be left out (ignored, secret, too large)",
    )
    parser.add_argument(
        "--baseline", metavar="FILE", help="file of accepted findings, in place of `review.baseline`"
    )
    parser.add_argument(
        "--concurrency",
        type=concurrency,
        metavar="N",
        help="requests at a time (default: `review.concurrency`)",
    )
    return parser


def _write(review: "Review", form: str, output: str | None) -> None:
    from ponder.review import report, report_json, sarif

    if form == "text" and output is None and sys.stdout.isatty():
        _show(review)
        return
    text = {"text": report.plain, "json": report_json.render, "sarif": sarif.render}[form](review)
    if output is None:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
        return
    try:
        Path(output).write_text(text, "utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise PonderError(
            f"`{output}` cannot be written ({error.strerror or type(error).__name__})."
        ) from None
    print(report.summary(review), file=sys.stderr)


def _show(review: "Review") -> None:
    from rich.console import Console
    from rich.text import Text

    from ponder.review import report

    console = Console(highlight=False)
    for line in report.lines(review, max(20, min(console.width, report.MOST_WIDTH))):
        console.print(Text.assemble(*line), soft_wrap=True)
