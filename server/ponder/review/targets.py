"""Which files a review of paths looks at, and their texts. Reads files only by the one way that is meant for it."""

# Directory entries and real paths are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH118, PTH120
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, structs

from ponder.context.index import walk
from ponder.context.index.git import repository
from ponder.context.index.scope import too_wide
from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.files.ignore import IgnoreRules
from ponder.files.jail import Jail
from ponder.files.load import LeftOut
from ponder.files.names import untellable
from ponder.files.read import IgnoredBy, read_as_it_is
from ponder.files.reasons import RULES, Reason
from ponder.files.uris import path_of_uri, uri_of_path
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


class Skipped(LeftOut, frozen=True):
    """Code that nobody named and that cannot be reviewed. `file` is its absolute path."""

    file: str = ""


class Gathered(Struct, frozen=True, kw_only=True):
    """What there is to review, by path, and what was left out with the reason.

    `left_out` was named by the user; `skipped` was come upon in a directory. `ignored` is code that ignore rules keep
    out, as far as it was come upon: of interest where nothing else is there.
    """

    targets: tuple[Target, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ignored: tuple[Skipped, ...] = ()
    named: frozenset[str] = frozenset()
    """Real paths of the files that the user named."""
    untracked: int = 0
    """Files that are no part of a change because git does not know them."""


def folders_of(paths: Sequence[str], here: str) -> tuple[str, ...]:
    """The folders that jail a review of these paths: what those outside of `here` (absolute) lie in, and `here` itself
    where it is needed as well. The folder that settings and baseline are read for comes first.
    """
    found: list[str] = []
    inside = not paths
    for path in paths:
        # As it is written: a link that leads out of a folder must not carry the jail with it.
        absolute = os.path.normpath(os.path.join(here, path))
        if os.path.commonpath((here, absolute)) != here:
            directory = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
            found.append(repository(directory) or directory)
        else:
            inside = True
    first = os.path.realpath(here)
    around = any(os.path.commonpath((folder, first)) == folder for folder in map(os.path.realpath, found))
    folders = Jail((*found, first) if inside and not around else found).folders
    return tuple(sorted(folders, key=lambda folder: folder != first))


def gather(
    paths: Iterable[str], *, here: str, jail: Jail, ignored: IgnoredBy, environ: Mapping[str, str]
) -> Gathered:
    """The texts behind files and directories. Blocks: call it in a thread.

    Raises PonderError for a path that does not exist, or a directory with everything in it.
    """
    absolute: dict[str, bool] = {}
    skipped: list[Skipped] = []
    kept_out: list[Skipped] = []
    for given in paths:
        path = os.path.normpath(os.path.join(here, given))
        if os.path.isdir(path):
            below = _below(path, environ)
            absolute = dict.fromkeys(below.code, False) | absolute
            skipped += below.unreadable
            kept_out += below.ignored
        elif os.path.lexists(path):
            absolute[path] = True
        else:
            raise PonderError(f"`{given}` does not exist.")
    read = read_all(absolute, jail=jail, ignored=ignored)
    return structs.replace(read, skipped=(*skipped, *read.skipped), ignored=(*kept_out, *read.ignored))


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
    skipped: list[Skipped] = []
    for path, named in sorted(paths.items()):
        found = read_as_it_is(path, jail, ignored)
        if not isinstance(found, LeftOut) and (why := untellable(found.place.relative)) is not None:
            # What cannot be placed again is not paid for.
            found = LeftOut(found.place.relative, why)
        if isinstance(found, LeftOut):
            if named:
                left_out.append(found)
            else:
                skipped.append(Skipped(found.path, found.reason, path))
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
        skipped=tuple(one for one in skipped if one.reason.kind not in RULES),
        ignored=tuple(one for one in skipped if one.reason.kind in RULES),
        named=frozenset(os.path.realpath(path) for path, named in paths.items() if named),
    )


def within(gathered: Gathered, folder: str, jail: Jail) -> Gathered:
    """What of it lies in one (real) folder of the jail, without what was named and left out."""

    def here(path: str | None) -> bool:
        place = jail.place(path) if path is not None else None
        return place is not None and place.folder == folder

    return structs.replace(
        gathered,
        targets=tuple(one for one in gathered.targets if here(path_of_uri(one.document.uri))),
        left_out=(),
        skipped=tuple(one for one in gathered.skipped if here(one.file)),
    )


def code_below(folder: str, rules: IgnoreRules) -> list[str]:
    """Absolute paths of the code in a folder, under its ignore rules."""
    found = walk.files(folder, rules).files
    return [os.path.join(folder, *path.split("/")) for path in found if is_code(path)]


class _Below(Struct, frozen=True):
    """What a directory holds: code by absolute path, what ignore rules keep out, and that some could not be read."""

    code: list[str]
    ignored: list[Skipped]
    unreadable: list[Skipped]


def _below(directory: str, environ: Mapping[str, str]) -> _Below:
    real = os.path.realpath(directory)
    reason = too_wide(real, environ.get("HOME"))
    if reason is not None:
        raise PonderError(f"`{directory}` is {reason}; name a project in it.")
    refused: dict[str, Reason] = {}
    walked = walk.files(real, IgnoreRules(real), refused=refused)
    unreadable = []
    if walked.unreadable:
        number = "a folder" if walked.unreadable == 1 else f"{walked.unreadable:,} folders"
        unreadable.append(Skipped(directory, Reason("folders", number), real))
    return _Below(
        [os.path.join(real, *path.split("/")) for path in walked.files if is_code(path)],
        [
            Skipped(path, why, os.path.join(real, *path.rstrip("/").split("/")))
            for path, why in refused.items()
            if path.endswith("/") or is_code(path)
        ],
        unreadable,
    )


def is_code(path: str) -> bool:
    """Whether a review of a directory looks at a file of this name."""
    language = language_of(path)
    return language.grammar is not None and language.id not in _NO_CODE and not _MADE_BY_TOOLS.search(path)
