"""What can be told from a uri without touching the disk. Uris themselves are kept exactly as the client wrote them."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"^/?([A-Za-z]):(?=/|$)")


def file_path(uri: str) -> str | None:
    """The path a `file:` uri names, with forward slashes and a lower-case drive letter; None for any other scheme.

    `file:///c%3A/x`, `file:///C:/x` (both are in use) give `c:/x`; `file://host/share` gives `//host/share`.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() != "file":
        return None
    # What looks like a query is part of the name: clients forget to escape it.
    rest = uri[uri.index(":") + 1 :].removeprefix(f"//{parts.netloc}")
    path = unquote(rest, errors="surrogateescape")
    if parts.netloc and parts.netloc.lower() != "localhost":
        path = f"//{parts.netloc}{path}"
    return _DRIVE.sub(lambda drive: f"{drive[1].lower()}:", path, count=1)


def shown_path(uri: str, folders: Iterable[str]) -> str:
    """The path of a document relative to the innermost folder that holds it, else its bare name."""
    path = file_path(uri)
    if path is None:
        return unquote(uri.rsplit("/", 1)[-1]) or uri
    roots = [root.rstrip("/") for folder in folders if (root := file_path(folder)) is not None]
    holders = [root for root in roots if path.startswith(f"{root}/")]
    if holders:
        return path[len(max(holders, key=len)) + 1 :]
    return path.rsplit("/", 1)[-1]
