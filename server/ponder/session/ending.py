"""How a run's work ends, whatever happens in it: as a status and an error that the user can read. Tells nobody."""

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from typing import Any

from ponder.errors import ErrorInfo, PonderError, RunError
from ponder.session.run import Run

_log = logging.getLogger(__name__)


async def carried_out(run: Run, work: Coroutine[Any, Any, None]) -> None:
    """Do a run's work, which finishes it where all goes well. Never raises; a cancelled run ends as `cancelled`."""
    try:
        await work
    except asyncio.CancelledError:
        run.finish("cancelled", None)
    except RunError as error:
        run.finish("failed", error.info)
    except PonderError as error:
        run.finish("failed", ErrorInfo(kind="invalidRequest", message=str(error)))
    except Exception:  # the one place where a run may fail in a way nobody foresaw
        number = uuid.uuid4().hex[:8]
        _log.exception("run failed, error %s", number)
        message = f"Something went wrong inside Ponder (error {number})."
        run.finish("failed", ErrorInfo(kind="internal", message=message, hint="The server's log has it."))
