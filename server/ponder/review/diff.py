"""What changed since a revision, as spans of today's texts. Asks git for names and old contents only.

The comparison itself is made here: `git diff` would run whatever filters, text converters and diff programs the
repository's own configuration names.
"""

# Names that are no UTF-8 are the business of os, not of pathlib.
# ruff: noqa: PTH118
import os
import subprocess
from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from ponder.context.index.git import program, repository
from ponder.documents import Document, Span
from ponder.errors import PonderError
from ponder.files.load import decode
from ponder.files.uris import path_of_uri
from ponder.findings import changes_between
from ponder.review.targets import Gathered, Target

_PASSED_ON = ("PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP")
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-replace-objects")
_LIMIT_S = 60.0
_REGULAR = ("100644", "100755")


class OldText(Struct, frozen=True):
    """A file that may differ from the revision. `text` None: it was no text there, or it was not there."""

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
        self.root = root
        self._git = git
        # GIT_DIR and its like would answer for another repository, and no child needs a credential.
        self._environ = {name: environ[name] for name in _PASSED_ON if name in environ} | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "LC_ALL": "C",
        }

    def changed(self, revision: str) -> list[OldText]:
        """The tracked files that may differ from a revision; `REV...` means where HEAD branched off from it."""
        commit = self._commit(revision)
        listed = self._run("diff-index", "--raw", "-z", "--no-renames", "--no-abbrev", commit, "--")
        fields = listed.split(b"\0")
        found = []
        for head, name in zip(fields[::2], fields[1::2], strict=False):
            before, after, old, _new, _status = head.decode("ascii").lstrip(":").split(" ")
            if after in _REGULAR:
                text = self._blob(old) if before in _REGULAR and old.strip("0") else None
                found.append(OldText(os.fsdecode(name), text))
        return found

    def _commit(self, revision: str) -> str:
        if revision.startswith("-") or not revision.strip():
            raise PonderError(f"`{revision}` is no revision.")
        base = revision.removesuffix("HEAD").removesuffix("...") if "..." in revision else revision
        commit = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
        name = commit.decode("ascii").strip()
        if base != revision:
            name = self._run("merge-base", name, "HEAD").decode("ascii").strip()
        return name

    def _blob(self, name: str) -> str | None:
        decoded = decode(self._run("cat-file", "blob", name))
        return None if isinstance(decoded, str) else decoded[0]

    def _run(self, *arguments: str) -> bytes:
        try:
            done = subprocess.run(
                [self._git, *_HARMLESS, *arguments],
                cwd=self.root,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PonderError(f"git did not answer ({type(error).__name__}).") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            why = said[0][:200] if said else "it knows no such revision"
            raise PonderError(f"git cannot tell what changed: {why}.")
        return done.stdout


def only_changed(gathered: Gathered, old: Sequence[OldText], root: str) -> Gathered:
    """Those targets that changed, each with the parts that did."""
    before = {os.path.realpath(os.path.join(root, one.path)): one for one in old}
    targets: list[Target] = []
    for target in gathered.targets:
        one = before.get(_path(target.document))
        if one is None:
            continue
        parts = changed_parts(one.text, target.document)
        if parts:
            whole = parts == (Span(0, len(target.document.text)),)
            targets.append(structs.replace(target, changed=None if whole else parts))
    return structs.replace(gathered, targets=tuple(targets))


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


def _path(document: Document) -> str:
    return path_of_uri(document.uri) or ""
