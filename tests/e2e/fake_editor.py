"""A whole editor for tests: it starts a real server as a child process and speaks LSP with it over pipes.

    async with FakeEditor(profile="vscode", encoding="utf-16", folder=tmp_path) as editor:
        uri = editor.open("app.py", "def f():\\n    pass\\n")      # didOpen; also edit, save, close
        actions = await editor.request("textDocument/codeAction", {...})
        await editor.eventually(lambda: editor.diagnostics(uri))    # waits for messages, never sleeps
        assert editor.text(uri) == "…"                              # what a user would see

What it insists on, without being asked:
- nothing but well-framed messages on stdout; exactly one answer for each request; no answer to no request;
- versions: an edit of a version that is not the buffer's is refused, as are overlaps and ranges beyond the text;
- no request the client's capabilities did not offer;
- nothing is left unread: when the editor closes, a message box, an unknown notification or a failed rule fails the
  test. `take(method)` reads; notifications in QUIET need not be read;
- `exit` after `shutdown` gives code 0.

`profile` is one of fake_profiles.PROFILES (`bare`, `full`, `vscode`, `neovim`, `emacs`); `change` is called with the
capabilities to adapt them. `eol` is put in place of "\\n" in every text that is opened or typed. The server is
`command` (default: the test server of this directory) with an environment made from nothing but `env` and a state
directory below `folder`. `responders[method]` answers a request of the server in place of the default; a responder
may return `SILENCE` to never answer. `confirm` is what the user says to edits that need a confirmation.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from e2e import fake_profiles
from e2e.fake_buffers import Buffer
from e2e.fake_edits import Refused, planned
from e2e.fake_environment import environment

Json = dict[str, Any]
TEST_SERVER = (sys.executable, str(Path(__file__).with_name("lsp_test_server.py")))
PONDER = (sys.executable, "-P", "-m", "ponder", "serve")
QUIET = {"textDocument/publishDiagnostics", "$/progress", "$/logTrace", "window/logMessage"}
QUIET |= {"ponder/event", "ponder/edit", "ponder/status"}
SILENCE = object()


class ErrorAnswer(Exception):  # noqa: N818 - the name says what happened
    """The server answered a request with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]
        self.message: str = error["message"]


class FakeEditor:
    """One editor with one server. Use as an async context manager, or call `start` and `stop`."""

    def __init__(
        self,
        *,
        profile: str = "full",
        encoding: str | None = "utf-16",
        eol: str = "\n",
        folder: Path | None = None,
        folders: list[Path] | None = None,
        command: tuple[str, ...] = TEST_SERVER,
        env: dict[str, str] | None = None,
        options: object = None,
        settings: object = None,
        change: Callable[[Json], None] | None = None,
        handshake: bool = True,
        process_id: int | None = None,
    ) -> None:
        self.capabilities = fake_profiles.capabilities(profile, encoding)
        if change is not None:
            change(self.capabilities)
        self.encoding = encoding or "utf-16"
        self.eol = eol
        self.folder = folder
        self.folders = folders if folders is not None else ([folder] if folder else [])
        self.command = command
        self.options = options
        self.settings = settings
        self.handshake = handshake
        self.process_id = process_id
        self.env = environment(folder) | (env or {})
        self.buffers: dict[str, Buffer] = {}
        self.messages: list[Json] = []
        """Every message from the server, in order."""
        self.unread: list[Json] = []
        self.faults: list[str] = []
        self.responders: dict[str, Callable[[Json], Any]] = {}
        self.confirm = True
        self.initialize_result: Json = {}
        self.stderr = b""
        self.exit_code: int | None = None
        self._next_id = 0
        self._answers: dict[Any, asyncio.Future[Any]] = {}
        self._asked: set[Any] = set()
        self._news = asyncio.Condition()
        self._expect_exit = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.kill()
            await self._process.wait()
            await asyncio.gather(*self._readers)
            return
        await self.stop()
        self.verify()

    async def start(self) -> None:
        """Start the server and, unless `handshake` is False, initialize it."""
        self._process = await asyncio.create_subprocess_exec(
            *self.command, stdin=-1, stdout=-1, stderr=-1, env=self.env, limit=1 << 27,
            cwd=self.folder,
        )  # fmt: skip
        self._readers = [
            asyncio.create_task(self._read()),
            asyncio.create_task(self._read_errors()),
        ]
        if self.handshake:
            self.initialize_result = await self.request("initialize", self.initialize_params())
            self.notify("initialized", {})

    def initialize_params(self) -> Json:
        """What `initialize` is sent with."""
        return {
            "processId": self.process_id or os.getpid(),
            "clientInfo": {"name": "fake editor"},
            "rootUri": self.folders[0].as_uri() if self.folders else None,
            "workspaceFolders": [{"uri": path.as_uri(), "name": path.name} for path in self.folders] or None,
            "capabilities": self.capabilities,
            "initializationOptions": self.options,
        }

    async def stop(self) -> int:
        """Leave properly; the server's exit code."""
        if self.exit_code is None and not self._expect_exit:
            await self.request("shutdown")
            self.notify("exit")
            self._expect_exit = True
            code = await self.wait_exit()
            if code != 0:
                self.faults.append(f"exit code {code} after shutdown: {self.stderr.decode()[-2000:]}")
        return await self.wait_exit()

    async def wait_exit(self, limit: float = 10) -> int:
        """Wait for the server to end by itself."""
        self._expect_exit = True
        async with asyncio.timeout(limit):
            self.exit_code = await self._process.wait()
            await asyncio.gather(*self._readers)
        return self.exit_code

    def kill(self) -> None:
        """End the server at once."""
        self._expect_exit = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def verify(self) -> None:
        """Fail on broken rules and unread messages."""
        assert not self.faults, "\n".join(self.faults)
        left = [message for message in self.unread if message["method"] not in QUIET]
        assert not left, f"unread: {left}"

    def send(self, message: object) -> None:
        """Send one message."""
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._process.stdin.write(data)

    def close_stdin(self) -> None:
        """Send the end of the stream."""
        self._process.stdin.close()

    def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params}))

    def ask(
        self, method: str, params: object = None, *, number: Any = None
    ) -> tuple[Any, asyncio.Future[Any]]:
        """Send a request; its id (`number`, if given), and what its answer will be."""
        if number is None:
            self._next_id += 1
            number = self._next_id
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._asked.add(number)
        request = {"jsonrpc": "2.0", "id": number, "method": method}
        self.send(request if params is None else request | {"params": params})
        return number, answer

    async def request(self, method: str, params: object = None, *, limit: float = 20) -> Any:
        """Send a request and wait for its answer. Raises ErrorAnswer."""
        _, answer = self.ask(method, params)
        async with asyncio.timeout(limit):
            return await answer

    async def run(self, name: str, argument: object = None, *, limit: float = 20) -> Any:
        """Run a command with one argument."""
        arguments = [] if argument is None else [argument]
        return await self.request(
            "workspace/executeCommand", {"command": name, "arguments": arguments}, limit=limit
        )

    def received(self, method: str) -> list[Json]:
        """Parameters of every notification or request of this method so far."""
        return [message.get("params") for message in self.messages if message.get("method") == method]

    def take(self, method: str) -> list[Json]:
        """Read the unread notifications of a method."""
        taken = [message["params"] for message in self.unread if message["method"] == method]
        self.unread = [message for message in self.unread if message["method"] != method]
        return taken

    async def eventually(
        self,
        predicate: Callable[[], Any],
        unless: Callable[[], Any] | None = None,
        *,
        limit: float = 15,
    ) -> Any:
        """Wait until `predicate` holds, looking at each message; fail at once if `unless` holds, or the time is up."""
        async with asyncio.timeout(limit), self._news:
            while not (found := predicate()):
                assert unless is None or not unless(), "what must not happen has happened"
                assert self._process.returncode is None, f"the server ended: {self.stderr.decode()[-2000:]}"
                await self._news.wait()
            return found

    def uri(self, name: str) -> str:
        """The uri of a file in the folder, or what already is a uri."""
        return name if ":" in name else ((self.folder or Path("/nowhere")) / name).as_uri()

    def open(self, name: str, text: str, language: str = "python") -> str:
        """Open a text; its uri."""
        uri = self.uri(name)
        buffer = self.buffers[uri] = Buffer(uri, self._ended(text), self.encoding)
        item = {"uri": uri, "languageId": language, "version": buffer.version, "text": buffer.text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def edit(self, uri: str, *changes: tuple[int, int, str]) -> None:
        """Replace stretches (start, end, text) in code points, one after the other, in one notification."""
        buffer = self.buffers[uri]
        sent = [buffer.change(start, end, self._ended(text)) for start, end, text in changes]
        buffer.version += 1
        self._changed(buffer, sent)

    def replace(self, uri: str, text: str) -> None:
        """Replace the whole text with a change that has no range."""
        buffer = self.buffers[uri]
        buffer.text = self._ended(text)
        buffer.version += 1
        self._changed(buffer, [{"text": buffer.text}])

    def save(self, uri: str) -> None:
        """Save; the text goes along."""
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": self.text(uri)})

    def close(self, uri: str) -> None:
        """Close a text."""
        del self.buffers[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def text(self, uri: str) -> str:
        """The text a user sees."""
        return self.buffers[uri].text

    def diagnostics(self, uri: str) -> list[Json]:
        """The diagnostics shown now."""
        shown = [news for news in self.received("textDocument/publishDiagnostics") if news["uri"] == uri]
        return shown[-1]["diagnostics"] if shown else []

    def events(self, run_id: str | None = None) -> list[Json]:
        """The events so far, of one run or all."""
        return [event for event in self.received("ponder/event") if run_id in (None, event["runId"])]

    def _ended(self, text: str) -> str:
        return text if self.eol == "\n" else text.replace("\n", self.eol)

    def _changed(self, buffer: Buffer, sent: list[Json]) -> None:
        document = {"uri": buffer.uri, "version": buffer.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": sent})

    async def _read(self) -> None:
        stdout = self._process.stdout
        try:
            while header := await stdout.readline():
                name, _, value = header.partition(b": ")
                if name != b"Content-Length" or not value.strip().isdigit():
                    self.faults.append(f"stdout is not pure: {header[:200]!r}")
                    return
                blank = await stdout.readline()
                body = await stdout.readexactly(int(value))
                assert blank == b"\r\n", blank
                self._received(json.loads(body))
                async with self._news:
                    self._news.notify_all()
        except Exception as error:
            self.faults.append(f"while reading: {error!r}")
        finally:
            self._ended_answers()
            async with self._news:
                self._news.notify_all()

    async def _read_errors(self) -> None:
        while chunk := await self._process.stderr.read(65536):
            self.stderr += chunk

    def _ended_answers(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(
                    EOFError(f"the server ended: {self.stderr.decode(errors='replace')[-2000:]}")
                )
                answer.exception()

    def _received(self, message: Json) -> None:
        self.messages.append(message)
        if "method" not in message:
            self._answered(message)
        elif "id" in message:
            self._respond(message)
        else:
            self.unread.append(message)

    def _answered(self, message: Json) -> None:
        if message["id"] is None:
            return  # An error for what had no readable id; tests look at `messages`.
        answer = self._answers.pop(message["id"], None)
        if answer is None:
            known = "a second answer" if message["id"] in self._asked else "an answer to no request"
            self.faults.append(f"{known}: {str(message)[:300]}")
        elif not answer.done():
            if "error" in message:
                answer.set_exception(ErrorAnswer(message["error"]))
                answer.exception()
            else:
                answer.set_result(message["result"])

    def _respond(self, message: Json) -> None:
        method, params = message["method"], message.get("params")
        if not fake_profiles.offered(self.capabilities, method, params):
            self.faults.append(f"the client did not offer {method}: {params}")
        try:
            result = self.responders.get(method, self._default)(message)
        except AssertionError as error:
            self.faults.append(str(error))
            result = None
        if result is not SILENCE:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _default(self, message: Json) -> Any:
        method, params = message["method"], message.get("params")
        if method == "workspace/applyEdit":
            return self._apply(params["edit"])
        if method == "workspace/configuration":
            return [self.settings for _ in params["items"]]
        if method == "window/showDocument":
            return {"success": True}
        if method == "window/showMessageRequest":
            return (params.get("actions") or [None])[0]
        return None

    def _apply(self, edit: Json) -> Json:
        """Apply a workspace edit to the buffers, all or nothing, and tell the server what changed."""
        texts = planned(edit, self.buffers, self.encoding, confirm=self.confirm)
        if isinstance(texts, Refused):
            return {"applied": False, **texts.answer}
        for uri, text in texts.items():
            if uri not in self.buffers:
                self.open(uri, text)
                continue
            buffer = self.buffers[uri]
            buffer.version += 1
            buffer.text = text
            self._changed(buffer, [{"text": text}])
        return {"applied": True}
