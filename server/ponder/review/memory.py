"""What a reviewed text gave, kept so that the same text is never paid for again. Keys and values only; the store is handed in."""

import difflib
import re
from collections.abc import Callable

from msgspec import Struct, structs

from ponder.documents import Document, Span
from ponder.files.secrets import find_secrets
from ponder.findings import Finding
from ponder.prompts import library
from ponder.routing.route import Route
from ponder.store.rows import decode, encode, result_key
from ponder.syntax.languages import language_of
from ponder.syntax.places import changed_symbols

_BLOT = "\N{BULLET}"
_LETTER = re.compile(r"[^\r\n]")


class Reviewed(Struct, frozen=True):
    """A reviewed text and all findings that stand for it, with spans in exactly this text.

    `hidden`: where secrets of the text were blotted out, letter by letter, before it was kept.
    """

    text: str
    findings: tuple[Finding, ...]
    hidden: tuple[Span, ...] = ()
    unsure: int = 0
    """Findings that were left out because the model was not sure enough of them."""


def version_of(prompt: str, least: int) -> str:
    """The version of a prompt that asks for findings this sure: another bar is another review."""
    return (
        f"{prompt} confidence {least} {library.fingerprint(library.text('confidence'))}" if least else prompt
    )


class Memory:
    """Reviews of one workspace by one `answerer` (`Endpoint.answerer`). `get` and `put` are the store's; both take (key, workspace)."""

    def __init__(
        self,
        workspace: str,
        answerer: str,
        get: Callable[[str, str], bytes | None],
        put: Callable[[str, str, bytes], None],
    ) -> None:
        self._workspace = workspace
        self._answerer = answerer
        self._get = get
        self._put = put

    def of_text(self, document: Document, route: Route, version: str) -> Reviewed | None:
        """The review of exactly this text by this route and prompt."""
        known = self._read(self._key("review", document, route, version, document.text))
        return structs.replace(known, text=document.text, hidden=()) if known is not None else None

    def last(self, document: Document, route: Route, version: str) -> Reviewed | None:
        """The newest review of this file, whatever its text was."""
        known = self._read(self._key("last-review", document, route, version, ""))
        return _restored(known, document.text) if known is not None else None

    def newest(self, document: Document, route: Route, version: str, reviewed: Reviewed) -> None:
        """The file has this reviewed text again: what changes next is told from it."""
        key = self._key("last-review", document, route, version, "")
        self._put(key, self._workspace, encode(_blotted(reviewed)))

    def keep(self, document: Document, route: Route, version: str, reviewed: Reviewed) -> None:
        """Remember a complete review."""
        key = self._key("review", document, route, version, document.text)
        self._put(key, self._workspace, encode(_blotted(reviewed)))
        self.newest(document, route, version, reviewed)

    def _read(self, key: str) -> Reviewed | None:
        value = self._get(key, self._workspace)
        return decode(value, Reviewed) if value is not None else None

    def _key(self, kind: str, document: Document, route: Route, version: str, text: str) -> str:
        depth = (repr(route.thinking_param), str(route.effort_param), str(route.max_tokens))
        return result_key(
            kind,
            workspace=self._workspace,
            answerer=self._answerer,
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
    if not weighty or (len(weighty) < len(changed) and _lines_gone(before, document.text)):
        return None
    part = Span(min(span.start for span in weighty), max(span.end for span in weighty))
    return None if part.end - part.start > 0.8 * len(document.text) else part


def _blotted(reviewed: Reviewed) -> Reviewed:
    """Nothing secret is kept on disk. Every letter keeps its place, so that findings keep theirs."""
    hidden = tuple(find_secrets(reviewed.text))
    text = reviewed.text
    for span in hidden:
        text = text[: span.start] + _LETTER.sub(_BLOT, text[span.start : span.end]) + text[span.end :]
    return structs.replace(reviewed, text=text, hidden=hidden)


def _restored(reviewed: Reviewed, now: str) -> Reviewed:
    """With the secrets of the text of now, where they are as many and as long: else they count as changed."""
    secrets = find_secrets(now) if reviewed.hidden else []
    if [span.end - span.start for span in secrets] != [span.end - span.start for span in reviewed.hidden]:
        return reviewed
    text = reviewed.text
    for before, span in zip(reviewed.hidden, secrets, strict=True):
        text = text[: before.start] + now[span.start : span.end] + text[before.end :]
    return structs.replace(reviewed, text=text, hidden=())


def _lines_gone(before: str, after: str) -> bool:
    """Whether lines that say something are gone, with nothing in their place."""
    old, new = _code(before), _code(after)
    if len(old) * len(new) > 4_000_000:
        return True
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return any(tag == "delete" for tag, *_ in codes)


def _code(text: str) -> list[str]:
    """The lines that say something; blank lines and space at their ends do not."""
    return [stripped for line in text.split("\n") if (stripped := line.rstrip())]
