"""Runs a bench by name: `.venv/bin/python tests/bench/run.py NAME [OPTIONS]`. Measures nothing itself.

A bench is a folder here with a `run.py` that has `main(arguments) -> exit status`.
"""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "server")]


def main() -> int:
    """Run the bench that the first argument names."""
    names = sorted(path.parent.name for path in HERE.glob("*/run.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print(f"usage: run.py {{{','.join(names)}}} [OPTIONS]", file=sys.stderr)
        return 2
    status: int = importlib.import_module(f"bench.{sys.argv[1]}.run").main(sys.argv[2:])
    return status


if __name__ == "__main__":
    sys.exit(main())
