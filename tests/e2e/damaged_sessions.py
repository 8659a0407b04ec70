"""A recorded session with a server, and ways to damage it. Used over pipes and within a process."""

import json
import random


def recorded_session() -> bytes:
    """A good session, as bytes."""
    uri, start, end = "file:///a.py", {"line": 0, "character": 1}, {"line": 1, "character": 1}
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "a\u00e9\n\U0001f600"}
    edit = {"range": {"start": start, "end": end}, "text": "x"}
    sent = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit]},
        },
        {
            "id": 2,
            "method": "textDocument/hover",
            "params": {"textDocument": {"uri": uri}, "position": start},
        },
        {
            "id": 3,
            "method": "workspace/executeCommand",
            "params": {"command": "test.echo", "arguments": [{"a": [1, 2, {"b": None}]}]},
        },
        {"method": "$/cancelRequest", "params": {"id": 3}},
        {"id": 4, "method": "shutdown"},
    ]
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in sent]
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The session with a few bytes flipped, dropped, doubled or moved."""
    found = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(found))
        end = min(len(found), start + chance.choice([1, 1, 2, 8, 60]))
        how = chance.randrange(4)
        if how == 0:
            found[start] ^= 1 << chance.randrange(8)
        elif how == 1:
            del found[start:end]
        elif how == 2:
            found[start:start] = found[start:end]
        else:
            found[start:start] = data[end : end + chance.randrange(200)]
    return bytes(found)
