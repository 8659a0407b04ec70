"""Settings, folders, files on disk, cancelled progress. Checks no setting: the session does."""

import logging
from typing import TYPE_CHECKING, Any, Literal

from ponder.lsp import decoding, wire

if TYPE_CHECKING:
    from ponder.lsp.server import Server

log = logging.getLogger(__name__)

SECTION = "ponder"


def register(server: "Server") -> None:
    """Ask for what clients only send to those who registered."""
    wanted: list[dict[str, Any]] = []
    if server.features.register_configuration:
        method = "workspace/didChangeConfiguration"
        wanted.append({"id": "ponder-settings", "method": method, "registerOptions": {"section": SECTION}})
    if server.features.register_watched_files:
        method = "workspace/didChangeWatchedFiles"
        watchers = [{"globPattern": "**/*"}]
        wanted.append({"id": "ponder-files", "method": method, "registerOptions": {"watchers": watchers}})
    if wanted:
        asked = server.client.request("client/registerCapability", {"registrations": wanted})
        server.background.start(asked, "registration")


def ask_configuration(server: "Server") -> None:
    """Read the section `ponder` from the client, where it has one to give."""
    if server.features.configuration:
        server.background.start(_read_configuration(server), "reading the settings")


async def _read_configuration(server: "Server") -> None:
    answer = await server.client.request("workspace/configuration", {"items": [{"section": SECTION}]})
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        server.session.configuration_changed(answer[0], "answer")


def configure(server: "Server", sent: object, by: Literal["start", "change"]) -> None:
    """Give the session the section `ponder` of an object the client sent, if there is one."""
    section = sent.get(SECTION) if isinstance(sent, dict) else None
    if isinstance(section, dict):
        server.session.configuration_changed(section, by)
    elif section is not None or not isinstance(sent, dict | None):
        log.warning("settings that are no object were ignored")


def did_change_configuration(server: "Server", params: wire.DidChangeConfiguration) -> None:
    """The client's settings changed: take what it sent along, and ask for the section where that can be done."""
    configure(server, decoding.read_plain(params.settings), "change")
    ask_configuration(server)


def did_change_workspace_folders(server: "Server", params: wire.DidChangeWorkspaceFolders) -> None:
    """Folders came or went. One named twice counts once."""
    removed = {folder.uri for folder in params.event.removed}
    kept = [uri for uri in server.folders if uri not in removed]
    added = [folder.uri for folder in params.event.added]
    server.folders[:] = dict.fromkeys([*kept, *added])
    server.documents.moved()
    server.session.folders_changed()


def did_change_watched_files(server: "Server", params: wire.DidChangeWatchedFiles) -> None:
    """Files changed on disk."""
    server.session.files_changed([change.uri for change in params.changes])


def cancel_progress(server: "Server", params: wire.ProgressCancel) -> None:
    """The user pressed cancel; only a progress that has not ended counts."""
    if isinstance(params.token, str) and server.client.progresses.is_open(params.token):
        server.session.cancel_progress(params.token)
