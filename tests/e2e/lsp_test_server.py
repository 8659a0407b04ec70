"""A server on the real core with a small session, for tests of the protocol. `python lsp_test_server.py [--tcp PORT] [--sdk] [--plain]`.

The session does no work of its own: it keeps what it was told, applies the changes it was given to a text of its own
(so that spans are checked too), and offers commands that misbehave on purpose.
"""

import asyncio
import ctypes
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from lsp_test_session import Session

from ponder import log
from ponder.documents import Span
from ponder.errors import PonderError
from ponder.findings import Edit, FileChange, Finding, TextChange
from ponder.lsp import convert, wire
from ponder.lsp.dispatch import Route
from ponder.lsp.server import ROUTES, Server, serve_stdio, serve_tcp
from ponder.session.ports import BadArgument

Json = dict[str, Any]


def _session(server: Server) -> Session:
    session = server.session
    assert isinstance(session, Session)
    return session


async def execute_command(server: Server, params: wire.ExecuteCommandParams) -> object:
    command = COMMANDS.get(params.command)
    if command is None:
        raise BadArgument(f"command: `{params.command}` is unknown")
    argument = params.arguments[0] if params.arguments else {}
    if not isinstance(argument, dict):
        raise BadArgument("arguments: one object is expected")
    return await command(server, _session(server), argument)


async def hover(server: Server, params: wire.HoverParams) -> object:
    document = server.documents.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset_at(document, params.position, server.features.encoding)
    return convert.hover(await server.session.hover(document, offset), document, server.features)


def code_action(server: Server, params: wire.CodeActionParams) -> object:
    document = server.documents.document(params.text_document.uri)
    if document is None:
        return []
    span = convert.span_of(document, params.range, server.features.encoding)
    title = f"Ponder: {document.slice(span)[:20]}"
    action = {"title": title, "kind": "quickfix", "diagnostics": params.context.diagnostics}
    return [
        action
        | {
            "command": {
                "title": title,
                "command": "test.echo",
                "arguments": [{"span": [*map(int, (span.start, span.end))]}],
            }
        }
    ]


async def _echo(server: Server, session: Session, argument: Json) -> object:
    return argument


async def _text(server: Server, session: Session, argument: Json) -> object:
    uri = argument["uri"]
    document = server.documents.document(uri)
    return {
        "text": None if document is None else document.text,
        "version": None if document is None else document.version,
        "path": None if document is None else document.path,
        "certain": server.documents.certain(uri),
        "shadow": session.shadow.get(uri),
    }


async def _state(server: Server, session: Session, argument: Json) -> object:
    return {
        "told": session.told,
        "settings": session.settings,
        "cancelled": session.cancelled,
        "inFlight": server.dispatcher.in_flight,
        "asking": len(server.requests),
        "progress": len(server.client.progresses),
        "background": len(server.background),
        "tasks": len(asyncio.all_tasks()),
        "documents": len(server.documents),
        "waiting": server.outbox.size,
        "queued": len(server.outbox),
        "rss": _rss(),
        "cpu": time.process_time(),
        "framework": server.framework is not None,
        "folders": list(server.folders),
        "loop": asyncio.get_running_loop().time(),
    }


def _rss() -> int:
    if not os.path.exists("/proc/self/statm"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _sleep(server: Server, session: Session, argument: Json) -> object:
    await session._sleep(argument.get("name", "sleep"), argument["seconds"])
    return "slept"


async def _stubborn(server: Server, session: Session, argument: Json) -> object:
    """Swallows its cancellation and goes on."""
    try:
        await asyncio.sleep(argument["seconds"])
    except asyncio.CancelledError:
        session.cancelled.append("stubborn")
    await asyncio.sleep(argument["seconds"])
    return "late"


async def _block_thread(server: Server, session: Session, argument: Json) -> object:
    return await asyncio.get_running_loop().run_in_executor(None, time.sleep, argument["seconds"])


async def _block_loop(server: Server, session: Session, argument: Json) -> object:
    time.sleep(argument["seconds"])
    return None


RAISES: dict[str, Callable[[], BaseException]] = {
    "Exception": lambda: ValueError("secret-canary /home/someone/private.py"),
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": lambda: SystemExit(3),
    "CancelledError": asyncio.CancelledError,
    "MemoryError": MemoryError,
    "RecursionError": lambda: RecursionError("secret-canary"),
    "GeneratorExit": GeneratorExit,
    "PonderError": lambda: PonderError("This cannot be done; do that."),
    "BadArgument": lambda: BadArgument("field: is wrong"),
}


async def _raise(server: Server, session: Session, argument: Json) -> object:
    if argument.get("later"):
        await asyncio.sleep(0)
    error = RAISES[argument["kind"]]()
    raise error


def raise_now(server: Server, params: Any) -> object:
    error = RAISES[params["kind"]]()
    raise error


async def _unencodable(server: Server, session: Session, argument: Json) -> object:
    return {"object": object()}


async def _print(server: Server, session: Session, argument: Json) -> object:
    print("a stray print", flush=True)
    sys.stdout.write("stray")
    sys.stdout.flush()
    os.write(1, b"stray bytes on fd 1\n")
    ctypes.CDLL(None).puts(b"stray from C")
    ctypes.CDLL(None).fflush(None)
    warnings.warn("a stray warning", stacklevel=1)
    subprocess.run(["sh", "-c", "echo stray child; cat"], check=True)
    return None


async def _events(server: Server, session: Session, argument: Json) -> object:
    runs = [f"run-{number}" for number in range(argument.get("runs", 1))]
    for run in runs:
        session.editor.event(run, {"type": "started", "action": "review"})
        session.editor.event(run, {"type": "blockStarted", "index": 0, "kind": "text"})
    for number in range(argument["deltas"]):
        for run in runs:
            session.editor.event(
                run, {"type": "blockDelta", "index": 0, "text": argument["text"] + str(number)}
            )
        if argument.get("pause") and number % argument["pause"] == 0:
            await asyncio.sleep(0)
    for run in runs:
        session.editor.event(run, {"type": "blockFinished", "index": 0, "durationMs": 1})
        session.editor.event(run, {"type": "finished", "status": "done"})
        session.editor.event(run, {"type": "notice", "message": "never sent"})
    return "done"


async def _flood(server: Server, session: Session, argument: Json) -> object:
    for _ in range(int(argument["seconds"] * argument["rate"] / 20)):
        for _ in range(20):
            session.editor.event("flood", {"type": "notice", "text": "x" * 20})
        await asyncio.sleep(20 / argument["rate"])
    return None


async def _status(server: Server, session: Session, argument: Json) -> object:
    for number in range(argument["count"]):
        session.editor.status(busy=True, message=str(number))
    return None


async def _ask(server: Server, session: Session, argument: Json) -> object:
    return await session.editor.ask("Which?", ["One", "Two"])


async def _request(server: Server, session: Session, argument: Json) -> object:
    return await server.client.request(argument["method"], argument.get("params"), limit=argument["limit"])


async def _show(server: Server, session: Session, argument: Json) -> object:
    return await session.editor.show_document(argument["uri"])


async def _apply(server: Server, session: Session, argument: Json) -> object:
    document = session.editor.document(argument["uri"])
    assert document is not None
    changes = tuple(
        TextChange(Span(start, end), document.text[start:end], text)
        for start, end, text in argument["changes"]
    )
    change = FileChange(uri=document.uri, path=document.path, version=document.version, changes=changes)
    outcome = await session.editor.apply_edit(
        Edit(files=(change,)),
        {document.uri: document},
        label="Ponder test",
        needs_confirmation=argument.get("confirm", False),
    )
    return {"applied": outcome.applied, "reason": outcome.reason}


async def _create(server: Server, session: Session, argument: Json) -> object:
    change = FileChange(
        uri=argument["uri"],
        path="new.py",
        version=None,
        changes=(TextChange(Span(0, 0), "", argument["text"]),),
        created=True,
    )
    outcome = await session.editor.apply_edit(
        Edit(files=(change,)), {}, label="Ponder test", needs_confirmation=False
    )
    return {"applied": outcome.applied, "reason": outcome.reason}


async def _publish(server: Server, session: Session, argument: Json) -> object:
    document = session.editor.document(argument["uri"])
    assert document is not None
    findings = [
        Finding(
            id=f"f{number}",
            uri=document.uri,
            path=document.path,
            span=Span(*span),
            quote="",
            severity="warning",
            code="test/rule",
            message="Found.",
        )
        for number, span in enumerate(argument["spans"])
    ]
    session.editor.publish(document, findings)
    return [session.editor.finding_object(finding, {document.uri: document}) for finding in findings]


async def _progress(server: Server, session: Session, argument: Json) -> object:
    progress = session.editor.progress_begin("Working")
    progress.report("newest line")
    if argument.get("keep"):
        session.progress[progress.token] = progress
        return progress.token
    for number in range(argument.get("reports", 0)):
        progress.report(str(number), 50)
        await asyncio.sleep(0)
    progress.end("done")
    return progress.token


async def _crash_on(server: Server, session: Session, argument: Json) -> object:
    session.crash_on.add(argument["uri"])
    return None


async def _set(server: Server, session: Session, argument: Json) -> object:
    session.closing_takes = argument["closingTakes"]
    return None


async def _noisy(server: Server, session: Session, argument: Json) -> object:
    """Answer with much text, so that the client's pipe fills."""
    return "x" * argument["size"]


COMMANDS: dict[str, Any] = {
    f"test.{name.removeprefix('_')}": function
    for name, function in list(globals().items())
    if asyncio.iscoroutinefunction(function) and name.startswith("_")
}

TEST_ROUTES = {
    **ROUTES,
    "textDocument/hover": Route(hover, wire.HoverParams, notifies=False, empty=None),
    "textDocument/codeAction": Route(code_action, wire.CodeActionParams, empty=[]),
    "workspace/executeCommand": Route(execute_command, wire.ExecuteCommandParams),
    "test/raise": Route(raise_now, Any),
}


def main() -> int:
    log.setup(os.environ.get("PONDER_LOG", "WARNING"))
    if "--tcp" in sys.argv:
        port = int(sys.argv[sys.argv.index("--tcp") + 1])
        return serve_tcp(
            Session, "127.0.0.1", port, False, announce=lambda at: print(at, file=sys.stderr, flush=True)
        )
    preload = (_import_sdk,) if "--sdk" in sys.argv else ()
    return serve_stdio(Session, routes=TEST_ROUTES, commands=sorted(COMMANDS), preload=preload)


def _import_sdk() -> None:
    import anthropic  # noqa: F401


if __name__ == "__main__":
    sys.exit(main())
