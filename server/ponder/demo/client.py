"""A minimal LSP client over the server's stdio: enough of an editor to open a file and run actions. Renders nothing.

It negotiates `utf-32`, so that a column is a code point and no conversion stands between text and protocol.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ponder.documents import Document

Json = dict[str, Any]
_CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}},
        "publishDiagnostics": {"versionSupport": True, "dataSupport": True},
    },
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}, "workspaceFolders": True},
    "experimental": {"ponder": {"events": 1}},
}


class ServerGoneError(Exception):
    """The server process ended before it answered."""


class RequestFailedError(Exception):
    """The server answered a request with an error; the text is its message."""


class Client:
    """One server process and one open text. Not reusable after `close`."""

    def __init__(self, on_notification: Callable[[str, Json], None]) -> None:
        self._on_notification = on_notification
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._next_id = 0
        self.text = ""
        self.version = 0
        self.uri = ""
        self._gone = False

    async def start(self, root: Path, environment: Mapping[str, str]) -> Json:
        """Start the server for a folder and shake hands; returns its `initialize` result."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # a file of the opened folder must never be imported
            "-m",
            "ponder",
            "serve",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(environment),
            limit=1 << 26,
        )
        self._reader = asyncio.create_task(self._read())
        folder = {"uri": root.as_uri(), "name": root.name}
        answer = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
                "clientInfo": {"name": "ponder demo"},
            },
        )
        self.notify("initialized", {})
        return msgspec.convert(answer, Json)

    def open(self, uri: str, language: str, text: str) -> None:
        """Open the one text of this client."""
        self.uri, self.text, self.version = uri, text, 1
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    async def command(self, name: str, argument: Json) -> Any:
        """`workspace/executeCommand` with Ponder's one object argument."""
        return await self.request("workspace/executeCommand", {"command": name, "arguments": [argument]})

    async def request(self, method: str, params: object) -> Any:
        """Send a request and wait for its answer. Raises ServerGoneError or RequestFailedError."""
        self._next_id += 1
        number = self._next_id
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await future

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> str:
        """Shut the server down and return what it wrote to stderr."""
        process = self._process
        if process is None:
            return ""
        if not self._gone:
            with contextlib.suppress(
                ServerGoneError, RequestFailedError, asyncio.TimeoutError, ConnectionError
            ):
                async with asyncio.timeout(5):
                    await self.request("shutdown", None)
                    self.notify("exit", None)
        elif process.returncode is None:
            process.kill()
        errors = b""
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(5):
                errors = await process.stderr.read() if process.stderr else b""
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        if self._reader is not None:
            self._reader.cancel()
        return errors.decode("utf-8", "replace")

    def _send(self, message: Json) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise ServerGoneError
        body = msgspec.json.encode(message)
        with contextlib.suppress(ConnectionError):
            process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        try:
            while True:
                head = await process.stdout.readuntil(b"\r\n\r\n")
                body = await process.stdout.readexactly(int(head.split(b":")[1].split(b"\r")[0]))
                self._received(msgspec.json.decode(body))
        except asyncio.IncompleteReadError:
            self._give_up(ServerGoneError())
        except Exception as error:
            # What shows the messages failed (a closed pipe): whoever waits must hear of it.
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._gone = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)

    def _received(self, message: Json) -> None:
        method = message.get("method")
        if method is None:
            future = self._waiting.pop(message["id"], None)
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(RequestFailedError(str(message["error"].get("message"))))
            else:
                future.set_result(message.get("result"))
        elif "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(method, message)})
        else:
            self._on_notification(method, message.get("params") or {})

    def _answer(self, method: str, message: Json) -> object:
        if method == "workspace/applyEdit":
            return {"applied": self._apply(message["params"]["edit"])}
        if method == "workspace/configuration":
            return [None] * len(message["params"]["items"])
        return None

    def _apply(self, edit: Json) -> bool:
        """Apply a versioned edit to the open text, all or nothing, and tell the server as an editor does."""
        changes = edit.get("documentChanges", [])
        if any(self._other(change) for change in changes):
            return False
        for change in changes:
            self.text = apply_edits(self.text, change["edits"])
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": self.text}]}
        )
        return True

    def _other(self, change: Json) -> bool:
        target = change.get("textDocument", {})
        return target.get("uri") != self.uri or target.get("version") not in {None, self.version}


def apply_edits(text: str, edits: list[Json]) -> str:
    """Apply LSP text edits with `utf-32` columns, last first."""
    starts = Document("", text).line_starts

    def offset(position: Json) -> int:
        line: int = min(position["line"], len(starts) - 1)
        return min(starts[line] + int(position["character"]), len(text))

    spans = [(offset(e["range"]["start"]), offset(e["range"]["end"]), e["newText"]) for e in edits]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text
