"""The one function that reads a file for the model, and its twin for text already open in the editor.

Nothing reaches a prompt by any other way: jail, ignore rules, secret names, size, encoding, secret text.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ponder.files.jail import Jail, Place
from ponder.files.load import MAX_BYTES, Encoding, LeftOut, LoadedText, load_text
from ponder.files.reasons import Reason, too_large
from ponder.files.secret_names import secret_name
from ponder.files.secrets import holds_key, redact_open, redact_secrets

__all__ = [
    "FileText",
    "IgnoredBy",
    "LeftOut",
    "read_as_it_is",
    "read_for_model",
    "refusal_of",
    "text_for_model",
]


class IgnoredBy(Protocol):
    """Answers why a file must not be read, or None. `place.relative` is real, links resolved."""

    def __call__(self, place: Place) -> Reason | None:
        """The reason, or None."""


class FileText(Struct, frozen=True, kw_only=True):
    """What the model may see of a file: text with its own line ends, secrets replaced line by line."""

    place: Place
    text: str
    redactions: int
    """How many secrets were replaced; the user is told."""
    encoding: Encoding
    size: int
    """In bytes, on disk."""
    key: bool = False
    """Whether a secret in it is a key by its form alone: such a file is told only where it is itself the matter."""

    @property
    def path(self) -> str:
        """Relative to the workspace folder, with forward slashes."""
        return self.place.relative


def read_for_model(
    path: str,
    jail: Jail,
    ignored: IgnoredBy,
    *,
    max_bytes: int = MAX_BYTES,
    now_ns: Callable[[], int] = time.time_ns,
) -> FileText | LeftOut:
    """What the model may see of the file at an absolute path, or why it may not. Raises nothing for a bad file."""
    loaded = read_as_it_is(path, jail, ignored, max_bytes=max_bytes, now_ns=now_ns)
    return loaded if isinstance(loaded, LeftOut) else _shown(loaded)


def read_as_it_is(
    path: str,
    jail: Jail,
    ignored: IgnoredBy,
    *,
    max_bytes: int = MAX_BYTES,
    now_ns: Callable[[], int] = time.time_ns,
) -> LoadedText | LeftOut:
    """The text to place and apply edits in, secrets included: never for the model, never for a log.

    The same files pass as in `read_for_model`. Where a secret was replaced the columns of its line differ, so an
    edit placed in the shown text would land beside its target in the real one.

    Both the name as given and the real one must be harmless: a link `notes.txt` to `.env` is a secret.
    """
    place = jail.place(path)
    if place is None:
        return LeftOut(Path(path).name, Reason("outside"))
    reason = secret_name(Path(path).name) or secret_name(place.relative) or ignored(place)
    if reason is not None:
        return LeftOut(place.relative, reason)
    return load_text(jail, place, max_bytes=max_bytes, now_ns=now_ns)


def text_for_model(
    text: str, place: Place, ignored: IgnoredBy, *, max_bytes: int = MAX_BYTES
) -> FileText | LeftOut:
    """As `read_for_model`, for the text of an open document, which counts before the file on disk."""
    refused = refusal_of(text, place, ignored, max_bytes=max_bytes)
    if refused is not None:
        return refused
    shown, redactions = redact_open(text)
    size = len(text.encode("utf-8", "surrogatepass"))
    key = bool(redactions) and holds_key(text)
    return FileText(place=place, text=shown, redactions=redactions, encoding="utf-8", size=size, key=key)


def refusal_of(text: str, place: Place, ignored: IgnoredBy, *, max_bytes: int = MAX_BYTES) -> LeftOut | None:
    """Why the model may see nothing of an open text. Cheap: what the text says is not looked at for secrets."""
    reason = secret_name(place.relative) or ignored(place)
    if reason is None and len(text.encode("utf-8", "surrogatepass")) > max_bytes:
        reason = too_large(max_bytes)
    if reason is None and "\0" in text:
        reason = Reason("binary")
    return None if reason is None else LeftOut(place.relative, reason)


def _shown(loaded: LoadedText) -> FileText:
    text, redactions = redact_secrets(loaded.text)
    return FileText(
        place=loaded.place,
        text=text,
        redactions=redactions,
        encoding=loaded.encoding,
        size=loaded.size,
        key=bool(redactions) and holds_key(loaded.text),
    )
