"""The cache bench: what the planner's requests cost on the traces, beside other strategies and a bound.

.venv/bin/python tests/bench/run.py cache [--traces DIR] [--only NAME] [--decode]
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.cache import files, strategies
from bench.cache.bound import bound
from bench.cache.request import Request
from bench.cache.score import Score, score

TRACES = Path(__file__).resolve().parents[2] / "data" / "traces"

# Dollars on the committed traces by a reference simulator: no cache, a reference planner, and a bound that no
# planner reaches (every line cached alone, the future known).
REFERENCE = {
    "flask-8k": (48.53, 13.72, 9.00),
    "flask-32k": (158.30, 33.86, 23.49),
    "flask-128k": (581.53, 95.47, 71.40),
}
STRATEGIES: dict[str, Callable[[Iterable[strategies.Event]], Iterator[Request]]] = {
    "uncached": strategies.uncached,
    "one block": strategies.one_block,
    "append-only": strategies.append_only,
    "e-lite": strategies.lite,
    "planner": strategies.planned,
}


def main(arguments: list[str]) -> int:
    """Score every strategy on every trace; exit status 1 if the planner breaks a gate."""
    parser = argparse.ArgumentParser(prog="run.py cache", description=__doc__)
    parser.add_argument("--traces", type=Path, default=TRACES)
    parser.add_argument("--only", choices=sorted(STRATEGIES))
    parser.add_argument("--decode", action="store_true", help="read every planned request back (slow)")
    parser.add_argument("--log", type=Path, nargs=2, metavar=("TRACE", "LOG"))
    args = parser.parse_args(arguments)
    if args.log:
        trace, log = args.log
        found = score(files.events(trace), map(Request.of, files.events(log)), decode=args.decode)
        return _report([trace], ["log"], {(trace, "log"): found})
    traces = sorted(args.traces.glob("*.jsonl*"), key=lambda path: path.stat().st_size)
    names = [args.only] if args.only else list(STRATEGIES)
    with ProcessPoolExecutor(2) as pool:
        rows = {
            (trace, name): pool.submit(scored, trace, name, decode=args.decode and name == "planner")
            for trace in traces
            for name in names
        }
        results = {key: row.result() for key, row in rows.items()}
    return _report(traces, names, results)


def scored(trace: Path, name: str, *, decode: bool = False) -> Score:
    """The score of one strategy on one trace."""
    return score(files.events(trace), STRATEGIES[name](files.events(trace)), decode=decode)


def _report(traces: list[Path], names: list[str], results: dict[tuple[Path, str], Score]) -> int:
    broken = 0
    ratios: list[float] = []
    cells: list[float] = []
    for trace in traces:
        title = trace.name.split(".")[0]
        floor = bound(files.events(trace))
        known = REFERENCE.get(title)
        least = known[2] if known else sum(floor.values())
        print(f"\n{title}: bound {least:.2f} $")
        print(
            f"  {'':12}{'$':>9}{'/none':>8}{'/bound':>8}{'read %':>8}{'waste':>8}{'pings':>7}  /bound by model, gates"
        )
        for name in names:
            row = results[trace, name]
            split = {model: row.by_model[model] / floor[model] for model in sorted(row.by_model)}
            print(
                f"  {name:12}{_columns(row, results.get((trace, 'uncached')), least)}  {_split(split)}  {_gates(row)}"
            )
            print("".join(f"    {fault}\n" for fault in row.faults), end="")
            if name in {"planner", "log"}:
                broken += row.missing + row.undecodable + row.mispredicted
                ratios.append(row.dollars / least)
                cells += split.values()
        if known:
            print(f"  {'reference':12}{known[1]:9.2f}{known[1] / known[0]:8.3f}{known[1] / known[2]:8.3f}")
    if ratios:
        mean = sum(ratios) / len(ratios)
        print(
            f"\nplanner / bound: mean {mean:.4f}, worst trace {max(ratios):.4f}, worst model {max(cells):.4f}"
        )
    return 1 if broken else 0


def _columns(row: Score, none: Score | None, least: float) -> str:
    share = f"{row.dollars / none.dollars:8.3f}" if none else " " * 8
    return (
        f"{row.dollars:9.2f}{share}{row.dollars / least:8.3f}"
        f"{100 * row.read / row.total:8.1f}{row.total / row.needed - 1:8.2f}{row.pings:7}"
    )


def _split(ratios: dict[str, float]) -> str:
    return " ".join(f"{model} {ratio:.2f}" for model, ratio in ratios.items())


def _gates(row: Score) -> str:
    """What a planner must not do."""
    found = {"missing": row.missing, "undecodable": row.undecodable, "mispredicted": row.mispredicted}
    return ", ".join(f"{count} {name}" for name, count in found.items() if count) or "ok"
