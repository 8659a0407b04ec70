"""`workspace/executeCommand`: Ponder's commands with their one object argument. Checks it, converts, hands over.

A wrong argument is told with the name of its field; the server lives on.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from ponder.documents import Document
from ponder.lsp import convert, wire
from ponder.prompts.question import DiagnosticNote
from ponder.routing.route import RouteOverride
from ponder.session.ports import BadArgument, Json
from ponder.session.request import RunRequest
from ponder.session.session import Session

if TYPE_CHECKING:
    from ponder.lsp.server import Server

T = TypeVar("T")
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


class ApplyArgument(Struct, frozen=True, rename="camel"):
    """Of `ponder.apply`. `hunk` counts from 0."""

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
    command = COMMANDS.get(params.command)
    if command is None:
        raise BadArgument(f"command: there is no command `{params.command[:100]}`")
    arguments = params.arguments or [{}]
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise BadArgument("arguments: one object is expected")
    return await command(server, arguments[0])


async def _run(server: "Server", sent: Json) -> object:
    argument = _read(sent, RunArgument)
    document = _document(server, argument.text_document)
    encoding = server.features.encoding
    run = session_of(server).start(
        RunRequest(
            action=argument.action,
            document=document,
            span=None if argument.range is None else convert.span_of(document, argument.range, encoding),
            diagnostics=tuple(_note(server, document, note) for note in argument.diagnostics),
            instruction=argument.instruction,
            override=argument.route,
            apply=argument.apply,
        )
    )
    return await session_of(server).wait(run, cancel=True) if argument.wait else {"runId": run.id}


async def _result(server: "Server", sent: Json) -> object:
    argument = _read(sent, RunId)
    run = session_of(server).find(argument.run_id)
    return (
        await session_of(server).wait(run, cancel=False) if argument.wait else session_of(server).result(run)
    )


async def _follow_up(server: "Server", sent: Json) -> object:
    argument = _read(sent, FollowUpArgument)
    run = session_of(server).follow_up(argument.run_id, argument.text)
    return await session_of(server).wait(run, cancel=True) if argument.wait else {"runId": run.id}


async def _cancel(server: "Server", sent: Json) -> object:
    return {"cancelled": session_of(server).cancel(_read(sent, MaybeRunId).run_id)}


async def _apply(server: "Server", sent: Json) -> object:
    argument = _read(sent, ApplyArgument)
    return await session_of(server).apply(argument.run_id, argument.hunk)


async def _transcript(server: "Server", sent: Json) -> object:
    return await session_of(server).reports.transcript(_read(sent, MaybeRunId).run_id)


async def _routes(server: "Server", sent: Json) -> object:
    _read(sent, Struct)
    return await session_of(server).reports.routes()


async def _context(server: "Server", sent: Json) -> object:
    return await session_of(server).reports.context(_read(sent, MaybeUri).uri)


async def _usage(server: "Server", sent: Json) -> object:
    _read(sent, Struct)
    return session_of(server).reports.usage()


async def _dismiss(server: "Server", sent: Json) -> object:
    argument = _read(sent, DismissArgument)
    return session_of(server).dismiss(argument.finding_id, argument.scope)


async def _review_workspace(server: "Server", sent: Json) -> object:
    argument = _read(sent, WorkspaceArgument)
    run = session_of(server).review_workspace(batch=argument.batch)
    return await session_of(server).wait(run, cancel=True) if argument.wait else {"runId": run.id}


# The commands and their handlers; `initialize` advertises these names.
COMMANDS: dict[str, Callable[["Server", Json], Awaitable[object]]] = {
    "ponder.run": _run,
    "ponder.result": _result,
    "ponder.followUp": _follow_up,
    "ponder.cancel": _cancel,
    "ponder.apply": _apply,
    "ponder.transcript": _transcript,
    "ponder.routes": _routes,
    "ponder.context": _context,
    "ponder.usage": _usage,
    "ponder.dismiss": _dismiss,
    "ponder.reviewWorkspace": _review_workspace,
}


def _read(sent: Json, kind: type[T]) -> T:
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        field = where.rstrip("`")
        raise BadArgument(f"{field}: {what}" if field else what) from None


def _document(server: "Server", named: wire.VersionedTextDocument) -> Document:
    document = session_of(server).document(named.uri)
    if document is None:
        raise BadArgument("textDocument.uri: not open here, and no file of the workspace that may be read")
    return document


def _note(server: "Server", document: Document, note: wire.Diagnostic) -> DiagnosticNote:
    return DiagnosticNote(
        span=convert.span_of(document, note.range, server.features.encoding),
        severity=_SEVERITY.get(note.severity or 0, "warning"),
        source=note.source or "",
        code="" if note.code is None else str(note.code),
        message=note.message,
    )
