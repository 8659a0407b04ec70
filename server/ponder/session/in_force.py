"""The settings, ignore rules and baselines in force, and who must know when they are others. Decides no setting."""

from collections.abc import Sequence

from ponder.config.layers import Resolved
from ponder.files.ignore import IGNORE_FILES
from ponder.session.configuring import SETTINGS_FILES, SentBy, actions_of
from ponder.session.ports import Json
from ponder.session.reviews import Reviews
from ponder.session.showing import show_all
from ponder.session.state import State
from ponder.session.tending import Tending
from ponder.session.workspace import Workspace


class InForce:
    """Of one session. What they are stands in the `State`."""

    def __init__(self, state: State, reviews: Reviews, tending: Tending) -> None:
        self._state = state
        self._reviews = reviews
        self._tending = tending

    def sent(self, options: Json, by: SentBy) -> None:
        """The editor's settings."""
        self._state.configuration.sent(options, by)
        self._configure()

    def resolved(self, resolved: Resolved) -> None:
        """Use these settings from now on, and say what was wrong with them, each thing once."""
        state = self._state
        changed = state.settings.review != resolved.settings.review
        otherwise = state.settings != resolved.settings
        before, state.settings = state.settings.context, resolved.settings
        state.workspace.exclude(resolved.settings.context.exclude)
        state.rules += before.exclude != state.settings.context.exclude
        if changed:
            state.accepted = None
            show_all(state)
            self._reviews.configured()
        if otherwise:
            self._reviews.changed_otherwise()
        state.actions = actions_of(resolved.settings)
        state.editor.lenses(enable=state.settings.code_lens.enable)
        self._tending.configured(before, state.settings.context)
        problems = [problem.message for problem in resolved.problems]
        fresh = [message for message in problems if message not in state.problems]
        state.problems = frozenset(problems)
        if fresh:
            state.editor.notify("Ponder's settings: " + " ".join(fresh), kind="warning")

    def folders_changed(self) -> None:
        """The jail and the ignore rules are those of the folders of now."""
        state = self._state
        state.workspace = Workspace(state.editor)
        state.rules += 1
        state.silenced = state.accepted = None
        self._configure()
        self._tending.renew()

    def files_changed(self, uris: Sequence[str]) -> None:
        """These files changed: ignore rules, settings and the baseline may be others now."""
        state = self._state
        state.workspace.forget_rules()
        state.rules += any(uri.endswith(IGNORE_FILES) for uri in uris)
        if any(uri.endswith(SETTINGS_FILES) for uri in uris):
            self._configure()
        name = state.settings.review.baseline
        if name and any(uri.endswith(name) for uri in uris):
            state.accepted = None
            show_all(state)

    def _configure(self) -> None:
        self.resolved(self._state.configuration.resolve(self._state.workspace.jail.folders))
