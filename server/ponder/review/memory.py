"""What a reviewed text gave, kept so that the same text is never paid for again. Keys and values only; the store is handed in."""

from collections.abc import Callable

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.findings import Finding
from ponder.routing.route import Route
from ponder.store.rows import decode, encode, result_key
from ponder.syntax.languages import language_of
from ponder.syntax.places import changed_symbols


class Reviewed(Struct, frozen=True):
    """A reviewed text and all findings that stand for it, with spans in exactly this text."""

    text: str
    findings: tuple[Finding, ...]


class Memory:
    """Reviews of one workspace. `get` and `put` are the store's; both take (key, workspace)."""

    def __init__(
        self, workspace: str, get: Callable[[str, str], bytes | None], put: Callable[[str, str, bytes], None]
    ) -> None:
        self._workspace = workspace
        self._get = get
        self._put = put

    def of_text(self, document: Document, route: Route, version: str) -> Reviewed | None:
        """The review of exactly this text by this route and prompt."""
        return self._read(self._key("review", document, route, version, document.text))

    def last(self, document: Document, route: Route, version: str) -> Reviewed | None:
        """The newest review of this file, whatever its text was."""
        return self._read(self._key("last-review", document, route, version, ""))

    def newest(self, document: Document, route: Route, version: str, reviewed: Reviewed) -> None:
        """The file has this reviewed text again: what changes next is told from it."""
        self._put(self._key("last-review", document, route, version, ""), self._workspace, encode(reviewed))

    def keep(self, document: Document, route: Route, version: str, reviewed: Reviewed) -> None:
        """Remember a complete review."""
        self._put(
            self._key("review", document, route, version, document.text), self._workspace, encode(reviewed)
        )
        self.newest(document, route, version, reviewed)

    def _read(self, key: str) -> Reviewed | None:
        value = self._get(key, self._workspace)
        return decode(value, Reviewed) if value is not None else None

    def _key(self, kind: str, document: Document, route: Route, version: str, text: str) -> str:
        depth = (repr(route.thinking_param), str(route.effort_param), str(route.max_tokens))
        return result_key(
            kind,
            workspace=self._workspace,
            model=route.model,
            prompt_version=version,
            parts=(document.uri, document.path, text, *depth),
        )


NOTHING = Span(0, 0)
"""The part of a text that needs no review."""


def changed_part(before: str | None, document: Document) -> Span | None:
    """What a review looks at: None for all of it, `NOTHING` where nothing of weight changed.

    The part spans all definitions that changed since the text last reviewed. All of it is looked at where the file
    is new, where most of it changed, and where something outside every definition is gone: an import or a function
    that is missing now is missed anywhere.
    """
    if before is None:
        return None
    if _code(before) == _code(document.text):
        return NOTHING
    changed = changed_symbols(before, document.text, language_of(document.path, document.language))
    weighty = [span for span in changed if document.slice(span).strip()]
    if len(weighty) < len(changed) or not changed:
        return None
    part = Span(min(span.start for span in weighty), max(span.end for span in weighty))
    return None if part.end - part.start > 0.8 * len(document.text) else part


def _code(text: str) -> list[str]:
    """The lines that say something; blank lines and space at their ends do not."""
    return [stripped for line in text.split("\n") if (stripped := line.rstrip())]
