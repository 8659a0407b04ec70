"""Which files a review of paths looks at, and their texts. Reads files only by the one way that is meant for it."""

# Directory entries and real paths are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH118, PTH120
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from ponder.context.index import walk
from ponder.context.index.git import repository
from ponder.context.index.scope import too_wide
from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.files.ignore import IgnoreRules
from ponder.files.jail import Jail
from ponder.files.load import LeftOut
from ponder.files.read import IgnoredBy, read_as_it_is
from ponder.files.uris import uri_of_path
from ponder.syntax.languages import language_of

# Texts and data that a code review has little to say about. Whoever names such a file gets it reviewed.
_NO_CODE = frozenset(
    "json jsonc yaml toml ini xml html markdown rst latex bibtex css plaintext".split()  # noqa: SIM905
)
_MADE_BY_TOOLS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|dist)/|\.min\.(?:js|css)$|_pb2\.pyi?$|\.pb\.\w+$|\.d\.ts$"
)


class Target(Struct, frozen=True, kw_only=True):
    """A file to review. `changed`: the only parts that count, in order; None for all of it."""

    document: Document
    changed: tuple[Span, ...] | None = None


class Gathered(Struct, frozen=True, kw_only=True):
    """What there is to review, by path, and what was left out with the reason."""

    targets: tuple[Target, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def folders_of(paths: Sequence[str], here: str) -> tuple[str, ...]:
    """The folders that jail a review of these paths: `here` (absolute), or what the paths outside of it lie in."""
    found = []
    for path in paths:
        # As it is written: a link that leads out of a folder must not carry the jail with it.
        absolute = os.path.normpath(os.path.join(here, path))
        if os.path.commonpath((here, absolute)) != here:
            directory = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
            found.append(repository(directory) or directory)
    return Jail(found or (here,)).folders


def gather(
    paths: Iterable[str], *, here: str, jail: Jail, ignored: IgnoredBy, environ: Mapping[str, str]
) -> Gathered:
    """The texts behind files and directories. Blocks: call it in a thread.

    Raises PonderError for a path that does not exist, or a directory with everything in it.
    """
    absolute: dict[str, bool] = {}
    for given in paths:
        path = os.path.normpath(os.path.join(here, given))
        if os.path.isdir(path):
            for below in _code_below(path, environ):
                absolute.setdefault(below, False)
        elif os.path.lexists(path):
            absolute[path] = True
        else:
            raise PonderError(f"`{given}` does not exist.")
    return read_all(absolute, jail=jail, ignored=ignored)


def read_all(
    paths: Mapping[str, bool],
    *,
    jail: Jail,
    ignored: IgnoredBy,
    buffer: Callable[[str], Document | None] = lambda _uri: None,
) -> Gathered:
    """The texts of absolute paths; the value says whether the user named the file, so that leaving it out is told.

    `buffer` gives the text an editor holds for a uri; it counts before the one on disk.
    """
    documents: dict[str, Document] = {}
    left_out: list[LeftOut] = []
    for path, named in sorted(paths.items()):
        found = read_as_it_is(path, jail, ignored)
        if isinstance(found, LeftOut):
            if named:
                left_out.append(found)
            continue
        if not named and not found.text.strip():
            continue
        relative = found.place.relative
        # A link and its target are one file.
        uri = uri_of_path(found.place.path)
        documents[uri] = buffer(uri) or Document(
            uri, found.text, path=relative, language=language_of(relative).id
        )
    return Gathered(
        targets=tuple(Target(document=document) for document in documents.values()),
        left_out=tuple(left_out),
    )


def code_below(folder: str, rules: IgnoreRules) -> list[str]:
    """Absolute paths of the code in a folder, under its ignore rules."""
    found = walk.files(folder, rules).files
    return [os.path.join(folder, *path.split("/")) for path in found if _is_code(path)]


def _code_below(directory: str, environ: Mapping[str, str]) -> list[str]:
    real = os.path.realpath(directory)
    reason = too_wide(real, environ.get("HOME"))
    if reason is not None:
        raise PonderError(f"`{directory}` is {reason}; name a project in it.")
    return code_below(real, IgnoreRules(real))


def _is_code(path: str) -> bool:
    language = language_of(path)
    return language.grammar is not None and language.id not in _NO_CODE and not _MADE_BY_TOOLS.search(path)
