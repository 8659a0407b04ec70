"""Puts the rooms together: settings, endpoint, engine, store, ledger, and on top of them a session for an editor."""

import asyncio
import logging
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ponder.config.layers import Resolved
from ponder.config.settings import Settings
from ponder.engine.endpoint import resolve as resolve_endpoint
from ponder.engine.sdk import offline as offline_transport
from ponder.engine.turn import Engine
from ponder.ledger.ledger import Ledger
from ponder.session.configuring import Configuration, actions_of, home_directory
from ponder.session.models import ModelList
from ponder.session.ports import Editor
from ponder.session.prefix import WorkspaceContext
from ponder.session.recording import Recorder
from ponder.session.session import Session
from ponder.session.state import State
from ponder.session.workspace import Workspace
from ponder.store.place import state_directory
from ponder.store.store import Store
from ponder.store.transcripts import Transcripts

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What commands and sessions share. Open once, `close` at the end."""

    configuration: Configuration
    resolved: Resolved
    directory: Path | None
    store: Store
    engine: Engine
    ledger: Ledger
    models: ModelList

    async def close(self) -> None:
        """Let go of connections and files."""
        await self.engine.aclose()
        self.store.close()


def open_parts(
    environ: Mapping[str, str], folders: tuple[str, ...], on_notice: Callable[[str], None] = _log.warning
) -> Parts:
    """The parts for a user's environment and the workspace folders (real paths) at hand.

    `on_notice` gets sentences on the state directory, from another thread.
    """
    configuration = Configuration(environ, home_directory())
    resolved = configuration.resolve(folders)
    directory = state_directory(environ, sys.platform, home_directory())
    store = Store.open(directory, time.time, on_notice)
    endpoint = resolve_endpoint(environ, resolved.settings.api)
    offline = endpoint.provider == "offline"
    engine = Engine(
        endpoint, transport=offline_transport(resolved.settings.api.offline_delta_ms) if offline else None
    )
    return Parts(
        configuration=configuration,
        resolved=resolved,
        directory=directory,
        store=store,
        engine=engine,
        ledger=Ledger(store, time.time),
        models=ModelList(engine, store, time.time),
    )


def open_session(editor: Editor, environ: Mapping[str, str]) -> Session:
    """A session for this editor, with the user's environment."""
    workspace = Workspace(editor)
    parts = open_parts(environ, workspace.jail.folders, _by_message(editor))
    transcripts = None
    if parts.directory is not None:
        transcripts = Transcripts(parts.directory / "transcripts", lambda: secrets.token_hex(16))
    state = State(
        editor=editor,
        engine=parts.engine,
        store=parts.store,
        ledger=parts.ledger,
        workspace=workspace,
        context=open_context(workspace.jail.folders, environ, parts.resolved.settings, editor.notify),
        models=parts.models,
        recorder=Recorder(transcripts),
        configuration=parts.configuration,
        settings=parts.resolved.settings,
        actions=actions_of(parts.resolved.settings),
        now=time.time,
        millis=lambda: time.monotonic() * 1000,
        new_id=lambda: secrets.token_hex(6),
        sleep=asyncio.sleep,
        notices=_lacking(parts.engine),
    )
    session = Session(
        state,
        lambda now: open_context(now.workspace.jail.folders, environ, now.settings, now.editor.notify),
    )
    session.configured(parts.resolved)
    return session


def _by_message(editor: Editor) -> Callable[[str], None]:
    """Tells a sentence to the user, from whatever thread. To be called on the loop."""
    loop = asyncio.get_running_loop()

    def told(sentence: str) -> None:
        _log.warning(sentence)
        # The store may outlive the loop at the very end.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: editor.notify(sentence, kind="warning"))

    return told


def _lacking(engine: Engine) -> list[str]:
    """What a cloud platform lacks, for the first run to be told with. That it has no model list is told with routes."""
    platform = engine.endpoint.platform
    lacks = [f"no {what}" for what in platform.lacks if what != "list of models"] if platform else []
    if platform is None or not lacks:
        return []
    return [f"{platform.title} has {' and '.join(lacks)}; Ponder works without them."]


def open_context(
    folders: tuple[str, ...], environ: Mapping[str, str], settings: Settings, notify: Callable[[str], None]
) -> WorkspaceContext:
    """What of these folders may be told. Reads nothing yet."""
    home = home_directory()
    return WorkspaceContext(
        folders,
        environ,
        home=str(home) if home is not None else None,
        on_notice=notify,
        include=settings.context.include,
        exclude=settings.context.exclude,
        max_file_bytes=settings.context.max_file_bytes,
    )
