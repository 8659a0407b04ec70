"""The files an answer speaks of beside the one at hand: found in the workspace folders, read off the loop. Changes nothing.

Only what may be told to the model is found (jail, ignore rules, secrets, size), and an open buffer counts before the
file on disk.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from ponder.context.index.scope import Labels
from ponder.documents import Document
from ponder.edits.protected import protection
from ponder.files.jail import Place
from ponder.files.reasons import Reason
from ponder.files.uris import relative_inside
from ponder.session.workspace import Workspace

MAX_FILES = 200
"""Different paths that one answer may name; what it names beyond them is not looked up."""
_NO_SUCH_FILE = "there is no such file in the workspace"


class Elsewhere:
    """The other files of one answer. `workspace` is one of its own: its rules are read in another thread.

    `opened` gives every open text. What was read once stays what it was, so that all of an answer is placed in one
    version of each file.
    """

    def __init__(
        self, workspace: Workspace, at_hand: Document, opened: Callable[[], Iterable[Document]]
    ) -> None:
        self._workspace = workspace
        self._labels = Labels(workspace.jail)
        self._at_hand = at_hand
        self._opened = opened
        self._found: dict[str, tuple[Document, ...]] = {}
        self._why: dict[str, str] = {}
        self.prepare: Callable[[Document], None] = lambda _document: None
        """Looks at a text ahead of its findings; called in a thread, while nothing is placed."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every other file that was found, as it was read."""
        found = {one.uri: one for several in self._found.values() for one in several}
        found.pop(self._at_hand.uri, None)
        return tuple(found.values())

    async def read(self, paths: Iterable[str]) -> None:
        """Look these paths up, as the model wrote them; those known already cost nothing."""
        wanted = [
            path
            for path in dict.fromkeys(map(_plain, paths))
            if path not in self._found and path not in self._why and path != self._at_hand.path
        ]
        wanted = wanted[: max(0, MAX_FILES - len(self._found) - len(self._why))]
        if wanted:
            opened = tuple(self._opened())
            found, why = await asyncio.to_thread(self._look, wanted, opened)
            self._found |= found
            self._why |= why

    def find(self, path: str) -> Sequence[Document]:
        """The files by that path that were read."""
        return self._found.get(_plain(path), ())

    def why(self, path: str) -> str | None:
        """Why there is none by that path; None where it was not looked for."""
        return self._why.get(_plain(path))

    def _look(
        self, paths: Sequence[str], opened: Sequence[Document]
    ) -> tuple[Mapping[str, tuple[Document, ...]], Mapping[str, str]]:
        jail = self._workspace.jail
        home = jail.place_uri(self._at_hand.uri)
        buffers = {place: one for one in opened if (place := jail.place_uri(one.uri)) is not None}
        if home is not None:
            # What the model read of it, not what it has become.
            buffers[home] = self._at_hand
        found: dict[str, tuple[Document, ...]] = {}
        why: dict[str, str] = {}
        for path in paths:
            one = self._one(path, home, buffers)
            if isinstance(one, str):
                why[path] = one
            else:
                found[path] = one
                for document in one:
                    self.prepare(document)
        return found, why

    def _one(
        self, path: str, home: Place | None, buffers: Mapping[Place, Document]
    ) -> tuple[Document, ...] | str:
        """The file in the folder of the document at hand, else in the one it names, else in the others; or why there is none."""
        jail = self._workspace.jail
        if relative_inside(path) is None:
            return "it is not a path inside the workspace folders"
        if (verdict := protection(path)).verdict == "never":
            return f"it is {verdict.what}"
        first = [(home.folder, path)] if home is not None else []
        # In several folders the model reads names that begin with their folder.
        named = self._labels.named(path)
        others = [(folder, path) for folder in jail.folders if home is None or folder != home.folder]
        why: str | None = None
        for places in (first, [named] if named is not None else [], others):
            several: list[Document] = []
            for folder, relative in places:
                one = self._in_folder(relative, folder, buffers)
                if isinstance(one, Document):
                    several.append(one)
                elif why is None:
                    why = one
            if several:
                return tuple({document.uri: document for document in several}.values())
        return why or _NO_SUCH_FILE

    def _in_folder(self, path: str, folder: str, buffers: Mapping[Place, Document]) -> Document | str | None:
        """The file of one folder, or why it is not told; None where there is none."""
        workspace = self._workspace
        place = workspace.jail.place_relative(path, folder)
        if place is None:
            return "it lies outside the workspace folders"
        if (verdict := protection(place.relative)).verdict == "never":
            return f"it is {verdict.what}"
        if (buffer := buffers.get(place)) is not None:
            reason = workspace.refusal(buffer)
            return buffer if reason is None else _refused(reason)
        found = workspace.look(workspace.uri_in(folder, path))
        return found if isinstance(found, Document) else _refused(found)


def _plain(path: str) -> str:
    """The one spelling that stands for all of a path."""
    return path.replace("\\", "/").removeprefix("./")


def _refused(reason: Reason) -> str | None:
    return None if reason.kind == "missing" else f"it is {reason.noun}"
