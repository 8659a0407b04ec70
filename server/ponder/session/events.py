"""What a run tells while it lives, in the rooms' own units. `lsp` turns these into `ponder/event`. Values only."""

from typing import Literal

from msgspec import Struct

from ponder.documents import Document, Span
from ponder.engine.events import BlockDelta, BlockStarted, Notice, Retrying, Status
from ponder.errors import ErrorInfo
from ponder.findings import Edit, Finding
from ponder.routing.route import Thinking
from ponder.usage import Usage

Trigger = Literal["command", "save", "hover", "followUp", "batch"]
ASKED_FOR: frozenset[Trigger] = frozenset({"command", "followUp"})
"""What somebody waits for; the others run by themselves, or overnight."""


class RunStarted(Struct, frozen=True, kw_only=True):
    """A run begins: what it is about and which route it takes.

    `parent` is the id of the run that it follows up on; `instruction` what the user asked in words.
    """

    action: str
    title: str
    document: Document | None
    span: Span | None
    trigger: Trigger
    provider: str
    model: str
    thinking: Thinking
    max_tokens: int
    parent: str | None = None
    instruction: str | None = None


class BlockEnded(Struct, frozen=True):
    """A content block is complete; it took `duration_ms`."""

    index: int
    duration_ms: int


class FindingFound(Struct, frozen=True):
    """One finding as soon as it was complete in the stream, and the texts that it and its fix are placed in."""

    finding: Finding
    documents: tuple[Document, ...]


class EditProposed(Struct, frozen=True):
    """The edit of a run, the texts it is meant for, and whether it was applied; `reason` where not."""

    edit: Edit
    documents: tuple[Document, ...]
    applied: bool
    reason: str | None = None


class UsageChanged(Struct, frozen=True):
    """Cumulative usage of the run."""

    usage: Usage


class RunFinished(Struct, frozen=True, kw_only=True):
    """The last event of a run."""

    status: Status
    usage: Usage
    duration_ms: int
    error: ErrorInfo | None


RunEvent = (
    RunStarted
    | BlockStarted
    | BlockDelta
    | BlockEnded
    | FindingFound
    | EditProposed
    | UsageChanged
    | Retrying
    | Notice
    | RunFinished
)
