"""Runs benches by name: `.venv/bin/python tests/bench/run.py [NAMES] [OPTIONS]`, all without a name. Measures nothing itself.

A bench is a folder here with a `run.py` that has `main(arguments) -> exit status`; its docstring says what its figures
are. Options go to every bench that is named.
"""

import importlib
import itertools
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "server")]


def main() -> int:
    """Run the benches that the first arguments name; the worst exit status."""
    names = sorted(path.parent.name for path in HERE.glob("*/run.py"))
    asked = list(itertools.takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    options = sys.argv[1 + len(asked) :]
    if set(asked) - set(names) or (options and not asked):
        print(f"usage: run.py [{','.join(names)}]... [OPTIONS]", file=sys.stderr)
        return 2
    worst = 0
    for name in asked or names:
        if len(asked) != 1:
            print(f"\n{name}", flush=True)
        worst = max(worst, importlib.import_module(f"bench.{name}.run").main(options))
    return worst


if __name__ == "__main__":
    sys.exit(main())
