"""A blocking LSP client for measurements: one pipe each way, no loop of its own. Answers nothing the server asks."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SERVERS = {
    "minimal pygls": [sys.executable, str(ROOT / "tests/bench/minimal_pygls.py")],
    "core": [sys.executable, str(ROOT / "tests/e2e/lsp_test_server.py"), "--plain"],
    "core and SDK": [sys.executable, str(ROOT / "tests/e2e/lsp_test_server.py"), "--plain", "--sdk"],
    "ponder serve": [sys.executable, "-P", "-m", "ponder", "serve"],
}
CAPABILITIES = {
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "publishDiagnostics": {},
    }
}

URI = "file:///bench/a.py"
AT = {"textDocument": {"uri": URI}, "position": {"line": 3, "character": 6}}
ACTION = {
    "textDocument": {"uri": URI},
    "range": {"start": AT["position"], "end": AT["position"]},
    "context": {"diagnostics": []},
}


class BenchClient:
    """One server process, from spawn to exit."""

    def __init__(self, name: str) -> None:
        self.state = tempfile.TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.state.name,
            "PYTHONPATH": str(ROOT / "server"),
            "PONDER_STATE_DIR": self.state.name,
        }
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            SERVERS[name],
            stdin=-1,
            stdout=-1,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment,
            cwd=self.state.name,
        )
        self.stdout = os.fdopen(os.dup(self.process.stdout.fileno()), "rb", buffering=1 << 16)
        self.lock = threading.Lock()
        self.last_id = 0
        self.heard = 0

    def send(self, *messages: dict[str, Any]) -> None:
        data = b""
        for message in messages:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            data += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        with self.lock:
            self.process.stdin.write(data) if len(data) < 1 << 16 else self._write(data)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.process.stdin.fileno(), rest) :]

    def receive(self) -> dict[str, Any]:
        length = 0
        while (line := self.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the server ended"
        self.heard += 1
        return json.loads(self.stdout.read(length))

    def request(self, method: str, params: Any = None, *before: dict[str, Any]) -> tuple[Any, float]:
        """The result and the seconds it took; `before` is sent in front of it."""
        self.last_id += 1
        began = time.perf_counter()
        self.send(*before, {"id": self.last_id, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.last_id or "method" in message:
            pass
        assert "error" not in message, message
        return message["result"], time.perf_counter() - began

    def initialize(self) -> float:
        """Seconds from spawn to the answer of `initialize`."""
        options = {"ponder": {"events": 1, "hover": {"mode": "off"}, "review": {"onSave": "off"}}}
        params = {
            "processId": os.getpid(),
            "rootUri": None,
            "capabilities": CAPABILITIES,
            "initializationOptions": options,
        }
        self.request("initialize", params)
        return time.perf_counter() - self.began

    def uss(self) -> float:
        """MiB of memory of this process alone."""
        return psutil.Process(self.process.pid).memory_full_info().uss / (1 << 20)

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def settle(self) -> None:
        """Wait until the server has stopped working (imports in the background)."""
        last = -1.0
        while (now := self.cpu()) != last:
            last = now
            time.sleep(0.4)

    def leave(self) -> float:
        """Shut down; seconds from `exit` to the end of the process."""
        self.request("shutdown")
        began = time.perf_counter()
        self.send({"method": "exit"})
        self.process.wait(20)
        took = time.perf_counter() - began
        self.stdout.close()
        self.process.stdin.close()
        self.process.stdout.close()
        self.state.cleanup()
        return took


def opened(uri: str, lines: int) -> dict[str, Any]:
    """A didOpen of a document of this many lines."""
    text = "".join(f"def function_{number}(): return {number}\n" for number in range(lines))
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
