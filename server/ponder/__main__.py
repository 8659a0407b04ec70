"""`python -m ponder` and the `ponder` command; both are `cli.main`."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from ponder.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
