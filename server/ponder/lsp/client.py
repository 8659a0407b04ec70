"""The way out to the client: what a session may ask of its editor. Sends only what this client declared.

Every await ends: some clients carry out a request and never answer it (ALE does so with `workspace/applyEdit`).
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ponder.documents import Document, Span
from ponder.findings import Edit, Finding
from ponder.log import redact
from ponder.lsp import convert
from ponder.lsp.lenses import LensOffer
from ponder.lsp.progress import Progresses
from ponder.lsp.requests import NoAnswer
from ponder.session.ports import Abilities, EditOutcome, MessageKind, Progress, StatusKind

if TYPE_CHECKING:
    from ponder.lsp.server import Server

log = logging.getLogger(__name__)

_MARKED = re.compile(r"`([^`\n]+)`")
_APPLY_LIMIT = 10.0
"""Seconds for an edit that needs nobody."""
_PERSON_LIMIT = 600.0
"""Seconds for a person to decide."""
_UNSURE_LIMIT = 15.0
"""Seconds for a person, where the editor did not say that it shows such questions."""
_SHOW_LIMIT = 10.0


class Client:
    """Implements `ponder.session.ports.Editor` for one client."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.progresses = Progresses(self._notify, server.requests, server.background)
        self.lens_offer = LensOffer(server)
        self.published: dict[str, dict[str, Any]] = {}
        """What is shown for each document now; clients that pull are answered from here."""

    @property
    def abilities(self) -> Abilities:
        """What this client declared."""
        return self._server.features.abilities

    def event(self, run_id: str, payload: dict[str, object]) -> None:
        """Send a `ponder/event`; `seq` is given out when it is written."""
        if self._server.features.events:
            self._server.outbox.event(run_id, payload)

    def status(
        self, *, busy: bool, message: str, kind: StatusKind = "Normal", command: str | None = None
    ) -> None:
        """Send `ponder/status`; only the newest is kept while the client does not read."""
        if self._server.features.events:
            shown: dict[str, Any] = {"busy": busy, "message": message, "kind": kind}
            if command is not None:
                shown["command"] = command
            self._notify("ponder/status", shown, replaces="status")

    def edit_decided(self, run_id: str, payload: dict[str, object]) -> None:
        """Send a `ponder/edit`; only the newest of a run is kept while the client does not read."""
        if self._server.features.events:
            self._notify("ponder/edit", {"runId": run_id, **payload}, replaces=("edit", run_id))

    def progress_begin(self, title: str, *, cancellable: bool = True) -> Progress:
        """Begin a work-done progress."""
        return self.progresses.begin(title, cancellable=cancellable, wanted=self._server.features.progress)

    def publish(self, document: Document, findings: Sequence[Finding]) -> None:
        """Replace the diagnostics of a document."""
        shown = convert.published(document, findings, self._server.features.encoding)
        if shown["diagnostics"]:
            self.published[document.uri] = shown
        else:
            self.published.pop(document.uri, None)
        self._show_diagnostics(shown)

    def withdraw(self, uri: str) -> None:
        """Show no diagnostics for a document any more."""
        if self.published.pop(uri, None) is not None:
            self._show_diagnostics({"uri": uri, "diagnostics": []})

    def lenses(self, *, enable: bool) -> None:
        """Offer code lenses, or no longer."""
        self.lens_offer.wanted(enable)

    def _show_diagnostics(self, shown: dict[str, Any]) -> None:
        if not self._server.features.pull_diagnostics:
            self._notify("textDocument/publishDiagnostics", shown, replaces=("diagnostics", shown["uri"]))
        elif self._server.features.refresh_diagnostics:
            self._server.background.start(self.request("workspace/diagnostic/refresh", None), "refresh")

    async def apply_edit(
        self, edit: Edit, documents: Mapping[str, Document], *, label: str, needs_confirmation: bool
    ) -> EditOutcome:
        """Ask the client to apply an edit; anything but a clear yes counts as not applied."""
        features = self._server.features
        if not features.apply_edit:
            return EditOutcome(applied=False, reason="This editor does not apply edits for a server.")
        if any(not self._server.documents.certain(change.uri) for change in edit.files):
            return EditOutcome(
                applied=False, reason="Ponder is not certain of this text; save it or open it again."
            )
        if not any(change.changes or change.created for change in edit.files):
            return EditOutcome(applied=False, reason="There is nothing to change.")
        try:
            shown = convert.workspace_edit(edit, documents, features, confirm=needs_confirmation)
        except convert.Inexpressible as error:
            return EditOutcome(applied=False, reason=str(error))
        limit = _PERSON_LIMIT if "changeAnnotations" in shown else _APPLY_LIMIT
        try:
            answer = await self._server.requests.ask(
                "workspace/applyEdit", {"label": label, "edit": shown}, limit=limit
            )
        except NoAnswer:
            return EditOutcome(applied=False, reason="The editor did not say whether it applied the edit.")
        return _outcome(answer)

    async def ask(self, message: str, choices: Sequence[str], *, kind: MessageKind = "info") -> str | None:
        """Show a message with buttons."""
        answer = await self.request(
            "window/showMessageRequest",
            {
                "type": convert.MESSAGE_TYPE[kind],
                "message": _plain(message),
                "actions": [{"title": choice} for choice in choices],
            },
            limit=_PERSON_LIMIT if self._server.features.ask else _UNSURE_LIMIT,
        )
        title = answer.get("title") if isinstance(answer, dict) else None
        return title if isinstance(title, str) and title in choices else None

    def notify(self, message: str, *, kind: MessageKind = "info") -> None:
        """Show a message."""
        self._notify("window/showMessage", {"type": convert.MESSAGE_TYPE[kind], "message": redact(message)})

    async def show_document(self, uri: str, *, take_focus: bool = False) -> bool:
        """Ask the client to open a document."""
        if not self._server.features.show_document:
            return False
        answer = await self.request(
            "window/showDocument", {"uri": uri, "external": False, "takeFocus": take_focus}
        )
        return isinstance(answer, dict) and answer.get("success") is True

    async def request(self, method: str, params: object, *, limit: float = _SHOW_LIMIT) -> object:
        """Any other request; None where the client does not answer in time or answers with an error."""
        try:
            return await self._server.requests.ask(method, params, limit=limit)
        except NoAnswer as error:
            log.info("%s", error)
            return None

    def document(self, uri: str) -> Document | None:
        """The open text as last known."""
        return self._server.documents.document(uri)

    def open_documents(self) -> tuple[Document, ...]:
        """Every open text."""
        found = (self._server.documents.document(uri) for uri in self._server.documents)
        return tuple(document for document in found if document is not None)

    def folders(self) -> tuple[str, ...]:
        """Uris of the workspace folders."""
        return tuple(self._server.folders)

    def finding_object(self, finding: Finding, documents: Mapping[str, Document]) -> dict[str, object]:
        """A finding for results and events."""
        return convert.finding_object(finding, documents, self._server.features)

    def edit_object(self, edit: Edit, documents: Mapping[str, Document]) -> dict[str, object]:
        """An edit for results and events."""
        return convert.edit_object(edit, documents, self._server.features.encoding)

    def range_object(self, span: Span, document: Document) -> dict[str, object]:
        """A span for results and events."""
        return convert.range_of(document, span, self._server.features.encoding)

    def _notify(self, method: str, params: object, *, replaces: Any = None) -> None:
        self._server.outbox.notify(method, params, replaces=replaces)


def _plain(message: str) -> str:
    """A question as editors show it: in a dialog, as plain text."""
    return _MARKED.sub(r"\1", redact(message))


def _outcome(answer: object) -> EditOutcome:
    """What the client's answer to `workspace/applyEdit` means."""
    if not isinstance(answer, dict):
        return EditOutcome(applied=False, reason="The editor's answer to the edit made no sense.")
    if answer.get("applied") is True and answer.get("failedChange") is None:
        return EditOutcome(applied=True)
    reason = answer.get("failureReason")
    return EditOutcome(
        applied=False,
        reason=redact(reason) if isinstance(reason, str) and reason else "The editor did not apply the edit.",
    )
