"""What a run is asked, and what it comes to. Values only."""

from typing import Literal

from msgspec import Struct, structs

from ponder.documents import Document, Span
from ponder.engine.events import Status
from ponder.errors import ErrorInfo
from ponder.files.secrets import redact_secrets
from ponder.findings import Edit, Finding
from ponder.prompts.question import DiagnosticNote
from ponder.routing.route import RouteOverride
from ponder.session.events import Trigger
from ponder.usage import Usage


class RunRequest(Struct, frozen=True, kw_only=True):
    """One wish of a user: an action on one document version. `span` None means all of it.

    `apply`: True applies an edit without asking; None follows the setting `edits.apply`.
    """

    action: str
    document: Document
    span: Span | None = None
    diagnostics: tuple[DiagnosticNote, ...] = ()
    instruction: str | None = None
    override: RouteOverride | None = None
    apply: bool | None = None
    trigger: Trigger = "command"


def without_secrets(request: RunRequest) -> RunRequest:
    """What looks like a key goes nowhere, also where the user typed it."""
    if not request.instruction:
        return request
    return structs.replace(request, instruction=redact_secrets(request.instruction)[0])


class RunResult(Struct, frozen=True, kw_only=True):
    """The result of a run, positions in code points. `status` is `running` until it ended."""

    run_id: str
    action: str
    status: Status | Literal["running"]
    provider: str
    model: str
    text: str
    findings: tuple[Finding, ...]
    edit: Edit | None
    applied: bool
    stale: bool
    usage: Usage
    duration_ms: int
    error: ErrorInfo | None
    reason: str | None = None
    """Why the edit was not applied."""
