"""Puts a session together: endpoint, engine, store, ledger, settings. The one place that reads the environment."""

import logging
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from ponder.actions.catalogue import Catalogue
from ponder.config.settings import Settings
from ponder.engine.endpoint import resolve
from ponder.engine.turn import Engine
from ponder.ledger.ledger import Ledger
from ponder.session.models import ModelList
from ponder.session.ports import Editor
from ponder.session.recording import Recorder
from ponder.session.session import Session
from ponder.session.state import State
from ponder.session.workspace import Workspace
from ponder.store.place import state_directory
from ponder.store.store import Store
from ponder.store.transcripts import Transcripts

_log = logging.getLogger(__name__)


def open_session(editor: Editor, environ: Mapping[str, str]) -> Session:
    """A session for this editor, with the user's environment."""
    settings = Settings()
    directory = state_directory(environ, sys.platform, _home())
    store = Store.open(directory, time.time, _log.warning)
    engine = Engine(resolve(environ, settings.api))
    transcripts = Transcripts((directory or Path.cwd()) / "transcripts", lambda: secrets.token_hex(16))
    state = State(
        editor=editor,
        engine=engine,
        store=store,
        ledger=Ledger(store, time.time),
        workspace=Workspace(editor),
        models=ModelList(engine, store, time.time),
        recorder=Recorder(transcripts),
        settings=settings,
        actions=Catalogue(),
        now=time.time,
        millis=lambda: time.monotonic() * 1000,
        new_id=lambda: secrets.token_hex(6),
    )
    return Session(state)


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None
