"""Neovim while a run is alive: what streams in, who follows it, cancel, a server that dies, a restored session."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from editors_nvim.nvim_session import BUG, Nvim

pytestmark = pytest.mark.editor


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    with Nvim(tmp_path_factory.mktemp("slow"), PONDER_API_OFFLINE_DELTA_MS="80") as nvim:
        nvim.open("orders.py", BUG)
        yield nvim
        nvim.command("Ponder cancel")


def thinking(nvim: Nvim, runs: int, lines: int) -> None:
    """Wait until so many lines of thoughts of that run have come, and stand in the panel."""
    nvim.wait(
        "#require('ponder.store').runs() == a[1] and #((require('ponder.store').latest().blocks[1] or {}).lines or {}) >= a[2]",
        runs,
        lines,
    )
    nvim.lua("require('ponder.panel').draw()")


def test_thoughts_are_read_as_they_come(slow: Nvim) -> None:
    """The panel opens with the run, shows thoughts unfolded while they grow, and its status line says what goes on."""
    runs = slow.runs()
    slow.command("Ponder review")
    thinking(slow, runs + 1, 1)
    assert "Thinking …" in slow.panel()
    assert re.search(r"^running · claude-", slow.panel(), re.M)
    assert slow.lua("return require('ponder').statusline()") == "● Ponder (offline): Review"
    window = slow.lua("return require('ponder.panel').window()")
    assert slow.lua("return vim.api.nvim_win_get_cursor(...)[1]", window) == len(slow.panel().split("\n"))
    before = slow.panel()
    thinking(slow, runs + 1, 3)
    assert slow.panel().startswith(before.rstrip().removesuffix("…")[:200])
    slow.command("Ponder cancel")
    assert slow.ended(runs + 1)["status"] == "cancelled"
    assert re.search(r"^cancelled · .* in · .* out", slow.panel(), re.M)
    slow.wait("require('ponder').statusline() == ''")
    assert slow.told() == []


def test_a_fold_holds_all_thoughts_and_nothing_else(slow: Nvim) -> None:
    """Also when its title changes after it was made, as the token count comes last."""
    run = slow.start("Ponder fix")
    assert run["status"] == "done"
    slow.go_to("^Thought for ")
    first = slow.api.current.window.cursor[0]
    below = slow.panel().split("\n")[first:]
    thoughts = next(n for n, line in enumerate(below) if not line.startswith(">"))
    assert thoughts > 0
    folded = [slow.api.funcs.foldclosed(first), slow.api.funcs.foldclosedend(first)]
    assert folded == [first, first + thoughts]
    assert slow.api.funcs.foldtextresult(first).endswith(f"{run['usage']['thinkingTokens']:,} tokens")
    slow.keys("<CR>")
    assert slow.api.funcs.foldclosed(first) == -1
    slow.keys("q")


def test_nobody_loses_the_line_they_read(slow: Nvim) -> None:
    """A cursor that is not at the end stays where it is while text arrives, and its fold stays open at the end."""
    runs = slow.runs()
    slow.command("Ponder review")
    thinking(slow, runs + 1, 1)
    slow.go_to("^> ")
    line = slow.api.current.line
    here = slow.api.current.window.cursor
    thinking(slow, runs + 1, 3)
    assert slow.api.current.window.cursor == here
    assert slow.api.current.line.startswith(line)
    slow.keys("x")
    assert slow.ended()["status"] == "cancelled"
    assert slow.api.funcs.foldlevel(here[0]) == 1
    assert slow.api.funcs.foldclosed(here[0]) == -1
    slow.keys("q")


def test_a_server_that_dies_comes_back(tmp_path: Path) -> None:
    """A live run ends as failed with words for the user; the next run works, without a restart by hand."""
    with Nvim(tmp_path, PONDER_API_OFFLINE_DELTA_MS="60") as nvim:
        nvim.open("orders.py", BUG)
        nvim.command("Ponder review")
        thinking(nvim, 1, 1)
        client = nvim.lua("return vim.lsp.get_clients({name = 'ponder'})[1].id")
        nvim.lua(
            "for _, p in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do vim.uv.kill(p, ...) end",
            signal.SIGKILL.value,
        )
        run = nvim.ended()
        assert run["status"] == "failed"
        assert run["error"]["message"] == "The server ended unexpectedly."
        assert "The server ended unexpectedly." in nvim.panel()
        nvim.wait("#vim.lsp.get_clients({name = 'ponder', bufnr = 0}) > 0")
        nvim.attached()
        assert nvim.lua("return vim.lsp.get_clients({name = 'ponder'})[1].id") != client
        assert nvim.start("Ponder explain")["status"] == "done"
        nvim.command("Ponder restart")
        nvim.wait(
            "vim.lsp.get_clients({name = 'ponder'})[1] and vim.lsp.get_clients({name = 'ponder'})[1].id > a[1]",
            client + 1,
        )
        nvim.attached()


def test_a_restored_session_has_its_panel(tmp_path: Path) -> None:
    """`:mksession` with a panel open, then `nvim -S`: the window is a panel again, beside the file."""
    session = tmp_path / "session.vim"
    with Nvim(tmp_path) as nvim:
        nvim.open("orders.py", BUG)
        nvim.start("Ponder explain")
        nvim.command(f"mksession! {session}")
    with Nvim(tmp_path, arguments=("--cmd", "set sessionoptions+=blank")) as nvim:
        nvim.command(f"source {session}")
        nvim.wait("require('ponder.panel').window() ~= nil")
        kinds = sorted(window.buffer.options["filetype"] for window in nvim.api.current.tabpage.windows)
        assert kinds == ["ponder", "python"]
        nvim.command("wincmd t")
        nvim.attached()
        assert nvim.start("Ponder explain")["status"] == "done"
        assert nvim.panel().count("# Ponder (offline)") == 1


def test_the_key_comes_from_a_command_of_the_user(tmp_path: Path) -> None:
    """Its output reaches the server alone; when it fails nothing is started and the user reads why."""
    options = "{key_cmd = {'sh', '-c', 'echo sk-ant-test'}, cmd = {'sh', '-c', 'printf %s $ANTHROPIC_API_KEY > key; exit 0'}}"
    with Nvim(tmp_path, start=False, options=options) as nvim:
        nvim.command(f"cd {tmp_path}")
        nvim.lua("vim.lsp.enable('ponder')")
        nvim.open("orders.py", BUG)
        nvim.wait("vim.fn.filereadable('key') == 1 and vim.fn.readfile('key')[1] == 'sk-ant-test'")
        assert nvim.lua("return vim.env.ANTHROPIC_API_KEY == nil")
    with Nvim(tmp_path, start=False, options="{key_cmd = {'false'}}") as nvim:
        nvim.lua("vim.lsp.enable('ponder')")
        nvim.open("orders.py", BUG)
        nvim.wait("require('ponder.launch').key_trouble")
        assert nvim.lua("return #vim.lsp.get_clients()") == 0
        assert nvim.lua(
            "return vim.iter(_G.told or {}):any(function(t) return t[1]:find('key_cmd') ~= nil end)"
        )
        nvim.command("checkhealth ponder")
        assert "`key_cmd` ended with 1" in nvim.text()


def test_the_settings_may_decide_about_edits(tmp_path: Path) -> None:
    """With `edits = "server"` and `edits.apply` "never", "auto" or "ask", the panel shows what became of the edit."""
    with Nvim(tmp_path, options="{edits = 'server', settings = {edits = {apply = 'auto'}}}") as nvim:
        nvim.open("orders.py", BUG)
        assert nvim.start("Ponder fix")["applied"] is True
        assert "orders=None" in nvim.text()
        assert "· applied" in nvim.panel()
        nvim.command("undo")
        nvim.lua("vim.ui.select = function(items, _, done) _G.asked = items; done(items[2]) end")
        nvim.lua(
            """require('ponder').setup({edits = 'server', settings = {edits = {apply = 'ask'}}, cmd = require('ponder.config').current.cmd})
            local c = vim.lsp.get_clients({name = 'ponder'})[1]
            c.settings = {ponder = require('ponder.config').current.settings}
            c:notify('workspace/didChangeConfiguration', {settings = c.settings})"""
        )
        run = nvim.start("Ponder fix")
        assert nvim.lua("return vim.tbl_map(function(i) return i.title end, _G.asked)") == [
            "Apply",
            "Not now",
        ]
        assert run["applied"] is False
        assert run["reason"] in nvim.panel()
        assert "orders=[]" in nvim.text()


def test_no_plugin_at_all(tmp_path: Path) -> None:
    """Bare `vim.lsp`: the light bulb runs a review, findings are diagnostics, a fix is applied where the user says so."""
    with Nvim(tmp_path, plugin=False, start=False) as nvim:
        from editors_nvim.nvim_session import SERVER

        nvim.lua(
            "vim.lsp.config('ponder', {cmd = ..., root_markers = {'.git'}}); vim.lsp.enable('ponder')",
            list(SERVER),
        )
        nvim.lua("vim.ui.select = function(items, _, done) done(items[1]) end")
        nvim.open("orders.py", BUG)
        nvim.attached()
        choose = (
            "local name = ...; vim.lsp.buf.code_action({apply = true,"
            " filter = function(action) return action.title:find(name) ~= nil end})"
        )
        nvim.lua(choose, ": Review")
        nvim.wait("#vim.diagnostic.get(0) >= 2")
        nvim.lua("vim.api.nvim_win_set_cursor(0, {4, 0})")
        nvim.lua(choose, ": Fix “")
        nvim.wait("table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true)):find('orders=None', 1, true)")
        assert "orders=[]" not in nvim.text()
        nvim.command("undo")
        assert "orders=[]" in nvim.text()
