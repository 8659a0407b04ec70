"""Drives the product's own prefix planner with a recorded trace and logs every request it would send.

    .venv/bin/python tests/bench/cache_replay.py TRACE LOG [--prices published]

TRACE and LOG may end in `.xz`. One JSON line a request, pings included, written as soon as it is planned: a line
depends on the trace up to that request alone. `--prices published` takes the read factors of current list prices
(0.05 for mid and large) instead of 0.1.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "server")]

from bench.cache import files  # noqa: E402
from bench.cache.strategies import planned  # noqa: E402


def main() -> int:
    """Replay one trace."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trace", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--prices", choices=["reference", "published"], default="reference")
    args = parser.parse_args()
    files.write_lines(args.log, _lines(args.trace, args.prices))
    return 0


def _lines(trace: Path, prices: str) -> Iterator[str]:
    for request in planned(files.events(trace), prices):
        yield json.dumps(request.as_json(), ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
