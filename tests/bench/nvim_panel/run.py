"""How long Neovim's own thread stands still while an answer streams into the panel, in a real Neovim with a UI.

    .venv/bin/python tests/bench/run.py nvim_panel [--deltas 50000] [--json]

A timer of 1 ms in Neovim's event loop notes by how much each of its calls is late: what a key press would wait.
`server`: an endpoint sends all deltas at once to the real server, and what the server makes of them reaches the editor.
`flood`: a server without manners sends each delta as a notification of its own; with the panel closed this costs what
Neovim's own reading and decoding costs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STREAM = Path(__file__).with_name("stream_server.py")
ENDPOINT = Path(__file__).with_name("endpoint.py")

MEASURE = """
local channel = ...
local late, last = {}, vim.uv.hrtime()
local timer = assert(vim.uv.new_timer())
timer:start(1, 1, function()
  local now = vim.uv.hrtime()
  late[#late + 1] = math.max(0, (now - last) / 1e6 - 1)
  last = now
end)
require('ponder.store').listen('bench', function(run)
  if run.status ~= 'running' then
    timer:close()
    table.sort(late)
    vim.defer_fn(function() vim.rpcnotify(channel, 'measured', late) end, 100)
  end
end)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0."""
    parser = argparse.ArgumentParser(prog="nvim_panel", description=__doc__)
    parser.add_argument("--deltas", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    rows = {
        "server, panel open": measure(asked.deltas, shown=True, flood=False),
        "server, panel closed": measure(asked.deltas, shown=False, flood=False),
        "flood, panel open": measure(asked.deltas, shown=True, flood=True),
        "flood, panel closed": measure(asked.deltas, shown=False, flood=True),
    }
    if asked.json:
        print(json.dumps(rows))
        return 0
    print(
        f"{asked.deltas:,} deltas of one answer, into Neovim with a UI attached; load {os.getloadavg()[0]:.1f}"
    )
    for name, row in rows.items():
        print(
            f"  {name:<21} {row['seconds']:6.2f} s   stall p50 {row['p50']:.2f}  p99 {row['p99']:.2f}"
            f"  p99.9 {row['p999']:.2f}  max {row['max']:.2f} ms   drawings {row['drawings']}"
            f" of {row['redraws']} redraws (mean {row['mean']:.2f}, longest {row['longest']:.2f} ms)"
        )
    return 0


def measure(deltas: int, *, shown: bool, flood: bool) -> dict[str, Any]:
    """One answer; times in milliseconds but `seconds`."""
    from editors_nvim.nvim_session import SERVER, Nvim

    with tempfile.TemporaryDirectory() as folder, endpoint(deltas) as url:
        command = [sys.executable, str(STREAM), str(deltas)] if flood else SERVER
        listed = ", ".join(f"'{word}'" for word in command)
        options = f"{{cmd = {{{listed}}}, panel = {{open = {str(shown).lower()}}}}}"
        env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "bench"}
        with Nvim(Path(folder), options=options, **env) as nvim:
            nvim.api.ui_attach(160, 50, rgb=True)
            nvim.open("a.py", "x = 1\n")
            nvim.lua(MEASURE, nvim.api.channel_id)
            began = time.perf_counter()
            nvim.command("Ponder explain")
            # Not `vim.wait`, which would keep Neovim from drawing its screen.
            late: list[float] = []
            redraws = 0
            while not late:
                _, name, sent = nvim.api.next_message()
                redraws += name == "redraw"
                late = sent[0] if name == "measured" else late
            seconds = time.perf_counter() - began - 0.1
            drawn = nvim.lua("return require('ponder.panel').drawings")
            lines = len(nvim.panel().splitlines())
            assert not shown or lines > deltas / 5, lines
            nvim.api.ui_detach()
    return {
        "seconds": seconds,
        "p50": late[len(late) // 2],
        "p99": late[int(len(late) * 0.99)],
        "p999": late[int(len(late) * 0.999)],
        "max": late[-1],
        "samples": len(late),
        "redraws": redraws,
        "drawings": drawn["count"],
        "mean": drawn["total_ms"] / max(1, drawn["count"]),
        "longest": drawn["longest_ms"],
    }


@contextmanager
def endpoint(deltas: int) -> Iterator[str]:
    """The endpoint's address while it runs."""
    process = subprocess.Popen(
        [sys.executable, str(ENDPOINT), str(deltas)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2])]
    sys.exit(main())
