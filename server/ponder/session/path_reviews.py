"""A review of paths with no editor: opens the rooms, gathers the files, reviews them, leaves out what is accepted.

Prints nothing; whoever asked is told through `Watcher`.
"""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH118
import asyncio
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, structs

from ponder.files.jail import Jail
from ponder.files.reasons import Reason
from ponder.files.uris import uri_of_path
from ponder.review import baseline_file, diff
from ponder.review.baseline import EMPTY, Baseline
from ponder.review.baseline_file import BaselineFile
from ponder.review.outcome import Choice, FileReview, Review, shown
from ponder.review.targets import Gathered, folders_of, gather, within
from ponder.review.withheld import withheld
from ponder.session import showing
from ponder.session.batch_reviews import BatchReviews, NoBatchesError
from ponder.session.configuring import actions_of
from ponder.session.file_reviews import FileReviews, apart, route_of
from ponder.session.headless import Headless, without_editor
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
        if gathered.untracked:
            number = "1 file is" if gathered.untracked == 1 else f"{gathered.untracked:,} files are"
            self._watcher.told(f"{number} not tracked by git, and so no part of the change.")
        route = await route_of(state, interactive=not wanted.batch)
        done: list[FileReview] = []

        def ended(one: FileReview) -> None:
            done.append(one)
            self._watcher.moved(len(done), len(gathered.targets), reviews.spending.usage)

        reviews = FileReviews(state, route, ended=ended, told=self._watcher.told)
        for notice in route.notices:
            self._watcher.told(notice)
        files = await self._files(reviews, gathered)
        return self._shown(files, reviews, gathered, accepted)

    def baseline_file(self) -> BaselineFile | None:
        """Where the baseline is; None where there is to be none. Raises PonderError where it may not be there."""
        named = self._wanted.baseline
        if named is not None:
            return baseline_file.of_user(named, self.folders[0], self._here) if named else None
        setting = self.state.settings.review.baseline
        return baseline_file.of_setting(setting, self.folders[0], self._here) if setting else None

    def read_baseline(self, *, must_exist: bool = False) -> Baseline:
        """The baseline at hand. Raises PonderError where it is not one."""
        file = self.baseline_file()
        return EMPTY if file is None else baseline_file.read(file, must_exist=must_exist)

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
            return self._changed(gathered, wanted.since), known
        # Whoever ignores a file does not miss it, unless nothing else is there.
        skipped = gathered.skipped if gathered.targets else (*gathered.skipped, *gathered.ignored)
        return structs.replace(gathered, skipped=skipped), known

    def _changed(self, gathered: Gathered, since: str) -> Gathered:
        """What of it changed, folder by folder: each may be a repository of its own."""
        here, workspace = self._here, self.state.workspace
        named = [os.path.realpath(os.path.join(here, path)) for path in self._wanted.paths]

        def ignored(path: str) -> tuple[str, Reason] | None:
            place = workspace.jail.place(path)
            reason = workspace.ignored(place) if place is not None else None
            return (place.relative, reason) if place is not None and reason is not None else None

        parts = []
        for folder in self.folders:
            repository = diff.Repository(folder, self._environ)
            part = diff.only_changed(within(gathered, folder, workspace.jail), since, repository)
            below = [path for path in named if os.path.isdir(path) and _home(path, workspace.jail) == folder]
            hidden = withheld(below, since, repository, ignored)
            parts.append(structs.replace(part, skipped=(*part.skipped, *hidden)))
        return structs.replace(
            gathered,
            targets=tuple(one for part in parts for one in part.targets),
            left_out=(*gathered.left_out, *(one for part in parts for one in part.left_out)),
            skipped=tuple(one for part in parts for one in part.skipped),
            untracked=sum(part.untracked for part in parts),
        )

    async def _files(self, reviews: FileReviews, gathered: Gathered) -> list[FileReview]:
        wanted, total = self._wanted, len(gathered.targets)
        if wanted.batch:
            batches = BatchReviews(
                reviews,
                waiting=lambda done, asked: self._watcher.moved(
                    total - asked + done, total, reviews.spending.usage
                ),
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
        chosen = [shown(structs.replace(one, error=without_editor(one.error)), choice) for one in files]
        return Review(
            provider=state.engine.provider,
            route=reviews.route,
            files=tuple(sorted((file for file, _ in chosen), key=lambda file: file.document.path)),
            left_out=gathered.left_out,
            skipped=gathered.skipped,
            usage=reviews.spending.usage,
            accepted=sum(hidden for _, hidden in chosen),
            least=settings.min_confidence,
        )


def _home(path: str, jail: Jail) -> str | None:
    place = jail.place(path)
    return place.folder if place is not None else None


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
