"""A language server that only streams: at the first command it sends a run of COUNT deltas as fast as pipes allow.

Usage: stream_server.py COUNT. No model, no analysis: what is measured is the editor.
"""

import json
import sys
from typing import Any

WORDS = ("The ", "loop ", "ends ", "one ", "too ", "early; ", "look ", "at\n", "`range` ", "again.\n\n")


def main() -> None:
    """Answer what an editor needs, then stream."""
    count = int(sys.argv[1])
    while (message := read()) is not None:
        method = message.get("method")
        if method == "initialize":
            commands = {"commands": ["ponder.run"]}
            capabilities = {"executeCommandProvider": commands, "textDocumentSync": 2}
            answer(message, {"capabilities": capabilities, "serverInfo": {"name": "ponder"}})
        elif method == "workspace/executeCommand":
            answer(message, {"runId": "bench"})
            stream(count)
        elif method == "exit":
            return
        elif "id" in message and method is not None:
            answer(message, None)


def stream(count: int) -> None:
    """A run: half of its deltas are thoughts, half an answer."""
    events: list[dict[str, Any]] = [
        {"type": "started", "action": "review", "title": "Ponder: Review", "trigger": "command"}
    ]
    for index, kind in enumerate(("thinking", "text")):
        events.append({"type": "blockStarted", "index": index, "kind": kind})
        texts = (WORDS[number % len(WORDS)] for number in range(count // 2))
        events += [{"type": "blockDelta", "index": index, "text": text} for text in texts]
        events.append({"type": "blockFinished", "index": index, "durationMs": 1})
    usage = {"requests": 1, "thinkingTokens": count // 2}
    events.append({"type": "finished", "status": "done", "usage": usage, "durationMs": 1, "error": None})
    for seq, event in enumerate(events):
        send({"jsonrpc": "2.0", "method": "ponder/event", "params": {"runId": "bench", "seq": seq, **event}})


def answer(message: dict[str, Any], result: object) -> None:
    """Answer a request."""
    send({"jsonrpc": "2.0", "id": message["id"], "result": result})


def send(message: dict[str, Any]) -> None:
    """Write one message."""
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def read() -> dict[str, Any] | None:
    """Read one message; None at the end."""
    length = 0
    while (line := sys.stdin.buffer.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    if not length:
        return None
    message: dict[str, Any] = json.loads(sys.stdin.buffer.read(length))
    return message


if __name__ == "__main__":
    main()
