"""`ponder baseline`: writes the findings of now into a file to be committed, so that only new ones are shown."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ponder.cli.arguments import Parser
from ponder.errors import PonderError

if TYPE_CHECKING:
    from ponder.review.baseline import Baseline
    from ponder.review.outcome import Review
    from ponder.session.path_reviews import PathReviews


def main(arguments: list[str]) -> int:
    """Review, write the file, and say what changed in it."""
    from ponder.cli.review import concurrency

    parser = Parser(
        prog="ponder baseline",
        description="Review files, or the code in directories, and accept what is found: `ponder review` and the"
        " editor show new findings only. What the file accepts in other paths stays.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or a directory")
    parser.add_argument("--output", metavar="FILE", help="the file to write, in place of `review.baseline`")
    parser.add_argument("--batch", action="store_true", help="by Message Batches: half the price")
    parser.add_argument("--concurrency", type=concurrency, metavar="N", help="requests at a time")
    return asyncio.run(_main(parser.parse_args(arguments)))


async def _main(options: argparse.Namespace) -> int:
    from ponder.cli.review_progress import Lines
    from ponder.review import report
    from ponder.session.path_reviews import PathReviews, Wanted

    wanted = Wanted(
        paths=tuple(options.paths),
        batch=options.batch,
        baseline=options.output,
        concurrency=options.concurrency,
        accept=True,
    )
    watcher = Lines(sys.stderr)
    work = PathReviews(os.environ, wanted, str(Path.cwd()), watcher)
    try:
        if work.baseline_file() is None:
            raise PonderError("`review.baseline` is empty; name a file with `--output`.")
        # Before anything is paid for.
        before = work.read_baseline()
        review = await work.review()
        if not review.incomplete or any(one.status == "done" for one in review.files):
            print(_updated(work, review, before))
    finally:
        watcher.close()
        await work.close()
    if review.complete:
        return 0
    for line in report.trouble(review):
        print("".join(text for text, _ in line), file=sys.stderr)
    print(report.summary(review), file=sys.stderr)
    return review.exit_code("error") or 3


def _updated(work: "PathReviews", review: "Review", before: "Baseline") -> str:
    from ponder.answers.items import shown as harmless
    from ponder.review import baseline, baseline_file

    file = work.baseline_file()
    if file is None:
        raise PonderError("`review.baseline` is empty; name a file with `--output`.")
    complete = {one.document.path for one in review.files if one.status == "done"}
    folder = Path(work.folders[0])

    def keep(entry: baseline.Entry) -> bool:
        return entry.path not in complete and (folder / entry.path).is_file()

    after = baseline.updated(before, review.findings, keep=keep)
    baseline_file.write(file, baseline.text_of(after))
    new, gone = len(after.ids - before.ids), len(before.ids - after.ids)
    number = "1 finding" if len(after.findings) == 1 else f"{len(after.findings):,} findings"
    return f"{harmless(file.name, 400)}: {number} accepted ({new} new, {gone} gone)."
