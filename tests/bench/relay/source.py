"""An endpoint for the relay bench, in a process of its own: event streams as fast, or as evenly, as asked for.

Prints its port on the first line. The path of a request is ignored; `max_tokens` of its body says how many deltas
to send; `metadata.user_id` is `saturated`, `chunked` (each event in a chunk of its own) or `paced`.
"""

import asyncio
import json
import time

START = {
    "type": "message_start",
    "message": {
        "id": "msg_bench",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "claude-bench",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 1},
    },
}
STOP = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn", "stop_sequence": None},
    "usage": {"output_tokens": 9},
}
OPEN = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
PER_SECOND = 100


def event(body: dict[str, object]) -> bytes:
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


def delta(text: str) -> bytes:
    return event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            await answer(writer, body["max_tokens"], body["metadata"]["user_id"])
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def answer(writer: asyncio.StreamWriter, count: int, how: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    opening = event(START) + event(OPEN)
    ending = event({"type": "content_block_stop", "index": 0}) + event(STOP) + event({"type": "message_stop"})
    send(writer, opening)
    if how == "paced":
        await pace(writer, count)
    else:
        piece = delta(" some words")
        group = 1 if how == "chunked" else 256
        for done in range(0, count, group):
            send(writer, piece * min(group, count - done))
            await writer.drain()
    send(writer, ending)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def pace(writer: asyncio.StreamWriter, count: int) -> None:
    first = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, first + number / PER_SECOND - time.monotonic()))
        # Both processes read the same monotonic clock.
        send(writer, delta(f"{time.monotonic_ns()} "))
        await writer.drain()


def send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
