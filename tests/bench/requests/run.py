"""Latency of requests, idle and under load, and the cost of a change, beside a minimal pygls server."""

import random
import threading
import time

from bench_client import ACTION, AT, URI, BenchClient, opened, percentile

SERVERS = ("minimal pygls", "core", "ponder serve")
FLOOD = {"minimal pygls": "bench.flood", "core": "test.flood"}


def change(version: int, line: int) -> dict:
    """A character typed at the start of a line, and every second time taken away again."""
    place = {"line": line, "character": 0}
    end = {"line": line, "character": 0 if version % 2 else 1}
    edit = {"range": {"start": place, "end": end}, "text": "x" if version % 2 else ""}
    params = {"textDocument": {"uri": URI, "version": version + 1}, "contentChanges": [edit]}
    return {"method": "textDocument/didChange", "params": params}


def latencies(client: BenchClient, method: str, params: dict, seconds: float, *, edits: int) -> list[float]:
    """Milliseconds of requests made one after the other, while a thread types `edits` times a second."""
    stop = threading.Event()

    def type_() -> None:
        version = 1
        while edits and not stop.wait(1 / edits):
            client.send(change(version, 7))
            version += 1

    typist = threading.Thread(target=type_)
    typist.start()
    times = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        times.append(client.request(method, params)[1] * 1000)
        time.sleep(0.002)
    stop.set()
    typist.join()
    return times


def show(what: str, times: list[float]) -> None:
    print(f"  {what:52} p50 {percentile(times, 0.5):6.2f}  p99 {percentile(times, 0.99):6.2f}  ms")


def one_server(name: str, seconds: float) -> None:
    """Measure one server."""
    print(f"\n{name}")
    client = BenchClient(name)
    client.initialize()
    client.send({"method": "initialized", "params": {}}, opened(URI, 20_000))
    client.request("textDocument/codeAction", ACTION)
    client.settle()
    rows = [("codeAction", "textDocument/codeAction", ACTION)]
    if name != "ponder serve":
        rows.append(("hover", "textDocument/hover", AT))
    for shown, method, params in rows:
        show(f"{shown}, idle", latencies(client, method, params, seconds, edits=0))
        show(f"{shown}, 50 edits/s at 20,000 lines", latencies(client, method, params, seconds, edits=50))
        if name in FLOOD:
            argument = {"seconds": seconds + 1, "rate": 2000}
            client.send(
                {
                    "id": "flood",
                    "method": "workspace/executeCommand",
                    "params": {"command": FLOOD[name], "arguments": [argument]},
                }
            )
            before, began = client.cpu(), time.perf_counter()
            times = latencies(client, method, params, seconds, edits=50)
            share = (client.cpu() - before) / (time.perf_counter() - began)
            show(f"{shown}, the same and 2,000 notifications/s", times)
            print(f"  {'processor in the last':52} {share:7.0%}")
            time.sleep(1.5)
    # Not asked to leave: pygls fails at `shutdown` while a command runs.
    client.process.kill()
    change_cost(name)


def change_cost(name: str, lines: int = 100_000) -> None:
    """Processor time of one change in a document of 100,000 lines."""
    chance = random.Random(7)
    client = BenchClient(name)
    client.initialize()
    client.send(opened(URI, lines))
    client.request("textDocument/codeAction", ACTION)
    client.send({"method": "initialized", "params": {}})
    client.settle()
    count = 200 if name == "minimal pygls" else 20_000
    where = [chance.randrange(lines) for _ in range(count)]
    messages = [
        change(version, where[version // 2 if version % 2 else version // 2 - 1])
        for version in range(1, count)
    ]
    before = client.cpu()
    client.send(*messages)
    # Any request that must wait its turn; the answer to an action also joins the text, so not that.
    client.request("textDocument/hover", AT | {"textDocument": {"uri": "file:///not/open"}})
    spent = (client.cpu() - before) / count * 1e6
    print(f"  {'didChange at 100,000 lines':52} {spent:7.1f} µs of processor time each")
    client.leave()


def main(arguments: list[str]) -> int:
    """Print the figures of each server. The first argument: seconds for each row (4)."""
    for name in SERVERS:
        one_server(name, float(arguments[0]) if arguments else 4)
    return 0
