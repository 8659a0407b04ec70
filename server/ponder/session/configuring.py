"""The settings in force: files and environment read, the editor's own on top, trouble said once. Decides no setting."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import structs

from ponder.actions.catalogue import BUILT_IN, REPORT, REWRITE, Action, Catalogue
from ponder.config.files import read_files, user_file
from ponder.config.layers import Resolved, resolve
from ponder.config.options import Problem
from ponder.config.settings import ActionSettings, Settings
from ponder.engine.prompt import AnswerShape
from ponder.routing.policy import POLICIES

SETTINGS_FILES = ("ponder.toml", "pyproject.toml")
SentBy = Literal["start", "change", "answer"]
"""How settings came: with `initialize`, with a change, or as the answer to a question of ours."""
_NOT_SETTINGS = {"events"}
"""Keys beside the settings in `initializationOptions.ponder`: they negotiate the protocol."""


class Configuration:
    """Remembers what the editor sent; `resolve` puts all layers together anew."""

    def __init__(self, environ: Mapping[str, str], home: Path | None) -> None:
        self._environ = environ
        self._user = user_file(environ, home) if home is not None else None
        self._start: dict[str, object] = {}
        self._sent: dict[str, object] = {}

    def sent(self, options: Mapping[str, object], by: SentBy = "change") -> None:
        """The editor's settings. The newest section stands alone: what it lacks was taken back.

        Those of `initializationOptions` lie below until the editor answers a question for its section with more
        than nothing: then that is all it has to say. Editors that push may push a part of what they began with.
        """
        kept = {key: value for key, value in options.items() if key not in _NOT_SETTINGS}
        if by == "start":
            self._start = kept
            return
        self._sent = kept
        if by == "answer" and kept:
            self._start = {}

    def resolve(self, folders: tuple[str, ...]) -> Resolved:
        """All layers together, for workspace folders given as paths. Reads at most a few small files."""
        files = read_files(self._user, [Path(folder) for folder in folders])
        resolved = resolve(
            user=files.user,
            workspace=files.workspace,
            editor={**self._start, **self._sent},
            environment=self._environ,
            problems=files.problems,
        )
        return structs.replace(resolved, problems=(*resolved.problems, *_wordless(resolved)))


def at_start(environ: Mapping[str, str], folders: tuple[str, ...], sent: Mapping[str, object]) -> Settings:
    """The settings that a session will begin with, before there is one; `sent` came with `initialize`. Reads small files."""
    configuration = Configuration(environ, home_directory())
    configuration.sent(sent, "start")
    return configuration.resolve(folders).settings


def home_directory() -> Path | None:
    """The user's own; None where the system knows of none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _wordless(resolved: Resolved) -> list[Problem]:
    """What to say of added actions that nobody said the words of: most often a built-in name misspelt."""
    origins = {
        path.split(".")[1]: layer for path, layer in resolved.origins.items() if path.startswith("actions.")
    }
    return [
        Problem(
            layer=origins.get(name, "user"),
            path=f"actions.{name}",
            message=f"`actions.{name}` is not offered: Ponder has no such action, and an added one needs a `prompt`.",
        )
        for name, one in resolved.settings.actions.items()
        if name not in POLICIES and one.enabled and not one.prompt
    ]


def actions_of(settings: Settings) -> Catalogue:
    """The built-in actions less those turned off, then those of the configuration."""
    changed = settings.actions
    kept = [
        _changed(action, changed[action.id]) if action.id in changed else action
        for action in BUILT_IN
        if action.id not in changed or changed[action.id].enabled
    ]
    known = {action.id for action in BUILT_IN}
    added = [
        _added(name, one) for name, one in changed.items() if name not in known and one.enabled and one.prompt
    ]
    return Catalogue((*kept, *added))


def _changed(action: Action, one: ActionSettings) -> Action:
    return Action(
        id=action.id,
        title=one.title or action.title,
        kind=action.kind if one.kind is None else _kind(action.id, one.kind),
        shape=one.output or action.shape,
        fits=action.fits,
        task=one.prompt or action.task,
    )


def _added(name: str, one: ActionSettings) -> Action:
    shape: AnswerShape = one.output or "markdown"
    kind = one.kind or (REWRITE if shape == "edits" else REPORT)
    return Action(
        id=name,
        title=one.title or name.replace("-", " ").capitalize(),
        kind=_kind(name, kind),
        shape=shape,
        task=one.prompt or "",
    )


def _kind(name: str, wanted: str) -> str:
    """A kind of ours: never one that editors run on save, like a bare `source` or `source.fixAll`."""
    if wanted == "quickfix" or wanted.endswith(f".ponder.{name}"):
        return wanted
    return f"{REWRITE}.{name}" if wanted.startswith("refactor") else f"{REPORT}.{name}"
