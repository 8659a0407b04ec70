"""Files of the workspace folders as they stand now: single ones, and all code. Reads off the loop, sends nothing."""

import asyncio
from collections.abc import Collection, Mapping

from msgspec import structs

from ponder.documents import Document
from ponder.files.ignore import IgnoreRules
from ponder.files.uris import uri_of_path
from ponder.review.targets import Gathered, code_below, read_all
from ponder.session.state import State
from ponder.session.workspace import Workspace


def workspace_apart(state: State) -> Workspace:
    """The folders and rules of now, to be used in another thread: the session's own are for its loop."""
    workspace = Workspace(state.editor)
    workspace.exclude(state.settings.context.exclude)
    return workspace


async def texts_on_disk(state: State, uris: Collection[str]) -> dict[str, Document | None]:
    """Files as they stand on disk, as far as they may be read."""
    if not uris:
        return {}
    workspace = workspace_apart(state)
    return await asyncio.to_thread(lambda: {uri: workspace.read(uri) for uri in uris})


async def code_of(state: State) -> Gathered:
    """Every file of code that may be told, by path; without those that may not."""
    # Its own, so that the rules of the session are not touched from another thread.
    workspace = Workspace(state.editor)
    buffers: Mapping[str, Document] = {
        uri_of_path(place.path): document
        for document in state.editor.open_documents()
        if (place := workspace.jail.place_uri(document.uri)) is not None
    }

    def read() -> Gathered:
        folders = workspace.jail.folders
        paths = [path for folder in folders for path in code_below(folder, IgnoreRules(folder))]
        return read_all(
            dict.fromkeys(paths, False), jail=workspace.jail, ignored=workspace.ignored, buffer=buffers.get
        )

    gathered = await asyncio.to_thread(read)
    # The session's own rules have the last word; what they withhold is no part of the review.
    told = tuple(one for one in gathered.targets if _may_be_told(state, one.document))
    return structs.replace(gathered, targets=told)


def _may_be_told(state: State, document: Document) -> bool:
    place = state.workspace.jail.place_uri(document.uri)
    return place is not None and state.workspace.ignored(place) is None
