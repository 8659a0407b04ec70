"""An endpoint in a process of its own that answers every request with COUNT deltas, as fast as the client reads.

Usage: endpoint.py COUNT. Prints its port on the first line. Half of the deltas are thoughts.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

WORDS = ("The ", "loop ", "ends ", "one ", "too ", "early; ", "look ", "at\n", "`range` ", "again.\n\n")


def event(body: dict[str, object]) -> bytes:
    """One server-sent event."""
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


def answer(count: int) -> bytes:
    """The whole stream."""
    usage = {"input_tokens": 9, "output_tokens": 1}
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "claude-bench",
        "usage": usage,
    }
    parts = [
        event({"type": "message_start", "message": message | {"stop_reason": None, "stop_sequence": None}})
    ]
    kinds = (
        ({"type": "thinking", "thinking": "", "signature": ""}, "thinking_delta", "thinking"),
        ({"type": "text", "text": ""}, "text_delta", "text"),
    )
    for index, (block, kind, field) in enumerate(kinds):
        parts.append(event({"type": "content_block_start", "index": index, "content_block": block}))
        for number in range(count // 2):
            delta = {"type": kind, field: WORDS[number % len(WORDS)]}
            parts.append(event({"type": "content_block_delta", "index": index, "delta": delta}))
        if field == "thinking":
            delta = {"type": "signature_delta", "signature": "c2ln"}
            parts.append(event({"type": "content_block_delta", "index": index, "delta": delta}))
        parts.append(event({"type": "content_block_stop", "index": index}))
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    parts.append(event(ended | {"usage": {"output_tokens": count}}))
    return b"".join(parts) + event({"type": "message_stop"})


class Handler(BaseHTTPRequestHandler):
    """Every POST gets the stream; there is no list of models."""

    body = b""

    def do_GET(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Handler.body = answer(int(sys.argv[1]))
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
