"""Where an answer may point: the texts the model was shown, and files it may create. Reads nothing by itself."""

from collections.abc import Callable, Iterable, Sequence

from ponder.documents import Document


def _no_new_file(_path: str) -> str | None:
    return None


def _no_reason(_path: str) -> str | None:
    return None


class Sources:
    """The documents an answer may speak of, by the path the model was given.

    `documents`: the one at hand first. `find` looks up a path that is not among them: another file of the
    workspace, one for each folder that has it; none where there is no such file or it may not be read, and then
    `why` says so in a few words. `new_file_uri` gives the URI for a file that does not exist and may be created
    (`Jail.new_file_uri`), else None.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        *,
        find: Callable[[str], Sequence[Document]] | None = None,
        why: Callable[[str], str | None] = _no_reason,
        new_file_uri: Callable[[str], str | None] = _no_new_file,
    ) -> None:
        self._by_path: dict[str, list[Document]] = {}
        for document in documents:
            known = self._by_path.setdefault(document.path, [])
            if all(document.uri != other.uri for other in known):
                known.append(document)
        self._find = find
        self._why = why
        self._new_file_uri = new_file_uri

    def documents(self, path: str) -> Sequence[Document]:
        """The documents by that path: none, one, or one for each folder that has such a file."""
        for spelling in dict.fromkeys(
            (path, path.removeprefix("./"), path.replace("\\", "/").removeprefix("./"))
        ):
            if spelling in self._by_path:
                return self._by_path[spelling]
            if self._find is not None and (found := self._find(spelling)):
                self._by_path[spelling] = list(found)
                return self._by_path[spelling]
        return ()

    def why(self, path: str) -> str:
        """Why there is no document by that path, to be read after `it` or a colon."""
        return self._why(path) or "there is no such file among those the model was shown"

    def new_file_uri(self, path: str) -> str | None:
        """The URI for a file to be created, or None where that is not allowed or it exists."""
        return None if self.documents(path) else self._new_file_uri(path)
