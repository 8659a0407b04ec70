"""`ponder serve` with a clock that the bench moves; everything else is the product's own.

    python server.py CLOCK_FILE [--no-cache]

The clock is put in the place of `time` where the parts are handed their effects; with `--no-cache` every route says
that nothing is cached.
"""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

from msgspec import structs

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.afternoon.clock import SharedClock


def main() -> int:
    """Serve one client on stdio."""
    from ponder import log
    from ponder.lsp.product import ROUTES, preload, session
    from ponder.lsp.server import serve_stdio
    from ponder.routing.route import Route
    from ponder.session import opening, runner

    log.setup("warning")
    clock = SharedClock(Path(sys.argv[1]))
    opening.time = SimpleNamespace(time=clock.time, monotonic=clock.monotonic)  # type: ignore[assignment]
    opening.asyncio = SimpleNamespace(**{**vars(asyncio), "sleep": clock.sleep})  # type: ignore[assignment]
    if "--no-cache" in sys.argv:
        choose = runner.choose

        def uncached(*arguments: object, **options: object) -> Route:
            return structs.replace(choose(*arguments, **options), cache=False)  # type: ignore[arg-type]

        runner.choose = uncached  # type: ignore[assignment]
    return serve_stdio(session, routes=ROUTES, preload=(preload,))


if __name__ == "__main__":
    sys.exit(main())
