"""Transcripts and the index of runs: what can be read again later. Writes in one thread, in order, never on the loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ponder.files.secrets import redact_secrets
from ponder.files.uris import path_of_uri
from ponder.session.run import Run
from ponder.session.state import KEPT_RUNS, State
from ponder.session.transcript import render
from ponder.store.rows import RunRow
from ponder.store.transcripts import Transcripts

_KEPT_PATHS = 2 * KEPT_RUNS
"""Transcripts of runs that are no longer known are found by their files alone."""


class Recorder:
    """Keeps transcripts as files. `path` waits until everything handed over so far stands on disk."""

    def __init__(self, transcripts: Transcripts | None) -> None:
        self._transcripts = transcripts
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transcripts")
        self._paths: dict[str, Path] = {}

    def write(self, run_id: str, action: str, text: str) -> None:
        """Replace a run's transcript; with no state directory there is none."""
        if self._transcripts is None:
            return
        if run_id not in self._paths:
            if len(self._paths) >= _KEPT_PATHS:
                del self._paths[next(iter(self._paths))]
            self._paths[run_id] = self._transcripts.new_path(action)
        self._thread.submit(self._transcripts.write, self._paths[run_id], text)

    @property
    def elsewhere(self) -> str:
        """Where the transcripts of earlier runs are, as the end of a sentence; empty where none are kept."""
        if self._transcripts is None:
            return ""
        return f" since the server started; transcripts of earlier ones are in {self._transcripts.directory}"

    async def path(self, run_id: str) -> Path | None:
        """The file of a run's transcript; None when it could not be written."""
        await asyncio.get_running_loop().run_in_executor(self._thread, int)
        path = self._paths.get(run_id)
        return path if path is not None and path.is_file() else None

    def close(self) -> None:
        """Write what waits, then stop."""
        self._thread.shutdown(wait=True)


async def uri_of(state: State, run: Run) -> str | None:
    """The uri of a run's transcript; None where it could not be written."""
    path = await state.recorder.path(run.id)
    return path.as_uri() if path is not None else None


def path_of(uri: str) -> str:
    """A transcript's uri as a path that a user can open."""
    return path_of_uri(uri) or uri


def write(state: State, run: Run, *, final: bool = False) -> None:
    """Bring the transcript of a run up to date; at its end also its line in the index."""
    if run.request.trigger == "hover":
        return
    # A diff shows the lines around it as they are.
    state.recorder.write(run.id, run.action.id, redact_secrets(render(run))[0])
    if final:
        state.store.put_run(
            RunRow(
                id=run.id,
                action=run.action.id,
                status=run.status or "failed",
                started=state.now() - run.milliseconds / 1000,
                title=f"{run.action.title} {run.document.path}",
                uri=run.document.uri,
                summary={
                    "model": run.model,
                    "costUsd": run.account.usage.cost_usd,
                    "findings": len(run.found.findings),
                },
            )
        )
