"""Neovim with the plugin and the real server: every command, the panel, changes, diagnostics, lists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from editors_nvim.nvim_session import BUG, ROOT, Nvim

pytestmark = pytest.mark.editor

TWO = BUG + BUG.replace("add_order", "add_other")
ACTIONS = re.findall(r'^  "(\w+)",$', (ROOT / "editors/nvim/lua/ponder/protocol.lua").read_text(), re.M)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    with Nvim(tmp_path_factory.mktemp("workspace")) as nvim:
        yield nvim


@pytest.fixture
def nvim(editor: Nvim, request: pytest.FixtureRequest) -> Nvim:
    """One editor for all tests of this file, with a file of its own for each."""
    editor.lua(
        "_G.told = nil; require('ponder').setup(vim.tbl_extend('force', require('ponder.config').current, {}))"
    )
    editor.command("silent! tabonly! | silent! only!")
    editor.command("enew!")
    editor.open(f"{request.node.name.split('[')[0]}.py", BUG)
    return editor


def line_of(nvim: Nvim, pattern: str) -> int:
    return next(n for n, line in enumerate(nvim.panel().split("\n"), 1) if re.search(pattern, line))


def test_a_review_in_the_panel(nvim: Nvim) -> None:
    """Title, facts, thoughts folded under their time and tokens, answer, findings; the focus stays in the code."""
    run = nvim.start("Ponder review")
    panel = nvim.panel()
    assert run["status"] == "done"
    assert f"# Ponder (offline): Review · {nvim.api.current.buffer.name.split('/')[-1]}" in panel
    assert re.search(r"^done · .* · claude-\S+ · effort medium · [\d,]+ in · [\d,]+ out", panel, re.M)
    assert re.search(r"^W \S+:10 .*\(review/", panel, re.M)
    assert nvim.api.current.buffer.options["filetype"] == "python"
    thought = line_of(nvim, "^Thought for ")
    window = nvim.lua("return require('ponder.panel').window()")
    folded = nvim.lua(
        "local w, l = ...; return vim.api.nvim_win_call(w, function()"
        " return {vim.fn.foldclosed(l), vim.fn.foldclosedend(l), vim.fn.foldtextresult(l)} end)",
        window,
        thought,
    )
    assert folded[0] == thought
    below = panel.split("\n")[thought:]
    thoughts = next(n for n, line in enumerate(below) if not line.startswith(">"))
    assert thoughts > 2
    assert folded[1] == thought + thoughts, "all thoughts and nothing else"
    assert re.fullmatch(r"Thought for (under )?[\d.]+ s · [\d,]+ tokens", folded[2])
    tokens = f"{run['usage']['thinkingTokens']:,} tokens"
    assert folded[2].endswith(tokens)


def test_findings_lead_to_their_place_of_now(nvim: Nvim) -> None:
    """`<CR>` and the quickfix list go where the finding is after the text moved."""
    nvim.start("Ponder review")
    nvim.wait("#vim.diagnostic.get(0) >= 2")
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, true, {'# one', '# two'})")
    nvim.wait("vim.diagnostic.get(0)[1].lnum == 5 or vim.diagnostic.get(0)[2].lnum == 5")
    nvim.go_to("mutable")
    nvim.keys("<CR>")
    assert nvim.api.current.buffer.options["filetype"] == "python"
    assert nvim.api.current.window.cursor[0] == 6
    nvim.command("Ponder findings")
    listed = nvim.lua("return vim.fn.getqflist({items = 0, title = 0})")
    assert sorted(entry["lnum"] for entry in listed["items"]) == [6, 12]
    assert listed["title"] == "Ponder (offline): Review"
    assert nvim.api.current.buffer.options["buftype"] == "quickfix"


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_a_command(nvim: Nvim, action: str) -> None:
    """`:Ponder ACTION` runs that action on the file and ends well."""
    run = nvim.start(f"Ponder {action} what is this for?")
    assert run["action"] == action
    assert run["status"] == "done", run
    assert run["uri"] == Path(nvim.api.current.buffer.name).as_uri()
    assert nvim.told() == []


def test_a_range_goes_along(nvim: Nvim) -> None:
    """The lines of the range, and no others, are what the action is about."""
    run = nvim.start("4,6Ponder review")
    assert run["range"] == {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 17}}
    assert {finding["range"]["start"]["line"] for finding in run["findings"]} == {3}
    nvim.command("4")
    nvim.keys("Vjj")
    before = nvim.runs()
    nvim.keys(":Ponder explain<CR>")
    assert nvim.ended(before + 1)["range"]["end"]["line"] == 5


def test_changes_are_taken_one_by_one_and_undone_at_once(nvim: Nvim) -> None:
    """`a` applies the change under the cursor and leaves the rest; one undo takes it back; `A` applies what is left."""
    nvim.api.current.buffer[:] = TWO.split("\n")[:-1]
    code = nvim.api.current.window
    nvim.start("Ponder fix")
    assert nvim.text() == TWO.rstrip("\n"), "nothing is applied unasked"
    assert "`a` applies" in nvim.panel()
    marked = nvim.lua(
        """local b = require('ponder.panel').buffer()
        return vim.tbl_map(function(mark) return {mark[2] + 1, mark[4].line_hl_group or ''} end,
          vim.api.nvim_buf_get_extmarks(b, -1, 0, -1, {details = true}))"""
    )
    signs = {"- ": "PonderRemoved", "+ ": "PonderAdded"}
    lines = list(enumerate(nvim.panel().split("\n"), 1))
    begin = max(n for n, line in lines if line.startswith("# Ponder"))
    changed = [[n, signs[line[:2]]] for n, line in lines if n > begin and line[:2] in signs]
    assert [mark for mark in marked if mark[0] > begin and mark[1] in signs.values()] == changed
    nvim.go_to("^## Change 1 of ")
    nvim.keys("a")
    nvim.wait("require('ponder.store').latest().hunks[1].state == 'applied'")
    nvim.lua("require('ponder.panel').draw()")
    assert re.search(r"^## Change 1 of \d+ · \S+ · applied$", nvim.panel(), re.M)
    nvim.api.current.window = code
    assert nvim.text().count("orders=None") == 1
    nvim.command("undo")
    assert nvim.text() == TWO.rstrip("\n")
    nvim.command("redo")
    nvim.go_to("^## Change 2 of ")
    nvim.keys("A")
    nvim.wait(
        "vim.iter(require('ponder.store').latest().hunks):all(function(h) return h.state == 'applied' end)"
    )
    nvim.api.current.window = code
    assert nvim.text().count("orders=None") == 2
    assert "orders=[]" not in nvim.text()
    nvim.lua("require('ponder.panel').draw()")
    assert "`a` applies" not in nvim.panel()[nvim.panel().rindex("# Ponder") :]


def test_a_change_is_left_by_the_light_bulb(nvim: Nvim) -> None:
    """ "Discard change 2 of 2" leaves the text alone; the panel shows it as discarded, and "all" is the other one."""
    nvim.api.current.buffer[:] = TWO.split("\n")[:-1]
    code = nvim.api.current.window
    nvim.start("Ponder fix")
    nvim.api.current.window = code
    nvim.lua(
        """vim.lsp.buf.code_action({apply = true, filter = function(action)
          return action.title:find('Discard change 2 of 2', 1, true) ~= nil end})"""
    )
    nvim.wait("require('ponder.store').latest().hunks[2].state == 'discarded'")
    nvim.lua("require('ponder.panel').draw()")
    assert re.search(r"^## Change 2 of 2 · \S+ · discarded$", nvim.panel(), re.M)
    assert nvim.text() == TWO.rstrip("\n")
    nvim.command("Ponder apply")
    nvim.wait("require('ponder.store').latest().hunks[1].state == 'applied'")
    nvim.api.current.window = code
    assert nvim.text().count("orders=None") == 1
    assert nvim.run()["hunks"][1]["state"] == "discarded"


def test_changes_side_by_side(nvim: Nvim) -> None:
    """`:Ponder diff` shows the text and the proposal as a diff; taking a change there brings both sides together."""
    nvim.api.current.buffer[:] = TWO.split("\n")[:-1]
    nvim.start("Ponder fix")
    hunks = len(nvim.run()["hunks"])
    nvim.command("Ponder diff")
    assert len(nvim.api.tabpages) == 2
    windows = nvim.api.current.tabpage.windows
    assert [window.options["diff"] for window in windows] == [True, True]
    proposal = windows[1].buffer
    assert "orders=None" in "\n".join(proposal[:])
    assert proposal.options["modifiable"] is False
    nvim.keys("a")
    nvim.wait(
        "vim.iter(require('ponder.store').latest().hunks):any(function(h) return h.state == 'applied' end)"
    )
    assert "orders=None" in "\n".join(windows[0].buffer[:])
    nvim.keys("A")
    nvim.wait(
        "vim.iter(require('ponder.store').latest().hunks):all(function(h) return h.state == 'applied' end)"
    )
    assert windows[0].buffer[:] == proposal[:]
    assert hunks == 2
    nvim.keys("q")
    assert len(nvim.api.tabpages) == 1


def test_an_edit_of_a_text_that_moved_on_is_refused(nvim: Nvim) -> None:
    """A change whose old text is gone is not applied; the panel and a message say why."""
    nvim.start("Ponder fix")
    nvim.command("%substitute/orders/things/g")
    before = nvim.text()
    code = nvim.api.current.window
    nvim.command("Ponder apply 1")
    nvim.wait("require('ponder.store').latest().hunks[1].state == 'refused'")
    nvim.api.current.window = code
    assert nvim.text() == before
    assert len(nvim.told()) == 1
    nvim.lua("require('ponder.panel').draw()")
    assert re.search(r"· refused: \S+", nvim.panel()[-900:]), nvim.panel()[-900:]


def test_the_light_bulb_ends_in_the_panel(nvim: Nvim) -> None:
    """A code action chosen in Neovim's own menu runs as the command does; its edit waits in the panel."""
    before = nvim.runs()
    nvim.lua(
        """vim.api.nvim_win_set_cursor(0, {4, 0})
        vim.lsp.buf.code_action({apply = true, filter = function(action) return action.title:find('Simplify') ~= nil end})"""
    )
    run = nvim.ended(before + 1)
    assert run["action"] == "simplify"
    assert nvim.lua("return require('ponder.panel').window() ~= nil")


def test_hover_shows_what_is_known(nvim: Nvim) -> None:
    """Neovim's hover on a finding tells it."""
    nvim.start("Ponder review")
    nvim.wait("#vim.diagnostic.get(0) >= 2")
    answer = nvim.lua(
        """local found
        local params = {textDocument = {uri = vim.uri_from_bufnr(0)}, position = {line = 3, character = 6}}
        for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/hover', params, 10000)) do
          found = answer.result
        end
        return found.contents.value"""
    )
    assert "mutable" in answer.lower()


def test_a_save_is_reviewed(nvim: Nvim) -> None:
    """Saving publishes findings with no word said and no panel opened; `:Ponder dismiss` hides one for good."""
    nvim.command("write!")
    nvim.wait("#vim.diagnostic.get(0) >= 2")
    assert nvim.told() == []
    assert nvim.lua("return require('ponder.panel').window() == nil")
    nvim.lua("vim.api.nvim_win_set_cursor(0, {4, 0})")
    nvim.command("Ponder dismiss finding")
    nvim.wait("#vim.diagnostic.get(0) == 1")


def test_a_follow_up_and_a_transcript(nvim: Nvim) -> None:
    """`:Ponder followup` is the next turn; `:Ponder transcript` opens the whole of it, read-only, with no server on it."""
    nvim.start("Ponder review")
    run = nvim.start("Ponder followup Which matters most?")
    assert run["trigger"] == "followUp"
    assert run["status"] == "done"
    nvim.command("Ponder transcript")
    nvim.wait("vim.b.ponder_transcript and vim.bo.readonly")
    assert "## Answer" in nvim.text()
    assert nvim.lua("return #vim.lsp.get_clients({bufnr = 0})") == 0


@pytest.mark.parametrize(
    ("command", "words"), [("routes", "claude-"), ("usage", "In all: "), ("context", "| segment ")]
)
def test_tables(nvim: Nvim, command: str, words: str) -> None:
    """Routes and usage open in a window of their own that `q` closes."""
    nvim.start("Ponder explain")
    nvim.command(f"Ponder {command}")
    nvim.wait(f"vim.api.nvim_buf_get_name(0):find('ponder://{command}', 1, true)")
    assert words in nvim.text()
    assert nvim.api.current.buffer.options["modifiable"] is False
    nvim.keys("q")
    assert nvim.api.current.buffer.options["filetype"] == "python"


def test_the_whole_workspace(nvim: Nvim) -> None:
    """`:Ponder workspace` reviews files that were never opened; its findings are in the panel and the quickfix list."""
    (nvim.folder / "never_opened.py").write_text(BUG)
    run = nvim.start("Ponder workspace")
    assert run["status"] == "done"
    assert re.search(r"^W never_opened\.py:4 ", nvim.panel(), re.M)
    nvim.command("Ponder findings")
    assert "never_opened.py" in nvim.text()


def test_an_older_server_is_told_of(nvim: Nvim) -> None:
    """A command that this server does not have, and one that there is not, are told to the user."""
    nvim.lua(
        """local client = require('ponder.client')
        client.command(client.get(), 'ponder.notYet', {})"""
    )
    assert nvim.told()[-1] == "Ponder: this server has no `ponder.notYet`; it may be older than the plugin."
    nvim.command("Ponder dance")
    assert nvim.told()[-1] == "Ponder: there is no `:Ponder dance`."


def test_completion(nvim: Nvim) -> None:
    """Subcommands, then what fits them."""
    complete = nvim.api.funcs.getcompletion
    names = complete("Ponder ", "cmdline")
    assert {*ACTIONS, "cancel", "panel", "routes", "usage", "context", "transcript", "followup"} <= set(names)
    assert complete("Ponder rev", "cmdline") == ["review"]
    assert complete("'<,'>Ponder panel ", "cmdline") == ["close", "open", "toggle"]
    assert complete("Ponder dismiss r", "cmdline") == ["rule"]
    assert complete("Ponder review ", "cmdline") == []


def test_the_panel_in_two_windows(nvim: Nvim) -> None:
    """Both show the same; folds are in both; only the one whose cursor is at the end follows."""
    nvim.start("Ponder review")
    nvim.go_to("^# Ponder", first=True)
    still = nvim.api.current.window
    nvim.command("split")
    nvim.command("normal! G")
    follows = nvim.api.current.window
    nvim.command("wincmd p | wincmd h")
    assert nvim.api.current.buffer.options["filetype"] == "python"
    nvim.start("Ponder explain")
    last = len(nvim.panel().split("\n"))
    assert follows.cursor[0] == last
    assert still.cursor[0] == 1
    thought = max(n for n, line in enumerate(nvim.panel().split("\n"), 1) if line.startswith("Thought"))
    for window in (still, follows):
        closed = (
            "local w, l = ...; return vim.api.nvim_win_call(w, function() return vim.fn.foldclosed(l) end)"
        )
        assert nvim.lua(closed, window.handle, thought) == thought


def test_keys_between_runs(nvim: Nvim) -> None:
    """`]]` and `[[` go from run to run; `q` closes the panel and leaves the code."""
    nvim.start("Ponder explain")
    nvim.start("Ponder review")
    nvim.go_to("^# Ponder", first=True)
    heads = [n for n, line in enumerate(nvim.panel().split("\n"), 1) if line.startswith("# Ponder")]
    nvim.keys("]]")
    assert nvim.api.current.window.cursor[0] == heads[1]
    nvim.keys("[[")
    assert nvim.api.current.window.cursor[0] == heads[0]
    nvim.keys("q")
    assert nvim.lua("return require('ponder.panel').window() == nil")
    assert nvim.api.current.buffer.options["filetype"] == "python"


def test_checkhealth(nvim: Nvim) -> None:
    """It names the server, what `ponder doctor` found and the connection, without an error."""
    nvim.command("checkhealth ponder")
    text = nvim.text()
    assert "live events, version 1" in text
    assert "offline engine" in text
    assert "ERROR" not in text


def test_maps_and_no_default_keys(nvim: Nvim) -> None:
    """Each `<Plug>` map is there in the modes it is for; no key of the user's is taken."""
    maps = {m["lhs"] for m in nvim.api.api.get_keymap("n")}
    assert {f"<Plug>(ponder-{name})" for name in (*ACTIONS, "panel", "cancel", "findings")} <= maps
    ours = [m for m in nvim.api.api.get_keymap("n") if "Ponder" in (m.get("rhs") or "")]
    assert all(m["lhs"].startswith("<Plug>(ponder-") for m in ours)
    before = nvim.runs()
    nvim.command('execute "normal \\<Plug>(ponder-explain)"')
    assert nvim.ended(before + 1)["action"] == "explain"
