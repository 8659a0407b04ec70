"""Start, memory and exit of the server, beside a minimal pygls server in the same interleaved rounds."""

import statistics
import time

from bench_client import ACTION, AT, URI, BenchClient, opened, percentile

SERVERS = ("minimal pygls", "core", "core and SDK", "ponder serve")


def one_round(name: str) -> dict[str, float]:
    """One life of one server."""
    client = BenchClient(name)
    found = {"initialize ms": client.initialize() * 1000}
    client.request(
        "textDocument/codeAction", ACTION, {"method": "initialized", "params": {}}, opened(URI, 50)
    )
    found["first action ms"] = (time.perf_counter() - client.began) * 1000
    times = []
    until = time.perf_counter() + 2.5
    method, params = (
        ("textDocument/codeAction", ACTION) if name == "ponder serve" else ("textDocument/hover", AT)
    )
    while time.perf_counter() < until:
        times.append(client.request(method, params)[1] * 1000)
        time.sleep(0.002)
    found["request p99 while loading ms"] = percentile(times, 0.99)
    found["worst ms"] = max(times)
    client.settle()
    found["USS MiB, all loaded"] = client.uss()
    found["exit ms"] = client.leave() * 1000
    client = BenchClient(name)
    client.initialize()
    client.request("textDocument/codeAction", ACTION, opened(URI, 50))
    found["USS MiB, before `initialized`"] = client.uss()
    client.leave()
    return found


def main(arguments: list[str]) -> int:
    """Print medians, and ratios to minimal pygls. The first argument: the number of rounds (5)."""
    rounds = int(arguments[0]) if arguments else 5
    for name in SERVERS:  # compiled files and disk caches are warm from here on
        client = BenchClient(name)
        client.initialize()
        client.leave()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SERVERS}
    for _ in range(rounds):
        for name in SERVERS:
            found[name].append(one_round(name))
    base = {}
    for name in SERVERS:
        print(f"\n{name}")
        for figure in found[name][0]:
            values = [row[figure] for row in found[name]]
            median = statistics.median(values)
            base.setdefault(figure, median)
            print(
                f"  {figure:32} {median:8.1f}  ({min(values):.1f}–{max(values):.1f})  {median / base[figure]:.2f} ×"
            )
    return 0
