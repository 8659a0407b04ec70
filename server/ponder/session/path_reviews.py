"""A review of paths with no editor: opens the rooms, gathers the files, reviews them, leaves out what is accepted.

Prints nothing; whoever asked is told through `Watcher`.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ponder.errors import PonderError
from ponder.files.uris import uri_of_path
from ponder.review import baseline, diff
from ponder.review.baseline import EMPTY, Baseline
from ponder.review.outcome import Choice, FileReview, Review, shown
from ponder.review.targets import Gathered, folders_of, gather
from ponder.session import showing
from ponder.session.batch_reviews import BatchReviews, NoBatchesError
from ponder.session.configuring import actions_of
from ponder.session.file_reviews import FileReviews, apart, route_of
from ponder.session.headless import Headless
from ponder.session.opening import Parts, open_context, open_parts
from ponder.session.recording import Recorder
from ponder.session.state import State
from ponder.session.workspace import Workspace
from ponder.usage import Usage

_ENDED_WAIT_S = 2.0
_ALL = 1_000_000


class Watcher(Protocol):
    """Whoever waits for a review."""

    def told(self, notice: str) -> None:
        """A sentence for the user."""

    def moved(self, done: int, total: int, usage: Usage) -> None:
        """So many of the files are done, at this cost so far."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be reviewed, and how. `paths` are relative to the current folder, or absolute."""

    paths: tuple[str, ...]
    since: str | None = None
    """Only what changed since this revision."""
    batch: bool = False
    baseline: str | None = None
    """Path of a baseline in place of the setting's; empty for none."""
    concurrency: int | None = None
    accept: bool = False
    """For a baseline: everything counts that nobody silenced, what is accepted already too."""


class PathReviews:
    """The rooms for reviews of these paths. `close` at the end."""

    def __init__(self, environ: Mapping[str, str], wanted: Wanted, here: str, watcher: Watcher) -> None:
        # Nobody reads along, so the offline engine need not write at the speed of reading.
        self._environ = {"PONDER_API_OFFLINE_DELTA_MS": "0", **environ}
        self.folders = folders_of(wanted.paths, here)
        self._wanted = wanted
        self._here = here
        self._watcher = watcher
        self._parts = open_parts(self._environ, self.folders)
        self.state = _state(self._parts, self._environ, self.folders, watcher.told)
        for problem in self._parts.resolved.problems:
            watcher.told(problem.message)

    async def close(self) -> None:
        """Let go of connections and files, with everything on disk."""
        await asyncio.to_thread(self._parts.store.flush, _ENDED_WAIT_S)
        await self._parts.close()

    async def review(self) -> Review:
        """Review everything. Raises PonderError where it cannot begin."""
        wanted, state = self._wanted, self.state
        gathered, accepted = await asyncio.to_thread(self._prepared)
        route = await route_of(state, interactive=not wanted.batch)
        done: list[FileReview] = []

        def ended(one: FileReview) -> None:
            done.append(one)
            self._watcher.moved(len(done), len(gathered.targets), reviews.usage)

        reviews = FileReviews(state, route, ended=ended, told=self._watcher.told)
        for notice in route.notices:
            self._watcher.told(notice)
        files = await self._files(reviews, gathered)
        return self._shown(files, reviews, gathered, accepted)

    def baseline_file(self) -> Path | None:
        """Where the baseline is; None where there is to be none."""
        named = self._wanted.baseline
        if named is not None:
            return Path(self._here, named) if named else None
        setting = self.state.settings.review.baseline
        return Path(self.folders[0], setting) if setting else None

    def read_baseline(self, *, must_exist: bool = False) -> Baseline:
        """The baseline at hand. Raises PonderError where it is not one."""
        file = self.baseline_file()
        if file is None:
            return EMPTY
        try:
            return baseline.parse(file.read_text("utf-8"), file.name)
        except FileNotFoundError:
            if must_exist:
                raise PonderError(
                    f"The baseline `{file}` does not exist. `ponder baseline` writes one."
                ) from None
            return EMPTY
        except (OSError, UnicodeDecodeError) as error:
            raise PonderError(f"The baseline `{file}` cannot be read ({type(error).__name__}).") from None

    def _prepared(self) -> tuple[Gathered, Baseline]:
        wanted, workspace = self._wanted, self.state.workspace
        known = EMPTY if wanted.accept else self.read_baseline(must_exist=bool(wanted.baseline))
        gathered = gather(
            wanted.paths,
            here=self._here,
            jail=workspace.jail,
            ignored=workspace.ignored,
            environ=self._environ,
        )
        if wanted.since is not None:
            repository = diff.Repository(self.folders[0], self._environ)
            gathered = diff.only_changed(gathered, wanted.since, repository)
        return gathered, known

    async def _files(self, reviews: FileReviews, gathered: Gathered) -> list[FileReview]:
        wanted, total = self._wanted, len(gathered.targets)
        if wanted.batch:
            batches = BatchReviews(
                reviews,
                waiting=lambda done, asked: self._watcher.moved(total - asked + done, total, reviews.usage),
            )
            try:
                return await batches.review(gathered.targets)
            except NoBatchesError:
                self._watcher.told(
                    "This endpoint has no batches; the files are reviewed one by one, at the full price."
                )
        concurrency = wanted.concurrency or self.state.settings.review.concurrency
        return await reviews.review(gathered.targets, concurrency)

    def _shown(
        self, files: Sequence[FileReview], reviews: FileReviews, gathered: Gathered, accepted: Baseline
    ) -> Review:
        state, settings = self.state, self.state.settings.review
        choice = Choice(
            floor="hint" if self._wanted.accept else settings.severity_floor,
            most=_ALL if self._wanted.accept else settings.max_findings,
            accepted=accepted.ids,
            dismissals=showing.dismissals(state),
        )
        chosen = [shown(file, choice) for file in files]
        return Review(
            provider=state.engine.provider,
            route=reviews.route,
            files=tuple(sorted((file for file, _ in chosen), key=lambda file: file.document.path)),
            left_out=gathered.left_out,
            usage=reviews.usage,
            accepted=sum(hidden for _, hidden in chosen),
            least=settings.min_confidence,
        )


def _state(
    parts: Parts, environ: Mapping[str, str], folders: tuple[str, ...], told: Callable[[str], None]
) -> State:
    """A state for work with no editor."""
    editor = Headless(tuple(uri_of_path(folder) for folder in folders), told)
    settings = parts.resolved.settings
    workspace = Workspace(editor)
    workspace.exclude(settings.context.exclude)
    whole = State(
        editor=editor,
        engine=parts.engine,
        store=parts.store,
        ledger=parts.ledger,
        workspace=workspace,
        context=open_context(folders, environ, settings, told),
        models=parts.models,
        recorder=Recorder(None),
        configuration=parts.configuration,
        settings=settings,
        actions=actions_of(settings),
        now=time.time,
        millis=lambda: time.monotonic() * 1000,
        new_id=lambda: secrets.token_hex(6),
    )
    return apart(whole, editor)
