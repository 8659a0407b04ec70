"""Tends what is told of the workspace: opens it anew when folders or rules change, watches it, keeps caches alive."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ponder.config.settings import ContextSettings
from ponder.context.budget import prefix_tokens
from ponder.documents import Document
from ponder.session.keepalive import Keepalive
from ponder.session.prefix import WorkspaceContext
from ponder.session.state import State
from ponder.tasks import Background, LatestOnly

AHEAD_SHARE = 0.5
"""Of the pause after a save: if it has been quiet so long, what the review needs is read. Saves in a row cost nothing."""
_LEAST_PAUSE_MS = 200
_REVIEW = "review"


class Tending:
    """One for a session; its work in the background ends with `background`. `open_context` makes a context for the folders of now.

    `on_disk` is told the paths that changed, where Ponder watches them itself.
    """

    def __init__(
        self,
        state: State,
        open_context: Callable[[State], WorkspaceContext],
        background: Background,
        on_disk: Callable[[Sequence[str]], None],
    ) -> None:
        self._state = state
        self._on_disk = on_disk
        self._open_context = open_context
        self._background = background
        self._latest = LatestOnly(background)
        self._watched: WorkspaceContext | None = None
        self._keeping = False
        self._preparing: asyncio.Task[object] | None = None

    def seen(self) -> float:
        """The user did something; returns when."""
        self._state.active = self._state.now()
        return self._state.active

    def asked(self) -> None:
        """A request begins: from the first one on there is something to watch and to keep."""
        self._watch()
        if not self._state.context.index.ready:
            self.expect()
        if not self._keeping:
            self._keeping = True
            self._background.start(Keepalive(self._state).run(), "keeping caches alive")

    def expect(self) -> None:
        """A request is likely soon: what it will wait for begins now, side by side.

        Nothing of it costs anything: the list of models, and a look through the workspace.
        """
        if self._preparing is None or self._preparing.done():
            self._preparing = self._background.start(self._prepare(), "getting ready")

    def expect_review(self, document: Document) -> None:
        """A review of this text follows a pause, where nothing comes between: the pause is made use of."""
        self.expect()
        pause = self._state.settings.review.debounce_ms
        if pause >= _LEAST_PAUSE_MS:
            ahead = self._look_ahead(document, pause * AHEAD_SHARE / 1000)
            self._latest.submit("ahead", ahead, "looking ahead")

    async def _prepare(self) -> None:
        state = self._state
        waits: list[Awaitable[object]] = [state.models.ready()]
        if state.settings.context.budget_tokens:
            waits.append(state.context.prepare(state.today.toordinal()))
        await asyncio.gather(*waits)

    async def _look_ahead(self, document: Document, pause_s: float) -> None:
        state = self._state
        await state.sleep(pause_s)
        settings, own = state.settings, state.settings.actions.get(_REVIEW)
        budget = prefix_tokens(settings.context, _REVIEW, own, hover=False, warm=True)
        if budget:
            await state.context.look_ahead(budget, state.editor, document, state.today.toordinal())

    def renew(self) -> None:
        """Other folders, or other rules: what was gathered under the old ones is not told any more."""
        state = self._state
        self._latest.cancel("watch")
        self._latest.cancel("ahead")
        state.context = self._open_context(state)
        for document in state.editor.open_documents():
            state.context.touch(document, state.now(), "opened")

    def configured(self, before: ContextSettings, now: ContextSettings) -> None:
        """The settings may say that other files are told of."""
        if _rules(before) != _rules(now):
            self.renew()

    def _watch(self) -> None:
        """Watch the folders, where the editor does not."""
        state = self._state
        if state.editor.abilities.watches_files or not state.context.index.watched:
            return
        if self._watched is not state.context:
            self._watched = state.context
            self._latest.submit("watch", state.context.watch(self._on_disk), "watching the workspace")


def _rules(settings: ContextSettings) -> tuple[object, ...]:
    return settings.include, settings.exclude, settings.max_file_bytes
