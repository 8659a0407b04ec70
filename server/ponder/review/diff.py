"""What changed since a revision, as spans of today's texts. Asks git for names and old contents only.

The comparison itself is made here: `git diff` would run whatever filters, text converters and diff programs the
repository's own configuration names.
"""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH112, PTH113, PTH116, PTH118, PTH123
import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, structs

from ponder.context.index.git import program, repository
from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.files.load import LeftOut, decode
from ponder.files.reasons import Reason
from ponder.files.uris import path_of_uri
from ponder.findings import changes_between
from ponder.review.targets import Gathered, Target

_PASSED_ON = ("PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP")
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-replace-objects")
_LIMIT_S = 60.0
_MOST_COMPARED = 200_000_000
_REGULAR = (b"100644", b"100755")


class OldText(Struct, frozen=True):
    """A tracked file. `text` is the one in the revision; None: it was no text there, or it was not there."""

    path: str
    text: str | None


class Repository:
    """Git at one root, asked without letting the repository run anything. Raises PonderError where git refuses."""

    def __init__(self, folder: str, environ: Mapping[str, str]) -> None:
        root, git = repository(folder), program(environ)
        if root is None:
            raise PonderError("`--diff` needs a git repository; there is none here.")
        if git is None:
            raise PonderError("`--diff` needs git; it is not on the search path.")
        self.root = os.path.realpath(root)
        self._git = git
        # GIT_DIR and its like would answer for another repository, and no child needs a credential.
        self._environ = {name: environ[name] for name in _PASSED_ON if name in environ} | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "LC_ALL": "C",
        }

    def tracked(self, revision: str, paths: Iterable[str]) -> list[OldText]:
        """Those of these (real, absolute) paths that git tracks, each with its text in a revision; `REV...` means where HEAD branched off from it.

        Git never looks at the files themselves: to compare them it would run the repository's filters.
        """
        old = self._old(revision, paths)
        texts = self._texts(sorted({blob for blob in old.values() if blob}))
        return [OldText(os.fsdecode(name), texts.get(blob)) for name, blob in old.items()]

    def files(self) -> list[str]:
        """Absolute paths of all that git tracks."""
        names = self._run("ls-files", "--cached", "-z").split(b"\0")
        return [self._path(name) for name in names if name]

    def differing(self, revision: str, paths: Iterable[str], *, new: bool = False) -> set[str]:
        """Those of these (real, absolute) paths whose bytes are not those of a revision; `new`: also where git does not track them."""
        wanted = set(paths)
        if not wanted:
            return set()
        old = {self._path(name): blob for name, blob in self._old(revision, wanted).items()}
        changed = {path for path, blob in old.items() if not _is_blob(path, blob)}
        return changed | {path for path in wanted.difference(old) if new and os.path.isfile(path)}

    def _old(self, revision: str, paths: Iterable[str]) -> dict[bytes, bytes]:
        """Name and blob in a revision of each of these paths that git tracks; an empty blob where it was not there."""
        wanted = {
            os.fsencode(os.path.relpath(path, self.root)).replace(os.fsencode(os.sep), b"/") for path in paths
        }
        names = wanted.intersection(self._run("ls-files", "--cached", "-z").split(b"\0"))
        old = {name: blob for name, blob in self._blobs(self._commit(revision)) if name in names}
        return {name: old.get(name, b"") for name in names}

    def _path(self, name: bytes) -> str:
        return os.path.join(self.root, *os.fsdecode(name).split("/"))

    def _blobs(self, commit: str) -> Iterator[tuple[bytes, bytes]]:
        """Name and blob of each regular file."""
        for row in self._run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            head, _, name = row.partition(b"\t")
            mode, _, rest = head.partition(b" ")
            if mode in _REGULAR:
                yield name, rest.split(b" ")[1]

    def _texts(self, blobs: Sequence[bytes]) -> dict[bytes, str]:
        """The texts of blobs; what is no text is left out."""
        out = self._run("cat-file", "--batch", given=b"".join(blob + b"\n" for blob in blobs))
        texts, at = {}, 0
        for blob in blobs:
            end = out.find(b"\n", at)
            _, kind, size = [*out[at:end].split(b" "), b"", b""][:3]
            if end < 0 or kind != b"blob":
                at = end + 1
                continue
            at = end + 1 + int(size) + 1
            decoded = decode(out[end + 1 : at - 1])
            if not isinstance(decoded, Reason):
                texts[blob] = decoded[0]
        return texts

    def _commit(self, revision: str) -> str:
        if revision.startswith("-") or not revision.strip():
            raise PonderError(f"`{revision}` is no revision.")
        if revision in {"HEAD", "@"} and self._unborn():
            # Git knows this tree without having it; its name depends on the repository's hash.
            return self._run("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()
        base = revision.removesuffix("HEAD").removesuffix("...") if "..." in revision else revision
        clone = (
            "" if not self._shallow() else " (this clone does not have its whole history: fetch more of it)"
        )
        ends = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
        name = self._run(*ends, why=f"it knows no revision `{base}`{clone}").decode("ascii").strip()
        if base != revision:
            why = f"`{base}` and HEAD have nothing in common{clone}"
            name = self._run("merge-base", name, "HEAD", why=why).decode("ascii").strip()
        return name

    def _shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def _unborn(self) -> bool:
        """Whether the branch at hand has no commit yet: then everything is new."""
        try:
            self._run("rev-parse", "--verify", "--quiet", "HEAD")
        except PonderError:
            return bool(self._run("symbolic-ref", "HEAD"))
        return False

    def _run(self, *arguments: str, given: bytes = b"", why: str = "it does not say why") -> bytes:
        try:
            done = subprocess.run(
                [self._git, *_HARMLESS, *arguments],
                cwd=self.root,
                env=self._environ,
                input=given,
                capture_output=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PonderError(f"git did not answer ({type(error).__name__}).") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            why = said[0][:200] if said else why
            raise PonderError(f"git cannot tell what changed: {why}.")
        return done.stdout


def only_changed(gathered: Gathered, revision: str, repository: Repository) -> Gathered:
    """Those targets that changed since a revision, each with the parts that did; of what was skipped, what changed too.

    Raises PonderError.
    """
    paths = {path: target for target in gathered.targets if (path := path_of_uri(target.document.uri))}
    skipped = {os.path.realpath(one.file): one for one in gathered.skipped}
    differing = repository.differing(revision, skipped)
    before = {
        os.path.join(repository.root, *one.path.split("/")): one
        for one in repository.tracked(revision, paths)
    }
    targets: list[Target] = []
    for path, target in paths.items():
        parts = changed_parts(before[path].text, target.document) if path in before else ()
        if parts:
            whole = parts == (Span(0, len(target.document.text)),)
            targets.append(structs.replace(target, changed=None if whole else parts))
    new = {path: target for path, target in paths.items() if path not in before}
    named = [
        LeftOut(new[path].document.path, Reason("untracked"))
        for path in sorted(new)
        if path in gathered.named
    ]
    return structs.replace(
        gathered,
        targets=tuple(targets),
        left_out=(*gathered.left_out, *named),
        skipped=tuple(one for path, one in skipped.items() if path in differing or os.path.isdir(path)),
        untracked=len(new) - len(named),
    )


def _is_blob(path: str, blob: bytes) -> bool:
    """Whether a regular file holds exactly the bytes of a blob. Git itself would run the repository's filters to tell."""
    try:
        size = os.stat(path, follow_symlinks=False).st_size
        if not blob or not os.path.isfile(path) or size > _MOST_COMPARED:
            return False
        name = "sha1" if len(blob) == 40 else "sha256"
        seal = hashlib.new(name, b"blob %d\0" % size, usedforsecurity=False)
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                seal.update(piece)
    except OSError:
        return False
    return seal.hexdigest().encode() == blob


def changed_parts(before: str | None, document: Document) -> tuple[Span, ...]:
    """The changed lines of a document as spans, in order; where lines only went, the two that stood around them.

    All of it where there is no earlier text; nothing where only line ends differ.
    """
    if before is None:
        return (Span(0, len(document.text)),) if document.text else ()
    old, new = _plain(before), _plain(document.text)
    plain = Document("", new)
    lines: set[int] = set()
    # The edits come last place first, each in the text before it: what follows them has its final distance to the end.
    shift = 0
    for change in reversed(changes_between(old, new)):
        start = change.span.start + shift
        shift += len(change.new_text) - (change.span.end - change.span.start)
        first = plain.line_at(start)
        if change.new_text:
            last = plain.line_at(max(start, start + len(change.new_text.rstrip("\n")) - 1))
            lines.update(range(first, last + 1))
        else:
            lines.update({max(0, first - 1), first})
    return _spans(lines, document)


def _spans(lines: set[int], document: Document) -> tuple[Span, ...]:
    spans: list[Span] = []
    for line in sorted(line for line in lines if line < document.line_count):
        span = document.line_span(line)
        if spans and document.line_at(spans[-1].end) == line - 1:
            span = Span(spans.pop().start, span.end)
        spans.append(span)
    return tuple(spans)


def _plain(text: str) -> str:
    """Line ends are git's business: a checkout may have turned all of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
