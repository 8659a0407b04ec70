"""What a review of files came to, file by file and as a whole. Values and sums only; prints nothing."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct, structs

from ponder.documents import Document, Span
from ponder.engine.events import Status
from ponder.errors import ErrorInfo
from ponder.files.load import LeftOut
from ponder.findings import SEVERITIES, Finding, Severity, visible
from ponder.findings.silence import Dismissals, gravest
from ponder.routing.route import Route
from ponder.usage import Usage

Exit = Literal[0, 1, 2, 3]
FATAL = frozenset({"authentication", "permission", "billing"})
"""Kinds of trouble that the next request would meet as well."""


class FileReview(Struct, frozen=True, kw_only=True):
    """One file's part. Only `done` is complete; `known`: nothing was asked, an earlier review of this text stands."""

    document: Document
    status: Status
    findings: tuple[Finding, ...] = ()
    error: ErrorInfo | None = None
    notices: tuple[str, ...] = ()
    unsure: int = 0
    """Findings that were left out because the model was not sure enough of them (`review.minConfidence`)."""
    known: bool = False
    answered: bool = False
    """Whether anything of an answer arrived."""
    below_floor: int = 0
    """Findings that `review.severityFloor` hides."""
    over_limit: int = 0
    """Findings that `review.maxFindings` hides."""

    @property
    def never_asked(self) -> bool:
        """Whether nothing came of it because the endpoint takes no request of ours, or is not there."""
        kind = self.error.kind if self.error is not None else None
        came = self.answered or bool(self.findings)
        return kind in FATAL or (kind == "network" and self.status == "failed" and not came)


class Review(Struct, frozen=True, kw_only=True):
    """A whole review, files in the order of their paths, findings in that of their places.

    `left_out` are files that were named and not reviewed, `skipped` others that would have been, but for what they are.
    `accepted` counts findings that the baseline holds and that are not shown; `least` is how sure the model had
    to be of one (`review.minConfidence`), 0 where that was not asked.
    """

    provider: str
    route: Route
    files: tuple[FileReview, ...]
    left_out: tuple[LeftOut, ...] = ()
    skipped: tuple[LeftOut, ...] = ()
    usage: Usage = Usage()
    accepted: int = 0
    least: int = 0

    @property
    def unsure(self) -> int:
        """How many findings were left out because the model was not sure enough of them."""
        return sum(file.unsure for file in self.files)

    @property
    def below_floor(self) -> int:
        """How many findings `review.severityFloor` hides."""
        return sum(file.below_floor for file in self.files)

    @property
    def over_limit(self) -> int:
        """How many findings `review.maxFindings` hides."""
        return sum(file.over_limit for file in self.files)

    @property
    def findings(self) -> list[Finding]:
        """All that is shown."""
        return [finding for file in self.files for finding in file.findings]

    @property
    def incomplete(self) -> list[FileReview]:
        """The files whose review cannot be trusted to be whole."""
        return [file for file in self.files if file.status != "done"]

    @property
    def complete(self) -> bool:
        """Whether everything that was named was looked at to the end, and something at all where there was something."""
        return not self.incomplete and not self.left_out and not self.in_vain

    @property
    def in_vain(self) -> bool:
        """Whether nothing was reviewed although there were files to review."""
        return not self.files and bool(self.left_out or self.skipped)

    def exit_code(self, fail_on: Severity, *, skips: bool = False) -> Exit:
        """0 clean, 1 findings that matter at least as much, 2 nothing could be asked, 3 incomplete.

        `skips`: whoever named the files does not mind that some of them had to be left out.
        """
        undone = self.incomplete
        if undone and len(undone) == len(self.files) and all(one.never_asked for one in undone):
            return 2
        if self.incomplete or not (self.complete or skips):
            return 3
        bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return 1 if any(finding.severity in bad for finding in self.findings) else 0


class Choice(Struct, frozen=True, kw_only=True):
    """Which findings are shown."""

    floor: Severity
    most: int
    accepted: frozenset[str] = frozenset()
    """Ids the baseline holds."""
    dismissals: Dismissals = Dismissals()


def shown(file: FileReview, choice: Choice) -> tuple[FileReview, int]:
    """The file with only the findings to be shown, in order of place, and how many the baseline accepts."""
    unsilenced = visible(file.findings, file.document, choice.dismissals)
    fresh = [finding for finding in unsilenced if finding.id not in choice.accepted]
    chosen = gravest(fresh, floor=choice.floor, most=choice.most)
    chosen.sort(key=lambda finding: (finding.span, finding.id))
    grave = len(gravest(fresh, floor=choice.floor, most=len(fresh)))
    hidden = {"below_floor": len(fresh) - grave, "over_limit": grave - len(chosen)}
    return structs.replace(file, findings=tuple(chosen), **hidden), len(unsilenced) - len(fresh)


def touching(findings: Iterable[Finding], changed: Sequence[Span] | None) -> tuple[Finding, ...]:
    """The findings on changed parts; all of them where everything counts."""
    if changed is None:
        return tuple(findings)
    return tuple(
        finding
        for finding in findings
        if any(finding.span.start <= part.end and part.start <= finding.span.end for part in changed)
    )
