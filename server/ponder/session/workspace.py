"""The workspace folders as a session sees them: what may be told, what may be read, where an answer may point.

Every text that goes to the model passes `shown`; every file that is read passes `read`. Writes nothing.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ponder.answers.sources import Sources
from ponder.documents import Document
from ponder.errors import ErrorInfo, RunError
from ponder.files.ignore import IgnoreRules, global_excludes_file
from ponder.files.ignore_patterns import IgnorePattern, as_git_sees, parse_ignore, pattern_names
from ponder.files.jail import Jail, Place
from ponder.files.names import untellable
from ponder.files.read import FileText, LeftOut, read_as_it_is, refusal_of, text_for_model
from ponder.files.reasons import Reason
from ponder.files.secret_names import secret_name
from ponder.files.secrets import redact_secrets
from ponder.files.uris import path_of_uri, uri_of_path
from ponder.session.ports import Editor
from ponder.syntax.languages import language_of

_OUTSIDE = Reason("outside")


class Workspace:
    """The folders at one moment. Folders that come or go make another one."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        paths = [path for uri in editor.folders() if (path := path_of_uri(uri)) is not None]
        self.jail = Jail(paths)
        self._named = {os.path.realpath(path): path for path in paths}
        excludes = global_excludes_file(os.environ)
        self._rules = {folder: IgnoreRules(folder, global_excludes=excludes) for folder in self.jail.folders}
        self._exclude: tuple[IgnorePattern, ...] = ()

    def ignored(self, place: Place) -> Reason | None:
        """Why a place must not be read: the ignore files first, then the settings."""
        reason = self._rules[place.folder].ignored(place.relative)
        if reason is not None:
            return reason
        parts = tuple(as_git_sees(part) for part in place.relative.split("/"))
        return Reason("excluded") if pattern_names(self._exclude, parts) else None

    def exclude(self, patterns: tuple[str, ...]) -> None:
        """Never send what these patterns of the settings name."""
        self._exclude = parse_ignore("\n".join(patterns))

    def forget_rules(self) -> None:
        """An ignore file may have changed."""
        for rules in self._rules.values():
            rules.forget()

    def shown(self, document: Document) -> FileText:
        """What the model may see of an open text. Raises RunError where it must not see it.

        A text that is no file, and any text while no folder is open, was chosen by the user and has no rules
        but those about secrets.
        """
        path = path_of_uri(document.uri)
        if path is None or not self.jail.folders:
            return _unruled(document)
        place = self.jail.place(path)
        if place is None:
            raise _refused(document.path, _OUTSIDE, "Add its folder to the workspace.")
        text = text_for_model(document.text, place, self.ignored)
        if isinstance(text, LeftOut):
            raise _left_out(document.path, text.reason)
        return text

    def refusal(self, document: Document) -> Reason | None:
        """Why `shown` would refuse an open text; None where it would not. Asks the disk."""
        path = path_of_uri(document.uri)
        if path is None or not self.jail.folders:
            return secret_name(document.path)
        if (place := self.jail.place(path)) is None:
            return _OUTSIDE
        refused = refusal_of(document.text, place, self.ignored)
        return None if refused is None else refused.reason

    def may_tell(self, document: Document) -> bool:
        """Whether the model may see this text at all."""
        try:
            self.shown(document)
        except RunError:
            return False
        return True

    def may_review(self, document: Document) -> bool:
        """Whether a save may start work on its own: only inside the workspace."""
        place = self.jail.place_uri(document.uri)
        if place is None or untellable(place.relative) is not None:
            return False
        return refusal_of(document.text, place, self.ignored) is None

    def read(self, uri: str) -> Document | None:
        """A file that is not open as it stands on disk, if the model may be told of it: for placing and applying.

        Its text still passes `shown` before it is sent.
        """
        found = self.look(uri)
        return found if isinstance(found, Document) else None

    def look(self, uri: str) -> Document | Reason:
        """As `read`, or why there is nothing to read."""
        path = path_of_uri(uri)
        if path is None:
            return _OUTSIDE
        found = read_as_it_is(path, self.jail, self.ignored)
        if isinstance(found, LeftOut):
            return found.reason
        relative = found.place.relative
        return Document(uri, found.text, path=relative, language=language_of(relative).id)

    def uri_in(self, folder: str, path: str) -> str:
        """The uri of a path relative to a folder (a real one), below the folder as the editor calls it."""
        named = self._named.get(folder, folder)
        return uri_of_path(str(Path(named, *path.split("/"))))

    def sources(
        self,
        document: Document,
        *,
        find: Callable[[str], Sequence[Document]] | None = None,
        why: Callable[[str], str | None] = lambda _path: None,
    ) -> Sources:
        """Where an answer about this document may point: into it, to new files of its folder, and to what `find` finds."""
        home = self.jail.place_uri(document.uri)
        folder = home.folder if home is not None else None
        return Sources(
            (document,),
            find=find,
            why=why,
            new_file_uri=lambda path: self.jail.new_file_uri(path, folder),
        )


def _unruled(document: Document) -> FileText:
    reason = secret_name(document.path)
    if reason is not None:
        raise _left_out(document.path, reason)
    text, redactions = redact_secrets(document.text)
    size = len(document.text.encode("utf-8", "surrogatepass"))
    return FileText(
        place=Place("", document.path), text=text, redactions=redactions, encoding="utf-8", size=size
    )


def _left_out(path: str, reason: Reason) -> RunError:
    if reason.kind == "large":
        message = f"{path} was not sent: it is {reason.noun}."
        return RunError(
            ErrorInfo(kind="tooLarge", message=message, hint="Split the file, or ask about a smaller one.")
        )
    return _refused(path, reason, "Such files are never sent, by any feature.")


def _refused(path: str, reason: Reason, hint: str) -> RunError:
    message = f"{path} was not sent: it is {reason.noun}."
    return RunError(ErrorInfo(kind="invalidRequest", message=message, hint=hint))
