"""Relay of a streamed answer: response bytes to encoded notifications, against the SDK's own ways of reading a stream.

One run measures all rows on the same machine in turn; compare within a run, quote ratios. Options: `--short`.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ponder.config.settings import ApiSettings
from ponder.engine.endpoint import resolve
from ponder.engine.events import BlockDelta
from ponder.engine.prompt import ModelRequest, Prompt, PromptBlock
from ponder.engine.turn import Engine
from ponder.routing.route import Route, Thinking

SATURATED = 100_000
SIZES = (2_000, 20_000, 100_000)
STREAMS = 8
Reader = Callable[[str, int, str, "Sink"], Awaitable[None]]


class Params(msgspec.Struct):
    run_id: str
    seq: int
    type: str
    index: int
    text: str


class Notification(msgspec.Struct):
    params: Params
    jsonrpc: str = "2.0"
    method: str = "ponder/event"


class Sink:
    """Encodes what a reader hands over and notes how old it is."""

    def __init__(self) -> None:
        self.encoder = msgspec.json.Encoder()
        self.seq = 0
        self.bytes = 0
        self.characters = 0
        self.ages: list[int] = []
        self.paced = False

    def write(self, texts: list[str]) -> None:
        frames = []
        for text in texts:
            body = self.encoder.encode(Notification(Params("run-1", self.seq, "blockDelta", 0, text)))
            frames.append(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.seq += 1
            self.characters += len(text)
        self.bytes += len(b"".join(frames))
        if self.paced:
            now = time.monotonic_ns()
            self.ages.extend(now - int(stamp) for text in texts for stamp in text.split())


async def ours(url: str, count: int, how: str, sink: Sink) -> None:
    async for batch in _engine(url).stream(_request(count, how)):
        if texts := [event.text for event in batch if isinstance(event, BlockDelta)]:
            sink.write(texts)


async def raw_events(url: str, count: int, how: str, sink: Sink) -> None:
    async for event in await _client(url).messages.create(**_arguments(count, how), stream=True):
        if event.type == "content_block_delta":
            sink.write([event.delta.text])


async def helper(url: str, count: int, how: str, sink: Sink) -> None:
    async with _client(url).messages.stream(**_arguments(count, how)) as stream:
        async for event in stream:
            if event.type == "text":
                sink.write([event.text])


async def floor(url: str, count: int, how: str, sink: Sink) -> None:
    """What cannot be saved: a raw socket, split at event ends, each delta taken out by position."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    body = msgspec.json.encode({"max_tokens": count, "metadata": {"user_id": how}})
    writer.write(b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
    rest, done = b"", False
    while not done:
        *frames, rest = (rest + await reader.read(65_536)).split(b"\n\n")
        texts = [
            frame[frame.index(b'"text": "') + 9 : -3].decode() for frame in frames if b'"text_delta"' in frame
        ]
        done = any(b"message_stop" in frame for frame in frames)
        if texts:
            sink.write(texts)
    writer.close()


ROWS: list[tuple[str, Reader]] = [
    ("SDK messages.stream() helper", helper),
    ("SDK create(stream=True)", raw_events),
    ("Ponder's engine", ours),
    ("raw socket (floor)", floor),
]
_kept: dict[str, Any] = {}


def _engine(url: str) -> Engine:
    if "engine" not in _kept:
        _kept["engine"] = Engine(resolve({"ANTHROPIC_BASE_URL": url}, ApiSettings()))
    return _kept["engine"]


def _client(url: str) -> Any:
    import anthropic
    import httpx2

    if "client" not in _kept:
        http_client = httpx2.AsyncClient(trust_env=False, timeout=60)
        _kept["client"] = anthropic.AsyncAnthropic(
            api_key="k", base_url=url, max_retries=0, http_client=http_client, open_telemetry=False
        )
    return _kept["client"]


def _arguments(count: int, how: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": "x"}]
    return {"model": "claude-bench", "max_tokens": count, "messages": messages, "metadata": {"user_id": how}}


def _request(count: int, how: str) -> ModelRequest:
    route = Route(
        action="bench",
        model="claude-bench",
        line=None,
        thinking=Thinking(mode="off"),
        max_tokens=count,
        thinking_param=None,
        effort_param=None,
    )
    prompt = Prompt(instructions=(), question=(PromptBlock("x"),), shape="markdown")
    return ModelRequest(prompt=prompt, route=route, metadata={"user_id": how})


async def cost(read: Reader, url: str, count: int, how: str, repeats: int) -> tuple[float, float]:
    """Least CPU and wall microseconds per event over the repeats; every delta must arrive."""
    cpu, wall = [], []
    for _ in range(repeats):
        sink = Sink()
        gc.collect()
        before = time.process_time(), time.perf_counter()
        await read(url, count, how, sink)
        cpu.append(time.process_time() - before[0])
        wall.append(time.perf_counter() - before[1])
        assert sink.characters == count * len(" some words"), sink.characters
    return min(cpu) / count * 1e6, min(wall) / count * 1e6


async def paced(read: Reader, url: str, seconds: int) -> tuple[float, float, float]:
    """CPU microseconds per event, and the age of deltas when encoded (p50, p99), with eight streams at once."""
    count = seconds * 100
    sinks = [Sink() for _ in range(STREAMS)]
    for sink in sinks:
        sink.paced = True
    gc.collect()
    before = time.process_time()
    await asyncio.gather(*[read(url, count, "paced", sink) for sink in sinks])
    cpu = (time.process_time() - before) / (count * STREAMS) * 1e6
    ages = sorted(age for sink in sinks for age in sink.ages)
    assert len(ages) == count * STREAMS
    return cpu, statistics.median(ages) / 1e3, ages[int(len(ages) * 0.99)] / 1e3


async def measure(url: str, *, short: bool) -> bool:
    for _, read in ROWS:
        await read(url, 10, "saturated", Sink())
    gc.freeze()
    print(f"saturated: {SATURATED:,} deltas in chunks of 256, least of 3 (helper: 20,000)")
    print(f"  {'source':<32}{'events/s':>12}{'CPU µs/event':>15}")
    found = {}
    for name, read in ROWS:
        count = 20_000 if read is helper else SATURATED
        cpu, wall = await cost(read, url, count, "saturated", 1 if short or read is helper else 3)
        found[name] = cpu
        print(f"  {name:<32}{1e6 / wall:>12,.0f}{cpu:>15.2f}")
    print("saturated, each event in an HTTP chunk of its own: 20,000 deltas")
    for name, read in ROWS[1:3]:
        cpu, wall = await cost(read, url, 20_000, "chunked", 1 if short else 3)
        print(f"  {name:<32}{1e6 / wall:>12,.0f}{cpu:>15.2f}")
    print("CPU µs/event by length of the answer (the cost of one request taken off)")
    print(f"  {'source':<32}" + "".join(f"{size:>12,}" for size in SIZES))
    flat = await flatness(url, short=short)
    print(f"{STREAMS} streams of 100 deltas/s for {2 if short else 10} s")
    print(f"  {'source':<32}{'CPU µs/event':>15}{'age p50 µs':>13}{'age p99 µs':>13}")
    ages = {}
    for name, read in ROWS:
        cpu, middle, late = await paced(read, url, 2 if short else 10)
        ages[name] = late
        print(f"  {name:<32}{cpu:>15.0f}{middle:>13.0f}{late:>13.0f}")
    mine = found["Ponder's engine"]
    print(
        f"SDK events / Ponder: {found['SDK create(stream=True)'] / mine:.1f} x the CPU; helper: {found['SDK messages.stream() helper'] / mine:.1f} x (at 20,000)"
    )
    return mine <= 5.0 and flat <= 1.2


async def flatness(url: str, *, short: bool) -> float:
    ratio = 0.0
    for name, read in ROWS:
        fixed, _ = await cost(read, url, 10, "saturated", 5)
        line = f"  {name:<32}"
        costs = []
        for size in SIZES:
            if read is helper and size > 20_000:
                line += f"{'-':>12}"
                continue
            cpu, _ = await cost(read, url, size, "saturated", 1 if short or read is helper else 5)
            costs.append(cpu - fixed * 10 / size)
            line += f"{costs[-1]:>12.2f}"
        if read is ours:
            ratio = costs[-1] / costs[0]
        print(line)
    return ratio


@contextmanager
def endpoint() -> Any:
    source = Path(__file__).with_name("source.py")
    process = subprocess.Popen([sys.executable, str(source)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def main(arguments: Sequence[str] = ()) -> int:
    """Print the tables; exit status 1 where a budget is missed (5 µs CPU an event, flat within 1.2)."""
    with endpoint() as url:
        kept = asyncio.run(measure(url, short="--short" in arguments))
    print("within the budget" if kept else "BUDGET MISSED")
    return 0 if kept else 1
