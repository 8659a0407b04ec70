"""`file:` URIs to paths and back. Touches no file system and decodes each URI exactly once."""

import os
import re
from pathlib import PurePosixPath
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(/|$)")
_LOCAL_HOSTS = frozenset({"", "localhost"})


def path_of_uri(uri: str) -> str | None:
    """The absolute path a `file:` URI names; None for other schemes and for what is no plain local path.

    Refused are a host (`file://server/share` makes Windows send credentials), a query, a fragment and NUL.
    Bytes that are not UTF-8 survive the way through `os.fsdecode`.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() != "file" or parts.netloc.lower() not in _LOCAL_HOSTS:
        return None
    if parts.query or parts.fragment or not parts.path.startswith("/"):
        return None
    raw = unquote_to_bytes(parts.path)
    path = os.fsdecode(raw) if os.name == "posix" else raw.decode("utf-8", "replace")
    if "\0" in path or path.startswith(("//", "/\\")):
        return None
    # VS Code writes file:///c%3A/x; the slash before a drive letter is not part of the path.
    return path[1:] if _DRIVE.match(path) else path


def uri_of_path(path: str | os.PathLike[str]) -> str:
    """The `file:` URI of an absolute path, percent-encoded as RFC 3986 asks; drive letters stay readable."""
    text = os.fspath(path).replace("\\", "/") if os.name == "nt" else os.fspath(path)
    if _DRIVE.match("/" + text):
        text = "/" + text
    return "file://" + quote_from_bytes(os.fsencode(text), safe="/:@!$&'()*+,;=~-._")


def same_file_uri(first: str, second: str) -> bool:
    """Whether two URIs name the same path, however each client chose to percent-encode it."""
    return first == second or ((path := path_of_uri(first)) is not None and path == path_of_uri(second))


def relative_inside(path: str) -> PurePosixPath | None:
    """A path as a model writes it, made relative and safe to join to a folder; None where it is not that.

    Refused: absolute and home paths, drive letters, UNC, `..`, NUL, control characters, empty, and components
    that other systems would read as something else (trailing dots or spaces, `:` streams).
    """
    text = path.removeprefix("./")
    if not text or text.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", text):
        return None
    # A backslash is a separator on one system and a letter on another: never guess which was meant.
    if "\\" in text or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        return None
    parts = text.split("/")
    if any(part in ("", ".", "..") or part != part.rstrip(". ") or ":" in part for part in parts):
        return None
    return PurePosixPath(*parts)
