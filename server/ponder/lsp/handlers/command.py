"""`workspace/executeCommand`: Ponder's commands with their one object argument. Checks it, converts, hands over.

A wrong argument is told with the name of its field; the server lives on.
"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from ponder.documents import Document, Span
from ponder.files.uris import path_of_uri
from ponder.lsp import convert, faults, wire
from ponder.lsp.columns import Encoding
from ponder.prompts.question import DiagnosticNote
from ponder.routing.route import RouteOverride
from ponder.session.ports import BadArgument, Json
from ponder.session.request import RunRequest
from ponder.session.session import Session

if TYPE_CHECKING:
    from ponder.lsp.server import Server

T = TypeVar("T")
Handler = Callable[["Server", Json], Awaitable[object]]
Id = Annotated[str, Meta(min_length=1, max_length=100)]
Words = Annotated[str, Meta(max_length=200_000)]
_SEVERITY = {1: "error", 2: "warning", 3: "information", 4: "hint"}


class RunArgument(Struct, frozen=True, rename="camel"):
    """Of `ponder.run`."""

    action: str
    text_document: wire.VersionedTextDocument
    range: wire.Range | None = None
    diagnostics: list[wire.Diagnostic] = []
    instruction: Words | None = None
    route: RouteOverride | None = None
    apply: bool | None = None
    wait: bool = False


class RunId(Struct, frozen=True, rename="camel"):
    """Of `ponder.result`."""

    run_id: Id
    wait: bool = False


class FollowUpArgument(Struct, frozen=True, rename="camel"):
    """Of `ponder.followUp`."""

    run_id: Id
    text: Annotated[str, Meta(min_length=1, max_length=200_000)]
    wait: bool = False


class MaybeRunId(Struct, frozen=True, rename="camel"):
    """Of `ponder.cancel` and `ponder.transcript`."""

    run_id: Id | None = None


class HunkArgument(Struct, frozen=True, rename="camel"):
    """Of `ponder.apply` and `ponder.discard`. `hunk` counts from 0."""

    run_id: Id
    hunk: Annotated[int, Meta(ge=0)] | None = None


class MaybeUri(Struct, frozen=True):
    """Of `ponder.context`."""

    uri: str | None = None


class DismissArgument(Struct, frozen=True, rename="camel"):
    """Of `ponder.dismiss`."""

    finding_id: Id
    scope: Literal["finding", "rule", "file"]


class WorkspaceArgument(Struct, frozen=True):
    """Of `ponder.reviewWorkspace`."""

    batch: bool = False
    wait: bool = False


def session_of(server: "Server") -> Session:
    """The session with all its commands; tests of the protocol alone may serve with another."""
    return cast("Session", server.session)


async def execute_command(server: "Server", params: wire.ExecuteCommandParams) -> object:
    """Run a command. Raises BadArgument for an unknown one."""
    handler = HANDLERS.get(params.command)
    if handler is None:
        raise BadArgument(f"command: there is no command `{params.command[:100]}`")
    arguments = params.arguments or [{}]
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise BadArgument("arguments: one object is expected")
    return await handler(server, arguments[0])


async def run(server: "Server", sent: Json) -> object:
    """Begin a run."""
    argument = _read(sent, RunArgument)
    document = _document(server, argument.text_document)
    encoding = server.features.encoding
    begun = session_of(server).start(
        RunRequest(
            action=argument.action,
            document=document,
            span=None if argument.range is None else _span(document, argument.range, encoding),
            diagnostics=tuple(_note(server, document, note) for note in argument.diagnostics),
            instruction=argument.instruction,
            override=argument.route,
            apply=argument.apply,
        )
    )
    return await session_of(server).wait(begun, cancel=True) if argument.wait else {"runId": begun.id}


async def result(server: "Server", sent: Json) -> object:
    """What a run came to."""
    argument = _read(sent, RunId)
    session = session_of(server)
    found = session.find(argument.run_id)
    return await session.wait(found, cancel=False) if argument.wait else session.result(found)


async def follow_up(server: "Server", sent: Json) -> object:
    """Begin the next turn of a run."""
    argument = _read(sent, FollowUpArgument)
    begun = session_of(server).follow_up(argument.run_id, argument.text)
    return await session_of(server).wait(begun, cancel=True) if argument.wait else {"runId": begun.id}


async def cancel(server: "Server", sent: Json) -> object:
    """End a run, or all."""
    return {"cancelled": session_of(server).cancel(_read(sent, MaybeRunId).run_id)}


async def apply(server: "Server", sent: Json) -> object:
    """Apply what waits of a run's edit, or one change of it."""
    argument = _read(sent, HunkArgument)
    return await session_of(server).apply(argument.run_id, argument.hunk)


async def discard(server: "Server", sent: Json) -> object:
    """Offer what waits of a run's edit, or one change of it, no longer."""
    argument = _read(sent, HunkArgument)
    return session_of(server).discard(argument.run_id, argument.hunk)


async def transcript(server: "Server", sent: Json) -> object:
    """Write a transcript and show it."""
    return await session_of(server).reports.transcript(_read(sent, MaybeRunId).run_id)


async def routes(server: "Server", sent: Json) -> object:
    """The table of routes."""
    _read(sent, Struct)
    return await session_of(server).reports.routes()


async def context(server: "Server", sent: Json) -> object:
    """What the prefix holds."""
    return await session_of(server).reports.context(_read(sent, MaybeUri).uri)


async def usage(server: "Server", sent: Json) -> object:
    """What was used."""
    _read(sent, Struct)
    return session_of(server).reports.usage()


async def dismiss(server: "Server", sent: Json) -> object:
    """Hide a finding, its rule or its file for good."""
    argument = _read(sent, DismissArgument)
    return session_of(server).dismiss(argument.finding_id, argument.scope)


async def review_workspace(server: "Server", sent: Json) -> object:
    """Begin a review of all code in the workspace folders."""
    argument = _read(sent, WorkspaceArgument)
    begun = session_of(server).review_workspace(batch=argument.batch)
    return await session_of(server).wait(begun, cancel=True) if argument.wait else {"runId": begun.id}


HANDLERS: Mapping[str, Handler] = {
    "ponder.run": run,
    "ponder.result": result,
    "ponder.followUp": follow_up,
    "ponder.cancel": cancel,
    "ponder.apply": apply,
    "ponder.discard": discard,
    "ponder.routes": routes,
    "ponder.context": context,
    "ponder.usage": usage,
    "ponder.transcript": transcript,
    "ponder.dismiss": dismiss,
    "ponder.reviewWorkspace": review_workspace,
}
"""Command → what does it. `lsp/commands` has the names for `initialize`."""


def _read(sent: Json, kind: type[T]) -> T:
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        raise BadArgument(faults.words(error)) from None


def _span(document: Document, sent: wire.Range, encoding: Encoding) -> Span:
    """The span of a range. What lies beyond the text is moved to its end (LSP 3.17, Position); raises BadArgument."""
    start, end = sent.start, sent.end
    if min(start.line, start.character, end.line, end.character) < 0:
        raise BadArgument("`range` must not be negative: lines and characters count from 0")
    if (end.line, end.character) < (start.line, start.character):
        raise BadArgument("`range` must not end before it starts")
    return convert.span_of(document, sent, encoding)


def _document(server: "Server", named: wire.VersionedTextDocument) -> Document:
    document = session_of(server).document(named.uri)
    if document is not None:
        return document
    path = path_of_uri(named.uri)
    if path is None or not Path(path).is_file():
        raise BadArgument(
            "textDocument.uri: Save this buffer to a file first; Ponder does not have its text."
        )
    raise BadArgument(
        "textDocument.uri: This file is not open, and it is none of the workspace that Ponder may read. Open it first."
    )


def _note(server: "Server", document: Document, note: wire.Diagnostic) -> DiagnosticNote:
    return DiagnosticNote(
        span=convert.span_of(document, note.range, server.features.encoding),
        severity=_SEVERITY.get(note.severity or 0, "warning"),
        source=note.source or "",
        code="" if note.code is None else str(note.code),
        message=note.message,
    )
